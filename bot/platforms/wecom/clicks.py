"""What is said at once to a click on the smart bot's card: within 5 s, and never later."""

from __future__ import annotations

from typing import Any

from bot.platforms.base import InlineAnswer
from bot.platforms.wecom.chats import BOT
from bot.platforms.wecom.parse import clicked_card
from bot.platforms.wecom.render import calls_back, render, template
from cards.blocks import Card, is_words, words


def redrawn(card: Card | None, body: dict[str, Any], *, own: str = "") -> dict[str, Any]:
    """The answer that puts this card in place of the pressed one; empty when there is no card, or only a sentence."""
    drawn = template(render(card, BOT, own=own)) if card and not is_words(card) else None
    if drawn is None:
        return {}
    task = clicked_card(body).get("taskid")
    if calls_back(drawn) and isinstance(task, str):
        drawn = {**drawn, "task_id": task}
    return {"response_type": "update_template_card", "template_card": drawn}


def sentence(inline: InlineAnswer) -> Card | None:
    """The sentence of an answer, which no card can hold: it goes as a message of its own."""
    if inline.card and is_words(inline.card):
        return inline.card
    return words(inline.toast) if inline.toast else None
