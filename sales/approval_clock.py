"""The clock of a request's step: nudge, overdue, escalation, and the pause of a frozen deal. R-APR-4, R-ESC."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sales.approval_trail import (
    ESCALATED,
    LATE,
    NUDGED,
    Case,
    Request,
    clocks,
    escalate_at,
    notice,
    nudge_at,
    subject_of,
    to_holders,
)
from sales.deals import Deal
from sales.decision import NOTHING, Audit, Decision, Looked, Notice
from sales.seats import superiors


def pause(request: Request, now: datetime) -> Decision:
    """The clock of an open request stands still: its deal is frozen. R-APR-4. Nothing to do when it stands already."""
    if request.state != "open" or request.paused_at is not None:
        return Decision()
    return _shifted(replace(request, paused_at=now), action="request.pause")


def resume(request: Request, now: datetime) -> Decision:
    """The clock goes on where it stood; the pause added no time. R-APR-4."""
    if request.state != "open" or request.paused_at is None:
        return Decision()
    stood = now - request.paused_at
    moved = replace(
        request, paused_at=None, opened_at=request.opened_at + stood, due_at=request.due_at + stood
    )  # fmt: skip
    return _shifted(moved, action="request.resume")


def follow(requests: Iterable[Request], *, deal: Deal, decision: Decision, now: datetime) -> Decision:
    """The deal's open requests stand still while it is frozen and go on when it thaws. R-GATE-2, R-APR-4.

    `deal` is as it was before the decision that may freeze or thaw it. A returned request is relied on: asked again
    at the same instant, it must see the deal as it is now.
    """
    after = next((saved for saved in decision.saves if isinstance(saved, Deal) and saved.id == deal.id), deal)
    if (after.frozen_at is None) == (deal.frozen_at is None):
        return NOTHING
    turn = resume if after.frozen_at is None else pause
    followed = NOTHING
    for request in requests:
        turned = turn(request, now)
        followed += turned if turned.saves else Decision(relies=(request,))
    return followed


def nudge(case: Case, *, now: datetime, due_until: datetime) -> Decision:
    """75 % of the step's limit have run: who decides is reminded, once; not when overdue is due too. R-APR-4."""
    request = case.request
    dues = (nudge_at(request), request.due_at)
    return _tell(request, NUDGED, dues, now, due_until, lambda: to_holders("nudge", request))


def overdue(case: Case, *, now: datetime, due_until: datetime) -> Decision:
    """The step's limit is over: told to the superior of who decides, once; not when the next above is due too.

    R-APR-4, R-TIME-6.
    """
    request = case.request
    dues = (request.due_at, escalate_at(request))
    return _tell(request, LATE, dues, now, due_until, lambda: _to_superiors("overdue", request))


def escalate(case: Case, *, now: datetime) -> Decision:
    """Three days untouched: told to the next above and to ops, once; to the superior too, where overdue was not told.

    R-ESC, R-TIME-6.
    """
    request = case.request

    def above() -> tuple[Notice, ...]:
        first = _to_superiors("escalated", request) if request.told < LATE and request.holders else ()
        lines = [
            list(superiors(case.circle[holder], case.circle)) for holder in request.holders if holder in case.circle
        ]
        second = dict.fromkeys(line[1].id for line in lines if len(line) > 1)
        next_above = tuple(notice("escalated", f"member:{who}", request) for who in second)
        return (*first, *next_above, notice("escalated", "ops", request))

    return _tell(request, ESCALATED, (escalate_at(request),), now, now, above)


def _to_superiors(kind: str, request: Request) -> tuple[Notice, ...]:
    told = tuple(notice(kind, f"superior:{holder}", request) for holder in request.holders)
    return told or to_holders(kind, request)


def _tell(
    request: Request,
    level: int,
    dues: Sequence[datetime],
    now: datetime,
    due_until: datetime,
    notices: Callable[[], tuple[Notice, ...]],
) -> Decision:
    """Tell it once, when the open step's clock has really come that far; else one line why not. R-WHY.

    `dues` are its instant and that of the stronger one after it, which speaks instead when it is due too. R-TIME-6.
    """
    subject = subject_of(request)
    due, *stronger = dues
    why = ""
    if request.state != "open":
        why = f"the request is {request.state}"
    elif request.paused_at is not None:
        why = "its clock stands still"
    elif now < due:
        why = "its clock was started anew"
    elif request.told >= level:
        why = "told already"
    if why:
        return Decision(looked=(Looked("R-APR-4", subject, why),))
    if stronger and stronger[0] <= due_until:
        return Decision(looked=(Looked("R-TIME-6", subject, "the stronger one is due too"),))
    after = replace(request, told=level)
    entry = Audit("request.clock", subject, before={"told": request.told}, after={"told": level})
    return Decision(saves=(after,), audits=(entry,), notices=notices(), redraws=(subject,))


def _shifted(after: Request, *, action: str) -> Decision:
    subject = subject_of(after)
    entry = Audit(action, subject, after={"due": after.due_at.isoformat()})
    return Decision(saves=(after,), audits=(entry,), redraws=(subject,), timers=clocks(after))
