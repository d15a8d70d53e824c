"""The mechanics every act on a request shares: filling the next seat, ending, and the decision it all becomes.

R-APR-2, R-APR-6.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sales.approval_trail import Case, Entry, Request, clocks, noted, notice, subject_of
from sales.decision import Audit, Decision, Notice
from sales.people import Member
from sales.seats import Seat, fill


def fill_seat(case: Case) -> Seat:
    """The seat of the step the request is at. R-APR-6."""
    relation = case.request.steps[case.request.step].partition(":")[2]
    return fill(relation, initiator=case.initiator, circle=case.circle, deciders=case.deciders)


def take_seats(case: Case, *, now: datetime) -> tuple[Request, list[Entry]]:
    """The request at its first step, from the one it is at, that somebody new can decide; approved when none is left.

    Steps with nobody new are passed with the reason in the timeline. R-APR-6.
    """
    request = case.request
    passed: list[Entry] = []
    while request.step < len(request.steps):
        seat = fill_seat(replace(case, request=request))
        if not seat.passed:
            return open_step(request, seat.holders, now=now), passed
        request, entry = noted(request, "passed", who="", now=now, words=seat.passed)
        passed.append(entry)
        request = replace(request, step=request.step + 1)
    return close(request, "approved", now=now), passed


def open_step(request: Request, holders: tuple[str, ...], *, now: datetime) -> Request:
    """The step waits for these holders, its clock at the beginning. R-APR-4."""
    return replace(request, holders=holders, opened_at=now, due_at=now + request.limit, told=0)


def close(request: Request, state: str, *, now: datetime) -> Request:
    """The request has ended; nobody is waited for."""
    return replace(request, state=state, holders=(), paused_at=None, closed_at=now)


def tell_initiator(closed: Request) -> tuple[Notice, ...]:
    """How it ended, to who asked."""
    return (notice("decided", f"member:{closed.initiator_id}", closed),)


def sitting(case: Case, request: Request) -> tuple[Member, ...]:
    """Who the seat was filled with: they must still be there when it is written."""
    return tuple(case.circle[holder] for holder in request.holders)


def act(
    case: Case,
    after: Request,
    entries: tuple[Entry, ...],
    *,
    action: str,
    notices: tuple[Notice, ...] = (),
    relies: tuple[object, ...] = (),
    timed: bool = True,
) -> Decision:
    """One act: the request, its entries, one audit entry, all copies redrawn. R-AUD, R-APR-2."""
    before = case.request
    first = entries[0]
    was = {"state": before.state, "step": before.step, "holders": list(before.holders)}
    now = {"state": after.state, "step": after.step, "holders": list(after.holders)}
    if len(entries) > 1:
        now["passed"] = [entry.words for entry in entries[1:]]
    subject = subject_of(after)
    return Decision(
        saves=(after, *entries),
        relies=relies,
        audits=(Audit(action, subject, before=was, after=now, why=first.words),),
        notices=notices,
        redraws=(subject,),
        timers=clocks(after) if timed else (),
    )
