"""To a superior: somebody was shown many customers of others today. R-CUS-5."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cards.blocks import Card, Text, Title
from sales.people import Member
from storage.tx import Tx


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """Only to who may see the member's work. R-PPL-2."""
    peek = tx.customers.peek(subject)
    member = tx.people.get(peek.member_id)
    if member is None or viewer is None or not tx.people.sees(viewer, member.id):
        return None
    return (
        Title(f"{member.name}今天碰到别人客户 {peek.times} 次", "blue", "客户"),
        Text("录单时名字相近，只看到名称、地区和负责人。多半是分区不清，聊一句就好。"),
    )
