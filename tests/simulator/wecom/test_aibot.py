"""The smart bot in URL mode: what it hears, how it answers, what it may fetch."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from simulator.wecom.crypto import aes_key, unseal
from tests.simulator.wecom.conftest import StillClock
from tests.simulator.wecom.helpers import AMR, APP, GROUP, PNG, Bot, Json, Sim, buttons, notice, vote

Start = Callable[..., Awaitable[Sim]]
SINGLE = {"platform": "wecom", "face": "bot"}
CHAT = "wecom-bot-m03"


def answering(*answers: Json | None) -> Callable[[Json], Awaitable[Json | None]]:
    """Gives these answers one after the other, then none."""
    left = list(answers)

    async def answer(body: Json) -> Json | None:
        return left.pop(0) if left else None

    return answer


def stream(content: str, *, finish: bool = True, **more: Any) -> Json:
    return {"msgtype": "stream", "stream": {"id": "s1", "finish": finish, "content": content, **more}}


def bot_buttons(task_id: str = "b1", **more: Any) -> Json:
    return buttons(task_id, button_list=[{"text": "同意", "key": "ok"}, {"text": "驳回", "key": "no"}], **more)


def card_answer(card: Json) -> Json:
    return {"msgtype": "template_card", "template_card": card}


async def say(sim: Sim, text: str = "你好", **where: str) -> Json:
    return await sim.sim("say", user="m03", text=text, **(where or SINGLE))


async def later(sim: Sim, body: Json, **answer: Any) -> Json:
    """Use the one later answer of a message."""
    code = parse_qs(urlsplit(body["response_url"]).query)["response_code"][0]
    assert body["response_url"].startswith(sim.base + "/wecom/cgi-bin/aibot/response?")
    params = {"response_code": code}
    status, data = await sim.call("POST", "/wecom/cgi-bin/aibot/response", params=params, json=answer)
    assert status == 200
    return data


async def test_a_message_in_the_single_chat(sim: Sim, bot: Bot) -> None:
    told = await say(sim)
    assert told["delivered"]["code"] == 0
    body = bot.bodies[0]
    assert (body["chattype"], body["from"], body["msgtype"]) == ("single", {"userid": "m03"}, "text")
    assert (body["text"], body["aibotid"]) == ({"content": "你好"}, APP.bot_id)
    assert "chatid" not in body
    assert bot.plain == []


async def test_a_group_is_heard_only_by_name(sim: Sim, bot: Bot) -> None:
    await say(sim, "各位早", chat=GROUP.id)
    assert bot.bodies == []
    await say(sim, "@助手 录单", chat=GROUP.id)
    await sim.sim("say", user="m03", chat=GROUP.id, text="帮助", mention_bot=True)
    assert [b["text"]["content"] for b in bot.bodies] == ["@助手 录单", "@销售助手 帮助"]
    assert {(b["chatid"], b["chattype"]) for b in bot.bodies} == {(GROUP.id, "group")}


async def test_encrypted_ids_and_quotes(sim: Sim, bot: Bot) -> None:
    sim.wecom.clear_userids = False
    first = await say(sim, "第一句")
    await sim.sim("say", user="m03", text="第二句", reply_to=first["message_id"], **SINGLE)
    answer = await sim.api(
        "POST", "batch/openuserid_to_userid", json={"open_userid_list": [bot.bodies[1]["from"]["userid"]]}
    )
    assert answer["userid_list"][0]["userid"] == "m03"
    assert bot.bodies[1]["quote"] == {"msgtype": "text", "text": {"content": "第一句"}}


async def fetch(sim: Sim, url: str) -> tuple[int, bytes]:
    async with sim.http.get(url) as response:
        return response.status, await response.read()


async def test_a_file_waits_five_minutes_encrypted(start: Start, bot: Bot, still_clock: StillClock) -> None:
    sim = await start(clock=still_clock)
    await sim.send_file("报价.pdf", b"%PDF-1.7", user="m03", **SINGLE)
    assert bot.bodies[0]["msgtype"] == "file"
    url = bot.bodies[0]["file"]["url"]
    status, sealed = await fetch(sim, url)
    assert (status, unseal(sealed, aes_key(APP.bot_aes_key))) == (200, b"%PDF-1.7")
    still_clock.seconds += 300
    assert (await fetch(sim, url))[0] == 403
    assert "aeskey" not in bot.bodies[0]["file"]


async def test_pictures_words_and_recordings(sim: Sim, bot: Bot) -> None:
    await sim.send_file("a.png", PNG, user="m03", **SINGLE)
    await sim.send_file("a.png", PNG, user="m03", text="看这张", **SINGLE)
    await sim.send_file("a.amr", AMR, user="m03", text="明天去", **SINGLE)
    await sim.send_file("a.png", PNG, user="m03", chat=GROUP.id, text="@助手 合同")
    assert [b["msgtype"] for b in bot.bodies] == ["image", "mixed", "voice", "mixed"]
    items = bot.bodies[1]["mixed"]["msg_item"]
    assert [item["msgtype"] for item in items] == ["text", "image"]
    assert bot.bodies[2]["voice"] == {"content": "明天去"}


async def test_files_in_groups_never_arrive(sim: Sim, bot: Bot) -> None:
    told = await sim.send_file("a.pdf", b"%PDF-1.7", user="m03", chat=GROUP.id, text="@助手 合同")
    assert told["delivered"] is None
    assert bot.bodies == []
    assert "收不到" in (await sim.messages(GROUP.id))[0]["errors"][0]["text"]


async def test_an_answer_in_the_callback_is_shown(sim: Sim, bot: Bot) -> None:
    bot.on_bot = answering(stream("**收到**"), card_answer(bot_buttons()), None)
    for _ in range(3):
        await say(sim)
    found = [m for m in await sim.messages(CHAT) if m["sender"]["kind"] == "bot"]
    assert [(m["type"], m["text"]) for m in found] == [("markdown_v2", "**收到**"), ("template_card", "")]


async def test_a_stream_is_asked_for_until_it_ends(sim: Sim, bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.wecom.aibot.urls.POLL_SECONDS", 0.01)
    picture = {"msgtype": "image", "image": {"base64": base64.b64encode(PNG).decode()}}
    picture["image"]["md5"] = hashlib.md5(PNG).hexdigest()  # type: ignore[index]
    bot.on_bot = answering(
        stream("查", finish=False), stream("查到", finish=False), stream("查到了", msg_item=[picture])
    )
    await say(sim)
    for _ in range(100):
        if len(await sim.messages(CHAT)) == 3:
            break
        await asyncio.sleep(0.02)
    found = await sim.messages(CHAT)
    assert [(m["type"], m["text"], m["updates"]) for m in found[1:]] == [("markdown_v2", "查到了", 2), ("image", "", 0)]
    assert [b["msgtype"] for b in bot.bodies] == ["text", "stream", "stream"]
    assert bot.bodies[1]["stream"] == {"id": "s1"}


async def test_an_open_stream_holds_up_neither_clock_nor_reset(sim: Sim, bot: Bot) -> None:
    bot.on_bot = answering(stream("查", finish=False))
    await say(sim)
    async with asyncio.timeout(5):
        await sim.sim("clock", advance="1h")
        await sim.sim("reset")
    assert await sim.messages(CHAT) == []


@pytest.mark.parametrize(
    "answer",
    [
        {"msgtype": "text", "text": {"content": "a"}},
        {"msgtype": "markdown", "markdown": {"content": "a"}},
        {"msgtype": "stream", "stream": {"finish": True, "content": "a"}},
        stream("长" * 6827),
        stream("a", finish=False, msg_item=[{}]),
        card_answer(notice(card_action=None)),
        {"response_type": "update_template_card", "template_card": notice()},
        {"msgtype": "stream", "stream": [1]},
        {},
    ],
)
async def test_a_wrong_answer_is_told_and_shown_nowhere(sim: Sim, bot: Bot, answer: Json) -> None:
    bot.on_bot = answering(answer)
    told = await say(sim)
    assert told["delivered"]["code"] == 0
    assert len(await sim.messages(CHAT)) == 1
    assert "answer of the bot" in sim.wecom.warnings[-1]


async def test_words_and_a_card_in_one_answer(sim: Sim, bot: Bot) -> None:
    both = stream("看卡片") | {"msgtype": "stream_with_template_card", "template_card": bot_buttons()}
    bot.on_bot = answering(both)
    await say(sim)
    assert [m["type"] for m in await sim.messages(CHAT)] == ["text", "markdown_v2", "template_card"]


async def test_a_wrong_refresh_ends_the_stream(sim: Sim, bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.wecom.aibot.urls.POLL_SECONDS", 0.01)
    bot.on_bot = answering(stream("查", finish=False), None, {"msgtype": "text", "text": {"content": "完"}})
    await say(sim)
    for _ in range(50):
        if (await sim.messages(CHAT))[0]["errors"]:
            break
        await asyncio.sleep(0.02)
    assert (await sim.messages(CHAT))[0]["errors"][0]["code"] == 40008
    assert [b["msgtype"] for b in bot.bodies] == ["text", "stream", "stream"]


async def test_a_greeting_once_the_chat_is_opened(sim: Sim, bot: Bot) -> None:
    bot.on_bot = answering({"msgtype": "text", "text": {"content": "欢迎"}}, stream("不行"))
    for _ in range(2):
        await sim.sim("enter", user="m03", **SINGLE)
    body = bot.bodies[0]
    assert body["event"] == {"eventtype": "enter_chat"}
    assert not {"chatid", "chattype", "response_url"} & set(body)
    assert [m["text"] for m in await sim.messages(CHAT)] == ["欢迎"]


async def test_one_later_answer_within_the_hour(sim: Sim, bot: Bot) -> None:
    await sim.login()
    await say(sim)
    body = bot.bodies[0]
    assert (await later(sim, body, msgtype="text", text={"content": "a"}))["errcode"] == 40008
    update = {"response_type": "update_template_card", "template_card": notice()}
    assert (await later(sim, body, **update))["errcode"] == 40008
    assert (await later(sim, body, msgtype="markdown", markdown={"content": "晚了点"}))["errcode"] == 0
    assert (await later(sim, body, msgtype="markdown", markdown={"content": "再来"}))["errcode"] == 40058
    assert [m["text"] for m in await sim.messages(CHAT)] == ["你好", "晚了点"]
    await say(sim)
    await sim.sim("clock", advance="61m")
    assert (await later(sim, bot.bodies[1], **card_answer(notice())))["errcode"] == 40058


async def click(sim: Sim, bot: Bot, *answers: Json | None, **how: Any) -> Json:
    """Put a card into the group and press on it."""
    bot.on_bot = answering(card_answer(bot_buttons()), *answers)
    await say(sim, "@助手 看", chat=GROUP.id)
    return await sim.sim("click", user="m03", chat=GROUP.id, **{"button": "同意", **how})


async def test_a_click_in_a_group(sim: Sim, bot: Bot) -> None:
    told = await click(sim, bot, values={"reason": "太低"})
    assert told["code"] == 0
    body = bot.bodies[1]
    assert body["event"]["eventtype"] == "template_card_event"
    event = body["event"]["template_card_event"]
    assert (event["card_type"], event["event_key"], event["task_id"]) == ("button_interaction", "ok", "b1")
    assert event["selected_items"]["selected_item"] == [
        {"question_key": "reason", "option_ids": {"option_id": ["price"]}}
    ]
    assert body["chatid"] == GROUP.id
    assert isinstance(body["create_time"], int)


async def test_the_answer_to_a_click_changes_the_card(sim: Sim, bot: Bot) -> None:
    new = notice(task_id="b1")
    await click(sim, bot, {"response_type": "update_template_card", "template_card": new})
    assert (await sim.messages(GROUP.id))[-1]["card"] == new


async def test_the_answer_for_one_person(sim: Sim, bot: Bot) -> None:
    new = bot_buttons(replace_text="已同意")
    await click(sim, bot, {"response_type": "update_template_card", "userids": ["m03"], "template_card": new})
    shown = (await sim.messages(GROUP.id))[-1]
    assert shown["card"] == bot_buttons()
    assert shown["card_for"] == {"m03": new}
    assert (await sim.refused("click", user="m03", chat=GROUP.id, button="同意"))[0] == 404
    assert (await sim.sim("click", user="m04", chat=GROUP.id, button="同意"))["code"] == 0


@pytest.mark.parametrize(
    "answer",
    [
        {"response_type": "update_template_card", "template_card": notice(task_id="other")},
        {"response_type": "update_template_card", "template_card": notice()},
        card_answer(notice()),
        stream("a"),
    ],
)
async def test_a_wrong_answer_to_a_click(sim: Sim, bot: Bot, answer: Json) -> None:
    await click(sim, bot, answer)
    shown = (await sim.messages(GROUP.id))[-1]
    assert shown["card"] == bot_buttons()
    assert shown["errors"][0]["code"] in (40008, 40058)


async def test_messages_are_repeated_and_clicks_are_not(sim: Sim, bot: Bot) -> None:
    for path in ("event", "callback"):
        await sim.sim("faults", path=path, kind="drop_after")
    bot.on_bot = answering(None, card_answer(bot_buttons()))
    await say(sim)
    for _ in range(50):
        if len(bot.bodies) == 2:
            break
        await asyncio.sleep(0.02)
    assert bot.bodies[0] == bot.bodies[1]
    assert (await sim.sim("click", user="m03", button="同意", **SINGLE))["code"] != 0
    await asyncio.sleep(0.15)
    assert len(bot.bodies) == 3


async def test_a_task_is_used_once_per_bot(sim: Sim, bot: Bot) -> None:
    bot.on_bot = answering(card_answer(vote()), card_answer(vote()))
    await say(sim)
    await say(sim)
    assert [m["type"] for m in await sim.messages(CHAT)] == ["text", "template_card", "text"]


async def test_thirty_a_minute_per_conversation(sim: Sim, bot: Bot) -> None:
    bot.on_bot = answering(*[stream("a")] * 31)
    for _ in range(31):
        await say(sim)
    found = await sim.messages(CHAT)
    assert sum(m["sender"]["kind"] == "bot" for m in found) == 30
    assert found[-1]["errors"][0]["code"] == 45009
