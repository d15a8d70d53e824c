"""What a quick entry asks back: K3 which amount, K4 which customer, or the fact that is missing. R-QE-3, R-CUS-5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cards.blocks import Action, Button, Buttons, Card, Fields, Note, Text, Title
from cards.stamp import stamp
from sales.drafts import AMOUNT_EXAMPLE, Draft, kept
from sales.money import format_wan, format_yuan
from sales.people import Member
from storage.tx import Tx

_WHY = {
    "vague": "话里有「约、左右」这类字，我不敢替你定",
    "range": "是个范围，选一个数",
    "several": "有不止一个数",
    "no_unit": "有两种读法",
    "not_positive": "要大于 0",
    "too_precise": "最多到分",
    "over_limit": "超过 ¥1,000,000,000.00 了",
    "malformed": "这个数的写法我没看懂",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A known customer near to what was written; of one outside sight only name, town and owner. R-CUS-5."""

    customer_id: int
    name: str
    owner: str


@dataclass(frozen=True, slots=True)
class DraftCard:
    """The draft and, when the customer is asked, who it could be."""

    draft: Draft
    choices: tuple[Choice, ...] = ()


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """The open question, to the person who was asked and to nobody else. R-PPL-2."""
    draft = tx.drafts.get(int(subject.removeprefix("draft:")))
    if draft is None or viewer is None or draft.member_id != viewer.id:
        return None
    return draw(load(tx, draft, viewer))


def load(tx: Tx, draft: Draft, viewer: Member) -> DraftCard:
    """Names of the candidates, with what the viewer may know of each. R-CUS-5."""
    if draft.ask != "customer":
        return DraftCard(draft)
    choices = []
    for customer_id in draft.near:
        customer = tx.customers.get(customer_id)
        if customer is None or customer.state != "active":
            continue
        owner = tx.people.get(customer.owner_id)
        mine = customer.owner_id == viewer.id
        town = f"（{customer.town}）" if customer.town and customer.town not in customer.name else ""
        whose = "你的客户" if mine else (owner.name if owner else "—")
        choices.append(Choice(customer.id, customer.name + town, whose))
    return DraftCard(draft, tuple(choices))


def draw(data: DraftCard) -> Card:
    """K3, K4 or a plain question, grey once it is answered or dropped."""
    draft = data.draft
    if draft.state == "done":
        return (Title(f"已录成 #{draft.deal_id}", "grey", "录单"), Fields(tuple(_facts(draft))))
    if draft.state == "dropped":
        return (Title("不录了", "grey", "录单"), Fields(tuple(_facts(draft))))
    if draft.ask == "amount":
        return _ask_amount(draft)
    if draft.ask == "customer" and data.choices:
        return _ask_customer(draft, data.choices)
    return _ask_fact(draft)


def _facts(draft: Draft) -> list[tuple[str, str]]:
    facts = [("客户", draft.customer), ("产品", draft.product)]
    if draft.amount_fen is not None:
        facts.append(("金额", f"{format_wan(draft.amount_fen)}（{format_yuan(draft.amount_fen)}）"))
    return [(name, value) for name, value in facts if value]


def mark(draft: Draft) -> str:
    """The stamp of the open question: another question, or other readings, make older buttons void."""
    return stamp(draft.id, draft.ask, draft.customer, draft.product, draft.amount_fen, *draft.amounts, *draft.near)


def _button(draft: Draft, label: str, action: str, *, line: str = "", **args: str) -> Button:
    return Button(label, Action(action, f"draft:{draft.id}", mark(draft), args), line=line)


def _cancel(draft: Draft) -> Button:
    return _button(draft, "取消", "draft.drop", line="取消")


def _ask_amount(draft: Draft) -> Card:
    if not draft.amounts:
        why = _WHY.get(draft.why, "")
        lead = f"{kept(draft)} 记下了，" if kept(draft) else ""
        ask = f"金额{why}，{AMOUNT_EXAMPLE}。" if why else f"还差金额，{AMOUNT_EXAMPLE}。"
        return (
            Title("还差金额", "orange", "录单 · 等你回"),
            Text(lead + ask),
            *_note(draft),
            Buttons((_cancel(draft),)),
        )
    labels = [(_pick_label(fen), str(fen)) for fen in draft.amounts]
    picks = tuple(_button(draft, label, "draft.amount", line=label, fen=fen) for label, fen in labels)
    why = _WHY.get(draft.why, "要你定一下")
    return (
        Title("金额是哪个", "orange", "录单 · 等你选"),
        Fields(tuple(_facts(draft))),
        Text(f"「{draft.line[:40]}」{why}，点一个就存；都不是就{AMOUNT_EXAMPLE.replace('就行', '')}。"),
        *_note(draft),
        Buttons((*picks, _button(draft, "都不是", "draft.other"))),
    )


def _ask_customer(draft: Draft, choices: tuple[Choice, ...]) -> Card:
    numbered = [(draft.near.index(choice.customer_id) + 1, choice) for choice in choices]  # as a typed number counts
    known = tuple((f"{n} 已有", f"{choice.name} · {choice.owner}") for n, choice in numbered)
    rest = " ".join(filter(None, (draft.product, format_wan(draft.amount_fen) if draft.amount_fen else "")))
    buttons = [
        _button(draft, f"是 {n}", "draft.customer", line=f"是 {n}", id=str(choice.customer_id))
        for n, choice in numbered
    ]
    buttons += [_button(draft, "都不是，新建", "draft.new_customer"), _cancel(draft)]
    return (
        Title("是这家客户吗", "orange", "录单 · 等你选"),
        Fields((("你写的", draft.customer), *known)),
        Text(f"点中就记到它名下，不另建档案。{rest}{' 我记着。' if rest else ''}"),
        *_note(draft),
        Buttons(tuple(buttons)),
    )


def _ask_fact(draft: Draft) -> Card:
    name, example = ("客户", "华东医疗") if draft.ask == "customer" else ("产品", "CT机")
    lead = f"{kept(draft)} 记下了，" if kept(draft) else ""
    return (
        Title(f"还差{name}", "orange", "录单 · 等你回"),
        Text(f"{lead}还差{name}，回一个就行，如 {example}。"),
        *_note(draft),
        Buttons((_cancel(draft),)),
    )


def _pick_label(fen: int) -> str:
    """120.00 万 where that is exact and no tiny sum, else the figures; the two readings of K3 differ on sight."""
    return format_wan(fen) if fen >= 1_000_000 else format_yuan(fen)


def _note(draft: Draft) -> tuple[Note, ...]:
    return (Note(f"已按「{draft.repaired}」理解"),) if draft.repaired else ()
