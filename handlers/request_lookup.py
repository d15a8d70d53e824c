"""Which request a typed line, a button or an open ear means, with its case, and its timeline to show. R-PPL-2."""

from __future__ import annotations

import re

from handlers.context import Context, Line, number_of
from sales.approval_trail import Case, may_see
from sales.decision import Reply
from sales.errors import NotVisible

UNSEEN = "这条你现在看不了。要看，找负责人授权。"
NUMBER = re.compile(r"[A-Z]{2}-[0-9]{8}-[0-9]{4,6}", re.IGNORECASE)
_NUMBERED = re.compile(rf"({NUMBER.pattern})[ ,，:、。]*(.*)", re.IGNORECASE | re.DOTALL)


def typed(ctx: Context, line: Line) -> tuple[Case, str] | None:
    """The request a typed line names, and what follows; None without a number. What is out of sight is not there."""
    found = _NUMBERED.match(line.rest)
    if not found:
        return None
    request = ctx.tx.approvals.by_number(found[1])
    case = ctx.tx.approvals.case(request) if request else None
    if case is None or not may_see(case, ctx.member):
        raise NotVisible("R-PPL-2", UNSEEN)
    return case, found[2].strip()


def case_of(ctx: Context, subject: str) -> Case:
    """The request of a card's subject."""
    request = ctx.tx.approvals.get(number_of(subject, "request"))
    if request is None:
        raise NotVisible("R-PPL-2", UNSEEN)
    return ctx.tx.approvals.case(request)


def show_trail(ctx: Context, case: Case) -> Reply:
    """看全程, to whom the request touches."""
    if not may_see(case, ctx.member):
        raise NotVisible("R-PPL-2", UNSEEN)
    return Reply(card="trail", subject=f"trail:{case.request.id}")
