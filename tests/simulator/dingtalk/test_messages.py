"""What people write and send, and what the bot is told about it, over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from simulator.dingtalk.crypto import robot_sign
from simulator.dingtalk.outcome import BAD_ANSWER, NO_ANSWER, NO_CONNECTION
from tests.simulator.dingtalk.helpers import APP, GROUP


async def test_direct_message(sim: Any, bot: Any) -> None:
    said = await sim.sim("say", user="李雷", text="录单 华东医疗")
    [message] = bot.robot
    assert said["delivered"]["code"] == 0
    assert message["msgId"] == said["message_id"]
    assert (message["conversationType"], message["msgtype"]) == ("1", "text")
    assert message["text"] == {"content": "录单 华东医疗"}
    assert (message["senderStaffId"], message["senderNick"], message["isAdmin"]) == ("m03", "李雷", False)
    assert (message["chatbotCorpId"], message["robotCode"]) == (APP.corp_id, APP.robot_code)
    assert message["sessionWebhookExpiredTime"] - message["createAt"] in range(5_402_000, 5_403_000)
    assert message["sessionWebhook"].startswith(f"{sim.base}/dingtalk-oapi/robot/sendBySession?session=")
    assert not {"isInAtList", "atUsers", "conversationTitle"} & set(message)


async def test_robot_callback_is_signed_with_the_app_secret(sim: Any, bot: Any) -> None:
    await sim.sim("say", user="李雷", text="你好")
    headers = bot.headers[0]
    assert headers["sign"] == robot_sign(headers["timestamp"], APP.app_secret)
    assert abs(int(headers["timestamp"]) - sim.vendor.dingtalk.parts.clock.now_ms()) < 60_000


async def test_admin_is_told(sim: Any, bot: Any) -> None:
    await sim.sim("say", user="刘洋", text="配置")
    assert bot.robot[0]["isAdmin"] is True


async def test_group_hears_only_its_name(sim: Any, bot: Any) -> None:
    quiet = await sim.sim("say", user="张伟", chat=GROUP, text="大家好")
    short = await sim.sim("say", user="张伟", chat=GROUP, text="@助手 进度 @王芳")
    put = await sim.sim("say", user="张伟", chat=GROUP, text="进度", mention_bot=True)
    assert [quiet["delivered"], short["delivered"]["code"], put["delivered"]["code"]] == [None, 0, 0]
    first, second = bot.robot
    assert first["text"]["content"] == " 进度 @王芳"
    assert second["text"]["content"] == " 进度"
    assert (first["conversationId"], first["conversationType"], first["isInAtList"]) == (GROUP, "2", True)
    assert first["conversationTitle"] == "总监群（钉钉）"
    assert [at.get("staffId") for at in first["atUsers"]] == [None, "m02"]


async def test_rich_text_keeps_the_name_as_a_run(sim: Any, bot: Any) -> None:
    await sim.sim("say", user="张伟", chat=GROUP, text="@助手 看这个", post=True)
    await sim.sim("say", user="张伟", text="单聊", post=True)
    group, direct = (message["content"]["richText"] for message in bot.robot)
    assert group == [{"text": "@销售助手"}, {"text": " 看这个"}]
    assert direct == [{"text": "单聊"}]


async def test_quoting_reply(sim: Any, bot: Any) -> None:
    body = {"robotCode": APP.robot_code, "userIds": ["m03"], "msgKey": "sampleText", "msgParam": '{"content":"问"}'}
    _, sent = await sim.new("POST", "robot/oToMessages/batchSend", json=body)
    [asked] = await sim.messages("李雷")
    await sim.sim("say", user="李雷", text="答", reply_to=asked["message_id"])
    [message] = bot.robot
    assert message["text"]["isReplyMsg"] is True
    assert message["text"]["repliedMsg"]["msgId"] == asked["message_id"] == message["originalMsgId"]
    assert message["text"]["repliedMsg"]["content"] == {"text": "问"}
    assert message["originalProcessQueryKey"] == sent["processQueryKey"]


async def test_files_in_a_direct_chat(sim: Any, bot: Any) -> None:
    for name, fields in (
        ("照片.jpg", {}),
        ("报价.pdf", {}),
        ("录音.amr", {"kind": "audio", "text": "你好"}),
        ("a.mp4", {"kind": "media"}),
    ):
        status, answer = await sim.upload(name, user="李雷", **fields)
        assert (status, answer["delivered"]["code"]) == (200, 0)
    picture, file, audio, video = ((message["msgtype"], message["content"]) for message in bot.robot)
    assert picture == ("picture", {"downloadCode": picture[1]["downloadCode"], **picture[1]})
    assert file[1]["fileName"] == "报价.pdf"
    assert (audio[0], audio[1]["recognition"]) == ("audio", "你好")
    assert (video[0], video[1]["duration"], video[1]["videoType"]) == ("video", "5", "mp4")


async def test_group_files(sim: Any, bot: Any) -> None:
    alone = await sim.upload("群图.png", user="张伟", chat=GROUP)
    called = await sim.upload("群图.png", user="张伟", chat=GROUP, text="@助手 看图")
    refused = [await sim.upload(name, user="张伟", chat=GROUP) for name in ("报价.pdf", "录音.amr")]
    assert alone[1]["delivered"] is None
    assert called[1]["delivered"]["code"] == 0
    assert [status for status, _ in refused] == [400, 400]
    assert "请发到单聊" in refused[0][1]["error"]
    [message] = bot.robot
    runs = message["content"]["richText"]
    assert [run.get("text") or run["type"] for run in runs] == ["@销售助手", " 看图", "picture"]


async def test_download_code_gives_the_bytes_for_two_hours(sim: Any, bot: Any) -> None:
    await sim.upload("报价.pdf", user="李雷")
    code = bot.robot[0]["content"]["downloadCode"]
    path, body = "robot/messageFiles/download", {"downloadCode": code, "robotCode": APP.robot_code}
    _, answer = await sim.new("POST", path, json=body)
    async with sim.http.get(answer["downloadUrl"]) as response:
        assert await response.read() == b"bytes"
        assert response.headers["Content-Disposition"].endswith('.file"')
    assert answer["downloadUrl"].startswith(f"{sim.base}/dingtalk/files/")

    other = await sim.new("POST", path, json={**body, "robotCode": "dingother"})
    unknown = await sim.new("POST", path, json={**body, "downloadCode": "x"})
    await sim.sim("clock", advance="2h")
    old = await sim.new("POST", path, json=body)
    codes = [answer["code"] for _, answer in (other, unknown, old)]
    wrong = "invalidParameter.robotCode.downloadCode"
    assert codes == ["invalidParameter.robotCode.auth", wrong, wrong]
    assert (await sim.call("GET", answer["downloadUrl"].removeprefix(sim.base)))[0] == 400


async def test_scenes_change_what_the_bot_is_told(sim: Any, bot: Any) -> None:
    for kind in ("over_quota", "outsider", "unpublished"):
        await sim.sim("faults", path="message", kind=kind)
        await sim.sim("say", user="李雷", text="你好")
    quota, outsider, unpublished = bot.robot
    assert (quota["errorCode"], {"text", "msgtype"} & set(quota)) == (20001, set())
    assert not {"senderStaffId", "isAdmin", "senderUnionId"} & set(outsider)
    assert outsider["senderCorpId"] != APP.corp_id
    assert not {"senderStaffId", "isAdmin"} & set(unpublished)
    assert unpublished["senderCorpId"] == APP.corp_id


async def test_used_up_month_takes_the_text_away(sim: Any, bot: Any) -> None:
    sim.state.quota.max_messages = 1
    await sim.sim("say", user="李雷", text="一")
    await sim.sim("say", user="李雷", text="二")
    await sim.sim("clock", advance="31d")
    await sim.sim("say", user="李雷", text="三")
    assert [message.get("text", {}).get("content") for message in bot.robot] == ["一", None, "三"]


async def test_faults_on_the_way(sim: Any, bot: Any) -> None:
    codes = []
    for kind in ("drop", "drop_after", "duplicate", "delay"):
        await sim.sim("faults", path="event", kind=kind, ms=1)
        codes.append((await sim.sim("say", user="李雷", text=kind))["delivered"]["code"])
    await sim.sim("faults", path="event", kind="skew", ms=7_200_000)
    await sim.sim("say", user="李雷", text="skew")
    texts = [message["text"]["content"] for message in bot.robot]
    assert codes == [NO_CONNECTION, NO_ANSWER, 0, 0]
    assert texts == ["drop_after", "duplicate", "duplicate", "delay", "skew"]
    assert bot.robot[1] == bot.robot[2]
    assert int(bot.headers[-1]["timestamp"]) - sim.state.parts.clock.now_ms() > 7_000_000
    assert sim.vendor.next_due() is None


async def test_reordered_messages(sim: Any, bot: Any) -> None:
    await sim.sim("faults", path="event", kind="reorder")
    await sim.sim("say", user="李雷", text="一", wait=False)
    await sim.sim("say", user="李雷", text="二")
    await sim.vendor.settle()
    assert [message["text"]["content"] for message in bot.robot] == ["二", "一"]


async def test_held_message_goes_out_by_itself(sim: Any, bot: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("simulator.dingtalk.delivery.HOLD_SECONDS", 0.01)
    await sim.sim("faults", path="event", kind="reorder")
    said = await sim.sim("say", user="李雷", text="一")
    assert said["delivered"]["code"] == 0
    assert len(bot.robot) == 1


async def test_page_sees_the_bot_at_work(sim: Any, bot: Any) -> None:
    queue = sim.state.parts.feed.subscribe()
    await sim.sim("say", user="李雷", text="一")
    await sim.sim("faults", path="event", kind="drop")
    await sim.sim("say", user="李雷", text="二")
    notices = [queue.get_nowait() for _ in range(queue.qsize())]
    sim.state.parts.feed.unsubscribe(queue)
    assert [notice["on"] for notice in notices if notice["type"] == "typing"] == [True, True, False]


async def test_one_chat_is_posted_in_order(sim: Any, bot: Any) -> None:
    gate = asyncio.Event()

    async def slow(body: Any) -> web.Response:
        if body["senderStaffId"] == "m03":
            await gate.wait()
        return web.json_response({})

    bot.answer = slow
    for text in ("一", "二"):
        await sim.sim("say", user="李雷", text=text, wait=False)
    await sim.sim("say", user="王芳", text="快")
    before = [message["text"]["content"] for message in bot.robot]
    gate.set()
    await sim.vendor.settle()
    assert before == ["一", "快"]
    assert [message["text"]["content"] for message in bot.robot] == ["一", "快", "二"]


async def test_server_error_and_nobody_listening(sim: Any, bot: Any) -> None:
    async def fail(_: Any) -> web.Response:
        return web.Response(status=500)

    bot.answer = fail
    failed = await sim.sim("say", user="李雷", text="一")
    await sim.sim("callback", name="dingtalk/robot", url="http://127.0.0.1:9/x")
    gone = await sim.sim("say", user="李雷", text="二")
    assert [failed["delivered"]["code"], gone["delivered"]["code"]] == [BAD_ANSWER, NO_CONNECTION]
    shown = await sim.messages("李雷")
    assert [message["errors"] for message in shown] == [
        [{"code": BAD_ANSWER, "text": "应答的格式不对，不会重推"}],
        [{"code": NO_CONNECTION, "text": "连接断了，不会重推"}],
    ]


async def test_people_without_the_bot_talk_among_themselves(sim: Any, bot: Any) -> None:
    await sim.sim("members", chat=GROUP, remove="bot")
    said = await sim.sim("say", user="张伟", chat=GROUP, text="@助手 在吗")
    recalled = await sim.sim("recall", user="张伟", message_id=said["message_id"])
    assert (said["delivered"], recalled["delivered"]) == (None, None)
    assert bot.robot == []


async def test_members_come_and_go(sim: Any, bot: Any) -> None:
    await sim.sim("members", chat=GROUP, add=["李雷"])
    left = await sim.sim("members", chat=GROUP, remove=["李雷"])
    assert [event["EventType"] for event in bot.events] == ["chat_add_member", "chat_remove_member"]
    assert bot.events[0]["userId"] == ["m03"]
    assert bot.events[0]["openConversationId"] == GROUP
    assert left["delivered"]["code"] == 0
    assert "m03" not in left["chat"]["members"]


async def test_http_event_is_repeated_until_success(sim: Any, bot: Any) -> None:
    bot.event_answer = b"no"
    answer = await sim.sim("deliver", event={"eventType": "chat_disband", "openConversationId": GROUP})
    bot.event_answer = b"success"
    await sim.sim("clock", advance="1d")
    assert answer["delivered"][0]["code"] == BAD_ANSWER
    assert len(bot.events) == 2
    assert bot.events[0]["eventId"] == bot.events[1]["eventId"]
    assert {"EventType", "EventTime", "CorpId", "BizId", "eventId", "openConversationId"} == set(bot.events[0])


async def test_flat_event_goes_out_as_it_is(sim: Any, bot: Any) -> None:
    event = {"EventType": "chat_quit", "OpenConversationId": "cid", "eventId": "e1"}
    await sim.sim("deliver", event=event, twice=True)
    assert bot.events == [event, event]


async def test_event_url_is_checked(sim: Any, bot: Any) -> None:
    good = await sim.sim("callback", name="dingtalk/event", verify=True)
    bot.event_answer = b"nothing"
    bad = await sim.sim("callback", name="dingtalk/event", verify=True)
    robot = await sim.sim("callback", name="dingtalk/robot", verify=True)
    assert [one["verified"]["ok"] for one in (good, bad, robot)] == [True, False, True]
    assert bot.events[0] == {"EventType": "check_url"}


async def test_no_menu_and_no_opened_chat(sim: Any) -> None:
    assert (await sim.refused("menu", user="李雷", key="x"))[1] == "钉钉没有这种事"
    assert (await sim.refused("enter", user="李雷"))[1] == "钉钉没有这种事"


async def test_account_is_the_lower_case_id(sim: Any) -> None:
    person = sim.vendor.writing.dingtalk.company.find("李雷")
    account = sim.vendor.account(person)
    assert account["userid"] == "m03"
    assert sim.state.directory.by_union_id(account["unionid"]) is person
