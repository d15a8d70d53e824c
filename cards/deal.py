"""The deal card K1: the receipt of a quick entry, the state of a deal afterwards, grey once taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cards.blocks import Action, Button, Buttons, Card, Fields, Headline, Note, Text, Title, Tone
from cards.gate import buttons as gate_buttons
from cards.gate import due_words
from cards.stamp import stamp
from cards.when import clock
from sales.customers import Customer
from sales.deals import STAGES, Deal, can_undo, missing_facts
from sales.gates import Requirement, evidence_of, missing_of
from sales.money import format_wan, format_yuan
from sales.people import Member
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class DealCard:
    """What the card needs. `undo_until` is a clock text, empty when there is nothing to take back."""

    deal: Deal
    customer: Customer
    owner: str
    is_old_customer: bool
    missing: tuple[str, ...]
    undo_until: str = ""
    repaired: str = ""
    requirements: tuple[Requirement, ...] = ()
    due: str = ""


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """The deal as the viewer may see it, or nothing. R-PPL-2."""
    data = load(tx, int(subject.removeprefix("deal:")), viewer, repaired=str(args.get("repaired", "")))
    return draw(data) if data else None


def load(tx: Tx, deal_id: int, viewer: Member | None, *, repaired: str = "") -> DealCard | None:
    """Rights are applied here: an invisible deal never reaches the drawing. R-PPL-2."""
    deal = tx.deals.visible(deal_id, viewer) if viewer else None
    customer = tx.customers.get(deal.customer_id) if deal else None
    if deal is None or customer is None or viewer is None:
        return None
    owner = tx.people.get(deal.owner_id)
    undoable = deal.logged_by == viewer.id and can_undo(deal, now=tx.now, policy=tx.policy)
    requirements = tx.evidence.requirements(deal) if deal.state == "open" else ()
    until: datetime = deal.created_at + tx.policy.undo_window
    return DealCard(
        deal=deal,
        customer=customer,
        owner=owner.name if owner else "—",
        is_old_customer=customer.created_with != deal.id,
        missing=missing_facts(deal, key_people=0),
        undo_until=clock(until, tx.policy) if undoable else "",
        repaired=repaired,
        requirements=requirements,
        due=due_words(tx, requirements),
    )


def draw(data: DealCard) -> Card:
    """K1; the amount is repeated in 万 and in figures. R-QE-3."""
    deal = data.deal
    if deal.state == "undone":
        return _undone(data)
    if deal.state == "lost":
        return _lost(data)
    if deal.state == "won":
        return _won(data)
    stage = f"{deal.stage} {STAGES[deal.stage - 1]}"
    title = "已录单 " if data.undo_until else ""
    tone: Tone = "red" if deal.frozen_at else "green" if data.undo_until else "blue"
    blocks: list[Any] = [
        Title(f"{title}#{deal.id} {data.customer.name}", tone, f"{stage} · 冻结" if deal.frozen_at else stage),
        Headline(format_wan(deal.amount_fen)),
        Fields(tuple(_fields(data))),
    ]
    notes = [f"已按「{data.repaired}」理解"] if data.repaired else []
    if data.undo_until:
        blocks.append(Note(" · ".join([*notes, f"{data.undo_until} 前可撤销"])))
        blocks.append(Buttons((_undo_button(deal),)))
    else:
        blocks += [*(Note(note) for note in notes), *gate_buttons(deal, data.requirements)]
    return tuple(blocks)


def _fields(data: DealCard) -> list[tuple[str, str]]:
    customer = data.customer
    about = [customer.name]
    if customer.tier:
        about.append(f"{customer.tier} 级")
    about.append("老客户" if data.is_old_customer else "新客户")
    fields = [
        ("产品", data.deal.product),
        ("客户", " · ".join(about)),
        ("金额", format_yuan(data.deal.amount_fen)),
        ("负责", data.owner),
    ]
    if data.requirements:
        fields.append(("凭证", _evidence(data)))
    if data.missing:
        fields.append(("还可补", "、".join(data.missing)))
    return fields


def _evidence(data: DealCard) -> str:
    """How much of the stage's evidence is accepted, what is open and until when. R-GATE-1."""
    missing = missing_of(data.requirements)
    done = f"{len(data.requirements) - len(missing)}/{len(data.requirements)}"
    if not missing:
        return f"{done} · 齐了"
    return f"{done} · {data.due} 前" if data.due else f"{done} · 还差{evidence_of(missing[0]).name}"


def _undo_button(deal: Deal) -> Button:
    return Button("撤销", Action("deal.undo", f"deal:{deal.id}", stamp("undo", deal.id)), line="撤销")


def _undone(data: DealCard) -> Card:
    deal = data.deal
    again = Button("重新录", Action("deal.again", f"deal:{deal.id}", stamp("again", deal.id)))
    return (
        Title(f"已撤销 #{deal.id} {data.customer.name}", "grey", "撤销"),
        Fields((("产品", deal.product), ("金额", format_yuan(deal.amount_fen)))),
        Text("没记进漏斗，要的话点「重新录」。"),
        Buttons((again,)),
    )


def _won(data: DealCard) -> Card:
    deal = data.deal
    return (
        Title(f"#{deal.id} {data.customer.name}", "green", "成交"),
        Headline(format_wan(deal.amount_fen)),
        Fields((("产品", deal.product), ("金额", format_yuan(deal.amount_fen)), ("负责", data.owner))),
    )


def _lost(data: DealCard) -> Card:
    deal = data.deal
    return (
        Title(f"#{deal.id} {data.customer.name}", "grey", "流失"),
        Fields((("产品", deal.product), ("金额", format_yuan(deal.amount_fen)), ("原因", deal.lost_reason))),
    )
