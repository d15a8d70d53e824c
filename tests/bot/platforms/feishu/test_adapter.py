"""The adapter as a whole: it starts without the vendor, and learns who the bot is."""

from __future__ import annotations

import asyncio
import dataclasses
import json

import pytest

from bot.platforms.base import Platform
from bot.platforms.feishu import Feishu, adapter
from bot.platforms.feishu.caps import LIMITS
from bot.platforms.pace import Pace
from cards.blocks import Buttons, Card, Text, Title, words
from cards.fit import Capabilities
from handlers.events import Said
from tests.bot.platforms.feishu.helpers import KEYS, NOW, Seconds, inbound, message, vendor

CARD: Card = (Title("已同意", "green"), Text("好"), Buttons(()))
NAMED = message(
    "@_user_1 目标",
    chat_type="group",
    mentions=[{"key": "@_user_1", "id": {"open_id": "ou_other"}, "mentioned_type": "bot", "name": "别的机器人"}],
)


def feishu(base: str = KEYS.api_base, *, card_in_answer: bool = False) -> Feishu:
    keys = dataclasses.replace(KEYS, api_base=base, card_in_answer=card_in_answer)
    return Feishu(keys, business_us=lambda: NOW, machine=Seconds(), pace=Pace(LIMITS, Seconds()))


def test_it_is_a_platform_with_one_route() -> None:
    async def accept(row: object) -> None:
        raise AssertionError

    made: Platform = feishu()

    assert made.name == "feishu"
    assert [route[:2] for route in made.listen(accept)] == [("POST", "/callback/feishu")]  # type: ignore[arg-type]


@pytest.mark.parametrize("direct", [True, False])
def test_capabilities_are_those_of_cards(direct: bool) -> None:
    assert feishu().capabilities("oc_1", direct=direct) == Capabilities(
        cards=True, buttons=6, button_chars=12, fields=10, bytes_limit=28_000, update_days=14, idempotent_seconds=3600
    )


@pytest.mark.parametrize(
    ("toast", "card", "expected"),
    [
        ("", None, {"toast": {"type": "info", "content": "收到，正在办"}}),
        ("好\n了\u202e", None, {"toast": {"type": "info", "content": "好 了"}}),
        ("", CARD, {}),
        ("好", CARD, {"toast": {"type": "info", "content": "好"}}),
        ("", words("已撤销"), {"toast": {"type": "info", "content": "已撤销"}}),
    ],
)
def test_answer_is_a_toast(toast: str, card: Card | None, expected: object) -> None:
    assert json.loads(feishu().answer(toast=toast, card=card)) == expected


def test_answer_holds_the_card_where_that_is_switched_on() -> None:
    body = json.loads(feishu(card_in_answer=True).answer(toast="", card=CARD))

    assert (list(body), body["card"]["type"], body["card"]["data"]["schema"]) == (["card"], "raw", "2.0")


async def test_it_starts_at_once_when_the_vendor_is_down() -> None:
    made = feishu()

    await asyncio.wait_for(made.start(), 1)
    await made.start()
    await made.stop()
    await made.stop()


async def test_it_asks_until_it_knows_the_bot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "ASK_AGAIN", (0.0,))
    async with vendor() as fake:
        fake.on(
            "GET /bot/v3/info",
            (403, {"code": 99991672, "msg": "scope"}),
            {"code": 0, "msg": "ok"},
            {"code": 0, "bot": {"open_id": "ou_bot"}},
        )
        made = feishu(fake.base)
        before = made.parse(inbound(NAMED))
        await made.start()
        assert made._learning is not None
        await asyncio.wait_for(made._learning, 5)
        after = made.parse(inbound(NAMED))
        await made.stop()

    assert isinstance(before, Said)
    assert isinstance(after, Said)
    assert (before.addressed, before.text) == (True, "目标")
    assert (after.addressed, after.text) == (False, "@别的机器人 目标")
