"""Product names in use, kept in memory: they help to read a line, and a stale list only helps a little less."""

from __future__ import annotations

from threading import Lock

from sqlalchemy import Connection, text

MOST = 200
STALE_AFTER = 50


class Products:
    """Names by use, read again after every 50 new deals."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._names: tuple[str, ...] = ()
        self._read_at = -STALE_AFTER

    def names(self, conn: Connection) -> tuple[str, ...]:
        """The most used product names, at most 200."""
        newest = int(conn.execute(text("SELECT last FROM numbers WHERE kind = 'deal'")).scalar() or 0)
        with self._lock:
            if newest - self._read_at >= STALE_AFTER:
                rows = conn.execute(
                    text("SELECT product FROM deals GROUP BY product ORDER BY count(*) DESC, product LIMIT :most"),
                    {"most": MOST},
                )
                self._names, self._read_at = tuple(row[0] for row in rows), newest
            return self._names
