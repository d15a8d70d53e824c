"""My deals: the open ones in sight, the largest first; ten rows and how many are left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cards.blocks import Card, Fields, Headline, Note, Title, words
from sales.money import format_wan
from sales.people import Member
from storage.tx import Tx

ROWS = 10


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """Rows of the viewer's sight only. R-PPL-2."""
    if viewer is None:
        return None
    deals, total = tx.deals.open_of(viewer, limit=ROWS)
    if not deals:
        return words("还没有商机。在聊天里说：录单 客户 产品 金额")
    rows = []
    for deal in deals:
        customer = tx.customers.get(deal.customer_id)
        name = customer.name if customer else "—"
        rows.append((f"#{deal.id}", f"{name} · {deal.product} · {format_wan(deal.amount_fen)} · 第 {deal.stage} 阶段"))
    left = total - len(deals)
    note = (Note(f"还有 {left} 条 · 说「商机 编号」看一条"),) if left else (Note("说「商机 17」看一条"),)
    return (Title("我的商机", "blue", "在走的"), Headline(f"{total} 条"), Fields(tuple(rows)), *note)
