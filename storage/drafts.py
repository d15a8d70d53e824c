"""Drafts of quick entries as they are read. R-HOLD."""

from __future__ import annotations

from sqlalchemy import Connection

from sales.drafts import Draft
from storage.entities import entity_of, get, query, table_of

_T = table_of(Draft)


class Drafts:
    """Reads of one snapshot."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def get(self, draft_id: int) -> Draft | None:
        """The draft with this number."""
        return get(self._conn, Draft, draft_id)

    def open_in(self, member_id: str, *, platform: str, chat: str) -> Draft | None:
        """The one open draft of a person in a chat."""
        row = self._conn.execute(
            query(Draft).where(
                _T.c.member_id == member_id, _T.c.platform == platform, _T.c.chat == chat, _T.c.state == "open"
            )
        ).first()
        return None if row is None else entity_of(Draft, row)

    def newest_kept(self, member_id: str) -> list[Draft]:
        """Open and parked drafts of a person on all platforms, newest first."""
        rows = self._conn.execute(
            query(Draft)
            .where(_T.c.member_id == member_id, _T.c.state.in_(("open", "parked")))
            .order_by(_T.c.asked_at.desc(), _T.c.id.desc())
            .limit(20)
        )
        return [entity_of(Draft, row) for row in rows]
