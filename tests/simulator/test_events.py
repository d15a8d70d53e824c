"""Events to the bot: sealing, order, retries, and the faults of the sender's side."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
from aiohttp import web

from simulator.feishu.crypto import signature

NO_ANSWER, NO_CONNECTION, BAD_STATUS = 200341, 200342, 200671


async def refuse(_: Any) -> web.Response:
    return web.Response(status=500)


async def test_event_is_encrypted_and_signed(sim: Any, bot: Any) -> None:
    said = await sim.sim("say", user="李雷", text="录单 华东医疗")

    [(headers, raw)] = bot.requests
    key = sim.feishu.company.app.encrypt_key
    expected = signature(headers["X-Lark-Request-Timestamp"], headers["X-Lark-Request-Nonce"], key, raw)
    assert headers["X-Lark-Signature"] == expected
    assert list(json.loads(raw)) == ["encrypt"]
    assert said["delivered"]["code"] == 0
    [event] = bot.events()
    assert event["event"]["message"]["message_id"] == said["message_id"]
    assert event["event"]["message"]["chat_type"] == "p2p"
    assert event["event"]["sender"]["sender_id"]["open_id"] == sim.desk.person("李雷").open_id


async def test_event_without_encrypt_key_is_plain(start: Any, bot: Any, plain_company: Any) -> None:
    sim = await start(company=plain_company)
    await sim.sim("say", user="李雷", text="你好")
    [(headers, raw)] = bot.requests
    assert "X-Lark-Signature" not in headers
    assert json.loads(raw)["schema"] == "2.0"


async def test_group_message_reaches_the_bot_only_with_its_mention(sim: Any, bot: Any) -> None:
    unseen = await sim.sim("say", user="李雷", chat="华东一组群", text="大家好 @王芳")
    seen = await sim.sim("say", user="李雷", chat="华东一组群", text="@助手 问 @王芳 进度")
    flagged = await sim.sim("say", user="李雷", chat="华东一组群", text="今天", mention_bot=True)

    assert unseen["delivered"] is None
    assert (seen["delivered"]["code"], flagged["delivered"]["code"]) == (0, 0)
    assert bot.texts() == ["@_user_1 问 @_user_2 进度", "@_user_1 今天"]
    mentions = bot.events()[0]["event"]["message"]["mentions"]
    assert [(m["key"], m["name"], m["mentioned_type"]) for m in mentions] == [
        ("@_user_1", "销售助手", "bot"),
        ("@_user_2", "王芳", "user"),
    ]
    assert mentions[0]["id"]["open_id"] == sim.feishu.company.bot_open_id


async def test_failed_event_climbs_the_ladder_with_the_clock(sim: Any, bot: Any) -> None:
    bot.answer = refuse
    said = await sim.sim("say", user="李雷", text="你好")
    assert said["delivered"]["code"] == BAD_STATUS

    counts = []
    for span in ("14s", "2s", "5m", "1h", "6h", "30d"):
        await sim.sim("clock", advance=span)
        counts.append(len(bot.events()))

    assert counts == [1, 2, 3, 4, 5, 5]
    assert len({e["header"]["event_id"] for e in bot.events()}) == 1
    [shown] = await sim.messages("李雷")
    assert [e["code"] for e in shown["errors"]] == [BAD_STATUS, BAD_STATUS]


async def test_retry_stops_once_it_was_taken(sim: Any, bot: Any) -> None:
    bot.answer = refuse
    await sim.sim("say", user="李雷", text="你好")
    _, state = await sim.call("GET", "/sim/state")
    bot.answer = bot.accept
    await sim.sim("clock", advance="1d")
    assert "第 1 次重送" in state["next_due"]["label"]
    assert len(bot.events()) == 2


async def test_one_long_move_stops_at_every_retry(sim: Any, bot: Any) -> None:
    bot.answer = refuse
    await sim.sim("say", user="李雷", text="你好")
    moved = await sim.sim("clock", advance="2d")
    assert len(bot.events()) == 5
    assert moved["next_due"] is None


async def test_scaled_ladder_needs_no_moved_clock(start: Any, bot: Any) -> None:
    sim = await start(retry_scale=1_000_000)
    bot.answer = refuse
    await sim.sim("say", user="李雷", text="你好")
    async with asyncio.timeout(5):
        while len(bot.events()) < 5:
            await asyncio.sleep(0.005)


async def test_order_is_kept_within_a_chat_and_chats_do_not_wait(sim: Any, bot: Any) -> None:
    gate = asyncio.Event()

    async def slow_for_lei(body: Any) -> web.Response:
        if body["event"]["sender"]["sender_id"]["open_id"] == sim.desk.person("李雷").open_id:
            await gate.wait()
        return web.json_response({})

    bot.answer = slow_for_lei
    for text in ("一", "二", "三"):
        await sim.sim("say", user="李雷", text=text, wait=False)
    other = await sim.sim("say", user="王芳", text="快")
    assert other["delivered"]["code"] == 0
    assert bot.texts() == ["一", "快"]
    gate.set()
    await sim.desk.settle()
    assert bot.texts() == ["一", "快", "二", "三"]


async def test_duplicate_fault_sends_twice(sim: Any, bot: Any) -> None:
    await sim.sim("faults", path="event", kind="duplicate")
    await sim.sim("say", user="李雷", text="你好")
    first, second = bot.events()
    assert first == second


async def test_reorder_fault_lets_the_next_one_pass(sim: Any, bot: Any) -> None:
    await sim.sim("faults", path="event", kind="reorder")
    await sim.sim("say", user="李雷", text="一", wait=False)
    await sim.sim("say", user="李雷", text="二")
    await sim.desk.settle()
    assert bot.texts() == ["二", "一"]


async def test_drop_faults_lead_to_retries(sim: Any, bot: Any) -> None:
    await sim.sim("faults", path="event", kind="drop")
    dropped = await sim.sim("say", user="李雷", text="一")
    await sim.sim("faults", path="event", kind="drop_after")
    unheard = await sim.sim("say", user="李雷", text="二")
    await sim.sim("clock", advance="16s")
    assert (dropped["delivered"]["code"], unheard["delivered"]["code"]) == (NO_CONNECTION, NO_ANSWER)
    assert sorted(bot.texts()) == ["一", "二", "二"]


async def test_skew_and_delay_faults(sim: Any, bot: Any) -> None:
    await sim.sim("faults", path="event", kind="skew", ms=600_000)
    await sim.sim("say", user="李雷", text="一")
    stamp = int(bot.requests[0][0]["X-Lark-Request-Timestamp"])
    assert 590 < stamp - sim.feishu.clock.now().timestamp() < 610
    await sim.sim("faults", path="event", kind="delay", ms=1)
    assert (await sim.sim("say", user="李雷", text="二"))["delivered"]["code"] == 0


async def test_verification_wants_the_challenge_back(sim: Any, bot: Any) -> None:
    good = await sim.sim("callback", url=bot.url, verify=True)

    async def forget(_: Any) -> web.Response:
        return web.json_response({})

    bot.answer = forget
    bad = await sim.sim("callback", verify=True)
    gone = await sim.sim("callback", url="http://127.0.0.1:9/x", verify=True)
    assert [a["verified"]["ok"] for a in (good, bad, gone)] == [True, False, False]
    assert bot.bodies[0]["type"] == "url_verification"
    assert gone["verified"]["code"] == NO_CONNECTION


async def test_other_events(sim: Any, bot: Any) -> None:
    said = (await sim.sim("say", user="李雷", text="你好"))["message_id"]
    await sim.sim("enter", user="李雷")
    await sim.sim("menu", user="李雷", key="quick_deal")
    await sim.sim("recall", user="李雷", message_id=said)
    await sim.sim("members", chat="总监群", remove="销售助手")
    await sim.sim("members", chat="总监群", add="bot")
    await sim.sim("members", chat="总监群", add=["张三"])

    kinds = [b["header"]["event_type"] for b in bot.bodies]
    assert kinds == [
        "im.message.receive_v1",
        "im.chat.access_event.bot_p2p_chat_entered_v1",
        "application.bot.menu_v6",
        "im.message.recalled_v1",
        "im.chat.member.bot.deleted_v1",
        "im.chat.member.bot.added_v1",
        "im.chat.member.user.added_v1",
    ]
    assert bot.bodies[1]["event"]["last_message_id"] == said
    assert "chat_id" not in bot.bodies[2]["event"]


async def test_raw_event_goes_out_as_it_is(sim: Any, bot: Any) -> None:
    event = {"schema": "2.0", "header": {"event_type": "never.heard_v9"}, "event": {}}
    answer = await sim.sim("deliver", event=event, twice=True)
    assert [d["code"] for d in answer["delivered"]] == [0, 0]
    assert bot.bodies == [event, event]


async def test_upload_kinds(sim: Any, bot: Any) -> None:
    async def send(name: str, **fields: str) -> Any:
        form = aiohttp.FormData(fields)
        form.add_field("file", b"bytes", filename=name)
        return await sim.call("POST", "/sim/upload", data=form)

    for name in ("照片.jpg", "报价.pdf", "录音.opus"):
        assert (await send(name, user="李雷"))[0] == 200
    _, alone = await send("群图.png", user="李雷", chat="华东一组群")
    _, with_text = await send("群图.png", user="李雷", chat="华东一组群", text="@助手 看图")

    kinds = [e["event"]["message"]["message_type"] for e in bot.events()]
    assert kinds == ["image", "file", "audio", "post"]
    assert alone["delivered"] is None
    assert with_text["delivered"]["code"] == 0
    shown = await sim.messages("李雷")
    assert shown[0]["image_url"].startswith("/sim/files/img_v3_")
    assert shown[1]["file"]["name"] == "报价.pdf"
    async with sim.http.get(sim.base + shown[1]["file"]["url"]) as response:
        assert await response.read() == b"bytes"
