"""Deals: opened from three facts, taken back within ten minutes. R-QE-1, R-QE-3, R-UNDO."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sales.calendar import is_within
from sales.customers import Customer
from sales.decision import Audit, CancelTimer, Decision, StartTimer
from sales.drafts import Draft
from sales.errors import Refusal
from sales.people import Member
from sales.policy import Policy
from sales.processes import DEFAULT

STAGES = tuple(stage.name for stage in DEFAULT.stages)
"""Names of the default process's eight stages, from 1. R-STG-1."""

UNDO_TIMER = "deal.undo_closed"


@dataclass(frozen=True, slots=True)
class Deal:
    """One possible sale. `amount_fen` is expected; state is open, won, lost or undone.

    `platform`, `chat` and `logged_by` say where and by whom it was logged: undo belongs to that chat. R-UNDO.
    `entered_at` is when it came to its stage (None: when it was logged), `frozen_at` since when it stands still for
    want of evidence. R-GATE-2.
    """

    id: int
    customer_id: int
    owner_id: str
    product: str
    amount_fen: int
    created_at: datetime
    logged_by: str
    platform: str = ""
    chat: str = ""
    stage: int = 1
    state: str = "open"
    close_on: str = ""
    budget_fen: int | None = None
    external_id: str = ""
    line: str = ""
    lost_reason: str = ""
    closed_at: datetime | None = None
    entered_at: datetime | None = None
    frozen_at: datetime | None = None
    version: int = 0


def open_deal(
    draft: Draft, *, deal_id: int, customer: Customer, member: Member, now: datetime, policy: Policy
) -> Decision:
    """The draft is a deal of the member, with its undo clock running. R-QE-1, R-UNDO.

    A new customer (version 0) is created with it. The draft's question shows its outcome.
    """
    amount_fen = draft.amount_fen
    if amount_fen is None or not 0 < amount_fen <= policy.amount_limit_fen:
        raise Refusal("R-QE-3", "金额要大于 0、不超过 ¥1,000,000,000.00，回个数就行，如 120万。")
    deal = Deal(
        id=deal_id,
        customer_id=customer.id,
        owner_id=member.id,
        product=draft.product,
        amount_fen=amount_fen,
        created_at=now,
        logged_by=member.id,
        platform=draft.platform,
        chat=draft.chat,
        line=draft.line,
    )
    after = {"customer": customer.id, "product": deal.product, "amount_fen": amount_fen, "owner": member.id}
    audits = [Audit("deal.open", f"deal:{deal.id}", after=after, why="quick entry")]
    saves: list[object] = [deal]
    if customer.version == 0:
        customer = replace(customer, created_with=deal.id)
        saves.insert(0, customer)
        audits.insert(0, Audit("customer.create", f"customer:{customer.id}", after={"owner": customer.owner_id}))
    elif customer.created_with:
        saves.insert(0, customer)  # a version further: undoing the deal that brought it must see this one
    if draft.version:
        saves.append(replace(draft, state="done", deal_id=deal.id, customer_id=customer.id, ask=""))
    return Decision(
        saves=tuple(saves),
        relies=() if customer in saves else (customer,),
        audits=tuple(audits),
        redraws=(f"draft:{draft.id}",) if draft.version else (),
        timers=(StartTimer(UNDO_TIMER, f"deal:{deal.id}", now + policy.undo_window),),
    )


def can_undo(deal: Deal, *, now: datetime, policy: Policy) -> bool:
    """True while the deal is untouched since it was logged and ten minutes have not passed. R-UNDO, R-TIME-2."""
    fresh = is_within(now, start=deal.created_at, limit=policy.undo_window)
    return deal.state == "open" and deal.version <= 1 and fresh and bool(deal.chat)


def undo(deal: Deal, *, customer: Customer, others: int, actor: Member, now: datetime, policy: Policy) -> Decision:
    """The deal is taken back: a new audited state, nothing deleted. R-UNDO.

    `others` is how many other deals the customer has; a customer created with the deal goes too when there are
    none. Raises Refusal with the opposite act when it is too late or something was built on the deal.
    """
    if deal.logged_by != actor.id:
        raise Refusal("R-UNDO", f"#{deal.id} 不是你录的，撤不了。")
    if deal.state == "undone":
        raise Refusal("R-UNDO", f"#{deal.id} 已经撤销了，不用再点。")
    if deal.version > 1 or deal.state != "open":
        raise Refusal("R-UNDO", f"#{deal.id} 后来改过，撤不了；不做了就说「流失 {deal.id} 原因」。")
    if not can_undo(deal, now=now, policy=policy):
        raise Refusal("R-UNDO", f"过了 10 分钟，#{deal.id} 撤不了；不做了就说「流失 {deal.id} 原因」。")
    subject = f"deal:{deal.id}"
    saves: tuple[object, ...] = (replace(deal, state="undone"),)
    audits = [Audit("deal.undo", subject, before={"state": "open"}, after={"state": "undone"})]
    if customer.created_with == deal.id and not others:
        saves = (*saves, replace(customer, state="undone"))
        audits.append(Audit("customer.undo", f"customer:{customer.id}", after={"state": "undone"}))
    return Decision(
        saves=saves,
        relies=() if len(saves) > 1 else (customer,),
        audits=tuple(audits),
        redraws=(subject,),
        timers=(CancelTimer(UNDO_TIMER, subject),),
    )


def lose(deal: Deal, *, reason: str, now: datetime) -> Decision:
    """The deal is lost, with the reason in the rep's words. R-STG-1. Raises Refusal without reason or when closed."""
    if deal.state != "open":
        raise Refusal("R-STG-1", f"#{deal.id} 已经不在走了，不用再记。")
    if not reason:
        raise Refusal("R-STG-1", f"丢单要一句原因，如「流失 {deal.id} 预算砍了」。")
    subject = f"deal:{deal.id}"
    return Decision(
        saves=(replace(deal, state="lost", lost_reason=reason[:200], closed_at=now),),
        audits=(Audit("deal.lose", subject, before={"state": "open"}, after={"state": "lost"}, why=reason[:200]),),
        redraws=(subject,),
        timers=(CancelTimer(UNDO_TIMER, subject),),
    )


def missing_facts(deal: Deal, *, key_people: int) -> tuple[str, ...]:
    """What can still be added, most valuable first: forecast needs the day, the quotation the budget. R-QE-1."""
    missing = []
    if not deal.close_on:
        missing.append("签约日")
    if deal.budget_fen is None:
        missing.append("预算")
    if key_people < 2:
        missing.append("关键人")
    return tuple(missing)
