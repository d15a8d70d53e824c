"""The gate card K6: what a deal's stage asks for and what of it is there; K7 when 推进 was refused. R-GATE-1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cards.blocks import Action, Button, Buttons, Card, Fields, Headline, Menu, Note, Text, Title
from cards.stamp import stamp
from cards.when import day_clock
from sales.customers import Customer
from sales.deals import Deal
from sales.gates import Requirement, can_advance, evidence_of, missing_of
from sales.people import Member
from sales.processes import DEFAULT
from storage.tx import Tx

ONLY_PHOTOS = "照片直接发这里；PDF、Word 发到{where}。"
STATES = {"accepted": "✓ 已收", "waiting": "◐ 在审", "open": "○ 还差"}


@dataclass(frozen=True, slots=True)
class GateCard:
    """What the card needs. `due` is a text, empty where nothing is due; `refusals` counts those of the deal's gate."""

    deal: Deal
    customer: Customer
    requirements: tuple[Requirement, ...]
    due: str = ""
    refused: bool = False
    refusals: int = 0
    pages: bool = False
    """Files can be handed in on a page, where a chat does not take them."""


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """The gate as the viewer may see it, or nothing. R-PPL-2."""
    deal = tx.deals.visible(int(subject.removeprefix("deal:")), viewer) if viewer else None
    customer = tx.customers.get(deal.customer_id) if deal else None
    if deal is None or customer is None:
        return None
    requirements = tx.evidence.requirements(deal)
    refused = bool(args.get("refused")) and bool(missing_of(requirements))
    due, refusals, pages = due_words(tx, requirements), tx.evidence.refusals(deal), tx.store.pages is not None
    return draw(GateCard(deal, customer, requirements, due, refused, refusals, pages))


def due_words(tx: Tx, requirements: tuple[Requirement, ...]) -> str:
    """The next instant at which missing evidence freezes the deal, as people write it; empty when none does."""
    late = [each.freeze_at for each in requirements if each.state == "open" and each.freeze_at]
    return day_clock(min(late), tx.policy) if late else ""


def draw(data: GateCard) -> Card:
    """K6, or K7 behind a refusal. A gate without anything to ask for says so."""
    deal, stage = data.deal, DEFAULT.stage(data.deal.stage)
    missing = missing_of(data.requirements)
    following = f"进第 {deal.stage + 1} 阶段" if deal.stage < len(DEFAULT.stages) else "算成交"
    place = f"第 {deal.stage} {'关' if stage.mandatory else '阶段'}"
    rows = [(STATES[each.state], evidence_of(each).full) for each in data.requirements]
    if data.due:
        rows.append(("截止", data.due))
    if deal.frozen_at:
        rows.append(("冻结", "差的发来就自动解冻"))
    if data.refused:
        title = Title(f"#{deal.id} 还不能{following}", "orange", f"差 {len(missing)} 项凭证")
        words = f"{place}要 {len(data.requirements)} 项都通过。拍照发我，认过就能走。"
    else:
        title = Title(f"#{deal.id} {data.customer.name} {place}", "red" if deal.frozen_at else "blue", stage.name)
        words = f"{len(data.requirements)} 项都通过就能{following}。" if missing else f"可以{following}了。"
    done = len(data.requirements) - len(missing)
    note = f"这关拦你 {data.refusals} 次了" if data.refused and data.refusals > 1 else ""
    return (
        title,
        *(() if data.refused else (Headline(f"凭证 {done}/{len(data.requirements)}"),)),
        Fields(tuple(rows)),
        Text(words),
        *((Note(note),) if note else ()),
        *((Note(ONLY_PHOTOS, "files"),) if lacks_evidence(data) and not data.pages else ()),
        *buttons(deal, data.requirements, pages=data.pages),
    )


def lacks_evidence(data: GateCard) -> bool:
    """True while something is still to be handed in."""
    return data.deal.state == "open" and any(each.state == "open" for each in data.requirements)


def buttons(deal: Deal, requirements: tuple[Requirement, ...], *, pages: bool = False) -> tuple[Buttons, ...]:
    """传凭证 while something is open, 推进 when nothing is missing; only what can work. R-GATE-1."""
    if deal.state != "open":
        return ()
    items: list[Button | Menu] = []
    if can_advance(deal, requirements):
        items.append(advance_button(deal))
    lacking = [each for each in requirements if each.state == "open"]
    if len(lacking) == 1:
        items.append(ear_button(lacking[0], "传凭证"))
    elif lacking:
        choices = tuple((each.id, evidence_of(each).name) for each in lacking)
        line = f"传凭证 {deal.id}"
        items.append(Menu("传凭证", Action("gate.ear", f"deal:{deal.id}", mark(deal)), choices, line=line))
    if lacking and pages:
        page = Action("page.open", f"deal:{deal.id}")
        items.append(Button("传文件", page, line=f"传文件 {deal.id}", without="files"))
    return (Buttons(tuple(items)),) if items else ()


def advance_button(deal: Deal) -> Button:
    """推进, for the stage the card shows."""
    return Button("推进", Action("gate.advance", f"deal:{deal.id}", mark(deal)), "primary", line=f"推进 {deal.id}")


def ear_button(requirement: Requirement, label: str) -> Button:
    """The next file is for this requirement. R-HOLD."""
    subject = f"deal:{requirement.deal_id}"
    action = Action("gate.ear", subject, stamp("gate", requirement.deal_id, requirement.stage), {"to": requirement.id})
    line = f"传凭证 {requirement.deal_id} {evidence_of(requirement).name}"
    return Button(label, action, "primary", line=line)


def mark(deal: Deal) -> str:
    """The stamp of a gate's buttons: the stage they speak of."""
    return stamp("gate", deal.id, deal.stage)
