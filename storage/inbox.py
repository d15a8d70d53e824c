"""The inbox: everything that happens becomes one row here before it is answered or handled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, text

from storage import lanes
from storage.engine import Store, insert_rows


class Inbound(NamedTuple):
    """One thing that happened, as it is stored. A tuple, because thousands a minute become rows.

    `id` is platform + tenant + the platform's own id: the same id twice is one event. `payload` is the JSON as
    it was verified and decrypted; it is parsed when the row is handled, so that a payload we cannot read yet is
    kept and not lost. Instants are UTC microseconds. `answer_within_ms` is 0 for events that are only
    acknowledged, else the platform's limit for an inline answer, less the safety margin.
    """

    id: str
    lane: str
    kind: str
    platform: str
    account: str
    chat: str
    payload: bytes
    occurred_at: int
    received_at: int
    answer_within_ms: int


class Stored(NamedTuple):
    """A waiting row as a worker reads it."""

    seq: int
    inbound: Inbound
    answer_by: int | None
    tries: int


_COLUMNS = "seq, id, lane, kind, platform, account, chat, payload, occurred_at, received_at, answer_by, tries"
_INSERT = (
    "INSERT INTO inbox (id, lane, kind, platform, account, chat, payload, occurred_at, received_at, answer_by, "
    "state, tries, error) "
)
_SQLITE_ROW = (
    "(?, ?, ?, ?, ?, ?, ?, ?, ?, NULLIF(?, 0) + CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER), 0, 0, '')"
)
_POSTGRESQL = (
    "WITH stored AS (" + _INSERT + "SELECT a, b, c, d, e, f, g, h, i, NULLIF(j, 0) + "
    "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint), 0, 0, '' "
    "FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], "
    "%b::bytea[], %b::bigint[], %b::bigint[], %b::bigint[]) AS r(a, b, c, d, e, f, g, h, i, j) "
    "ON CONFLICT (id) DO NOTHING RETURNING lane) " + lanes.WAKE_STORED
)
"""One round trip: the new rows first, then their lanes."""


def receive(conn: Connection, store: Store, rows: Sequence[Inbound]) -> None:
    """Store events and wake their lanes. An id that is known already changes nothing."""
    if store.is_sqlite:
        insert_rows(conn, _INSERT, _SQLITE_ROW, " ON CONFLICT (id) DO NOTHING", rows)
        lanes.wake(conn, store, ((row.lane, 0) for row in rows), queue=lanes.INBOX)
    else:
        conn.exec_driver_sql(_POSTGRESQL, tuple(list(column) for column in zip(*rows, strict=True)))


def oldest(conn: Connection, lane: str) -> Stored | None:
    """The lane's oldest waiting row."""
    row = conn.execute(
        text(f"SELECT {_COLUMNS} FROM inbox WHERE lane = :lane AND state = 0 ORDER BY seq LIMIT 1"),
        {"lane": lane},
    ).first()
    return None if row is None else _stored(row)


def by_id(conn: Connection, event_id: str) -> Stored | None:
    """The row of an event, in whatever state it is."""
    row = conn.execute(text(f"SELECT {_COLUMNS} FROM inbox WHERE id = :id"), {"id": event_id}).first()
    return None if row is None else _stored(row)


def finish(conn: Connection, seq: int) -> None:
    """The row has had its effect."""
    conn.execute(text("UPDATE inbox SET state = 1 WHERE seq = :seq"), {"seq": seq})


def bury(conn: Connection, seq: int, *, error: str) -> None:
    """The row could not be handled; `doctor` shows it and can bring it back."""
    conn.execute(text("UPDATE inbox SET state = 2, error = :error WHERE seq = :seq"), {"seq": seq, "error": error})


def try_again(conn: Connection, seq: int, *, tries: int, error: str) -> None:
    """The row stays first in its lane; this attempt is counted."""
    conn.execute(
        text("UPDATE inbox SET tries = :tries, error = :error WHERE seq = :seq"),
        {"seq": seq, "tries": tries, "error": error},
    )


def has_waiting(conn: Connection, lane: str) -> bool:
    """True when the lane has more rows to handle."""
    found = conn.execute(text("SELECT 1 FROM inbox WHERE lane = :lane AND state = 0 LIMIT 1"), {"lane": lane})
    return found.first() is not None


def waiting_since(conn: Connection) -> int | None:
    """received_at of the oldest waiting row that is no timer, in UTC microseconds; None when nothing waits."""
    found = conn.execute(
        text(
            "SELECT received_at FROM inbox WHERE seq = "
            f"(SELECT MIN(seq) FROM inbox WHERE state = 0 AND lane <> '{lanes.TIMERS}')"
        )
    ).scalar()
    return None if found is None else int(found)


def count_waiting(conn: Connection) -> int:
    """How many rows wait to be handled."""
    return int(conn.execute(text("SELECT count(*) FROM inbox WHERE state = 0")).scalar_one())


def dead(conn: Connection, *, limit: int = 50) -> list[tuple[str, str, str]]:
    """Buried rows: id, kind, error."""
    rows = conn.execute(
        text("SELECT id, kind, error FROM inbox WHERE state = 2 ORDER BY seq LIMIT :limit"), {"limit": limit}
    )
    return [(row[0], row[1], row[2]) for row in rows]


def revive(conn: Connection, store: Store, event_id: str) -> bool:
    """A buried row waits again, at its old place in the lane; False when there is no such row."""
    lane = conn.execute(
        text("UPDATE inbox SET state = 0, tries = 0 WHERE id = :id AND state = 2 RETURNING lane"),
        {"id": event_id},
    ).scalar()
    if lane is None:
        return False
    lanes.wake(conn, store, [(lane, 0)], queue=lanes.INBOX)
    return True


def forget(conn: Connection, *, received_before: int) -> int:
    """Delete handled rows that are past their keeping time. R-PRIV."""
    return conn.execute(
        text("DELETE FROM inbox WHERE state = 1 AND received_at < :before"), {"before": received_before}
    ).rowcount


def _stored(row: Row[Any]) -> Stored:
    seq, event_id, lane, kind, platform, account, chat, payload, occurred, received, answer_by, tries = tuple[Any, ...](
        row
    )
    inbound = Inbound(event_id, lane, kind, platform, account, chat, bytes(payload), occurred, received, 0)
    return Stored(seq, inbound, answer_by, tries)
