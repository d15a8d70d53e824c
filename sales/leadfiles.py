"""Rows of leads, assignments and touches as history: what they make of a lead, silently. R-IMP, R-QE-6."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sales.decision import StartTimer
from sales.imports import instant_of, truth_of
from sales.leads import (
    FIELDS,
    LIMIT,
    RECYCLE_TIMER,
    WARN_AFTER,
    WARN_TIMER,
    Assignment,
    Cycle,
    Lead,
    Touch,
    cycle_subject,
    cycles_of,
)

Values = Mapping[str, str]

_AFTER_END = {"converted": "converted", "invalid": "invalid", "reassigned": "new"}
"""State of a lead whose last assignment ended so; for all other reasons it is in the pool."""


def free_fields(values: Values) -> dict[str, str]:
    """The `x_...` columns that have a value."""
    return {name: value for name, value in values.items() if name.startswith("x_") and value}


def with_row(lead: Lead, values: Values) -> Lead:
    """The lead with the row's fields, its phone excepted; the three ids never change once set. R-LEAD-ID."""
    given: dict[str, Any] = {name: values[name] for name in FIELDS if name in values and name != "phone"}
    return replace(
        lead,
        **given,
        market_id=lead.market_id or values.get("market_id", "") or f"M{lead.id}",
        created_at=instant_of(values.get("created_at", "")) or lead.created_at,
        extra={**lead.extra, **free_fields(values)},
    )


def assignment_of(key: str, lead_id: int, values: Values) -> Assignment:
    """The row as an assignment."""
    assigned_at = instant_of(values["assigned_at"])
    assert assigned_at is not None
    return Assignment(
        id=key,
        lead_id=lead_id,
        member_id=values["member_id"],
        assigned_at=assigned_at,
        ended_at=instant_of(values.get("ended_at", "")),
        end_reason=values.get("end_reason", ""),
        extra=free_fields(values),
    )


def ended_by_row(known: Assignment, row: Assignment) -> Assignment:
    """The known assignment, with the end a later file tells of one that was open here. R-QE-6."""
    if is_open(known) and not is_open(row):
        return replace(known, ended_at=row.ended_at, end_reason=row.end_reason, silent=False)
    return known


def touch_of(key: str, lead_id: int, values: Values) -> Touch:
    """The row as a touch; imported ones count as reached. R-TOUCH."""
    at = instant_of(values["touched_at"])
    assert at is not None
    return Touch(
        id=key,
        lead_id=lead_id,
        member_id=values.get("member_id", ""),
        at=at,
        way=values.get("kind", ""),
        source="import",
        verified=bool(truth_of(values.get("verified", ""))),
        extra=free_fields(values),
    )


def is_open(assignment: Assignment) -> bool:
    """True while nothing but an import's own closing ended it."""
    return assignment.silent or (assignment.ended_at is None and not assignment.end_reason)


def settled(
    lead: Lead, assignments: Sequence[Assignment], touches: Sequence[Touch], *, now: datetime
) -> tuple[Lead, list[Assignment]]:
    """The lead as its history leaves it, and every assignment whose end that changes. R-IMP, R-LEAD-48H.

    An open cycle past its 48 h without anybody reached is closed as recycled at start + 48 h. The rows may have come
    in any order: the outcome depends on what is there alone.
    """
    cycles = cycles_of(assignments)
    if not cycles or lead.state == "closed":
        return lead, []
    changed = [closed for cycle in cycles if (closed := _closed(cycle, touches, now)) != cycle.assignments[-1]]
    by_id = {one.id: one for one in changed}
    last = cycles[-1]
    current = by_id.get(last.assignments[-1].id, last.assignments[-1])
    mine = [touch for touch in touches if touch.at >= last.start]
    lead = replace(
        lead,
        sales_id=lead.sales_id or f"S{lead.id}",
        holder_id=current.member_id,
        cycle_start=last.start,
        touched_at=min((touch.at for touch in mine), default=None),
        reached_at=min((touch.at for touch in mine if touch.kind == "reached"), default=None),
    )
    if current.ended_at is None and not current.end_reason:
        return replace(lead, state="cycle", pooled_at=None), changed
    state = _AFTER_END.get(current.end_reason, "pool")
    pooled_at = (current.ended_at or current.assigned_at) if state == "pool" else None
    return replace(lead, state=state, pooled_at=pooled_at), changed


def clocks_of(lead: Lead, assignments: Sequence[Assignment], *, now: datetime) -> list[StartTimer]:
    """The timers of cycles whose instants are still to come; none that is already due. R-IMP."""
    timers = []
    for cycle in cycles_of(assignments):
        subject = cycle_subject(lead.id, cycle.start)
        due = cycle.deadline + timedelta(microseconds=1)
        if due > now:
            timers.append(StartTimer(RECYCLE_TIMER, subject, due))
        warning = cycle.start + WARN_AFTER + timedelta(microseconds=1)
        if warning > now and lead.state == "cycle" and lead.cycle_start == cycle.start:
            timers.append(StartTimer(WARN_TIMER, subject, warning))
    return timers


def _closed(cycle: Cycle, touches: Sequence[Touch], now: datetime) -> Assignment:
    """The last assignment of the cycle with the end that the clock, or the next cycle, gave it."""
    last = cycle.assignments[-1]
    if not is_open(last):
        return last
    reached = cycle.is_touched(touch.at for touch in touches if touch.kind == "reached")
    if cycle.next_start is not None:
        return replace(last, ended_at=min(cycle.deadline, cycle.next_start), end_reason="recycled", silent=True)
    if reached or now <= cycle.deadline:
        return replace(last, ended_at=None, end_reason="", silent=False)
    return replace(last, ended_at=max(last.assigned_at, cycle.start + LIMIT), end_reason="recycled", silent=True)
