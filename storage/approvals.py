"""Requests as they are read: with timeline and circle for rules and cards, and as lists of a person. R-APR."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Text, func, select, text, type_coerce

from sales.approval_trail import Case, Entry, Request
from sales.people import Member
from sales.policy import Policy
from sales.requests import types
from storage.entities import entity_of, get, query, table_of
from storage.people import People

_R = table_of(Request)
_E = table_of(Entry)


class Approvals:
    """Reads of one snapshot."""

    def __init__(self, conn: Connection, people: People, policy: Policy) -> None:
        self._conn = conn
        self._people = people
        self._policy = policy

    def get(self, request_id: int) -> Request | None:
        """Without sight: only for what a rule needs to know."""
        return get(self._conn, Request, request_id)

    def by_number(self, number: str) -> Request | None:
        """The request people call ZK-20261119-0003."""
        row = self._conn.execute(query(Request).where(_R.c.number == number.upper())).first()
        return None if row is None else entity_of(Request, row)

    def case(self, request: Request) -> Case:
        """The request with its timeline and everybody who may come into question. R-APR-6."""
        rows = self._conn.execute(query(Entry).where(_E.c.request_id == request.id).order_by(_E.c.n))
        trail = tuple(entity_of(Entry, row) for row in rows)
        known = [request.initiator_id, *request.holders]
        for entry in trail:
            known += [entry.who, *entry.toward.split(",")]
        return Case(request, types(self._policy)[request.kind], trail, self._circle(known))

    def open_of_deal(self, deal_id: int) -> list[Request]:
        """Requests of the deal that are not ended: open, or returned for more."""
        rows = self._conn.execute(
            query(Request).where(_R.c.deal_id == deal_id, _R.c.state.in_(("open", "returned"))).order_by(_R.c.id)
        )
        return [entity_of(Request, row) for row in rows]

    def waiting_for(self, member: Member, *, limit: int) -> tuple[list[Request], int]:
        """Open requests whose seat the member sits in, the first due first, and how many there are."""
        holds = type_coerce(_R.c.holders, Text).contains(f'"{member.id}"', autoescape=True)
        where = (_R.c.state == "open", holds)
        rows = self._conn.execute(query(Request).where(*where).order_by(_R.c.due_at, _R.c.id).limit(limit))
        total = self._conn.execute(select(func.count()).select_from(_R).where(*where)).scalar_one()
        return [entity_of(Request, row) for row in rows], int(total)

    def asked_by(self, member: Member, *, limit: int) -> tuple[list[Request], int]:
        """What the member asked, the newest first, and how many there are."""
        where = _R.c.initiator_id == member.id
        newest = (_R.c.created_at.desc(), _R.c.id.desc())
        rows = self._conn.execute(query(Request).where(where).order_by(*newest).limit(limit))
        total = self._conn.execute(select(func.count()).select_from(_R).where(where)).scalar_one()
        return [entity_of(Request, row) for row in rows], int(total)

    def was_shown(self, subject: str, viewer: Member, kind: str) -> bool:
        """True when a card of this notice is in a chat of the viewer already: it is redrawn, no longer pushed."""
        rows = self._conn.execute(
            text(
                "SELECT 1 FROM live_cards WHERE subject = :subject AND viewer = :viewer AND message_id <> '' "
                "AND args LIKE :kind"
            ),
            {"subject": subject, "viewer": viewer.id, "kind": f'%"for":"{kind}"%'},
        )
        return rows.first() is not None

    def _circle(self, known: Iterable[str]) -> dict[str, Member]:
        """The known members, who leads them, and everybody with a role a seat may fall to."""
        circle: dict[str, Member] = {}
        for role in ("director", "ops", "admin"):
            circle |= {member.id: member for member in self._people.with_role(role)}
        wanted = [*known, *(member.superior_id for member in circle.values())]
        while wanted:
            member_id = wanted.pop()
            if member_id and member_id not in circle and (found := self._people.get(member_id)):
                circle[member_id] = found
                wanted.append(found.superior_id)
        return circle
