"""Timers as rows: one per name and subject, fired once by whoever claims it first. R-TIME-5."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import orjson
from sqlalchemy import Connection, text

from sales.decision import CancelTimer, StartTimer
from storage import inbox
from storage.engine import Store
from storage.inbox import Inbound
from storage.lanes import TIMERS
from storage.types import from_us, to_us

BATCH = 200


def apply(conn: Connection, orders: Sequence[StartTimer | CancelTimer], *, policy_version: int) -> None:
    """Start, move or cancel timers, in the transaction of the decision that asks for it."""
    for kind, same in groupby(orders, type):
        rows = [_values(order, policy_version) for order in same]
        conn.execute(_START if kind is StartTimer else _CANCEL, rows)


def fire(conn: Connection, store: Store, *, due_until: int, now: int, limit: int = BATCH) -> int:
    """Turn timers due at or before `due_until` into inbox rows, in due order; returns how many.

    The row's occurred_at is the due instant and its id holds it, so that a timer fires once per instant even when
    two replicas try. Replicas take turns: the later batch must not reach the inbox first. All instants in UTC
    microseconds; `now` is the business instant of receipt.
    """
    if not store.is_sqlite:
        conn.execute(text("SELECT pg_advisory_xact_lock(736002)"))
    rows = conn.execute(
        text(
            "UPDATE timers SET state = 1 WHERE seq IN (SELECT seq FROM timers WHERE state = 0 AND due <= :until "
            "ORDER BY due, seq LIMIT :limit) RETURNING due, seq, name, subject"
        ),
        {"until": due_until, "limit": limit},
    ).all()
    if rows:
        inbox.receive(conn, store, [_inbound(*row, now=now) for row in sorted(rows)])
    return len(rows)


def next_due(conn: Connection) -> tuple[int, str, str] | None:
    """Due instant, name and subject of the next timer."""
    row = conn.execute(text("SELECT due, name, subject FROM timers WHERE state = 0 ORDER BY due, seq LIMIT 1")).first()
    return None if row is None else (int(row[0]), row[1], row[2])


def received(conn: Connection) -> datetime | None:
    """When the timer that is being handled came due for us: after a downtime later than its due instant. R-TIME-6.

    It is the oldest of its one lane (decision 0004); None outside of a handler run.
    """
    found = conn.execute(_RECEIVED, {"lane": TIMERS}).scalar()
    return None if found is None else from_us(int(found))


def is_due_again(conn: Connection, name: str, subject: str, *, after: datetime, until: datetime) -> bool:
    """True when the timer was started anew for a later instant that is due already, and was not handled yet."""
    bounds = {"name": name, "subject": subject, "after": to_us(after), "until": to_us(until)}
    return conn.execute(_AGAIN, bounds).first() is not None


def _inbound(due: int, seq: int, name: str, subject: str, *, now: int) -> Inbound:
    return Inbound(
        id=f"timer:{seq}:{due}",
        lane=TIMERS,
        kind="timer",
        platform="",
        account="",
        chat="",
        payload=orjson.dumps({"name": name, "subject": subject}),
        occurred_at=due,
        received_at=max(now, due),
        answer_within_ms=0,
    )


def _values(order: StartTimer | CancelTimer, policy_version: int) -> dict[str, Any]:
    key = {"name": order.name, "subject": order.subject}
    return {**key, "due": to_us(order.due), "policy": policy_version} if isinstance(order, StartTimer) else key


_RECEIVED = text("SELECT received_at FROM inbox WHERE lane = :lane AND state = 0 ORDER BY seq LIMIT 1")
_AGAIN = text(
    "SELECT 1 FROM timers t WHERE name = :name AND subject = :subject AND due > :after AND due <= :until AND "
    "(state = 0 OR EXISTS (SELECT 1 FROM inbox i WHERE i.id = 'timer:' || t.seq || ':' || t.due AND i.state = 0))"
)
_CANCEL = text("UPDATE timers SET state = 1 WHERE name = :name AND subject = :subject")
_START = text(
    "INSERT INTO timers (name, subject, due, policy_version, state) VALUES (:name, :subject, :due, :policy, 0) "
    "ON CONFLICT (name, subject) DO UPDATE SET due = excluded.due, policy_version = excluded.policy_version, state = 0"
)
