"""Forms on their way, as they are read. R-HOLD."""

from __future__ import annotations

from sqlalchemy import Connection

from sales.conversations import Conversation
from storage.entities import entity_of, get, query, table_of

_T = table_of(Conversation)


class Conversations:
    """Reads of one snapshot."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def get(self, number: int) -> Conversation | None:
        """The conversation with this number."""
        return get(self._conn, Conversation, number)

    def open_in(self, member_id: str, *, platform: str, chat: str) -> Conversation | None:
        """The one open conversation of a person in a chat."""
        row = self._conn.execute(
            query(Conversation).where(
                _T.c.member_id == member_id, _T.c.platform == platform, _T.c.chat == chat, _T.c.state == "open"
            )
        ).first()
        return None if row is None else entity_of(Conversation, row)

    def newest_kept(self, member_id: str) -> list[Conversation]:
        """Open and parked conversations of a person on all platforms, newest first."""
        rows = self._conn.execute(
            query(Conversation)
            .where(_T.c.member_id == member_id, _T.c.state.in_(("open", "parked")))
            .order_by(_T.c.asked_at.desc(), _T.c.id.desc())
            .limit(20)
        )
        return [entity_of(Conversation, row) for row in rows]
