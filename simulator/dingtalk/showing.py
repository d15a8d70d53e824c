"""Brings a card's data onto the messages that show it."""

from __future__ import annotations

from typing import Any

from simulator.dingtalk.cards.store import Card
from simulator.dingtalk.platform import Dingtalk
from simulator.messages import Message

BLANK = "blank"


def show(dingtalk: Dingtalk, card: Card, *, updated: bool = True) -> None:
    """Every message of the card shows its data from now on; a card no client could draw gets a red line."""
    for message_id in card.messages:
        item = dingtalk.parts.world.messages.get(message_id)
        if item is not None:
            _show_on(dingtalk, card, item, updated)


def _show_on(dingtalk: Dingtalk, card: Card, item: Message, updated: bool) -> None:
    world = dingtalk.parts.world
    item.card = _view(card, card.public)
    item.card_for = {
        person.id: _view(card, card.data_for(person.userid))
        for person in dingtalk.people(world.chats[item.chat_id])
        if person.userid in card.private
    }
    item.updates += updated
    world.changed(item)
    for data in (card.public, *(card.data_for(userid) for userid in card.private)):
        blank = dingtalk.templates.look(card.template_id, data).blank
        if blank:
            world.show_error(item.chat_id, item, BLANK, blank)
            return


def _view(card: Card, data: dict[str, str]) -> dict[str, Any]:
    return {"cardTemplateId": card.template_id, "cardParamMap": dict(data)}
