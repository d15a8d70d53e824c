"""What an older copy turns into when the same thing is shown anew below: one live card per object and chat. R-MERGE."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cards.blocks import Card, Title
from sales.people import Member
from storage.tx import Tx


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """A grey line, whoever looks."""
    return draw()


def draw() -> Card:
    """Nothing of the subject: the card below has it."""
    return (Title("这张旧了，看下面那张", "grey", "已更新"),)
