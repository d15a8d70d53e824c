"""The lead card: K12 while it runs, K13a once warned, K13b back in the pool; the phone always masked. R-PRIV."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cards.blocks import Action, Button, Buttons, Card, Fields, Menu, Note, Text, Title
from cards.stamp import stamp
from cards.when import day_clock
from sales.leads import LIMIT, Lead, called, mask_phone
from sales.metrics import week_of
from sales.people import Member
from storage.secrets import Unreadable
from storage.tx import Tx

RETURNS = (
    ("far", "太远"),
    ("not_ours", "不是我们的客户"),
    ("busy", "没空跟"),
    ("duplicate", "重复了"),
    ("other", "其他"),
)
"""Reasons of 退回▾."""


@dataclass(frozen=True, slots=True)
class LeadCard:
    """What the card needs. `role` is what the viewer is to the lead: holder, lost, claimer, leader or marketing.

    `phone` is masked already, `deadline` and `week` are texts, `tries` counts calls nobody answered.
    """

    lead: Lead
    role: str
    phone: str = ""
    deadline: str = ""
    week: str = ""
    holder: str = ""
    tries: int = 0
    claims_left: int = 0
    asks_invalid: bool = False
    undone: bool = False


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """The lead as the viewer may see it, or nothing. R-PPL-2."""
    number = subject.removeprefix("lead:")
    data = load(tx, int(number), viewer, undone=bool(args.get("undone"))) if number.isdecimal() else None
    return draw(data) if data else None


def load(tx: Tx, lead_id: int, viewer: Member | None, *, undone: bool = False) -> LeadCard | None:
    """Rights are applied here: contact data only for whom it is theirs. R-PPL-2, R-PRIV."""
    lead = tx.leads.get(lead_id)
    role = tx.leads.role_of(viewer, lead) if lead and viewer else ""
    if lead is None or viewer is None or not role:
        return None
    open_to_all = role in ("claimer", "lost")
    holder = tx.people.get(lead.holder_id) if lead.holder_id else None
    tries, asks_invalid = tx.leads.tries_and_asks(lead)
    start = lead.cycle_start
    return LeadCard(
        lead=lead,
        role=role,
        phone="" if open_to_all else _masked(tx, lead),
        deadline=day_clock(start + LIMIT, tx.policy) if start else "",
        week=week_of(start, tx.policy).name[-3:] if start else "",
        holder=holder.name if holder and role != "holder" else "",
        tries=tries,
        claims_left=tx.leads.claims_left(viewer, tx.now) if open_to_all else 0,
        asks_invalid=asks_invalid,
        undone=undone,
    )


def _masked(tx: Tx, lead: Lead) -> str:
    """The number as a card shows it; the card is drawn even when another key file sealed it. R-PRIV."""
    try:
        return mask_phone(tx.leads.phone_of(lead))
    except Unreadable:
        return "号码打不开"


def mark(lead: Lead) -> str:
    """Changes with everything a button of the card decides about."""
    return stamp("lead", lead.id, lead.state, lead.holder_id, lead.cycle_start, lead.touched_at, lead.reached_at)


def draw(data: LeadCard) -> Card:
    """One card, its state a word first. ux.md 4."""
    lead = data.lead
    if lead.state == "pool":
        if data.role == "marketing" and data.asks_invalid:
            return _asked(data)
        return _lost(data) if data.role == "lost" else _pool(data)
    if lead.state != "cycle":
        word = {"converted": "已转商机", "invalid": "无效"}.get(lead.state, "还没派")
        return (Title(f"#{lead.id} {called(lead)}", "grey", word), Fields(_about(data)))
    return _running(data)


def _running(data: LeadCard) -> Card:
    lead = data.lead
    name = called(lead)
    deadline = (("首触截止", data.deadline),) if lead.reached_at is None else ()
    fields = Fields((*_about(data), *deadline, *((("负责", data.holder),) if data.holder else ())))
    buttons = (Buttons(_outcomes(lead)),) if data.role == "holder" else ()
    if lead.reached_at is not None:
        word = "还你了" if data.undone else "接通了"
        return (Title(f"#{lead.id} {name} {word}", "green", "线索"), fields, *buttons)
    if lead.warned_at is not None and lead.touched_at is None:
        words = Text("到点前说上话才算接触。没空就退回，比放凉好。")
        return (Title(f"#{lead.id} {name} 24 小时没联系", "orange", "线索"), fields, words, *buttons)
    tries = (Note(f"没接 {data.tries} 次，说上话才算接触"),) if data.tries else ()
    title = Title(f"{'线索' if data.tries else '新线索'} #{lead.id} {name}", "blue", "48 小时作战包")
    return (title, fields, *tries, *buttons)


def _lost(data: LeadCard) -> Card:
    lead = data.lead
    words = f"换个人试试，30 天内你领不回它；别的今天还能领 {data.claims_left} 条。"
    return (
        Title(f"#{lead.id} {called(lead)} 回公海了", "grey", "线索"),
        Fields((("去向", "市场侧再培育"), ("记在", f"{data.week} 的 LDR"))),
        Text(words),
        Buttons((_see_pool(),)),
    )


def _pool(data: LeadCard) -> Card:
    lead = data.lead
    buttons: tuple[Button, ...] = ()
    if data.role == "claimer" and data.claims_left:
        claim = Button("领取", Action("lead.claim", f"lead:{lead.id}", mark(lead)), "primary", line=f"领取 {lead.id}")
        buttons = (claim, _see_pool())
    fields = Fields(_about(data))
    return (Title(f"#{lead.id} {called(lead)}", "blue", "公海"), fields, *((Buttons(buttons),) if buttons else ()))


def _asked(data: LeadCard) -> Card:
    lead = data.lead
    return (
        Title(f"#{lead.id} {called(lead)} 是无效线索吗", "orange", "等你确认"),
        Fields((*_about(data), ("谁退的", data.holder or "—"))),
        Text("确认了，这一轮不算进 LDR；不确认，按普通退回算。"),
        Buttons(
            (Button("确认无效", Action("lead.invalid", f"lead:{lead.id}", mark(lead)), line=f"确认无效 {lead.id}"),)
        ),
    )


def _outcomes(lead: Lead) -> tuple[Button | Menu, ...]:
    subject, stamped = f"lead:{lead.id}", mark(lead)
    return (
        Button("接通了", Action("lead.reached", subject, stamped), "primary", line=f"接通了 {lead.id}"),
        Button("没接", Action("lead.dialled", subject, stamped), line=f"没接 {lead.id}"),
        Button("号码错", Action("lead.wrong", subject, stamped), line=f"号码错 {lead.id}"),
        Menu("退回", Action("lead.return", subject, stamped), RETURNS, line=f"退回 {lead.id}"),
    )


def _about(data: LeadCard) -> tuple[tuple[str, str], ...]:
    lead = data.lead
    person = " · ".join(filter(None, (lead.name, lead.title, data.phone)))
    wants = " ".join(filter(None, (lead.product, lead.quantity)))
    budget = f"预算 {lead.budget_yuan} 元" if lead.budget_yuan else ""
    fields = (
        ("联系人", "" if data.role in ("claimer", "lost") else person),
        ("想要", "，".join(filter(None, (wants, budget)))),
        ("地区", lead.region),
        ("来源", " · ".join(filter(None, (lead.source, lead.campaign)))),
    )
    return tuple((name, value) for name, value in fields if value)


def _see_pool() -> Button:
    return Button("看公海", Action("leads.pool"), line="公海")
