"""Leads, who held them when, and the cycles that follow from it. R-LEAD-ID, R-LEAD-24H, R-LEAD-48H, R-TOUCH."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import zip_longest

WARN_AFTER = timedelta(hours=24)
"""No touch of either kind this long into a cycle: holder and supervisor are told. R-LEAD-24H."""

LIMIT = timedelta(hours=48)
"""Not reached this long into a cycle, the end included: recycled. R-LEAD-48H, R-TIME-2."""

FIELDS = (
    "name", "title", "phone", "wechat", "email", "company", "industry", "company_size", "region", "address", "source",
    "campaign", "product", "quantity", "budget_yuan", "needed_by", "note",
)  # fmt: skip
"""The 17 fields of a lead. R-LEAD-IN."""

WARN_TIMER = "lead.warn"
RECYCLE_TIMER = "lead.recycle"

END_REASONS = ("reassigned", "recycled", "returned", "converted", "invalid")


@dataclass(frozen=True, slots=True)
class Lead:
    """A possible customer. `phone` is sealed text, never the number itself. R-LEAD-ID, R-PRIV.

    `state` is new, cycle, pool, converted, invalid or closed. `holder_id` is who holds it or held it last;
    `cycle_start`, `touched_at` (either kind) and `reached_at` (the first one) are of the current or last cycle;
    `pooled_at` is when it came back to the pool. `external_id` is what files call it; a lead that only an
    assignment or a touch named has no `market_id` yet.
    """

    id: int
    external_id: str = ""
    market_id: str = ""
    sales_id: str = ""
    customer_id: int = 0
    created_at: datetime | None = None
    name: str = ""
    title: str = ""
    phone: str = ""
    wechat: str = ""
    email: str = ""
    company: str = ""
    industry: str = ""
    company_size: str = ""
    region: str = ""
    address: str = ""
    source: str = ""
    campaign: str = ""
    product: str = ""
    quantity: str = ""
    budget_yuan: str = ""
    needed_by: str = ""
    note: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    state: str = "new"
    holder_id: str = ""
    cycle_start: datetime | None = None
    touched_at: datetime | None = None
    reached_at: datetime | None = None
    warned_at: datetime | None = None
    pooled_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Assignment:
    """A member holds a lead from `assigned_at` until `ended_at`. Cycles follow from these rows alone.

    `claims_invalid` while a return as invalid waits for marketing; a confirmed one has the reason `invalid`. `silent`
    when an import closed it. `extra` keeps free columns. R-LEAD-24H, R-LEAD-INV, R-IMP.
    """

    id: str
    lead_id: int
    member_id: str
    assigned_at: datetime
    ended_at: datetime | None = None
    end_reason: str = ""
    claims_invalid: bool = False
    silent: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Touch:
    """One act of ours towards a lead: `kind` is reached or dialled, `way` how, `source` who says so. R-TOUCH."""

    id: str
    lead_id: int
    member_id: str
    at: datetime
    kind: str = "reached"
    way: str = ""
    source: str = ""
    verified: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """One of a member's claims of a day; its id is member:day:n, so two at once cannot both be it. R-LEAD-POOL."""

    id: str
    member_id: str
    lead_id: int
    at: datetime
    version: int = 0


@dataclass(frozen=True, slots=True)
class TeamMove:
    """Until this instant the member was in `team`: facts stay with the team of their instant. R-MET-0."""

    id: str
    member_id: str
    team: str
    until: datetime
    version: int = 0


@dataclass(frozen=True, slots=True)
class Cycle:
    """One cycle of one lead: its assignments in order, and when the lead's next cycle starts. R-LEAD-24H."""

    lead_id: int
    assignments: tuple[Assignment, ...]
    next_start: datetime | None = None

    @property
    def start(self) -> datetime:
        """When it began; reassigning inside it does not restart the clock. R-LEAD-48H."""
        return self.assignments[0].assigned_at

    @property
    def deadline(self) -> datetime:
        """The last instant at which reaching somebody is in time. R-TIME-2."""
        return self.start + LIMIT

    @property
    def holding(self) -> Assignment:
        """The last assignment that began within the 48 h, the end included: its member answers. R-LEAD-48H."""
        deadline = self.deadline
        return next(one for one in reversed(self.assignments) if one.assigned_at <= deadline)

    @property
    def is_invalid(self) -> bool:
        """True when marketing confirmed that there was nothing to follow. R-LEAD-INV."""
        return self.assignments[-1].end_reason == "invalid"

    def is_touched(self, reached: Iterable[datetime]) -> bool:
        """True when somebody was reached from start to start + 48 h, both included, before the next cycle. R-MET-2."""
        start, deadline, following = self.start, self.deadline, self.next_start
        return any(start <= at <= deadline and (following is None or at < following) for at in reached)


def cycles_of(assignments: Iterable[Assignment]) -> list[Cycle]:
    """The cycles of one lead in order: an assignment whose predecessor was reassigned goes on in its cycle."""
    chains: list[list[Assignment]] = []
    for one in sorted(assignments, key=_order):
        if chains and chains[-1][-1].end_reason == "reassigned":
            chains[-1].append(one)
        else:
            chains.append([one])
    following = [chain[0].assigned_at for chain in chains[1:]]
    return [Cycle(chain[0].lead_id, tuple(chain), then) for chain, then in zip_longest(chains, following)]


def called(lead: Lead) -> str:
    """What people call a lead: the company, else the person, else the name files use."""
    return lead.company or lead.name or lead.external_id.removeprefix("id:")[:20] or "线索"


def mask_phone(phone: str) -> str:
    """138****5521: the first three and last four characters; of a short number only the last two. R-PRIV."""
    if len(phone) >= 8:
        return f"{phone[:3]}****{phone[-4:]}"
    return f"****{phone[-2:]}" if phone else ""


def cycle_subject(lead_id: int, start: datetime) -> str:
    """What the clocks of one cycle are about: lead:3@ and its start in UTC microseconds."""
    return f"lead:{lead_id}@{(start - _EPOCH) // timedelta(microseconds=1)}"


def cycle_named(subject: str) -> tuple[int, datetime]:
    """Lead and start of a cycle's subject."""
    lead_id, _, us = subject.removeprefix("lead:").partition("@")
    return int(lead_id), _EPOCH + timedelta(microseconds=int(us))


def team_at(moves: Iterable[TeamMove], instant: datetime, *, now_in: str) -> str:
    """The member's team at an instant: that of the first move after it, else the present one. R-MET-0."""
    later = [move for move in moves if instant < move.until]
    return min(later, key=lambda move: move.until).team if later else now_in


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _order(one: Assignment) -> tuple[datetime, bool, datetime, str]:
    """In time; of those of one instant the one that ended first, an open one last. An import's closing is no end."""
    is_open = one.ended_at is None or one.silent
    return one.assigned_at, is_open, one.assigned_at if is_open else one.ended_at or one.assigned_at, one.id
