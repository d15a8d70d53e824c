"""Requirements, submissions, originals and freezings, as they are read. R-GATE-1, R-EVD-1."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, func, select

from sales.deals import Deal
from sales.evidence import Original, Submission
from sales.freezes import Freeze
from sales.gates import GateRefusal, Requirement, requirements_of
from sales.people import Member
from storage.entities import entity_of, get, query, table_of
from storage.people import People

_D = table_of(Deal)
_R = table_of(Requirement)
_S = table_of(Submission)
_F = table_of(Freeze)
_G = table_of(GateRefusal)
MOST_DEALS = 200


class Evidence:
    """Reads of one snapshot."""

    def __init__(self, conn: Connection, people: People) -> None:
        self._conn = conn
        self._people = people

    def requirements(self, deal: Deal) -> tuple[Requirement, ...]:
        """What the deal's stage asks for, in order. R-GATE-1."""
        rows = self._conn.execute(query(Requirement).where(_R.c.deal_id == deal.id, _R.c.stage == deal.stage))
        return requirements_of(deal, [entity_of(Requirement, row) for row in rows])

    def of_owner(self, owner_id: str) -> list[Requirement]:
        """The requirements of every open deal of an owner, the newest deal first. R-EVD-1."""
        where = (_D.c.owner_id == owner_id, _D.c.state == "open", _D.c.stage >= 3)
        rows = self._conn.execute(query(Deal).where(*where).order_by(_D.c.id.desc()).limit(MOST_DEALS))
        return self._of_deals([entity_of(Deal, row) for row in rows])

    def of_deals(self, deals: Iterable[Deal]) -> list[Requirement]:
        """The requirements of these deals that are open. R-EVD-1."""
        return self._of_deals([deal for deal in deals if deal.state == "open"])

    def _of_deals(self, deals: Sequence[Deal]) -> list[Requirement]:
        ids = [deal.id for deal in deals]
        rows = self._conn.execute(query(Requirement).where(_R.c.deal_id.in_(ids)))
        known = [entity_of(Requirement, row) for row in rows]
        return [
            each for deal in deals for each in requirements_of(deal, [row for row in known if row.deal_id == deal.id])
        ]

    def submission(self, number: int) -> Submission | None:
        """The submission with this number."""
        return get(self._conn, Submission, number)

    def live(self, requirement_id: str) -> Submission | None:
        """The one submission that counts for a requirement. R-EVD-3."""
        where = (_S.c.requirement_id == requirement_id, _S.c.state.in_(("waiting", "accepted")))
        row = self._conn.execute(query(Submission).where(*where)).first()
        return None if row is None else entity_of(Submission, row)

    def original(self, sha: str) -> Original | None:
        """The original with these bytes. R-EVD-4."""
        return get(self._conn, Original, sha)

    def freeze(self, number: int) -> Freeze | None:
        """The freezing with this number."""
        return get(self._conn, Freeze, number)

    def open_freeze(self, deal_id: int) -> Freeze | None:
        """The freezing a deal stands in."""
        row = self._conn.execute(query(Freeze).where(_F.c.deal_id == deal_id, _F.c.thawed_at.is_(None))).first()
        return None if row is None else entity_of(Freeze, row)

    def thaws_by_hand(self, deal: Deal) -> int:
        """How often a person thawed the deal at its gate. R-GATE-2."""
        where = (_F.c.deal_id == deal.id, _F.c.stage == deal.stage, _F.c.thawed_by != "")
        return int(self._conn.execute(select(func.count()).select_from(_F).where(*where)).scalar_one())

    def refusal(self, refusal_id: str) -> GateRefusal | None:
        """How often somebody was turned back at a gate with a deal on a day. R-GATE-1."""
        return get(self._conn, GateRefusal, refusal_id)

    def refusals(self, deal: Deal) -> int:
        """How often the deal was turned back at its gate in all. R-GATE-1."""
        where = (_G.c.deal_id == deal.id, _G.c.stage == deal.stage)
        return int(self._conn.execute(select(func.sum(_G.c.times)).where(*where)).scalar() or 0)

    def superiors_of(self, member_id: str) -> list[Member]:
        """The direct superior, that one's superior, and so on; loops are cut at the first repeat. R-EVD-5."""
        found: list[Member] = []
        seen = {member_id}
        member = self._people.get(member_id)
        while member and member.superior_id and member.superior_id not in seen:
            seen.add(member.superior_id)
            member = self._people.get(member.superior_id)
            if member:
                found.append(member)
        return found
