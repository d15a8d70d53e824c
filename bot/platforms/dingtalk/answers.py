"""What goes back in the answer to a click: the pressed card as it is now, which costs no call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.platforms.base import InlineAnswer
from bot.platforms.dingtalk.form import own_params
from bot.platforms.dingtalk.messages import BY_KEY
from bot.platforms.dingtalk.tracks import DIRECT, template_of
from cards.blocks import Card

Render = Callable[[Card, str], Mapping[str, Any]]


def click_answer(card: Card | None, track: str, chat: str, render: Render) -> dict[str, Any]:
    """The card's variables for the template it was made from; empty when the card stays as it is.

    The vendor shows no word beside a card, so a toast is not in the answer.
    """
    if card is None:
        return {}
    params = render(card, chat).get(template_of(track) or "")
    if not params:
        return {}
    body: dict[str, Any] = {"cardUpdateOptions": BY_KEY, "cardData": {"cardParamMap": params}}
    if chat.startswith(DIRECT) and (own := own_params(params)):
        body["userPrivateData"] = {"cardParamMap": own}
    return body


def is_carried(answer: InlineAnswer, body: Mapping[str, Any]) -> bool:
    """True when nothing of the answer is left to be sent in another way."""
    return bool(body) or (answer.card is None and not answer.toast)
