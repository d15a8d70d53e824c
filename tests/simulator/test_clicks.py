"""Clicks: what is sent, how the answer is used, and the codes the client shows."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web


def answering(status: int = 200, **body: Any) -> Any:
    async def answer(_: Any) -> web.Response:
        return web.json_response(body, status=status)

    return answer


async def test_click_sends_the_value(sim: Any, bot: Any, deal_card: Any) -> None:
    message_id = await sim.sent("李雷", deal_card)
    bot.answer = answering(toast={"type": "success", "content": "Saved", "i18n": {"zh_cn": "已同意"}})

    result = await sim.sim("click", user="李雷", message_id=message_id, button="同意")

    assert (result["status"], result["code"]) == (200, 0)
    assert result["toast"] == {"kind": "success", "content": "已同意"}
    [event] = bot.events("card.action.trigger")
    assert event["event"]["action"]["value"] == {"a": "agree"}
    assert event["event"]["context"]["open_message_id"] == message_id
    assert event["event"]["operator"]["open_id"] == sim.desk.person("李雷").open_id
    assert len(event["header"]["create_time"]) == 16
    assert event["event"]["token"].startswith("c-")


async def test_newest_card_of_the_chat_is_meant(sim: Any, bot: Any, deal_card: Any) -> None:
    await sim.sent("李雷", deal_card)
    newest = await sim.sent("李雷", deal_card)
    await sim.sim("click", user="李雷", button=0 + 2)
    [event] = bot.events("card.action.trigger")
    assert event["event"]["context"]["open_message_id"] == newest
    assert event["event"]["action"]["value"] == {"a": "reject"}


async def test_confirm_is_told_and_can_be_declined(sim: Any, bot: Any, deal_card: Any) -> None:
    await sim.sent("李雷", deal_card)
    declined = await sim.sim("click", user="李雷", button="驳回", confirm=False)
    agreed = await sim.sim("click", user="李雷", button="驳回")
    assert declined["cancelled"] is True
    assert agreed["confirm"] == {"title": "确定驳回？", "text": "会通知李雷"}
    assert len(bot.events("card.action.trigger")) == 1


async def test_submit_sends_all_fields(sim: Any, bot: Any, deal_card: Any) -> None:
    await sim.sent("李雷", deal_card)
    values = {"客户": "华东医疗", "stage": "报价", "close": "2026-12-01"}
    await sim.sim("submit", user="李雷", button="提交", values=values)
    [event] = bot.events("card.action.trigger")
    action = event["event"]["action"]
    assert action["form_value"] == {"customer": "华东医疗", "stage": "S2", "close": "2026-12-01 +0800"}
    assert (action["name"], action["value"]) == ("deal_submit", {"a": "deal.create"})


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({}, "请填写：客户"),
        ({"customer": "很长很长很长很长很长很长"}, "最多 10 个字"),
        ({"customer": "a", "stage": "S9"}, "没有这个选项"),
        ({"customer": "a", "price": "1"}, "表单里没有：price"),
    ],
)
async def test_submit_the_client_would_refuse(sim: Any, bot: Any, deal_card: Any, values: Any, why: str) -> None:
    await sim.sent("李雷", deal_card)
    status, error = await sim.refused("submit", user="李雷", values=values)
    assert status == 400
    assert why in error
    assert bot.events("card.action.trigger") == []


async def test_pick_outside_a_form_calls_back_at_once(sim: Any, bot: Any, make_card: Any) -> None:
    options = [{"text": {"tag": "plain_text", "content": "太贵"}, "value": "price"}]
    behaviors = [{"type": "callback", "value": {"a": "why"}}]
    select = {"tag": "select_static", "options": options, "behaviors": behaviors}
    person = {"tag": "select_person", "name": "to", "behaviors": behaviors}
    checker = {"tag": "checker", "name": "done", "behaviors": behaviors}
    typed = {"tag": "input", "name": "note", "behaviors": behaviors}
    await sim.sent("李雷", make_card(select, person, checker, typed))

    await sim.sim("click", user="李雷", option="太贵")
    await sim.sim("click", user="李雷", button="to", option="王芳")
    await sim.sim("click", user="李雷", button="done")
    await sim.sim("click", user="李雷", button="note", option="写点什么")

    actions = [e["event"]["action"] for e in bot.events("card.action.trigger")]
    assert actions[0]["option"] == "price"
    assert actions[1]["option"] == sim.desk.person("王芳").open_id
    assert actions[2]["checked"] is True
    assert actions[3]["input_value"] == "写点什么"


async def test_missing_value_and_missing_name_show_their_codes(sim: Any, bot: Any, make_card: Any) -> None:
    text = {"tag": "plain_text", "content": "按"}
    jump = [{"type": "open_url", "default_url": "https://a.example"}]
    submit = {"tag": "button", "name": "go", "text": text, "form_action_type": "submit", "value": {"a": 1}}
    form = {"tag": "form", "name": "f", "elements": [{"tag": "input"}, submit]}
    bare = {"tag": "button", "text": {"tag": "plain_text", "content": "空"}}
    await sim.sent("李雷", make_card(bare, {"tag": "button", "text": text, "behaviors": jump}, form))

    nothing = await sim.sim("click", user="李雷", button="空")
    opened = await sim.sim("click", user="李雷", button=1)
    nameless = await sim.sim("submit", user="李雷", values={})

    assert (nothing["code"], nameless["code"]) == (200340, 200530)
    assert opened["open_url"] == "https://a.example"
    assert bot.bodies == []
    [shown] = await sim.messages("李雷")
    assert [e["code"] for e in shown["errors"]] == [200340, 200530]


async def test_card_in_the_answer_replaces_the_card(sim: Any, bot: Any, deal_card: Any, make_card: Any) -> None:
    await sim.sent("李雷", deal_card)
    bot.answer = answering(card={"type": "raw", "data": make_card()})
    await sim.sim("click", user="李雷", button="同意")
    [shown] = await sim.messages("李雷")
    assert (shown["card"], shown["updates"]) == (make_card(), 1)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (500, {}, 200671),
        (302, {}, 200671),
        (200, {"toast": {"type": "loud", "content": "x"}}, 200672),
        (200, {"toast": {"type": "info"}}, 200672),
        (200, {"toast": "x"}, 200672),
        (200, {"card": {"data": {}}}, 200672),
        (200, {"card": {"type": "raw", "data": {"schema": "2.0"}}}, 200673),
        (200, {"card": {"type": "raw", "data": {"elements": []}}}, 200830),
    ],
)
async def test_bad_answer_shows_its_code(sim: Any, bot: Any, deal_card: Any, status: int, body: Any, code: int) -> None:
    await sim.sent("李雷", deal_card)
    bot.answer = answering(status, **body)
    result = await sim.sim("click", user="李雷", button="同意")
    [shown] = await sim.messages("李雷")
    assert result["code"] == code
    assert [e["code"] for e in shown["errors"]] == [code]
    assert shown["updates"] == 0


async def test_answer_that_is_no_json_shows_200672(sim: Any, bot: Any, deal_card: Any) -> None:
    async def words(_: Any) -> web.Response:
        return web.Response(text="ok")

    await sim.sent("李雷", deal_card)
    bot.answer = words
    assert (await sim.sim("click", user="李雷", button="同意"))["code"] == 200672


async def test_click_has_three_seconds_and_no_retry(
    sim: Any, bot: Any, deal_card: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.feishu.clicks.CALLBACK_SECONDS", 0.05)
    never = asyncio.Event()

    async def hang(_: Any) -> web.Response:
        await never.wait()
        return web.json_response({})

    await sim.sent("李雷", deal_card)
    bot.answer = hang
    result = await sim.sim("click", user="李雷", button="同意")
    never.set()
    await sim.sim("clock", advance="1d")
    assert result["code"] == 200341
    assert len(bot.events("card.action.trigger")) == 1


async def test_click_with_nobody_listening(sim: Any, deal_card: Any) -> None:
    await sim.sent("李雷", deal_card)
    await sim.sim("callback", url="http://127.0.0.1:9/x")
    assert (await sim.sim("click", user="李雷", button="同意"))["code"] == 200342


@pytest.mark.parametrize(("kind", "code"), [("drop", 200342), ("drop_after", 200341), ("delay", 0), ("skew", 0)])
async def test_callback_faults(sim: Any, deal_card: Any, kind: str, code: int) -> None:
    await sim.sent("李雷", deal_card)
    await sim.sim("faults", path="callback", kind=kind, ms=1)
    assert (await sim.sim("click", user="李雷", button="同意"))["code"] == code


async def test_card_is_locked_until_the_click_was_answered(sim: Any, bot: Any, deal_card: Any, make_card: Any) -> None:
    message_id = await sim.sent("李雷", deal_card)
    early: list[Any] = []

    async def too_early(body: Any) -> web.Response:
        early.append(await sim.patch(message_id, make_card()))
        token = body["event"]["token"]
        update = {"token": token, "card": make_card()}
        early.append(await sim.api("POST", "interactive/v1/card/update", json=update))
        return web.json_response({})

    bot.answer = too_early
    await sim.sim("click", user="李雷", message_id=message_id, button="同意")

    assert early[0][1]["code"] == 230099
    assert "ErrCode: 11310" in early[0][1]["msg"]
    assert "lock" in early[0][1]["msg"]
    assert early[1][1]["code"] == 11310
    assert (await sim.patch(message_id, make_card()))[0] == 200


async def test_delayed_update_twice_within_half_an_hour(sim: Any, bot: Any, deal_card: Any, make_card: Any) -> None:
    await sim.sent("李雷", deal_card)
    await sim.sim("click", user="李雷", button="同意")
    await sim.sim("click", user="李雷", button="同意")
    first, second = (e["event"]["token"] for e in bot.events("card.action.trigger"))

    async def update(token: str, card: Any = None) -> Any:
        body = {"token": token, "card": make_card() if card is None else card}
        return (await sim.api("POST", "interactive/v1/card/update", json=body))[1]["code"]

    assert await update(first, {"schema": "2.0", "bad": 1}) == 11311
    assert [await update(first) for _ in range(3)] == [0, 0, 300040]
    assert await update("c-1") == 300020
    await sim.sim("clock", advance="30m")
    assert await update(second) == 300030


async def test_old_recalled_and_foreign_cards_cannot_be_clicked(sim: Any, deal_card: Any) -> None:
    message_id = await sim.sent("李雷", deal_card)
    click = {"message_id": message_id, "button": "同意"}
    assert (await sim.refused("click", user="王芳", **click))[0] == 403
    assert "〔同意〕" in (await sim.refused("click", user="李雷", button="没有的"))[1]
    await sim.sim("clock", advance="15d")
    assert "14 天" in (await sim.refused("click", user="李雷", **click))[1]
    await sim.api("DELETE", f"im/v1/messages/{message_id}")
    newer = await sim.sent("李雷", deal_card)
    await sim.api("DELETE", f"im/v1/messages/{newer}")
    assert "撤回" in (await sim.refused("click", user="李雷", message_id=newer, button="同意"))[1]
