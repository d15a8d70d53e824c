"""Links to pages, as they are read, and the one write that uses one up. R-LINK."""

from __future__ import annotations

from sqlalchemy import Connection, delete

from sales.decision import Decision
from sales.links import Link
from storage import audit, entities
from storage.engine import Store
from storage.entities import Conflict, entity_of, get, query, table_of
from storage.types import from_us

_T = table_of(Link)


class Links:
    """Reads of one snapshot."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def get(self, number: int) -> Link | None:
        """The link with this number."""
        return get(self._conn, Link, number)

    def newest(self, member_id: str) -> Link | None:
        """The last link a person was given."""
        row = self._conn.execute(query(Link).where(_T.c.member_id == member_id).order_by(_T.c.id.desc()).limit(1))
        found = row.first()
        return None if found is None else entity_of(Link, found)


def open_once(conn: Connection, store: Store, decision: Decision, *, who: str, at: int) -> bool:
    """Write that a link was opened; False when somebody was faster, and nothing is written. R-LINK, R-AUD."""
    try:
        entities.save_all(conn, decision.saves)
    except Conflict:
        return False
    audit.write(conn, store, decision.audits, at=at, who=who, chat="page")
    return True


def forget(conn: Connection, *, made_before: int) -> int:
    """Delete links past their keeping time, in business microseconds. R-PRIV."""
    return conn.execute(delete(_T).where(_T.c.made_at < from_us(made_before))).rowcount
