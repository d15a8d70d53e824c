"""Leads as they are read, and LDR over their cycles. R-MET-2, R-PPL-2."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, bindparam, func, select, text

from sales.calendar import day_of
from sales.chats import MARKETING
from sales.customers import Customer
from sales.leads import LIMIT, Assignment, Claim, Lead, TeamMove, Touch, cycles_of, team_at
from sales.metrics import LeadCycleFact, Measure, Period, earlier_week, ldr
from sales.people import Member
from sales.policy import Policy
from storage.entities import entity_of, get, query, table_of
from storage.people import People
from storage.secrets import Secrets
from storage.types import to_us

_L = table_of(Lead)
_A = table_of(Assignment)
_T = table_of(Touch)
_C = table_of(Claim)
_M = table_of(TeamMove)

_OF_LEAD = query(Assignment).where(_A.c.lead_id == bindparam("lead"))
_HELD = (
    _A.c.id, _A.c.lead_id, _A.c.member_id, _A.c.assigned_at, _A.c.ended_at, _A.c.end_reason, _A.c.claims_invalid,
    _A.c.silent,
)  # fmt: skip
"""The first fields of an assignment: a figure over thousands of them needs no more."""
_PENDING = text(
    "SELECT subject FROM timers t WHERE name = :name AND due > :after AND (state = 0 OR EXISTS "
    "(SELECT 1 FROM inbox i WHERE i.id = 'timer:' || t.seq || ':' || t.due AND i.state = 0))"
)

E = TypeVar("E")


class Leads:
    """Reads of one snapshot."""

    def __init__(self, conn: Connection, people: People, policy: Policy, secrets: Callable[[], Secrets]) -> None:
        self._conn = conn
        self._secrets = secrets
        self._people = people
        self._policy = policy

    def get(self, lead_id: int) -> Lead | None:
        """Without sight: only for what a rule needs to know, never to show."""
        return get(self._conn, Lead, lead_id)

    def by_external_ids(self, external_ids: Iterable[str]) -> dict[str, Lead]:
        """The leads that files called by these ids."""
        found = self._all(Lead, _L.c.external_id.in_(sorted(set(external_ids))))
        return {lead.external_id: lead for lead in found}

    def assignments_of(self, lead_ids: Iterable[int]) -> dict[int, list[Assignment]]:
        """Every assignment of these leads, by lead."""
        ids = sorted(set(lead_ids))
        if len(ids) == 1:
            rows = self._conn.execute(_OF_LEAD, {"lead": ids[0]})
            return _by_lead([entity_of(Assignment, row) for row in rows])
        return _by_lead(self._all(Assignment, _A.c.lead_id.in_(ids)))

    def touches_of(self, lead_ids: Iterable[int]) -> dict[int, list[Touch]]:
        """Every touch of these leads, by lead."""
        return _by_lead(self._all(Touch, _T.c.lead_id.in_(sorted(set(lead_ids)))))

    def some(self, lead_ids: Sequence[int]) -> list[Lead]:
        """These leads, by number; without sight."""
        return self._all(Lead, _L.c.id.in_(lead_ids)) if lead_ids else []

    def role_of(self, viewer: Member, lead: Lead) -> str:
        """What the viewer is to it: holder, lost, leader, marketing, claimer; empty: they may not see it. R-PPL-2."""
        roles = set(viewer.roles)
        if viewer.state == "left":
            return ""
        if lead.holder_id == viewer.id:
            return "lost" if lead.state == "pool" else "holder"
        if lead.holder_id and self._people.sees(viewer, lead.holder_id):
            return "leader"
        if roles & MARKETING:
            return "marketing"
        return "claimer" if lead.state == "pool" and "rep" in roles else ""

    def may_see_pool(self, viewer: Member) -> bool:
        """Reps claim from it, leaders and marketing look after it. R-LEAD-POOL."""
        return viewer.state != "left" and bool({"rep", "supervisor", "director", *MARKETING} & set(viewer.roles))

    def running_for(self, viewer: Member, *, limit: int) -> tuple[list[Lead], int]:
        """Leads in a cycle whose holder the viewer sees: not yet reached first, by deadline; and how many. R-PPL-2."""
        where = (_L.c.holder_id.in_(self._people.visible_owner_ids(viewer)), _L.c.state == "cycle")
        total = self._conn.execute(select(func.count()).select_from(_L).where(*where)).scalar_one()
        order = (_L.c.reached_at.is_not(None), _L.c.cycle_start, _L.c.id)
        rows = self._conn.execute(query(Lead).where(*where).order_by(*order).limit(limit))
        return [entity_of(Lead, row) for row in rows], int(total)

    def pool(self, *, limit: int) -> tuple[list[Lead], int]:
        """Leads that can be claimed, the longest waiting first, and how many. R-LEAD-POOL."""
        where = _L.c.state == "pool"
        total = self._conn.execute(select(func.count()).select_from(_L).where(where)).scalar_one()
        rows = self._conn.execute(query(Lead).where(where).order_by(_L.c.pooled_at, _L.c.id).limit(limit))
        return [entity_of(Lead, row) for row in rows], int(total)

    def claims_of(self, member_id: str, day: str) -> int:
        """How many leads the member claimed on this tenant day, returned or not. R-LEAD-POOL."""
        mine = _C.c.id.startswith(f"{member_id}:{day}:", autoescape=True)
        return int(self._conn.execute(select(func.count()).select_from(_C).where(mine)).scalar_one())

    def claims_left(self, viewer: Member, now: datetime) -> int:
        """How many more the viewer may claim today. R-LEAD-POOL."""
        taken = self.claims_of(viewer.id, day_of(now, self._policy).isoformat())
        return max(0, self._policy.claims_per_day - taken)

    def tries_and_asks(self, lead: Lead) -> tuple[int, bool]:
        """Unanswered calls of the current or last cycle, and whether a return as invalid waits for marketing."""
        since = lead.cycle_start
        tries = select(func.count()).select_from(_T).where(_T.c.lead_id == lead.id, _T.c.kind == "dialled")
        count = self._conn.execute(tries.where(_T.c.at >= since)).scalar_one() if since else 0
        asked = (
            select(func.count())
            .select_from(_A)
            .where(_A.c.lead_id == lead.id, _A.c.claims_invalid, _A.c.end_reason == "returned")
        )
        return int(count), bool(self._conn.execute(asked).scalar_one())

    def warned(self, since: datetime, until: datetime) -> list[Lead]:
        """Leads warned in [since, until), by number."""
        found = self._all(Lead, _L.c.warned_at >= since, _L.c.warned_at < until)
        return sorted(found, key=lambda lead: lead.id)

    def recycled(self, since: datetime, until: datetime) -> list[Lead]:
        """Leads recycled in [since, until) and still so, by number; those an import closed are not told of. R-IMP."""
        step = timedelta(microseconds=1)
        ended = select(_A.c.lead_id).where(
            _A.c.ended_at >= since - step, _A.c.ended_at < until - step, _A.c.end_reason == "recycled", ~_A.c.silent
        )
        return sorted(self._all(Lead, _L.c.id.in_(ended)), key=lambda lead: lead.id)

    def pending(self, name: str, *, after: datetime) -> list[str]:
        """Subjects of the timers of this name that are still to come or wait, come due, behind others. R-MERGE."""
        return list(self._conn.execute(_PENDING, {"name": name, "after": to_us(after)}).scalars())

    def phone_of(self, lead: Lead) -> str:
        """The whole number: for its holder on demand, or to be masked. R-PRIV."""
        return self._secrets().open(lead.phone) if lead.phone else ""

    def sealed(self, phone: str) -> str:
        """A number as a lead keeps it. R-PRIV."""
        return self._secrets().seal(phone)

    def known(self, kind: type[E], ids: Iterable[str]) -> dict[str, E]:
        """The assignments or touches with these ids."""
        found: list[Any] = self._all(kind, table_of(kind).c.id.in_(sorted(set(ids))))
        return {one.id: one for one in found}

    def ldr(self, scope: str, period: Period, *, as_of: datetime) -> Measure:
        """LDR of `company`, `team:PATH` (its subtree) or `member:ID`. R-MET-2."""
        return ldr(self.cycle_facts(period.start, period.end), scope=scope, period=period, as_of=as_of)

    def ldr_weeks(self, scope: str, last: Period, *, count: int, as_of: datetime) -> list[Measure]:
        """LDR of `count` weeks up to `last`, the oldest first."""
        weeks = [earlier_week(last, back, self._policy) for back in range(count - 1, -1, -1)]
        facts = self.cycle_facts(weeks[0].start, weeks[-1].end) if weeks else []
        return [ldr(facts, scope=scope, period=week, as_of=as_of) for week in weeks]

    def cycle_facts(self, start: datetime, end: datetime) -> list[LeadCycleFact]:
        """Every cycle that began in [start, end), with its holder and team at 48 h, touched or not. R-MET-2."""
        begun = select(_A.c.lead_id).where(_A.c.assigned_at >= start, _A.c.assigned_at < end)
        by_lead = _by_lead(
            [Assignment(*row) for row in self._conn.execute(select(*_HELD).where(_A.c.lead_id.in_(begun)))]
        )
        reached = self._reached(begun, start, end)
        names = self._names(begun)
        facts, moves, teams = [], self._moves(), self._teams()
        for lead_id, assignments in by_lead.items():
            for cycle in cycles_of(assignments):
                if not start <= cycle.start < end:
                    continue
                holder = cycle.holding.member_id
                team = team_at(moves.get(holder, ()), cycle.deadline, now_in=teams.get(holder, ""))
                touched = cycle.is_touched(reached.get(lead_id, ()))
                facts.append(
                    LeadCycleFact(
                        names.get(lead_id) or f"#{lead_id}", cycle.holding.id, cycle.start, holder, team, touched,
                        cycle.is_invalid,
                    )
                )  # fmt: skip
        return facts

    def _reached(self, begun: Any, start: datetime, end: datetime) -> dict[int, list[datetime]]:
        rows = self._conn.execute(
            select(_T.c.lead_id, _T.c.at).where(
                _T.c.lead_id.in_(begun), _T.c.kind == "reached", _T.c.at >= start, _T.c.at <= end + LIMIT
            )
        )
        found: dict[int, list[datetime]] = defaultdict(list)
        for lead_id, at in rows:
            found[lead_id].append(at)
        return found

    def _names(self, begun: Any) -> dict[int, str]:
        rows = self._conn.execute(select(_L.c.id, _L.c.external_id).where(_L.c.id.in_(begun)))
        return {lead_id: external.removeprefix("id:") for lead_id, external in rows if external.startswith("id:")}

    def _moves(self) -> dict[str, list[TeamMove]]:
        found: dict[str, list[TeamMove]] = defaultdict(list)
        for move in self._all(TeamMove):
            found[move.member_id].append(move)
        return found

    def _teams(self) -> dict[str, str]:
        members = table_of(Member)
        return {row[0]: row[1] for row in self._conn.execute(select(members.c.id, members.c.team))}

    def _all(self, kind: type[E], *where: ColumnElement[bool]) -> list[E]:
        return [entity_of(kind, row) for row in self._conn.execute(query(kind).where(*where))]


def count_phones(conn: Connection, secrets: Secrets) -> tuple[int, int]:
    """How many numbers of leads, members and customers are kept, and how many this key cannot open. R-PRIV."""
    columns = (_L.c.phone, table_of(Member).c.mobile, table_of(Customer).c.phone)
    sealed = [each for column in columns for each in conn.execute(select(column).where(column != "")).scalars()]
    return len(sealed), sum(not secrets.opens(phone) for phone in sealed)


def _by_lead(found: Sequence[Any]) -> dict[int, list[Any]]:
    by_lead: dict[int, list[Any]] = defaultdict(list)
    for one in found:
        by_lead[one.lead_id].append(one)
    return by_lead
