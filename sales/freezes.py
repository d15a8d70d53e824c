"""The breaker 熔断: late evidence freezes a deal, evidence or a superior thaws it. R-GATE-2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sales.calendar import is_within
from sales.deals import Deal
from sales.decision import NOTHING, Audit, Decision, Looked, Notice, Urgency
from sales.errors import Refusal
from sales.gates import LIVE, Requirement, evidence_of, freeze_timer, subject_of
from sales.people import Member
from sales.policy import Policy

THAW_REASONS = ("客户流程慢", "关键人出差", "材料在路上")
"""Offered on the card; anything else is typed."""


@dataclass(frozen=True, slots=True)
class Freeze:
    """One time a deal stood still: `asked` has the task (empty: ops), `thawed_by` is empty when evidence thawed it.

    `until` is when the lack of evidence freezes it again after a thaw by hand. R-GATE-2.
    """

    id: int
    deal_id: int
    stage: int
    frozen_at: datetime
    asked: str = ""
    thawed_at: datetime | None = None
    thawed_by: str = ""
    reason: str = ""
    until: datetime | None = None
    version: int = 0


def overdue(requirements: Sequence[Requirement], *, now: datetime) -> tuple[Requirement, ...]:
    """What freezes the deal: no live submission at its freezing due, that instant included. R-GATE-2."""
    return tuple(
        each for each in requirements if each.state not in LIVE and each.freeze_at is not None and each.freeze_at <= now
    )


def freeze(deal: Deal, *, requirements: Sequence[Requirement], freeze_id: int, asked: str, now: datetime) -> Decision:
    """The deal stands still, its owner and one superior are told; nothing where no evidence is late. R-GATE-2."""
    late = overdue(requirements, now=now)
    if deal.state != "open" or deal.frozen_at is not None or not late:
        looked = Looked("R-GATE-2", subject_of(deal), "no evidence is late, or the deal does not move anyway")
        clocks = freeze_timer(deal, requirements, now=now) if deal.state == "open" and not late else ()
        return Decision(looked=(looked,), timers=clocks)
    made = Freeze(freeze_id, deal.id, deal.stage, now, asked)
    subject = f"freeze:{freeze_id}"
    why = ",".join(each.key for each in late)
    return Decision(
        saves=(replace(deal, frozen_at=now), made),
        relies=tuple(each for each in requirements if each.version),
        audits=(Audit("deal.freeze", subject_of(deal), after={"stage": deal.stage}, why=why),),
        notices=(_told(f"member:{deal.owner_id}", subject), _told(f"member:{asked}" if asked else "ops", subject)),
        redraws=(subject_of(deal),),
    )


def thaw_by_evidence(
    deal: Deal,
    *,
    frozen: Freeze | None,
    requirements: Sequence[Requirement],
    proved_at: datetime,
    now: datetime,
    policy: Policy,
) -> Decision:
    """The deal moves again once nothing overdue is without a live submission; no thaw is used up. R-GATE-2.

    `requirements` are as they are after the proof. A proof from before the freezing that arrives within 24 hours says
    so: the deal should not have been frozen. R-TIME-5.
    """
    if frozen is None or deal.frozen_at is None or overdue(requirements, now=now):
        return NOTHING
    late = proved_at <= deal.frozen_at and is_within(now, start=deal.frozen_at, limit=policy.fact_backdate)
    why = "凭证在到期前就发了" if late else "凭证到齐"
    return Decision(
        saves=(replace(deal, frozen_at=None), replace(frozen, thawed_at=now, reason=why)),
        audits=(Audit("deal.thaw", subject_of(deal), after={"by": "evidence"}, why="late proof" if late else ""),),
        notices=_thawed(deal, frozen),
        redraws=(subject_of(deal), f"freeze:{frozen.id}"),
        timers=freeze_timer(deal, requirements, now=now),
    )


def may_thaw(member: Member, *, deal: Deal, frozen: Freeze, sees: bool) -> bool:
    """Who has the task, and who leads the owner; never the owner. R-GATE-2."""
    leads = sees and bool({"supervisor", "director"} & set(member.roles))
    return member.id != deal.owner_id and (member.id == frozen.asked or leads)


def thaw_by_hand(
    deal: Deal,
    *,
    frozen: Freeze,
    requirements: Sequence[Requirement],
    thaws: int,
    actor: Member,
    sees: bool,
    reason: str,
    now: datetime,
    policy: Policy,
) -> Decision:
    """The deal moves for 24 hours more, for a reason; `thaws` is how often that was done at this gate. R-GATE-2.

    Raises Refusal for the owner, for who does not lead the owner, the third time, and without a reason.
    """
    if deal.frozen_at is None or frozen.thawed_at is not None:
        raise Refusal("R-GATE-2", f"#{deal.id} 没有冻结，不用解。")
    if actor.id == deal.owner_id:
        raise Refusal("R-GATE-2", "自己的商机要上级来解冻。凭证发来也会自动解冻。")
    if not may_thaw(actor, deal=deal, frozen=frozen, sees=sees):
        raise Refusal("R-GATE-2", f"#{deal.id} 等负责人的上级来解冻。")
    if thaws >= policy.thaws_by_hand:
        lack = "、".join(evidence_of(each).full for each in overdue(requirements, now=now))
        raise Refusal("R-GATE-2", f"#{deal.id} 这关手动解冻满 {thaws} 次了，只等凭证：{lack}。")
    if not reason.strip():
        raise Refusal("R-GATE-2", f"解冻要一句理由，如「解冻 {deal.id} 客户流程慢」。")
    until = now + policy.thaw_life
    longer = tuple(replace(each, freeze_at=until) for each in overdue(requirements, now=now))
    kept = tuple(each for each in requirements if each.id not in {new.id for new in longer})
    thawed = replace(frozen, thawed_at=now, thawed_by=actor.id, reason=reason.strip()[:100], until=until)
    entry = Audit("deal.thaw", subject_of(deal), after={"by": actor.id, "until": until.isoformat()}, why=thawed.reason)
    return Decision(
        saves=(replace(deal, frozen_at=None), thawed, *longer),
        audits=(entry,),
        notices=(_told(f"member:{deal.owner_id}", f"freeze:{frozen.id}"),),
        redraws=(subject_of(deal), f"freeze:{frozen.id}"),
        timers=freeze_timer(deal, (*longer, *kept), now=now),
    )


def _told(audience: str, subject: str) -> Notice:
    return Notice("freeze", audience, "frozen", subject, Urgency.NOW, "R-GATE-2")


def _thawed(deal: Deal, frozen: Freeze) -> tuple[Notice, ...]:
    """Whoever was told of the freezing is told. R-TIME-5."""
    subject = f"freeze:{frozen.id}"
    asked = _told(f"member:{frozen.asked}" if frozen.asked else "ops", subject)
    return (_told(f"member:{deal.owner_id}", subject), asked)
