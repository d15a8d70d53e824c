"""Short numbers people use (#17): taken in memory, kept in the database with what they number."""

from __future__ import annotations

from threading import Lock

from sqlalchemy import Connection, text


class Numbers:
    """Hands out the next number per kind. Two processes may hand out the same one: the primary key then decides,
    the loser's handler runs again and takes the next. A number nobody used is a gap, which is fine."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last: dict[str, int] = {}

    def take(self, conn: Connection, kind: str, count: int = 1) -> range:
        """The next free numbers of the kind."""
        stored = conn.execute(text("SELECT last FROM numbers WHERE kind = :kind"), {"kind": kind}).scalar() or 0
        with self._lock:
            first = max(int(stored), self._last.get(kind, 0)) + 1
            self._last[kind] = first + count - 1
        return range(first, first + count)


def keep(conn: Connection, taken: dict[str, int]) -> None:
    """Remember the highest number used, in the transaction that uses it."""
    for kind, last in sorted(taken.items()):
        conn.execute(
            text(
                "INSERT INTO numbers (kind, last) VALUES (:kind, :last) ON CONFLICT (kind) DO UPDATE SET last = "
                "CASE WHEN numbers.last > excluded.last THEN numbers.last ELSE excluded.last END"
            ),
            {"kind": kind, "last": last},
        )
