"""The toy's wire: one JSON object per event and per message, errors by HTTP status."""

from __future__ import annotations

from typing import Any

import orjson

from bot.platforms.base import Gone, NotAllowed, PlatformError, RetryLater
from cards.blocks import Card
from cards.plain import plain_text, pressable
from handlers.events import Clicked, Event, Said


def read(raw: bytes) -> tuple[str, str, Event] | None:
    """The event's id, who did it, and what: wrote a `text`, or pressed a button of the message `on`."""
    try:
        body = orjson.loads(raw)
    except ValueError:
        return None
    match body:
        case {"id": str(name), "who": str(who), "text": str(text)} if name and who:
            return name, who, Said(name, text, direct=True, addressed=True)
        case {"id": str(name), "who": str(who), "on": str(on), "do": [str(do), str(subject), str(stamp), dict(args)]}:
            return name, who, Clicked(on, do, subject, stamp, {key: str(value) for key, value in args.items()})
    return None


def message_of(card: Card) -> dict[str, Any]:
    """A fitted card as its words and its buttons, each with all that its press must bring back."""
    words = plain_text(tuple(block for block in card if not pressable(block)))
    items = [(item.label, item.action) for block in card for item in pressable(block)]
    return {"text": words, "buttons": [[label, [a.name, a.subject, a.stamp, dict(a.args)]] for label, a in items]}


def error_of(status: int) -> PlatformError:
    """What a refusal means for the product."""
    later = RetryLater(f"toy {status}", after=0.2, unknown=status >= 500)
    return {403: NotAllowed("toy 403"), 404: Gone("toy 404")}.get(status, later)
