"""K25: help that teaches by examples, built from the command declarations for the viewer's roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cards.blocks import Action, Button, Buttons, Card, Fields, Note, Title
from sales.people import Member
from storage.tx import Tx


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """`args` holds rows "name｜example" by number; the router fills them from the commands it knows."""
    rows = [str(value).split("｜", 1) for key, value in sorted(args.items()) if key.startswith("row")]
    return draw([(name, example) for name, example in rows], role=str(args.get("role", "")))


def draw(rows: list[tuple[str, str]], *, role: str) -> Card:
    """K25."""
    return (
        Title("说一句就行，例如", "blue", f"帮助 · {role}" if role else "帮助"),
        Fields(tuple(rows)),
        Note("打错字、少空格都没关系；「撤销」10 分钟内能退回。"),
        Buttons((Button("我的商机", Action("deals.mine"), line="我的商机"),)),
    )
