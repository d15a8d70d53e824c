"""The audit log: entries in the transaction of the change, chained and signed by a sealer afterwards. R-AUD."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, text

from sales.decision import Audit
from storage.engine import Store

GENESIS = "0" * 64
UNSEALED_LIMIT_MS = 60_000
_FIELDS = "at, who, chat, action, subject, before, after, why"

Sign = Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class Head:
    """The signed end of the chain: position counts from 1, 0 is the empty chain."""

    position: int
    hash: str
    signature: str


def write(conn: Connection, store: Store, entries: Sequence[Audit], *, at: int, who: str, chat: str) -> None:
    """Append entries, unsealed. `at` is the business instant in microseconds."""
    tx = "0" if store.is_sqlite else "CAST(CAST(pg_current_xact_id() AS text) AS bigint)"
    statement = text(
        "INSERT INTO audit (tx, at, who, chat, action, subject, before, after, why, written_ms, hash) VALUES "
        f"({tx}, :at, :who, :chat, :action, :subject, :before, :after, :why, {store.machine_now}, '')"
    )
    for entry in entries:
        conn.execute(
            statement,
            {
                "at": at,
                "who": who,
                "chat": chat,
                "action": entry.action,
                "subject": entry.subject,
                "before": _text(entry.before),
                "after": _text(entry.after),
                "why": entry.why,
            },
        )


def seal(conn: Connection, store: Store, sign: Sign, *, limit: int = 500) -> Head | None:
    """Chain unsealed entries in commit order and sign the new head; None when there was nothing to seal.

    On PostgreSQL only entries below the oldest running transaction are taken, so that none can slip in before.
    """
    if not store.is_sqlite:
        conn.execute(text("SELECT pg_advisory_xact_lock(736001)"))
    below = "" if store.is_sqlite else (
        " AND tx < CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)"
    )  # fmt: skip
    rows = conn.execute(
        text(f"SELECT seq, {_FIELDS} FROM audit WHERE position IS NULL{below} ORDER BY tx, seq LIMIT :limit"),
        {"limit": limit},
    ).all()
    if not rows:
        return None
    last = head(conn)
    position, chained = (last.position, last.hash) if last else (0, GENESIS)
    for seq, *values in rows:
        position, chained = position + 1, _link(chained, position + 1, values)
        conn.execute(
            text("UPDATE audit SET position = :position, hash = :hash WHERE seq = :seq"),
            {"position": position, "hash": chained, "seq": seq},
        )
    sealed = Head(position, chained, sign(_signed_bytes(position, chained)))
    conn.execute(
        text("INSERT INTO audit_seals (position, hash, signature) VALUES (:position, :hash, :signature)"),
        {"position": position, "hash": chained, "signature": sealed.signature},
    )
    return sealed


def head(conn: Connection) -> Head | None:
    """The newest signed head in the database."""
    row = conn.execute(text("SELECT position, hash, signature FROM audit_seals ORDER BY position DESC LIMIT 1")).first()
    return None if row is None else Head(int(row[0]), row[1], row[2])


def verify(conn: Connection, store: Store, sign: Sign, *, kept: Head | None) -> list[str]:
    """Every fault found, in words; empty means the log is whole.

    `kept` is the head from the file outside the database: it shows a removed tail. Finds edits, removals,
    reordering, a tail nobody signed, and entries unsealed for over a minute.
    """
    faults: list[str] = []
    seals = {
        int(row[0]): Head(int(row[0]), row[1], row[2])
        for row in conn.execute(text("SELECT position, hash, signature FROM audit_seals"))
    }
    faults += [
        f"seal at {head.position} has a wrong signature" for head in seals.values() if not _is_signed(head, sign)
    ]
    position, chained = 0, GENESIS
    hashes: dict[int, str] = {}
    for stored_position, stored_hash, *values in _sealed(conn):
        position += 1
        if int(stored_position) != position:
            return [*faults, f"entry {position} is missing"]
        chained = _link(chained, position, values)
        if not hmac.compare_digest(chained, stored_hash):
            return [*faults, f"entry {position} was changed"]
        if position in seals or (kept and kept.position == position):
            hashes[position] = chained
    faults += _check_heads(seals, kept, hashes, position, sign)
    late = conn.execute(
        text(f"SELECT count(*) FROM audit WHERE position IS NULL AND written_ms < {store.machine_now} - :limit"),
        {"limit": UNSEALED_LIMIT_MS},
    ).scalar_one()
    return [*faults, f"{late} entries are unsealed for over 60 s"] if late else faults


def _check_heads(seals: dict[int, Head], kept: Head | None, hashes: dict[int, str], end: int, sign: Sign) -> list[str]:
    faults = [
        f"seal at {at} does not match the chain" for at, seal in seals.items() if at <= end and hashes[at] != seal.hash
    ]
    last = max(seals, default=0)
    if last != end:
        faults.append(f"the log ends at {end}, its last seal is {last}")
    if kept is None:
        return [*faults, "the signed head file is missing"] if end or last else faults
    if not _is_signed(kept, sign):
        return [*faults, "the signed head file was changed"]
    if kept.position > end:
        return [*faults, f"the newest entries are gone: the head file knows {kept.position}, the log ends at {end}"]
    if kept.position and hashes.get(kept.position) != kept.hash:
        faults.append(f"entry {kept.position} is not the one the head file knows")
    return faults


def entries(conn: Connection, *, subject: str = "", limit: int = 200) -> list[dict[str, Any]]:
    """The newest entries, newest first, optionally of one subject."""
    where = "WHERE subject = :subject" if subject else ""
    rows = conn.execute(
        text(f"SELECT seq, position, {_FIELDS} FROM audit {where} ORDER BY seq DESC LIMIT :limit"),
        {"subject": subject, "limit": limit} if subject else {"limit": limit},
    )
    return [dict(row._mapping) for row in rows]


def _sealed(conn: Connection) -> Iterator[Any]:
    statement = text(f"SELECT position, hash, {_FIELDS} FROM audit WHERE position IS NOT NULL ORDER BY position")
    with conn.execute(statement, execution_options={"yield_per": 1000}) as rows:
        yield from rows


def _link(previous: str, position: int, values: Sequence[Any]) -> str:
    return hashlib.sha256(orjson.dumps([previous, position, *values])).hexdigest()


def _is_signed(head: Head, sign: Sign) -> bool:
    return hmac.compare_digest(head.signature.encode(), sign(_signed_bytes(head.position, head.hash)).encode())


def _signed_bytes(position: int, chained: str) -> bytes:
    return f"{position}:{chained}".encode()


def _text(value: Any) -> str:
    return orjson.dumps(dict(value), option=orjson.OPT_SORT_KEYS, default=str).decode()
