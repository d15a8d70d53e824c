"""Lists of leads: 我的线索 K14, 公海, and the list that warned or recycled leads are told in. R-LEAD-POOL, R-MERGE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from cards.blocks import Action, Button, Buttons, Card, Fields, Note, Text, Title, words
from cards.when import day_clock
from sales.leads import LIMIT, Lead, called
from sales.people import Member
from storage.tx import Tx

ROWS = 10
NAME = 12
"""Characters of a company's name in a row; the rest of it is on the lead's own card."""
OPENED = 3
"""Leads that have a button of their own under the list."""

NEWS = {
    "warned": ("24 小时没联系", "orange", "到点前说上话才算接触。没空就退回，比放凉好。"),
    "recycled": ("回公海了", "grey", "满 48 小时没说上话，市场侧再培育。"),
}

Rows = Sequence[tuple[Lead, str]]
"""Leads in order, each with what is said about it."""


def show_mine(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """The leads in a cycle the viewer holds, or leads the holders of; soonest deadline first. R-PPL-2."""
    if viewer is None:
        return None
    leads, total = tx.leads.running_for(viewer, limit=ROWS)
    names = {lead.holder_id: tx.people.get(lead.holder_id) for lead in leads}
    rows = []
    for lead in leads:
        holder = names[lead.holder_id]
        whose = holder.name if holder and holder.id != viewer.id else ""
        rows.append((lead, " · ".join(filter(None, (_left(lead, tx.now), whose)))))
    return draw_mine(rows, total)


def draw_mine(rows: Rows, total: int) -> Card:
    """K14; time left is of the moment asked, the card is never redrawn."""
    if not rows:
        return words("手上没有线索。去公海看看：说「公海」。")
    return (Title(f"我的线索 {total} 条", "blue", "快到点的在前"), *_body(rows, total, "「12 没接」直接记"))


def show_pool(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """What can be claimed, for whoever may claim or looks after leads: no contact data. R-LEAD-POOL."""
    if viewer is None or not tx.leads.may_see_pool(viewer):
        return None
    leads, total = tx.leads.pool(limit=ROWS)
    rows = [(lead, " · ".join(filter(None, (lead.region, lead.product)))) for lead in leads]
    return draw_pool(rows, total, tx.leads.claims_left(viewer, tx.now) if "rep" in viewer.roles else None)


def draw_pool(rows: Rows, total: int, claims_left: int | None) -> Card:
    """公海, the longest waiting first; `claims_left` is None for who does not claim."""
    if not rows:
        return words("公海里现在没有线索。")
    how = "" if claims_left is None else f"今天还能领 {claims_left} 条，说「领取 {rows[0][0].id}」"
    return (Title(f"公海 {total} 条", "blue", "先到先得"), *_body(rows, total, how))


def show_news(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """What is still true of what was to be told; nothing when all of it was settled meanwhile. R-TIME-3, R-MERGE."""
    kind = str(args.get("kind", ""))
    if viewer is None or kind not in NEWS:
        return None
    numbers = [int(part) for part in str(args.get("leads", "")).split(",") if part.isdecimal()]
    leads = [lead for lead in tx.leads.some(numbers) if _is_news(tx, kind, viewer, lead)]
    if not leads:
        return None
    names = {lead.holder_id: tx.people.get(lead.holder_id) for lead in leads[:ROWS]}
    rows = []
    for lead in leads[:ROWS]:
        holder, start = names[lead.holder_id], lead.cycle_start
        whose = holder.name if holder and holder.id != viewer.id else ""
        until = f"{day_clock(start + LIMIT, tx.policy)[6:]} 到点" if kind == "warned" and start else ""
        rows.append((lead, " · ".join(filter(None, (whose, until, _why(lead) if kind == "recycled" else "")))))
    return draw_news(kind, rows, len(leads))


def draw_news(kind: str, rows: Rows, total: int) -> Card:
    """One card for all leads that one person is told about at once."""
    title, tone, sentence = NEWS[kind]
    return (
        Title(f"{total} 条线索 {title}", tone, "线索"),  # type: ignore[arg-type]
        *_body(rows, total, ""),
        Text(sentence),
    )


def _body(rows: Rows, total: int, hint: str) -> tuple[Any, ...]:
    fields = Fields(tuple((f"#{lead.id}", " · ".join(filter(None, (_short(lead), said)))) for lead, said in rows))
    left = total - len(rows)
    notes = " · ".join(filter(None, (f"还有 {left} 条" if left > 0 else "", hint)))
    buttons = tuple(Button(f"看 #{lead.id}", Action("lead.open", f"lead:{lead.id}")) for lead, _ in rows[:OPENED])
    return (fields, *((Note(notes),) if notes else ()), Buttons(buttons))


def _is_news(tx: Tx, kind: str, viewer: Member, lead: Lead) -> bool:
    role = tx.leads.role_of(viewer, lead)
    if kind == "warned":
        return lead.state == "cycle" and lead.touched_at is None and role in ("holder", "leader")
    return lead.state == "pool" and role in ("lost", "leader", "marketing")


def _short(lead: Lead) -> str:
    name = called(lead)
    return name if len(name) <= NAME else name[: NAME - 1] + "…"


def _why(lead: Lead) -> str:
    if lead.touched_at is not None:
        return "没人接"
    return "没联系" if lead.company or lead.name or lead.phone else "信息不全"


def _left(lead: Lead, now: datetime) -> str:
    if lead.reached_at is not None or lead.cycle_start is None:
        return "已接通"
    minutes = max(timedelta(0), lead.cycle_start + LIMIT - now) // timedelta(minutes=1)
    return f"剩 {minutes // 60} 时 {minutes % 60} 分"
