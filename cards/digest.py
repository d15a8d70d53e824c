"""Several messages that were held over go out as one list. R-TIME-3, R-MERGE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cards.blocks import Card, Fields, Headline, Note, Text, Title, is_words
from sales.people import Member
from storage.tx import Tx

ROWS = 6


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """A digest is drawn from its parts, never loaded."""
    return None


def draw(parts: Sequence[Card]) -> Card:
    """One row a message: its title, and its headline or first sentence."""
    rows = [(str(n), _line(card)) for n, card in enumerate(parts[:ROWS], 1)]
    left = len(parts) - len(rows)
    note = (Note(f"还有 {left} 件"),) if left > 0 else ()
    return (Title(f"{len(parts)} 件事", "blue", "攒在一起说"), Fields(tuple(rows)), *note)


def _line(card: Card) -> str:
    if is_words(card):
        return " ".join(block.text for block in card if isinstance(block, Text))
    title = next((block.text for block in card if isinstance(block, Title)), "")
    headline = next((block.text for block in card if isinstance(block, Headline)), "")
    return " · ".join(filter(None, (title, headline)))
