"""A sentence: answers of one fact, questions with a typed answer, refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cards.blocks import Card, words
from sales.people import Member
from storage.tx import Tx


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """The words themselves."""
    return words(str(args.get("text", "")))
