"""A sentence: answers of one fact, questions with a typed answer, refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cards.blocks import Card, Note, words
from sales.people import Member
from storage.tx import Tx


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """The words themselves, and where a chat takes no files, what to do instead."""
    said = words(str(args.get("text", "")))
    elsewhere = args.get("without_files")
    return (*said, Note(str(elsewhere), "files")) if elsewhere else said
