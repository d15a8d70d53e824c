"""Lanes: the one queue engine. A lane keeps order; whoever leases it may work its oldest row, until the lease ends.

The same two tables serve inbox and outbox on both stores. A lease lasts 15 s in machine time; its fence goes up
with every claim, so a worker that slept through its lease can no longer write.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, text

from storage.engine import MACHINE_NOW, Store, insert_rows

INBOX, OUTBOX = 0, 1
TIMERS = "in:timers"
"""All timers share one lane: they are handled strictly in due order (decision 0004)."""
LEASE_MS = 15_000

_INSERT = "INSERT INTO lanes (key, queue, rank, due, lease_until, fence) "
_ON_CONFLICT = (
    " ON CONFLICT (key) DO UPDATE SET "
    "due = CASE WHEN lanes.due IS NULL OR lanes.due > excluded.due THEN excluded.due ELSE lanes.due END, "
    "rank = CASE WHEN lanes.due IS NULL OR lanes.rank > excluded.rank THEN excluded.rank ELSE lanes.rank END "
    "WHERE lanes.due IS NULL OR lanes.due > excluded.due OR lanes.rank > excluded.rank"
)
"""A lane that is due already and as urgent is left alone; PostgreSQL locks it all the same."""
_SQLITE_ROW = f"(?, ?, ?, {MACHINE_NOW['sqlite']} + ?, 0, 0)"
_POSTGRESQL = (
    _INSERT + f"SELECT k, %s, r, {MACHINE_NOW['postgresql']} + %s, 0, 0 "
    "FROM unnest(%b::text[], %b::smallint[]) AS l(k, r) ORDER BY k" + _ON_CONFLICT
)
WAKE_STORED = (
    _INSERT + f"SELECT lane, {INBOX}, 0, {MACHINE_NOW['postgresql']}, 0, 0 "
    "FROM (SELECT DISTINCT lane FROM stored ORDER BY lane) AS l" + _ON_CONFLICT
)
"""Ends the statement that stores inbox rows on PostgreSQL."""


class LeaseLost(Exception):
    """The lane was claimed by somebody else meanwhile; nothing may be written for it."""


class Claim(NamedTuple):
    """The right to work a lane until its lease ends."""

    lane: str
    fence: int
    lease_ms: int = LEASE_MS


def wake(conn: Connection, store: Store, rows: Iterable[tuple[str, int]], *, queue: int, delay_ms: int = 0) -> None:
    """Make lanes due; `rows` are lane keys with the urgency of what waits there.

    Keys are sorted, so that two transactions lock them in the same order.
    """
    ranked = sorted(dict(sorted(rows, reverse=True)).items())
    if not ranked:
        return
    if store.is_sqlite:
        rows_of = [(key, queue, rank, delay_ms) for key, rank in ranked]
        insert_rows(conn, _INSERT, _SQLITE_ROW, _ON_CONFLICT, rows_of)
    else:
        conn.exec_driver_sql(_POSTGRESQL, (queue, delay_ms, [k for k, _ in ranked], [r for _, r in ranked]))


def claim(
    conn: Connection,
    store: Store,
    *,
    queue: int,
    limit: int,
    lease_ms: int = LEASE_MS,
    only: str = "",
    without: Sequence[str] = (),
) -> list[Claim]:
    """Lease up to `limit` due lanes, most urgent first, then oldest; or `only` this one. Each goes to one caller.

    Lanes whose key begins with one of `without` belong to another process.
    """
    one = "AND key = :only " if only else ""
    one += "".join(f"AND substr(key, 1, {len(begin)}) <> :not{n} " for n, begin in enumerate(without))
    named = {"only": only} if only else {}
    named |= {f"not{n}": begin for n, begin in enumerate(without)}
    now = store.machine_now
    rows = conn.execute(
        text(
            f"UPDATE lanes SET lease_until = {now} + :lease, due = {now} + :lease, fence = fence + 1 WHERE key IN "
            f"(SELECT key FROM lanes WHERE queue = :queue AND due <= {now} AND lease_until <= {now} {one}"
            f"ORDER BY rank, due LIMIT :limit{store.skip_locked()}) RETURNING key, fence"
        ),
        {"queue": queue, "limit": limit, "lease": lease_ms, **named},
    )
    return [Claim(row[0], row[1], lease_ms) for row in rows]


def hold(conn: Connection, store: Store, claim: Claim) -> None:
    """Lock the lane for this transaction. Raises LeaseLost when the fence has moved on."""
    found = conn.execute(
        text(f"SELECT fence FROM lanes WHERE key = :key{store.for_update()}"), {"key": claim.lane}
    ).scalar()
    if found != claim.fence:
        raise LeaseLost(claim.lane)


def release(conn: Connection, store: Store, claim: Claim, *, due_in_ms: int | None) -> None:
    """Give a held lane back: due again in so many ms, or idle (None)."""
    due = "NULL" if due_in_ms is None else f"{store.machine_now} + {int(due_in_ms)}"
    conn.execute(
        text(f"UPDATE lanes SET lease_until = 0, due = {due} WHERE key = :key AND fence = :fence"),
        {"key": claim.lane, "fence": claim.fence},
    )


def renew(conn: Connection, store: Store, claim: Claim) -> None:
    """Keep a held lane for its next row, as long again as it was leased for."""
    conn.execute(
        text(f"UPDATE lanes SET lease_until = {store.machine_now} + :lease, due = {store.machine_now} + :lease "
             "WHERE key = :key AND fence = :fence"),
        {"key": claim.lane, "fence": claim.fence, "lease": claim.lease_ms},
    )  # fmt: skip


def soonest_due_ms(conn: Connection, store: Store, *, queue: int) -> int | None:
    """Milliseconds until the next lane of the queue can be claimed (0 or less: now); None when all are idle."""
    later = "MAX" if store.is_sqlite else "GREATEST"
    found = conn.execute(
        text(
            f"SELECT MIN({later}(due, lease_until)) - {store.machine_now} FROM lanes "
            "WHERE queue = :queue AND due IS NOT NULL"
        ),
        {"queue": queue},
    ).scalar()
    return None if found is None else int(found)
