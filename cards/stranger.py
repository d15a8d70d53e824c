"""K22: what somebody unknown sees. Nothing about the company. R-PPL-4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cards.blocks import Card, Text, Title
from sales.people import Member
from storage.tx import Tx


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """The bind code and how to be bound."""
    return draw(str(args.get("code", "")))


def draw(code: str) -> Card:
    """K22."""
    return (
        Title("您好，我是销售助手", "blue", "还没认出您"),
        Text(
            f"认出后才能帮您查和记。把绑定码 {code} 发给管理员（30 分钟有效），他点一下就好。"
            "您就是管理员的话，把一次性码发我。"
        ),
    )
