"""Messages by URL alone, and work notifications."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.dingtalk.crypto import robot_sign
from simulator.dingtalk.platform import HOOK_SECRET, hook_token
from tests.simulator.dingtalk.helpers import GROUP


def text(content: str, **more: Any) -> dict[str, Any]:
    return {"msgtype": "text", "text": {"content": content}, **more}


async def session_of(sim: Any, bot: Any, **said: Any) -> str:
    await sim.sim("say", **{"user": "李雷", "text": "你好", **said})
    return str(bot.robot[-1]["sessionWebhook"]).removeprefix(sim.base)


async def hook(sim: Any, body: Any, *, token: str = "", stamp: str = "", secret: str = HOOK_SECRET) -> Any:
    stamp = stamp or str(sim.state.parts.clock.now_ms())
    token = token or hook_token(sim.state.parts.world.chats[GROUP])
    params = {"access_token": token, "timestamp": stamp, "sign": robot_sign(stamp, secret)}
    return (await sim.call("POST", "/dingtalk-oapi/robot/send", params=params, json=body))[1]


async def test_session_answers_where_it_was_asked(sim: Any, bot: Any) -> None:
    own, group = await session_of(sim, bot), await session_of(sim, bot, user="张伟", chat=GROUP, text="@助手 早")
    assert (await sim.call("POST", own, json=text("单聊")))[1] == {"errcode": 0, "errmsg": "ok"}
    await sim.call("POST", own, json={"msgtype": "empty"})
    await sim.call("POST", group, json=text("@m02 @m01 看", at={"atUserIds": ["m02"], "isAtAll": False}))
    assert [message["text"] for message in await sim.messages("李雷")] == ["你好", "单聊"]
    assert (await sim.messages(GROUP))[-1]["text"] == "@王芳 @m01 看"


async def test_session_ends_after_ninety_minutes(sim: Any, bot: Any) -> None:
    path = await session_of(sim, bot)
    await sim.sim("clock", advance="5401s")
    young = await sim.call("POST", path, json=text("一"))
    await sim.sim("clock", advance="1s")
    old = await sim.call("POST", path, json=text("二"))
    unknown = await sim.call("POST", "/dingtalk-oapi/robot/sendBySession?session=x", json=text("三"))
    assert [answer["errcode"] for _, answer in (young, old, unknown)] == [0, 300005, 300005]


async def test_session_of_a_group_that_the_bot_left(sim: Any, bot: Any) -> None:
    path = await session_of(sim, bot, user="张伟", chat=GROUP, text="@助手 早")
    await sim.sim("members", chat=GROUP, remove="bot")
    assert (await sim.call("POST", path, json=text("一")))[1]["errcode"] == 400106


@pytest.mark.parametrize(
    ("body", "kind", "shown", "card"),
    [
        ({"msgtype": "markdown", "markdown": {"title": "t", "text": "#### x"}}, "markdown", "#### x", {"title": "t"}),
        (
            {"msgtype": "link", "link": {"title": "t", "text": "x", "messageUrl": "https://a.example"}},
            "link",
            "",
            {"title": "t", "text": "x", "messageUrl": "https://a.example", "picUrl": ""},
        ),
        (
            {
                "msgtype": "actionCard",
                "actionCard": {"title": "t", "text": "x", "singleTitle": "Open", "singleURL": "https://a.example"},
            },
            "actionCard",
            "",
            {
                "title": "t",
                "text": "x",
                "btnOrientation": "0",
                "btns": [{"title": "Open", "actionURL": "https://a.example"}],
            },
        ),
        (
            {
                "msgtype": "actionCard",
                "actionCard": {
                    "title": "t",
                    "text": "x",
                    "btnOrientation": "1",
                    "btns": [{"title": "A", "actionURL": "https://a.example"}],
                },
            },
            "actionCard",
            "",
            {
                "title": "t",
                "text": "x",
                "btnOrientation": "1",
                "btns": [{"title": "A", "actionURL": "https://a.example"}],
            },
        ),
        (
            {"msgtype": "feedCard", "feedCard": {"links": [{"title": "t", "messageURL": "https://a", "picURL": "p"}]}},
            "feedCard",
            "",
            {"links": [{"title": "t", "messageURL": "https://a", "picURL": "p"}]},
        ),
    ],
)
async def test_formats(sim: Any, body: Any, kind: str, shown: str, card: Any) -> None:
    assert (await hook(sim, body))["errcode"] == 0
    [message] = await sim.messages(GROUP)
    assert (message["type"], message["text"], message["card"]) == (kind, shown, card)
    assert message["sender"]["name"] == "自定义机器人"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"msgtype": "shout"}, 400105),
        ({}, 400105),
        ({"msgtype": "text"}, 40035),
        ({"msgtype": "text", "text": {"content": 5}}, 40035),
        ({"msgtype": "text", "text": {"content": "x"}, "at": {"atUserIds": ["m03"] * 51}}, 40035),
        ({"msgtype": "markdown", "markdown": {"text": "x"}}, 40035),
        ({"msgtype": "link", "link": {"title": "t", "text": "x"}}, 40035),
        ({"msgtype": "actionCard", "actionCard": {"title": "t", "text": "x"}}, 40035),
        ({"msgtype": "actionCard", "actionCard": {"title": "t", "text": "x", "btns": []}}, 40035),
        ({"msgtype": "actionCard", "actionCard": {"title": "t", "text": "x", "btns": [5]}}, 40035),
        ({"msgtype": "feedCard", "feedCard": {"links": [{"title": "t"}]}}, 40035),
        ({"msgtype": "feedCard", "feedCard": {}}, 40035),
        ([], 40035),
    ],
)
async def test_refused_formats(sim: Any, body: Any, code: int) -> None:
    assert (await hook(sim, body))["errcode"] == code
    assert await sim.messages(GROUP) == []


async def test_custom_robot_wants_its_signature(sim: Any) -> None:
    now = sim.state.parts.clock.now_ms()
    answers = [
        await hook(sim, text("x"), secret="SECother"),
        await hook(sim, text("x"), stamp=str(now - 3_700_000)),
        await hook(sim, text("x"), stamp="soon"),
        await hook(sim, text("x"), token="unknown"),
        await hook(sim, text("x")),
    ]
    assert [answer["errcode"] for answer in answers] == [310000, 310000, 310000, 400101, 0]
    token = hook_token(sim.state.parts.world.chats[GROUP])
    url = f"{sim.base}/dingtalk-oapi/robot/send"
    stamp = str(now)
    params = {"access_token": token, "timestamp": stamp, "sign": robot_sign(stamp, HOOK_SECRET)}
    async with sim.http.post(url, params=params, data="x") as response:
        assert (await response.json())["errcode"] == 43004
    async with sim.http.post(url, params=params, data="{", headers={"Content-Type": "application/json"}) as response:
        assert (await response.json())["errcode"] == 40035


async def test_same_uuid_makes_one_message(sim: Any) -> None:
    for _ in range(2):
        assert (await hook(sim, text("x", msgUuid="u1")))["errcode"] == 0
    assert len(await sim.messages(GROUP)) == 1


async def test_twenty_a_minute_then_ten_minutes_blocked(start: Any, still_clock: Any) -> None:
    sim = await start(clock=still_clock)

    async def send() -> int:
        still_clock.seconds += 1.0
        return int((await hook(sim, text("x")))["errcode"])

    assert [await send() for _ in range(21)] == [0] * 20 + [410100]
    still_clock.seconds += 597
    assert await send() == 410100
    still_clock.seconds += 3
    assert await send() == 0


async def test_webhooks_count_for_the_month(sim: Any, bot: Any) -> None:
    sim.state.quota.max_messages = 2
    path = await session_of(sim, bot)
    answers = [(await sim.call("POST", path, json=text("一")))[1], (await sim.call("POST", path, json=text("二")))[1]]
    answers.append(await hook(sim, text("三")))
    assert [answer["errcode"] for answer in answers] == [0, 90020, 90020]


async def test_work_notices(sim: Any) -> None:
    path = "topapi/message/corpconversation/asyncsend_v2"
    base = {"agent_id": 1, "userid_list": "m03,m99"}
    card = {"title": "标题", "markdown": "正文", "single_title": "看", "single_url": "https://a.example"}
    many = {"title": "标题", "markdown": "正文", "btn_json_list": [{"title": "看", "action_url": "https://a.example"}]}
    for message in (text("早"), text("早"), {"msgtype": "action_card", "action_card": card}):
        assert (await sim.old("POST", path, json={**base, "msg": message}))["errcode"] == 0
    await sim.sim("clock", advance="1d")
    await sim.old("POST", path, json={**base, "msg": text("早")})
    await sim.old("POST", path, json={**base, "msg": {"msgtype": "action_card", "action_card": many}})
    shown = await sim.messages("李雷")
    assert [message["type"] for message in shown] == ["text", "actionCard", "text", "actionCard"]
    assert shown[1]["card"]["btns"] == shown[3]["card"]["btns"] == [{"title": "看", "actionURL": "https://a.example"}]

    for body in (
        {**base, "msg": text("长" * 700)},
        {"userid_list": "m03", "msg": text("x")},
        {**base, "msg": {"msgtype": "image", "image": {"media_id": "@none"}}},
        {**base, "msg": {"msgtype": "oa"}},
    ):
        assert (await sim.old("POST", path, json=body))["errcode"] == 40035
