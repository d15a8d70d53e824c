"""Every card by name. A card is one file with `show(tx, subject, viewer, args)`; adding one is one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cards import deal, deals, digest, draft, form, peeks, pointer, stranger, text
from cards import help as helping
from cards.blocks import Card
from sales.people import Member
from storage.tx import Tx

Show = Callable[[Tx, str, Member | None, Mapping[str, Any]], Card | None]

CARDS: Mapping[str, Show] = {
    "words": text.show,
    "deal": deal.show,
    "deals": deals.show,
    "draft": draft.show,
    "form": form.show,
    "digest": digest.show,
    "help": helping.show,
    "peeks": peeks.show,
    "pointer": pointer.show,
    "stranger": stranger.show,
}


def show(name: str, tx: Tx, *, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """The card as it is now, for this viewer; None when there is nothing (left) the viewer may see."""
    return CARDS[name](tx, subject, viewer, args)
