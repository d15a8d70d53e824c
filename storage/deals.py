"""Deals as they are read, with the viewer's sight applied. R-PPL-2."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from sales.deals import Deal
from sales.people import Member
from storage.entities import entity_of, get, query, table_of
from storage.people import People

_T = table_of(Deal)


class Deals:
    """Reads of one snapshot."""

    def __init__(self, conn: Connection, people: People) -> None:
        self._conn = conn
        self._people = people

    def get(self, deal_id: int) -> Deal | None:
        """Without sight: only for what a rule needs to know, never to show."""
        return get(self._conn, Deal, deal_id)

    def by_external_id(self, external_id: str) -> Deal | None:
        """The deal an import called by this id."""
        row = self._conn.execute(query(Deal).where(_T.c.external_id == external_id)).first()
        return None if row is None else entity_of(Deal, row)

    def visible(self, deal_id: int, viewer: Member) -> Deal | None:
        """The deal when the viewer may see it. R-PPL-2."""
        found = self.get(deal_id)
        return found if found and self._people.sees(viewer, found.owner_id) else None

    def open_of(self, viewer: Member, *, limit: int) -> tuple[list[Deal], int]:
        """Open deals the viewer may see, the largest first, and how many there are in all. R-PPL-2."""
        owners = self._people.visible_owner_ids(viewer)
        where = (_T.c.owner_id.in_(owners), _T.c.state == "open")
        total = self._conn.execute(select(func.count()).select_from(_T).where(*where)).scalar_one()
        rows = self._conn.execute(query(Deal).where(*where).order_by(_T.c.amount_fen.desc(), _T.c.id).limit(limit))
        return [entity_of(Deal, row) for row in rows], int(total)

    def newest_logged(self, member_id: str, *, platform: str, chat: str, since: datetime) -> list[Deal]:
        """Deals the member logged in this chat since an instant, newest first. R-UNDO."""
        rows = self._conn.execute(
            query(Deal)
            .where(_T.c.logged_by == member_id, _T.c.platform == platform, _T.c.chat == chat, _T.c.created_at >= since)
            .order_by(_T.c.created_at.desc(), _T.c.id.desc())
            .limit(20)
        )
        return [entity_of(Deal, row) for row in rows]

    def count_others(self, deal: Deal) -> int:
        """How many other live deals the deal's customer has."""
        where = (_T.c.customer_id == deal.customer_id, _T.c.id != deal.id, _T.c.state != "undone")
        return int(self._conn.execute(select(func.count()).select_from(_T).where(*where)).scalar_one())
