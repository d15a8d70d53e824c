"""Timed rules of requests: nudge at 75 %, overdue at the limit, the next above after three days. R-APR-4, R-ESC."""

from __future__ import annotations

from sales import approval_clock
from sales.approval_trail import Case
from sales.approvals import refill
from sales.decision import Decision, Looked
from scheduler.downtime import due_until
from storage.tx import Tx


def nudge(tx: Tx, subject: str) -> None:
    """Remind who decides; a seat whose holder is away or has left is filled again instead. R-APR-4, R-APR-6."""
    if case := _case(tx, subject):
        moved = refill(case, now=tx.now)
        tx.apply(moved if moved.saves else approval_clock.nudge(case, now=tx.now, due_until=due_until(tx)))


def overdue(tx: Tx, subject: str) -> None:
    """Tell the superior of who decides. R-APR-4."""
    if case := _case(tx, subject):
        tx.apply(approval_clock.overdue(case, now=tx.now, due_until=due_until(tx)))


def escalate(tx: Tx, subject: str) -> None:
    """Tell the next above and ops. R-ESC."""
    if case := _case(tx, subject):
        tx.apply(approval_clock.escalate(case, now=tx.now))


def _case(tx: Tx, subject: str) -> Case | None:
    request = tx.approvals.get(int(subject.removeprefix("request:")))
    if request is None:
        tx.apply(Decision(looked=(Looked("R-APR-4", subject, "there is no such request"),)))
        return None
    return tx.approvals.case(request)
