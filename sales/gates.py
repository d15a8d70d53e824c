"""Gates: requirements open when a stage is entered, and a deal leaves only with its evidence. R-GATE-1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sales.deals import UNDO_TIMER, Deal
from sales.decision import Audit, CancelTimer, Decision, StartTimer
from sales.errors import Refusal
from sales.people import Member
from sales.policy import Policy
from sales.processes import DEFAULT, Evidence, Process

FREEZE_TIMER = "gate.due"
LIVE = ("waiting", "accepted")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One piece of evidence that a deal needs to leave a stage. `id` is deal:stage:key.

    `due` never changes: completeness of the process counts by it. `freeze_at` is when its lack freezes the deal; both
    are None where the stage is no mandatory gate. State: open, waiting (for review), accepted. `extended` counts
    rejections behind the due instant that gave 24 hours more. R-GATE-1, R-GATE-2.
    """

    id: str
    deal_id: int
    stage: int
    key: str
    opened_at: datetime
    due: datetime | None = None
    freeze_at: datetime | None = None
    state: str = "open"
    extended: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True)
class GateRefusal:
    """How often a person was turned back at a gate with one deal on one day; `id` is member:stage:deal:day. R-GATE-1"""

    id: str
    member_id: str
    deal_id: int
    stage: int
    at: datetime
    times: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True)
class Advance:
    """What an attempt to advance comes to; `missing` is empty when the deal moved."""

    decision: Decision
    deal: Deal
    missing: tuple[Requirement, ...] = ()


def subject_of(deal: Deal) -> str:
    """The name cards, timers and audit entries know the deal by."""
    return f"deal:{deal.id}"


def evidence_of(requirement: Requirement, process: Process = DEFAULT) -> Evidence:
    """What the requirement asks for."""
    return process.evidence(requirement.stage, requirement.key)


def requirements_of(deal: Deal, rows: Sequence[Requirement], process: Process = DEFAULT) -> tuple[Requirement, ...]:
    """The requirements of the deal's stage in their order. One that was never opened is open, and never due.

    So a deal that stood in the stage before evidence was asked for needs it all the same. R-GATE-1.
    """
    known = {row.key: row for row in rows if row.stage == deal.stage}
    since = deal.entered_at or deal.created_at
    return tuple(
        known.get(each.key) or Requirement(f"{deal.id}:{deal.stage}:{each.key}", deal.id, deal.stage, each.key, since)
        for each in process.stage(deal.stage).evidence
    )


def opened(deal: Deal, *, since: datetime, policy: Policy, process: Process = DEFAULT) -> tuple[Requirement, ...]:
    """The requirements that entering the deal's stage at `since` opens; due after 48 hours at a gate. R-GATE-1."""
    stage = process.stage(deal.stage)
    due = since + policy.gate_limit if stage.mandatory else None
    return tuple(
        Requirement(f"{deal.id}:{deal.stage}:{each.key}", deal.id, deal.stage, each.key, since, due, due)
        for each in stage.evidence
    )


def next_freeze(requirements: Sequence[Requirement], *, now: datetime) -> datetime | None:
    """When the lack of evidence freezes the deal, at once where that instant is over; None while nothing can."""
    late = [each.freeze_at for each in requirements if each.state not in LIVE and each.freeze_at is not None]
    return max(min(late), now) if late else None


def freeze_timer(deal: Deal, requirements: Sequence[Requirement], *, now: datetime) -> tuple[StartTimer, ...]:
    """The clock of the deal's next freezing, if one runs. R-GATE-2."""
    due = next_freeze(requirements, now=now)
    return (StartTimer(FREEZE_TIMER, subject_of(deal), due),) if due else ()


def missing_of(requirements: Sequence[Requirement]) -> tuple[Requirement, ...]:
    """What is not accepted yet. Waiting for review counts as submitted, not as passed. R-GATE-1, R-EVD-3."""
    return tuple(each for each in requirements if each.state != "accepted")


def can_advance(deal: Deal, requirements: Sequence[Requirement]) -> bool:
    """True when 推进 would not be refused. R-GATE-1, R-GATE-2."""
    return deal.state == "open" and deal.frozen_at is None and not missing_of(requirements)


def advance(
    deal: Deal,
    *,
    requirements: Sequence[Requirement],
    refused: GateRefusal,
    actor: Member,
    now: datetime,
    policy: Policy,
    process: Process = DEFAULT,
) -> Advance:
    """The deal is one stage further, its new requirements open; from the last stage it is won. R-GATE-1, R-STG-1.

    With evidence missing it stays, and the attempt is counted in `refused`. Raises Refusal when the deal is closed or
    frozen.
    """
    if deal.state != "open":
        raise Refusal("R-STG-1", f"#{deal.id} 已经不在走了，不用再推。")
    if deal.frozen_at is not None:
        raise Refusal("R-GATE-2", f"#{deal.id} 冻结着，先补凭证：说「缺什么 {deal.id}」看差哪项。")
    if missing := missing_of(requirements):
        why = ",".join(each.key for each in missing)
        entry = Audit("gate.refuse", subject_of(deal), after={"stage": deal.stage, "by": actor.id}, why=why)
        counted = replace(refused, at=now, times=refused.times + 1)
        relied = tuple(each for each in requirements if each.version)
        return Advance(Decision(saves=(counted,), relies=(deal, *relied), audits=(entry,)), deal, missing)
    following = process.after(deal.stage)
    if following is None:
        return Advance(_win(deal, requirements, now=now), replace(deal, state="won"))
    moved = replace(deal, stage=following.number, entered_at=now)
    new = opened(moved, since=now, policy=policy, process=process)
    entry = Audit("deal.advance", subject_of(deal), before={"stage": deal.stage}, after={"stage": moved.stage})
    decision = Decision(
        saves=(moved, *new),
        relies=tuple(requirements),
        audits=(entry,),
        redraws=(subject_of(deal),),
        timers=(CancelTimer(UNDO_TIMER, subject_of(deal)), *freeze_timer(moved, new, now=now)),
    )
    return Advance(decision, moved)


def _win(deal: Deal, requirements: Sequence[Requirement], *, now: datetime) -> Decision:
    """Won: closed at this instant, its clocks ended. R-STG-1."""
    return Decision(
        saves=(replace(deal, state="won", closed_at=now),),
        relies=tuple(requirements),
        audits=(Audit("deal.win", subject_of(deal), before={"state": "open"}, after={"state": "won"}),),
        redraws=(subject_of(deal),),
        timers=(CancelTimer(FREEZE_TIMER, subject_of(deal)),),
    )


def imported(deal: Deal, *, now: datetime, policy: Policy) -> tuple[Requirement, ...]:
    """What an imported open deal owes, from the import on: it is never frozen before +48 h. R-IMP."""
    return opened(deal, since=now, policy=policy) if deal.state == "open" else ()


def refusal_id(member: Member, deal: Deal, day: date) -> str:
    """The same deal counts once a day at a gate. R-GATE-1."""
    return f"{member.id}:{deal.stage}:{deal.id}:{day}"
