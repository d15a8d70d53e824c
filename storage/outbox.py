# Long because: planning, choosing and recording a send are one state machine over one table.
"""The outbox: every message from plan to receipt, sent once. The row is the delivery ledger's line too. R-WHY."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, insert, text

from storage import lanes
from storage.engine import Store
from storage.lanes import Claim
from storage.tables.columns import DEAD, DONE, HELD, SENDING, SUPERSEDED, UNPUSHED, WAITING
from storage.tables.core import Outbox

UNGUARDED = 1000
"""What `unknown` counts for an inline answer of unknown fate: no send key ever guards its repetition."""
PASS_MS = 60_000
"""A row that waits this long lets later rows of other subjects pass. R-TIME-3, style.md 7."""

MERGE_GAP_MS = 3_000
"""One object within 3 s is one redraw. R-MERGE."""

AFTER_ANSWER_MS = 300
"""A redraw of a clicked card waits this long after the click's answer was closed."""


@dataclass(frozen=True, slots=True)
class Row:
    """One message on its way. Same names as the table; instants in UTC microseconds, machine times in ms."""

    id: str
    lane: str
    kind: str
    urgency: int = 0
    platform: str = ""
    chat: str = ""
    account: str = ""
    reply_to: str = ""
    viewer: str = ""
    card: str = ""
    subject: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)
    toast: str = ""
    message_kind: str = ""
    rule: str = ""
    policy_version: int = 0
    inbound_id: str = ""
    merge_key: str = ""
    after_id: str = ""
    planned_at: int = 0
    deliver_at: int | None = None
    held_why: str = ""
    hold_until: int = 0
    first_try_at: int = 0
    state: int = WAITING
    tries: int = 0
    unknown: int = 0
    message_id: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed row and the right to send it. `merged` are held rows of the same receiver that go with it."""

    claim: Claim
    row: Row
    merged: tuple[Row, ...] = ()
    machine_ms: int = 0


_NAMES = tuple(f.name for f in fields(Row))
_SELECT = "SELECT " + ", ".join(_NAMES) + " FROM outbox "
_TABLE = Outbox.__table__  # type: ignore[attr-defined]


def plan(conn: Connection, store: Store, rows: Sequence[Row], *, delay_ms: int = 0) -> None:
    """Wake lanes and write their rows. A second waiting redraw of one card is merged into the first.

    Here as everywhere a lane is locked before its rows, so that no two transactions wait for each other.
    """
    wanted = [(row.lane, row.urgency) for row in rows if row.state in (WAITING, HELD) and row.deliver_at is None]
    if wanted:
        lanes.wake(conn, store, wanted, queue=lanes.OUTBOX, delay_ms=delay_ms)
    for row in rows:
        if row.merge_key and _is_waiting(conn, row.merge_key):
            continue
        conn.execute(insert(_TABLE).values(asdict(row)))


def claim(
    conn: Connection, store: Store, *, limit: int, lease_ms: int = lanes.LEASE_MS, without: Sequence[str] = ()
) -> list[Due]:
    """Lease due lanes and mark the row to send in each. A row found half-sent has an unknown fate: counted.

    Lanes that begin with one of `without` are sent by another process.
    """
    due: list[Due] = []
    machine = store.machine_ms(conn)
    for held in lanes.claim(conn, store, queue=lanes.OUTBOX, limit=limit, lease_ms=lease_ms, without=without):
        rows = _open_rows(conn, held.lane)
        chosen, wait_ms = _choose(conn, rows, machine)
        if chosen is None:
            lanes.release(conn, store, held, due_in_ms=wait_ms)
            continue
        merged = _merged(chosen, rows)
        _start(conn, [chosen, *merged], machine)
        due.append(Due(held, chosen, merged, machine))
    return due


def _choose(conn: Connection, rows: Sequence[Row], machine: int) -> tuple[Row | None, int | None]:
    """The row to send now, or how long to wait; most urgent first, inside a class the oldest."""
    passed: set[str] = set()
    soonest: int | None = None
    for row in rows:
        if row.subject in passed:
            continue
        wait = _wait_ms(conn, row, machine)
        if wait <= 0:
            return row, None
        soonest = wait if soonest is None else min(soonest, wait)
        if row.first_try_at and machine - row.first_try_at > PASS_MS:
            passed.add(row.subject)
            continue
        break
    return None, soonest


def _wait_ms(conn: Connection, row: Row, machine: int) -> int:
    """How long the row must wait; 0 or less: it may go now."""
    if row.after_id and _is_open(conn, row.after_id):
        return AFTER_ANSWER_MS
    if row.state == SENDING and row.first_try_at:
        return 0  # the lane's lease ran out under a dead sender
    return row.hold_until - machine


def _merged(chosen: Row, rows: Sequence[Row]) -> tuple[Row, ...]:
    """Rows that were held over and now go out as one list with the chosen one. R-TIME-3, R-MERGE."""
    if not chosen.held_why or chosen.kind != "notice":
        return ()
    return tuple(
        row
        for row in rows
        if row.id != chosen.id and row.held_why and row.kind == "notice" and row.viewer == chosen.viewer
    )  # fmt: skip


def _start(conn: Connection, rows: Sequence[Row], machine: int) -> None:
    conn.execute(
        text(
            "UPDATE outbox SET state = 3, tries = tries + 1, unknown = unknown + "
            "CASE WHEN state <> 3 THEN 0 WHEN first_try_at = 0 THEN :unguarded ELSE 1 END,"
            " first_try_at = CASE WHEN first_try_at = 0 THEN :machine ELSE first_try_at END WHERE id IN :ids"
        ).bindparams(bindparam("ids", expanding=True)),
        {"ids": [row.id for row in rows], "machine": machine, "unguarded": UNGUARDED},
    )


def claim_inline(conn: Connection, store: Store, row_id: str, *, lease_ms: int = lanes.LEASE_MS) -> bool:
    """True when the caller may answer inline: one conditional update decides between it and the outbox.

    When nobody confirms the answer within the lease, its fate is unknown and the outbox takes over.
    """
    done = conn.execute(
        text(
            f"UPDATE outbox SET state = 3, tries = tries + 1, hold_until = {store.machine_now} + :lease "
            "WHERE id = :id AND state = 4"
        ),
        {"id": row_id, "lease": lease_ms},
    )
    return done.rowcount == 1


def confirm_inline(conn: Connection, store: Store, row_id: str, *, at: int) -> None:
    """The inline answer went out; what waited behind it may go."""
    row = get(conn, row_id)
    if row:
        lanes.wake(conn, store, [(row.lane, row.urgency)], queue=lanes.OUTBOX)
        sent(conn, [row_id], at=at, note="inline")


def sent(conn: Connection, ids: Sequence[str], *, at: int, message_id: str = "", note: str = "") -> None:
    """The platform has it. `at` in business microseconds."""
    conn.execute(
        text(
            "UPDATE outbox SET state = 1, sent_at = :at, message_id = :message_id, error = :note WHERE id IN :ids"
        ).bindparams(bindparam("ids", expanding=True)),
        {"ids": list(ids), "at": at, "message_id": message_id, "note": note},
    )


def retry(conn: Connection, row_id: str, *, hold_until: int, error: str, unknown: bool) -> None:
    """Not sent, or not known to be: again with the same key after `hold_until` (machine ms).

    A redraw that was overtaken by a newer waiting one ends here.
    """
    row = get(conn, row_id)
    if row and row.merge_key and _is_waiting(conn, row.merge_key):
        close(conn, [row_id], state=SUPERSEDED, why="a newer redraw waits")
        return
    conn.execute(
        text(
            "UPDATE outbox SET state = 0, hold_until = :until, error = :error, unknown = unknown + :unknown "
            "WHERE id = :id"
        ),
        {"id": row_id, "until": hold_until, "error": error, "unknown": int(unknown)},
    )


def close(conn: Connection, ids: Sequence[str], *, state: int, why: str) -> None:
    """The row ends unsent: DEAD (doctor shows it) or SUPERSEDED (its reason is gone). R-WHY."""
    conn.execute(
        text("UPDATE outbox SET state = :state, error = :why WHERE id IN :ids").bindparams(
            bindparam("ids", expanding=True)
        ),
        {"ids": list(ids), "state": state, "why": why},
    )


def finish_lane(conn: Connection, store: Store, held: Claim, *, gap_ms: int = 0, wait_ms: int | None = None) -> None:
    """Give the lane back: at once when more waits, after `wait_ms` when its head must wait; `gap_ms` spaces sends."""
    lanes.hold(conn, store, held)
    if wait_ms is None:
        more = conn.execute(
            text("SELECT 1 FROM outbox WHERE lane = :l AND state IN (0, 3, 4) AND deliver_at IS NULL LIMIT 1"),
            {"l": held.lane},
        ).first()
        wait_ms = 0 if more else None
    lanes.release(conn, store, held, due_in_ms=wait_ms)
    if gap_ms:
        conn.execute(
            text(f"UPDATE lanes SET lease_until = {store.machine_now} + :gap WHERE key = :key"),
            {"gap": gap_ms, "key": held.lane},
        )


def release_held(conn: Connection, store: Store, *, now: int, limit: int = 200) -> int:
    """Let go what was held until this business instant; returns how many rows. R-TIME-3."""
    rows = conn.execute(
        text(
            "UPDATE outbox SET deliver_at = NULL WHERE seq IN (SELECT seq FROM outbox WHERE state = 0 "
            f"AND deliver_at <= :now ORDER BY deliver_at LIMIT :limit{store.skip_locked()}) RETURNING lane, urgency"
        ),
        {"now": now, "limit": limit},
    ).all()
    if rows:
        lanes.wake(conn, store, [(row[0], row[1]) for row in rows], queue=lanes.OUTBOX)
    return len(rows)


def next_held(conn: Connection) -> int | None:
    """The next business instant at which something held goes out."""
    found = conn.execute(text("SELECT MIN(deliver_at) FROM outbox WHERE state = 0")).scalar()
    return None if found is None else int(found)


def acted(conn: Connection, row_id: str, *, at: int) -> None:
    """Somebody acted on the message. R-WHY."""
    conn.execute(text("UPDATE outbox SET acted_at = :at WHERE id = :id"), {"id": row_id, "at": at})


def reply_of(conn: Connection, inbound_id: str) -> Row | None:
    """The reply row of an event, in whatever state."""
    row = conn.execute(
        text(_SELECT + "WHERE inbound_id = :id AND kind = 'reply' ORDER BY seq LIMIT 1"), {"id": inbound_id}
    ).first()
    return None if row is None else _row(row)


def get(conn: Connection, row_id: str) -> Row | None:
    """One row by id."""
    row = conn.execute(text(_SELECT + "WHERE id = :id"), {"id": row_id}).first()
    return None if row is None else _row(row)


def count_open(conn: Connection) -> int:
    """How many rows could be sent now or are being sent; held ones do not count."""
    return int(
        conn.execute(text("SELECT count(*) FROM outbox WHERE state IN (0, 3, 4) AND deliver_at IS NULL")).scalar_one()
    )


def dead(conn: Connection, *, limit: int = 50) -> list[tuple[str, str, str]]:
    """Messages that were given up: id, kind, why."""
    rows = conn.execute(
        text("SELECT id, kind, error FROM outbox WHERE state = 2 ORDER BY seq DESC LIMIT :limit"), {"limit": limit}
    )
    return [(row[0], row[1], row[2]) for row in rows]


def forget(conn: Connection, *, planned_before: int) -> int:
    """Delete closed rows past their keeping time. R-PRIV."""
    return conn.execute(
        text("DELETE FROM outbox WHERE state IN (1, 2, 5, 6) AND planned_at < :before"), {"before": planned_before}
    ).rowcount


def _open_rows(conn: Connection, lane: str) -> list[Row]:
    """The lane's next rows; those held for a business instant are not in the way."""
    where = "WHERE lane = :lane AND state IN (0, 3, 4) AND deliver_at IS NULL ORDER BY urgency, seq LIMIT 20"
    rows = conn.execute(text(_SELECT + where), {"lane": lane})
    return [_row(row) for row in rows]


def _is_open(conn: Connection, row_id: str) -> bool:
    state = conn.execute(text("SELECT state FROM outbox WHERE id = :id"), {"id": row_id}).scalar()
    return state in (WAITING, SENDING, HELD)


def _is_waiting(conn: Connection, merge_key: str) -> bool:
    found = conn.execute(text("SELECT 1 FROM outbox WHERE merge_key = :k AND state = 0"), {"k": merge_key}).first()
    return found is not None


def _row(row: Any) -> Row:
    values = dict(zip(_NAMES, row, strict=True))
    values["args"] = orjson.loads(values["args"]) if values["args"] else {}
    return Row(**values)


__all__ = ["DEAD", "DONE", "HELD", "SENDING", "SUPERSEDED", "UNPUSHED", "WAITING", "Due", "Row"]
