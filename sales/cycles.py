"""A lead's cycle as it runs: claimed, touched, warned, recycled, given back, undone. R-LEAD-24H, -48H, -POOL, -INV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sales.calendar import is_within
from sales.decision import Audit, Decision, Looked, Notice, StartTimer, Urgency
from sales.errors import Refusal
from sales.leads import (
    LIMIT,
    RECYCLE_TIMER,
    WARN_AFTER,
    WARN_TIMER,
    Assignment,
    Claim,
    Cycle,
    Lead,
    Touch,
    cycle_subject,
    cycles_of,
)
from sales.people import Member
from sales.policy import Policy

EVALUATE_TIMER = "alerts.evaluate"
MICROSECOND = timedelta(microseconds=1)


def lead_subject(lead_id: int) -> str:
    """What cards and audit entries call a lead."""
    return f"lead:{lead_id}"


def claim(
    lead: Lead,
    *,
    assignments: Sequence[Assignment],
    taken: int,
    member: Member,
    day: str,
    now: datetime,
    policy: Policy,
) -> Decision:
    """The lead is the member's, and a cycle begins. First come, first served: the lead's version decides. R-LEAD-POOL.

    `taken` is how many leads the member claimed on the tenant day `day`, returned or not.
    """
    if lead.state == "cycle" and lead.holder_id == member.id:
        raise Refusal("R-LEAD-POOL", f"#{lead.id} 已经在你手上了。说「我的线索」看。")
    if lead.state != "pool":
        raise Refusal("R-LEAD-POOL", f"晚了一步，#{lead.id} 已经不在公海了。说「公海」看现在有的。")
    if taken >= policy.claims_per_day:
        raise Refusal("R-LEAD-POOL", f"今天已领 {taken} 条，满了，明天再领。手上的说「我的线索」看。")
    if until := _pause_until(assignments, member, now, policy):
        raise Refusal("R-LEAD-POOL", f"#{lead.id} 是从你手上回公海的，{until:%m-%d} 后才能再领。换一条，说「公海」。")
    held = replace(
        lead,
        state="cycle",
        holder_id=member.id,
        sales_id=lead.sales_id or f"S{lead.id}",
        cycle_start=now,
        touched_at=None,
        reached_at=None,
        warned_at=None,
        pooled_at=None,
    )
    subject = lead_subject(lead.id)
    clock = cycle_subject(lead.id, now)
    return Decision(
        saves=(
            held,
            Assignment(f"@{clock}", lead.id, member.id, now),
            Claim(f"{member.id}:{day}:{taken + 1}", member.id, lead.id, now),
        ),
        relies=(member,),
        audits=(Audit("lead.claim", subject, before={"state": lead.state}, after={"holder": member.id}),),
        redraws=(subject,),
        timers=(
            StartTimer(WARN_TIMER, clock, now + WARN_AFTER + MICROSECOND),
            StartTimer(RECYCLE_TIMER, clock, now + LIMIT + MICROSECOND),
        ),
    )


def touch(lead: Lead, *, assignments: Sequence[Assignment], done: Touch, now: datetime, policy: Policy) -> Decision:
    """The touch is recorded with the instant it happened at. R-TOUCH, R-TIME-5.

    Reached in time but told after the recycling, within 24 h: the lead goes back to its holder, unless claimed since;
    then only the metric changes.
    """
    cycle = _cycle_at(assignments, done.at)
    if cycle is None:
        raise Refusal("R-TOUCH", f"#{lead.id} 那时还没派给人，记不了。")
    counts = done.kind == "reached" and done.at <= cycle.deadline
    timers = (evaluation(now),) if counts and now > cycle.deadline else ()
    redraws = (lead_subject(lead.id),)
    if cycle.start != lead.cycle_start or lead.state not in ("cycle", "pool"):
        return Decision(saves=(done,), relies=(lead,), redraws=redraws, timers=timers)
    touched = replace(lead, touched_at=_first(lead.touched_at, done.at))
    if done.kind == "reached":
        touched = replace(touched, reached_at=_first(lead.reached_at, done.at))
    last = cycle.assignments[-1]
    if lead.state == "pool":
        in_time = is_within(now, start=cycle.deadline, limit=policy.fact_backdate)
        if counts and last.end_reason == "recycled" and in_time:
            return _undone(touched, last, done, now)
        if done.at > (last.ended_at or done.at):
            raise Refusal("R-TOUCH", f"#{lead.id} 已经回公海了。要跟，先说「领取 {lead.id}」。")
    return Decision(saves=(touched, done), redraws=redraws, timers=timers)


def give_back(
    lead: Lead, *, assignments: Sequence[Assignment], reason: str, invalid: bool, member: Member, now: datetime
) -> Decision:
    """The lead is in the pool again and its cycle over; its 48 h are still judged when they end. R-LEAD-24H.

    `invalid` asks marketing to confirm; until then it counts as any return. R-LEAD-INV.
    """
    if lead.state != "cycle":
        raise Refusal("R-LEAD-24H", f"#{lead.id} 不在谁手上，不用退。说「我的线索」看你的。")
    last = cycles_of(assignments)[-1].assignments[-1]
    ended = replace(last, ended_at=now, end_reason="returned", claims_invalid=invalid)
    subject = lead_subject(lead.id)
    entry = Audit("lead.return", subject, before={"holder": lead.holder_id}, after={"invalid": invalid}, why=reason)
    ask = Notice("lead.invalid", "marketing_lead", "lead", subject, Urgency.TODAY, "R-LEAD-INV")
    return Decision(
        saves=(replace(lead, state="pool", pooled_at=now), ended),
        relies=(member,),
        audits=(entry,),
        notices=(ask,) if invalid else (),
        redraws=(subject,),
    )


def confirm_invalid(lead: Lead, *, assignments: Sequence[Assignment], now: datetime, policy: Policy) -> Decision:
    """Marketing says there was nothing to follow: within 7 days of the return the cycle leaves LDR. R-LEAD-INV."""
    asked = [one for one in assignments if one.claims_invalid and one.end_reason == "returned"]
    if not asked:
        raise Refusal("R-LEAD-INV", f"#{lead.id} 没有等你确认的，不用再点。")
    last = max(asked, key=lambda one: one.ended_at or one.assigned_at)
    returned = last.ended_at or last.assigned_at
    in_time = is_within(now, start=returned, limit=policy.invalid_confirm)
    ended = replace(last, end_reason="invalid" if in_time else "returned", claims_invalid=False)
    subject = lead_subject(lead.id)
    return Decision(
        saves=(replace(lead, state="invalid", pooled_at=None) if lead.state == "pool" else lead, ended),
        audits=(Audit("lead.invalid", subject, before={"state": lead.state}, after={"counts": not in_time}),),
        redraws=(subject,),
        timers=(evaluation(now),) if in_time else (),
    )


def warn(lead: Lead, start: datetime, *, now: datetime) -> Decision:
    """Nobody tried within 24 h: the lead is marked as warned, once a cycle. Else says what stopped it. R-LEAD-24H."""
    subject = lead_subject(lead.id)
    why = ""
    if lead.state != "cycle" or lead.cycle_start != start:
        why = "the cycle is over"
    elif lead.touched_at is not None:
        why = f"touched at {lead.touched_at.isoformat()}"
    elif lead.warned_at is not None and lead.warned_at >= start:
        why = "told already"
    if why:
        return Decision(looked=(Looked("R-LEAD-24H", subject, why),))
    return Decision(
        saves=(replace(lead, warned_at=now),),
        audits=(Audit("lead.warn", subject, after={"holder": lead.holder_id}),),
        redraws=(subject,),
    )


def recycle(lead: Lead, start: datetime, *, assignments: Sequence[Assignment], now: datetime) -> Decision:
    """Not reached at 48 h: the lead is in the pool, dated with its deadline. R-LEAD-48H, R-TIME-5.

    Every cycle that ends its 48 h changes LDR, however it ended: the alert rules look. Nothing else happens to one
    that was reached in time or is over.
    """
    subject = lead_subject(lead.id)
    ripe = Decision(timers=(evaluation(now),))
    cycle = next((one for one in cycles_of(assignments) if one.start == start), None)
    if cycle is None or lead.state != "cycle" or lead.cycle_start != start:
        return ripe + Decision(looked=(Looked("R-LEAD-48H", subject, "the cycle is over"),))
    if lead.reached_at is not None and lead.reached_at <= cycle.deadline:
        return ripe + Decision(looked=(Looked("R-LEAD-48H", subject, f"reached at {lead.reached_at.isoformat()}"),))
    last = cycle.assignments[-1]
    ended = replace(last, ended_at=max(last.assigned_at, cycle.deadline), end_reason="recycled")
    return ripe + Decision(
        saves=(replace(lead, state="pool", pooled_at=now), ended),
        audits=(Audit("lead.recycle", subject, before={"holder": lead.holder_id}, after={"state": "pool"}),),
        redraws=(subject,),
    )


def held_at(assignments: Sequence[Assignment], member_id: str, at: datetime) -> bool:
    """True when the member held the lead at the instant, the last one included."""
    return any(
        one.member_id == member_id and one.assigned_at <= at and (one.ended_at is None or at <= one.ended_at)
        for one in assignments
    )


def evaluation(now: datetime) -> StartTimer:
    """LDR has changed: the alert rules look again. R-ALERT-1."""
    return StartTimer(EVALUATE_TIMER, "LDR", now)


def _undone(lead: Lead, last: Assignment, done: Touch, now: datetime) -> Decision:
    subject = lead_subject(lead.id)
    back = [
        Notice("lead.undone", audience, "lead", subject, urgency, "R-TIME-5", {"undone": "1"})
        for audience, urgency in (
            (f"member:{last.member_id}", Urgency.NOW),
            (f"superior:{last.member_id}", Urgency.TODAY),
        )
    ]
    return Decision(
        saves=(
            replace(lead, state="cycle", holder_id=last.member_id, pooled_at=None),
            replace(last, ended_at=None, end_reason="", silent=False),
            done,
        ),
        audits=(Audit("lead.undo_recycle", subject, before={"state": "pool"}, after={"holder": last.member_id}),),
        notices=tuple(back),
        redraws=(subject,),
        timers=(evaluation(now),),
    )


def _cycle_at(assignments: Sequence[Assignment], at: datetime) -> Cycle | None:
    begun = [cycle for cycle in cycles_of(assignments) if cycle.start <= at]
    return begun[-1] if begun else None


def _first(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else min(known, at)


def _pause_until(assignments: Sequence[Assignment], member: Member, now: datetime, policy: Policy) -> datetime | None:
    lost = [one.ended_at for one in assignments if one.member_id == member.id and one.ended_at is not None]
    latest = max(lost, default=None)
    if latest is None or not is_within(now, start=latest, limit=policy.claim_pause):
        return None
    return latest + policy.claim_pause
