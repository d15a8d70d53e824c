"""The freezing of a deal: K10a to its owner, K10b to the superior, K10c once it is thawed. R-GATE-2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cards.blocks import Action, Button, Buttons, Card, Fields, Headline, Menu, Text, Title
from cards.gate import ear_button
from cards.stamp import stamp
from cards.when import day_clock
from sales.customers import Customer
from sales.deals import Deal
from sales.freezes import THAW_REASONS, Freeze, may_thaw
from sales.gates import Requirement, evidence_of
from sales.money import format_wan
from sales.people import Member
from storage.tx import Tx

OTHER = "other"


@dataclass(frozen=True, slots=True)
class FrozenCard:
    """What the card needs. `customer` is None where the viewer may not see the deal; `until` is a text."""

    frozen: Freeze
    deal: Deal
    customer: Customer | None
    lacking: tuple[Requirement, ...]
    owner: str
    thaws: int
    most_thaws: int
    thawer: str = ""
    until: str = ""
    is_owner: bool = False
    may_thaw: bool = False


def mark(frozen: Freeze) -> str:
    """The stamp of a freezing's buttons."""
    return stamp("freeze", frozen.id)


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """To who may see the deal; who was given the task without that sees neither customer nor amount. R-PPL-2."""
    frozen = tx.evidence.freeze(int(subject.removeprefix("freeze:")))
    deal = tx.deals.get(frozen.deal_id) if frozen else None
    if frozen is None or deal is None or viewer is None:
        return None
    sees = tx.people.sees(viewer, deal.owner_id)
    if not sees and viewer.id != frozen.asked and not (not frozen.asked and {"ops", "admin"} & set(viewer.roles)):
        return None
    owner, thawer = tx.people.get(deal.owner_id), tx.people.get(frozen.thawed_by)
    lacking = tuple(each for each in tx.evidence.requirements(deal) if each.state == "open")
    thaws = tx.evidence.thaws_by_hand(deal)
    data = FrozenCard(
        frozen=frozen,
        deal=deal,
        customer=tx.customers.get(deal.customer_id) if sees else None,
        lacking=lacking if deal.stage == frozen.stage else (),
        owner=owner.name if owner else "—",
        thaws=thaws,
        most_thaws=tx.policy.thaws_by_hand,
        thawer=thawer.name if thawer else "",
        until=day_clock(frozen.until, tx.policy) if frozen.until else "",
        is_owner=viewer.id == deal.owner_id,
        may_thaw=may_thaw(viewer, deal=deal, frozen=frozen, sees=sees) and thaws < tx.policy.thaws_by_hand,
    )
    return draw(data)


def draw(data: FrozenCard) -> Card:
    """K10c once thawed, grey when the deal is closed, else K10a or K10b."""
    if data.frozen.thawed_at is not None:
        return _thawed(data)
    if data.deal.state != "open":
        return (Title(f"#{data.deal.id} 已经不在走了", "grey", "不用补了"),)
    return _to_owner(data) if data.is_owner else _to_superior(data)


def _to_owner(data: FrozenCard) -> Card:
    rows = (*_lacking(data), ("先停", "推进、正式报价、新申请"), ("照常", "传凭证、写跟进、草稿报价"))
    return (
        Title(f"#{data.deal.id} 已冻结", "red", f"第 {data.frozen.stage} 关到期没凭证"),
        Fields(rows),
        Text("差的发来就自动解冻。客户那边有难处，找主管说一声。"),
        *_ear(data),
    )


def _to_superior(data: FrozenCard) -> Card:
    deal = data.deal
    rows = [*_lacking(data), ("已解冻", f"{data.thaws} 次（最多 {data.most_thaws} 次，每次 24 小时）")]
    headline: tuple[Headline, ...] = ()
    if data.customer:
        tier = f" · {data.customer.tier} 级" if data.customer.tier else ""
        rows.insert(0, ("客户", f"{data.customer.name}{tier}"))
        headline = (Headline(format_wan(deal.amount_fen)),)
    choices = (*((reason, reason) for reason in THAW_REASONS), (OTHER, "其他（写一句）"))
    thaw = Menu(
        "解冻", Action("freeze.thaw", f"freeze:{data.frozen.id}", mark(data.frozen)), choices,
        line=f"解冻 {deal.id} 客户流程慢",
    )  # fmt: skip
    return (
        Title(f"#{deal.id} 冻结了，帮{data.owner}一把", "red", f"第 {data.frozen.stage} 关"),
        *headline,
        Fields(tuple(rows)),
        *((Buttons((thaw,)),) if data.may_thaw else ()),
    )


def _thawed(data: FrozenCard) -> Card:
    """K10c."""
    who = data.thawer or "凭证到齐，自动"
    rows = [("谁", who)]
    if data.frozen.thawed_by or data.frozen.reason != "凭证到齐":
        rows.append(("理由", data.frozen.reason[:26]))
    tag = f"到 {data.until}" if data.until else "接着走"
    return (Title(f"#{data.deal.id} 已解冻", "green", tag), Fields((*rows, *_lacking(data))), *_ear(data))


def _lacking(data: FrozenCard) -> tuple[tuple[str, str], ...]:
    return tuple(("○ 还差", evidence_of(each).full) for each in data.lacking)


def _ear(data: FrozenCard) -> tuple[Buttons, ...]:
    if not data.is_owner or not data.lacking or data.deal.state != "open":
        return ()
    first: Button = ear_button(data.lacking[0], "传凭证")
    return (Buttons((first,)),)
