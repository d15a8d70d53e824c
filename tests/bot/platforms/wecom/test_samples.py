"""Every card of the product in every kind of chat: taken by a vendor as strict as WeCom, with nothing cut off."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from bot.platforms.wecom.caps import capabilities
from bot.platforms.wecom.render import render, template
from cards.blocks import Buttons
from cards.fit import fit
from cards.samples import SAMPLES
from simulator.wecom.cards.blocks import Use
from simulator.wecom.cards.validate import BOT as BOT_SEND
from simulator.wecom.cards.validate import BOT_UPDATE, SEND, UPDATE, WEBHOOK, check_card
from tests.bot.platforms.wecom.helpers import KEYS
from tests.bot.platforms.wecom.test_render import assert_within_limits

CHATS: dict[str, Use] = {"app:lilei": SEND, "bot:u:lilei": BOT_SEND, "bot:g:g1": BOT_SEND, "hook:h1": WEBHOOK}
ALL = [*CHATS, "appchat:c1"]
OWN = ("", "https://deal.example")


def drawn(name: str, chat: str, own: str) -> dict[str, Any]:
    return render(fit(SAMPLES[name], capabilities(KEYS, chat, direct=not chat.endswith("1"))), chat, own=own)


@pytest.mark.parametrize("name", SAMPLES)
def test_card_is_taken_as_it_is_sent(name: str) -> None:
    for chat, own in itertools.product(ALL, OWN):
        message = drawn(name, chat, own)
        assert_within_limits(message, chat.partition(":")[0])
        if card := message.get("template_card"):
            sent = card if card["card_type"] == "text_notice" else {**card, "task_id": "row-1"}
            assert check_card(sent, CHATS[chat]) == []


@pytest.mark.parametrize("name", SAMPLES)
def test_card_can_take_the_place_of_another(name: str) -> None:
    for own in OWN:
        app, bot = (template(drawn(name, chat, own)) for chat in ("app:lilei", "bot:g:g1"))
        assert check_card(app, UPDATE) == []
        assert check_card({**(bot or {}), "task_id": "row-1"}, BOT_UPDATE) == []


@pytest.mark.parametrize("name", SAMPLES)
def test_every_fitted_button_is_drawn(name: str) -> None:
    for chat in ("app:lilei", "bot:g:g1"):
        fitted = fit(SAMPLES[name], capabilities(KEYS, chat, direct=True))
        wanted = [item.label for block in fitted if isinstance(block, Buttons) for item in block.items]
        card = render(fitted, chat).get("template_card", {})
        assert [button["text"] for button in card.get("button_list", [])] == wanted
