"""Sends of the app's robot: what is accepted, what stands in the chat, what is refused."""

from __future__ import annotations

import io
import json
from typing import Any

import aiohttp
import pytest

from tests.simulator.dingtalk.helpers import APP, GROUP

DIRECT, TEAM = "robot/oToMessages/batchSend", "robot/groupMessages/send"
PNG = b"\x89PNG\r\n\x1a\n"


def direct(key: str, param: Any, users: list[str] | None = None) -> dict[str, Any]:
    text = json.dumps(param, ensure_ascii=False)
    return {"robotCode": APP.robot_code, "userIds": users or ["m03"], "msgKey": key, "msgParam": text}


def team(key: str, param: Any, chat: str = GROUP) -> dict[str, Any]:
    text = json.dumps(param, ensure_ascii=False)
    return {"robotCode": APP.robot_code, "openConversationId": chat, "msgKey": key, "msgParam": text}


async def media(sim: Any, name: str, kind: str, data: bytes = PNG) -> dict[str, Any]:
    form = aiohttp.FormData({"type": kind})
    form.add_field("media", io.BytesIO(data), filename=name)
    return dict(await sim.old("POST", "media/upload", data=form))


async def test_send_to_people(sim: Any) -> None:
    status, answer = await sim.new("POST", DIRECT, json=direct("sampleText", {"content": "早"}, ["m03", "m02", "m99"]))
    assert status == 200
    assert set(answer) == {"processQueryKey", "invalidStaffIdList", "flowControlledStaffIdList"}
    assert answer["invalidStaffIdList"] == ["m99"]
    for name in ("李雷", "王芳"):
        [shown] = await sim.messages(name)
        assert (shown["type"], shown["text"], shown["sender"]["kind"]) == ("text", "早", "bot")


async def test_person_out_of_sight_is_listed(sim: Any) -> None:
    sim.state.direct("m03").bot_in = False
    _, answer = await sim.new("POST", DIRECT, json=direct("sampleText", {"content": "早"}))
    assert answer["invalidStaffIdList"] == ["m03"]


async def test_flow_control_is_told_inside_200(sim: Any) -> None:
    await sim.sim("faults", path=f"/v1.0/{DIRECT}", kind="flow_control")
    status, answer = await sim.new("POST", DIRECT, json=direct("sampleText", {"content": "早"}))
    assert (status, answer["flowControlledStaffIdList"]) == (200, ["m03"])
    assert await sim.messages("李雷") == []


BUTTONS = [{"title": "打开", "actionURL": "https://a.example/1"}, {"title": "关上", "actionURL": "https://a.example/2"}]


@pytest.mark.parametrize(
    ("key", "param", "kind", "text", "card"),
    [
        ("sampleMarkdown", {"title": "标题", "text": "**粗**"}, "markdown", "**粗**", {"title": "标题"}),
        (
            "sampleLink",
            {"text": "说明", "title": "链接", "picUrl": "", "messageUrl": "https://a.example"},
            "link",
            "",
            {"title": "链接", "text": "说明", "messageUrl": "https://a.example", "picUrl": ""},
        ),
        (
            "sampleActionCard",
            {"title": "标题", "text": "正文", "singleTitle": "打开", "singleURL": "https://a.example/1"},
            "actionCard",
            "",
            {"title": "标题", "text": "正文", "btnOrientation": "0", "btns": BUTTONS[:1]},
        ),
        (
            "sampleActionCard2",
            {
                "title": "标题",
                "text": "正文",
                "actionTitle1": "打开",
                "actionURL1": "https://a.example/1",
                "actionTitle2": "关上",
                "actionURL2": "https://a.example/2",
            },
            "actionCard",
            "",
            {"title": "标题", "text": "正文", "btnOrientation": "0", "btns": BUTTONS},
        ),
        (
            "sampleActionCard6",
            {
                "title": "标题",
                "text": "正文",
                "buttonTitle1": "打开",
                "buttonUrl1": "https://a.example/1",
                "buttonTitle2": "关上",
                "buttonUrl2": "https://a.example/2",
            },
            "actionCard",
            "",
            {"title": "标题", "text": "正文", "btnOrientation": "1", "btns": BUTTONS},
        ),
        ("sampleImageMsg", {"photoURL": "https://a.example/a.png"}, "markdown", "![](https://a.example/a.png)", None),
    ],
)
async def test_templates(sim: Any, key: str, param: Any, kind: str, text: str, card: Any) -> None:
    status, answer = await sim.new("POST", TEAM, json=team(key, param))
    assert status == 200, answer
    [shown] = await sim.messages(GROUP)
    assert (shown["type"], shown["text"], shown["card"]) == (kind, text, card)


async def test_media_templates(sim: Any) -> None:
    picture = (await media(sim, "趋势.png", "image"))["media_id"]
    paper = (await media(sim, "报价.pdf", "file"))["media_id"]
    sound, film = (await media(sim, "a.amr", "voice"))["media_id"], (await media(sim, "a.mp4", "video"))["media_id"]
    video = {"duration": "5", "videoMediaId": film, "videoType": "mp4", "picMediaId": picture, "height": "1"}
    for key, param in (
        ("sampleImageMsg", {"photoURL": picture}),
        ("sampleImageMsg", {"photoURL": f"{sim.base}/sim/files/{picture}"}),
        ("sampleFile", {"mediaId": paper, "fileName": "报价.pdf", "fileType": "pdf"}),
        ("sampleAudio", {"mediaId": sound, "duration": "2000"}),
        ("sampleVideo", {**video, "width": "1"}),
    ):
        status, answer = await sim.new("POST", DIRECT, json=direct(key, param))
        assert status == 200, answer
    shown = await sim.messages("李雷")
    assert [one["type"] for one in shown] == ["image", "image", "file", "audio", "media"]
    assert shown[0]["image_url"] == f"/sim/files/{picture}"
    assert shown[2]["file"]["name"] == "报价.pdf"
    async with sim.http.get(sim.base + shown[0]["image_url"]) as response:
        assert await response.read() == PNG


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"robotCode": ""}, "invalidParameter.robotCode"),
        ({"robotCode": "dingother"}, "resource.not.found"),
        ({"userIds": []}, "invalidParameter.userIds"),
        ({"userIds": "m03"}, "invalidParameter.userIds"),
        ({"userIds": [3]}, "invalidParameter.userIds"),
        ({"userIds": ["m03"] * 21}, "invalidParameter.userIds.overMax"),
        ({"msgKey": "sampleShout"}, "invalidParameter.msgKey"),
        ({"msgKey": None}, "invalidParameter.msgKey"),
        ({"msgParam": {"content": "x"}}, "invalidParameter.msgParam"),
        ({"msgParam": "{"}, "invalidParameter.msgParam"),
        ({"msgParam": "[]"}, "invalidParameter.msgParam"),
        ({"msgParam": "{}"}, "invalidParameter.msgParam"),
        ({"msgParam": '{"content":5}'}, "invalidParameter.msgParam"),
        ({"msgParam": '{"content":""}'}, "invalidParameter.msgParam"),
        ({"msgParam": json.dumps({"content": "长" * 5000}, ensure_ascii=False)}, "invalidParameter.msgParam"),
        ({"msgKey": "sampleImageMsg", "msgParam": '{"photoURL":"@unknown"}'}, "invalidParameter.msgParam"),
        (
            {"msgKey": "sampleFile", "msgParam": '{"mediaId":"@x","fileName":"a","fileType":"exe"}'},
            "invalidParameter.msgParam",
        ),
    ],
)
async def test_refused_sends(sim: Any, change: Any, code: str) -> None:
    status, answer = await sim.new("POST", DIRECT, json={**direct("sampleText", {"content": "早"}), **change})
    assert (status, answer["code"]) == (400, code)
    assert await sim.messages("李雷") == []


async def test_groups_the_bot_is_not_in(sim: Any) -> None:
    param = {"content": "早"}
    unknown = await sim.new("POST", TEAM, json=team("sampleText", param, "cidnobody=="))
    personal = await sim.new("POST", TEAM, json=team("sampleText", param, sim.state.direct("m03").id))
    await sim.sim("members", chat=GROUP, remove="bot")
    left = await sim.new("POST", TEAM, json=team("sampleText", param))
    codes = [answer["code"] for _, answer in (unknown, personal, left)]
    assert codes == ["invalid.openConversationId", "invalid.openConversationId", "bot.stopped"]


async def test_recall_within_a_day(sim: Any) -> None:
    _, one = await sim.new("POST", DIRECT, json=direct("sampleText", {"content": "一"}))
    _, two = await sim.new("POST", DIRECT, json=direct("sampleText", {"content": "二"}))
    _, group = await sim.new("POST", TEAM, json=team("sampleText", {"content": "三"}))
    keys = {"robotCode": APP.robot_code, "processQueryKeys": [one["processQueryKey"], group["processQueryKey"]]}
    _, recalled = await sim.new("POST", "robot/otoMessages/batchRecall", json=keys)
    _, there = await sim.new("POST", "robot/groupMessages/recall", json={**keys, "openConversationId": GROUP})
    await sim.sim("clock", advance="1d")
    late = {**keys, "processQueryKeys": [two["processQueryKey"]]}
    _, old = await sim.new("POST", "robot/otoMessages/batchRecall", json=late)
    assert (recalled["successResult"], list(recalled["failedResult"])) == (
        [one["processQueryKey"]],
        [group["processQueryKey"]],
    )
    assert there["successResult"] == [group["processQueryKey"]]
    assert old["successResult"] == []
    assert [message["recalled"] for message in await sim.messages("李雷")] == [True, False]
    assert (await sim.messages(GROUP))[0]["recalled"] is True
    spelled = await sim.new("POST", "robot/oToMessages/batchRecall", json=keys)
    assert (spelled[0], spelled[1]["code"]) == (404, "InvalidAction.NotFound")


async def test_read_status(sim: Any) -> None:
    _, sent = await sim.new("POST", DIRECT, json=direct("sampleText", {"content": "一"}, ["m03", "m02"]))
    await sim.sim("say", user="李雷", text="看到了")
    params = {"robotCode": APP.robot_code, "processQueryKey": sent["processQueryKey"]}
    _, answer = await sim.new("GET", "robot/oToMessages/readStatus", params=params)
    rows = {row["userId"]: row["readStatus"] for row in answer["messageReadInfoList"]}
    assert (answer["sendStatus"], rows) == ("SUCCESS", {"m03": "READ", "m02": "UNREAD"})
    wrong = await sim.new("GET", "robot/oToMessages/readStatus", params={**params, "processQueryKey": "x"})
    assert wrong[1]["code"] == "invalidParameter.processQueryKey"


async def test_ding(sim: Any) -> None:
    body = {"robotCode": APP.robot_code, "remindType": 1, "receiverUserIdList": ["m03", "m99"], "content": "急"}
    _, answer = await sim.new("POST", "robot/ding/send", json=body)
    assert list(answer["failedList"]) == ["m99"]
    [shown] = await sim.messages("李雷")
    assert (shown["text"], shown["urgent"]) == ("急", ["m03"])
    for change, field in (
        ({"remindType": 4}, "remindType"),
        ({"remindType": 2, "receiverUserIdList": ["m03"] * 21}, "receiverUserIdList"),
        ({"content": ""}, "content"),
    ):
        refused = await sim.new("POST", "robot/ding/send", json={**body, **change})
        assert refused[1]["code"] == f"invalidParameter.{field}"


@pytest.mark.parametrize(
    ("name", "kind", "data", "why"),
    [
        ("a.png", "picture", PNG, "type"),
        ("a.png", "image", b"", "media"),
        ("a.exe", "file", b"x", ".exe"),
        ("a.pdf", "image", b"x", ".pdf"),
        ("a.amr", "voice", b"x" * (2 * 1024 * 1024 + 1), "2 MB"),
        ("a.pdf", "file", b"x" * (20 * 1024 * 1024 + 1), "太大"),
    ],
    ids=["type", "empty", "ending", "kind", "voice", "file"],
)
async def test_refused_uploads(sim: Any, name: str, kind: str, data: bytes, why: str) -> None:
    answer = await media(sim, name, kind, data)
    assert answer["errcode"] == 40035
    assert why in answer["errmsg"]


async def test_upload_answers(sim: Any) -> None:
    answer = await media(sim, "趋势.png", "image")
    assert (answer["errcode"], answer["errmsg"], answer["type"]) == (0, "ok", "image")
    assert answer["media_id"].startswith("@sim")
    assert (await sim.old("POST", "media/upload", json={}))["errcode"] == 43004
