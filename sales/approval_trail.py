"""What a request is: frozen terms, the seat it waits for, the timeline of what was done. R-APR-2, R-APR-7."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sales.calendar import day_of, local
from sales.decision import CancelTimer, Notice, StartTimer, Urgency
from sales.people import Member, sees_owner
from sales.policy import Policy
from sales.requests import RequestType
from sales.seats import superiors

NUDGE, OVERDUE, ESCALATE = "approval.nudge", "approval.overdue", "approval.escalate"
ESCALATE_AFTER = timedelta(days=3)
"""R-ESC: from the opening of the step."""

NUDGED, LATE, ESCALATED = 1, 2, 3
"""What was told of the step's clock so far; each once. R-APR-4."""

DONE_WORDS: Mapping[str, str] = {
    "asked": "申请", "approved": "同意", "rejected": "驳回", "returned": "退回补充", "resubmitted": "补充再交",
    "transferred": "转交", "taken": "接过来定", "urged": "催办", "withdrawn": "撤回", "passed": "跳过",
    "seated": "换人定", "unneeded": "不用批了",
}  # fmt: skip
"""What people read for each kind of entry."""

_ENDS = ("approved", "rejected", "returned", "withdrawn", "unneeded")


@dataclass(frozen=True, slots=True)
class Request:
    """One request on its way. Terms (`base_fen`, `amount_fen`) never change; `steps` are name:relation, as they were
    when it was asked. R-APR-7, R-ADM-2.

    `holders` may decide the step, any one of them; nobody: it waits with ops. `told` as above. State: open, returned,
    approved, rejected, withdrawn, unneeded. `entries` counts the timeline, `replaces` is the request it follows.
    """

    id: int
    number: str
    kind: str
    deal_id: int
    initiator_id: str
    base_fen: int
    amount_fen: int
    reason: str
    steps: tuple[str, ...]
    limit_minutes: int
    created_at: datetime
    opened_at: datetime
    due_at: datetime
    step: int = 0
    round: int = 1
    holders: tuple[str, ...] = ()
    told: int = 0
    paused_at: datetime | None = None
    state: str = "open"
    entries: int = 0
    replaces: int = 0
    closed_at: datetime | None = None
    version: int = 0

    @property
    def limit(self) -> timedelta:
        """How long one step may take; a paused clock adds no time. R-APR-4."""
        return timedelta(minutes=self.limit_minutes)

    def step_name(self, step: int) -> str:
        """初审 or 决策."""
        return self.steps[min(step, len(self.steps) - 1)].partition(":")[0]


@dataclass(frozen=True, slots=True)
class Entry:
    """One act in the timeline; `id` is request.n, so that one place in it is taken once. `who` is empty for the clock.

    `toward` are members it concerns beside who did it, by id: who got the seat, or who else sat in it.
    """

    id: str
    request_id: int
    n: int
    step: int
    round: int
    who: str
    did: str
    at: datetime
    words: str = ""
    toward: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """A request with all a rule or a card needs: its timeline and everybody who may come into question, by id."""

    request: Request
    kind: RequestType
    trail: tuple[Entry, ...]
    circle: Mapping[str, Member]

    @property
    def initiator(self) -> Member:
        """Who asked."""
        return self.circle[self.request.initiator_id]

    @property
    def deciders(self) -> tuple[str, ...]:
        """Who approved an earlier step, in order. R-APR-6."""
        return tuple(entry.who for entry in self.trail if entry.did == "approved")

    def last(self, *did: str, who: str = "") -> Entry | None:
        """The newest entry of these kinds, of this member when given."""
        found = (e for e in reversed(self.trail) if e.did in did and (not who or e.who == who))
        return next(found, None)

    def names(self, ids: tuple[str, ...]) -> str:
        """The members' names; nobody: ops, with whom it waits."""
        return "、".join(self.circle[i].name if i in self.circle else "—" for i in ids) or "运营"

    def leads(self, member: Member) -> bool:
        """True for a superior, however far up, of who sits in the open seat."""
        seats = [self.circle[holder] for holder in self.request.holders if holder in self.circle]
        return any(member.id == above.id for seat in seats for above in superiors(seat, self.circle))


def subject_of(request: Request) -> str:
    """What its cards, timers and audit entries are about."""
    return f"request:{request.id}"


def noted(
    request: Request, did: str, *, who: str, now: datetime, words: str = "", toward: str = ""
) -> tuple[Request, Entry]:
    """The request with one more entry in its timeline, and that entry."""
    n = request.entries + 1
    entry = Entry(
        id=f"{request.id}.{n}", request_id=request.id, n=n, step=request.step, round=request.round, who=who, did=did,
        at=now, words=words.strip()[:200], toward=toward,
    )  # fmt: skip
    return replace(request, entries=n), entry


def clocks(request: Request) -> tuple[StartTimer | CancelTimer, ...]:
    """The timers of the open step: nudge at 75 %, overdue at the limit, then the next above; each told once. R-APR-4.

    A request whose clock stands still has none.
    """
    subject = subject_of(request)
    if request.state != "open" or request.paused_at is not None:
        return tuple(CancelTimer(name, subject) for name in (NUDGE, OVERDUE, ESCALATE))
    dues = (
        (NUDGE, NUDGED, nudge_at(request)),
        (OVERDUE, LATE, request.due_at),
        (ESCALATE, ESCALATED, escalate_at(request)),
    )
    return tuple(StartTimer(name, subject, due) for name, told, due in dues if request.told < told)


def nudge_at(request: Request) -> datetime:
    """When 75 % of the step's own limit have run. R-APR-4."""
    return request.due_at - request.limit / 4


def escalate_at(request: Request) -> datetime:
    """When three days of the step have run. R-ESC."""
    return request.due_at - request.limit + ESCALATE_AFTER


def notice(kind: str, audience: str, request: Request) -> Notice:
    """A message about the request; what it shows is drawn for its reader at sending. ux.md 2: class now."""
    return Notice(
        f"approval.{kind}", audience, "approval", subject_of(request), Urgency.NOW, "R-APR-3", {"for": kind}
    )  # fmt: skip


def to_holders(kind: str, request: Request) -> tuple[Notice, ...]:
    """The same to everybody in the open seat; nobody there: to ops. R-APR-6."""
    return tuple(notice(kind, f"member:{holder}", request) for holder in request.holders or ()) or (
        notice(kind, "ops", request),
    )


def may_see(case: Case, viewer: Member) -> bool:
    """A request is for whom it touches: initiator, seats past and present, who leads the initiator or, once overdue,
    the seat; ops and admins when it is or waits with them. R-PPL-2."""
    request = case.request
    involved = {request.initiator_id, *request.holders}
    for entry in case.trail:
        involved |= {entry.who, *entry.toward.split(",")}
    if viewer.state == "left":
        return False
    if viewer.id in involved or sees_owner(viewer, case.initiator):
        return True
    if request.told >= LATE and case.leads(viewer):
        return True
    return bool({"ops", "admin"} & set(viewer.roles)) and (
        request.told >= LATE or (request.state == "open" and not request.holders)
    )


def ended(case: Case, *, now: datetime, policy: Policy) -> str:
    """张伟 15:02 已同意: the newest decision or end; empty while there is none."""
    last = case.last(*_ENDS)
    if last is None:
        return ""
    if not last.who:
        return "商机流失，不用定了"
    return f"{case.circle[last.who].name} {moment(last.at, now=now, policy=policy)} 已{DONE_WORDS[last.did]}"


def moment(at: datetime, *, now: datetime, policy: Policy) -> str:
    """15:02 of today, else 11-19 15:02. ux.md 1."""
    here = local(at, policy)
    return f"{here:%H:%M}" if day_of(at, policy) == day_of(now, policy) else f"{here:%m-%d %H:%M}"
