"""One store, two databases: SQLite in a file, or PostgreSQL. Same behaviour, the sync engine for both."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.pool import QueuePool

from storage.pages import Pages
from storage.products import Products
from storage.secrets import Secrets

MACHINE_NOW = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)",
}
"""Machine time in ms as the database reads it: leases are compared between replicas. R-TIME-4."""

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "cache_size=-4000",  # KiB a connection: with eight of them the process stays small
    "wal_autocheckpoint=4000",  # pages: a busy page is copied into the file a quarter as often as by default
)

__all__ = ["MACHINE_NOW", "Connection", "IntegrityError", "OperationalError", "Store", "insert_rows"]


class Store:
    """An open database. Connections from `snapshot` read one state; `writing` connections are the writer's.

    `pages` makes links to our pages; None where there are none (R-LINK). `webhooks` names the platforms whose groups
    have outgoing webhooks.
    """

    def __init__(
        self,
        url: str,
        *,
        readers: int = 6,
        secrets: Secrets | None = None,
        pages: Pages | None = None,
        webhooks: Collection[str] = (),
    ) -> None:
        self.url = _driver_url(url)
        self.dialect = "sqlite" if self.url.startswith("sqlite") else "postgresql"
        self.machine_now = MACHINE_NOW[self.dialect]
        self.products = Products()
        self.pages = pages
        self.webhooks = frozenset(webhooks)
        self._secrets = secrets
        self.engine = _sqlite(self.url, readers) if self.is_sqlite else _postgresql(self.url, readers)

    @property
    def secrets(self) -> Secrets:
        """What seals phones; only a store that was opened with the key file has it. R-PRIV."""
        if self._secrets is None:
            raise RuntimeError("this store was opened without the key file")
        return self._secrets

    @property
    def is_sqlite(self) -> bool:
        """True for the embedded store, where one process writes."""
        return self.dialect == "sqlite"

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection that sees one committed state until it is left, and writes nothing."""
        with self.engine.connect() as conn:
            if not self.is_sqlite:
                conn = conn.execution_options(isolation_level="REPEATABLE READ")
            try:
                yield conn
            finally:
                conn.rollback()

    def writing(self, *, single: bool = False) -> Connection:
        """A connection for a write step. Only bot/writer.py commits it. With `single` a statement is a transaction."""
        options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"} if single else {}
        return self.engine.connect().execution_options(dealdesk_write=True, **options)

    def for_update(self) -> str:
        """Row lock suffix where writers run side by side; SQLite has one writer and needs none."""
        return "" if self.is_sqlite else " FOR UPDATE"

    def skip_locked(self) -> str:
        """Row lock suffix of a claim: rows somebody else is claiming are left to them."""
        return "" if self.is_sqlite else " FOR UPDATE SKIP LOCKED"

    def machine_ms(self, conn: Connection) -> int:
        """Machine time by the database's clock."""
        return int(conn.execute(text(f"SELECT {self.machine_now}")).scalar_one())

    def close(self) -> None:
        """Close every connection; a read that is just ending in another thread is waited for, at most 2 s."""
        pool = self.engine.pool
        for _ in range(200):
            if not isinstance(pool, QueuePool) or pool.checkedout() == 0:
                break
            Event().wait(0.01)
        self.engine.dispose()


_SIZES = (64, 32, 16, 8, 4, 2, 1)
"""Rows of one statement: few enough different statements that SQLite keeps them all prepared."""


def insert_rows(conn: Connection, insert: str, row: str, on_conflict: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert on SQLite by statements of many rows, so that a batch does not stop the event loop once a row."""
    done = 0
    for size in _SIZES:
        while len(rows) - done >= size:
            chunk = rows[done : done + size]
            conn.exec_driver_sql(_many(insert, row, on_conflict, size), tuple(chain.from_iterable(chunk)))
            done += size


@cache
def _many(insert: str, row: str, on_conflict: str, size: int) -> str:
    return f"{insert}VALUES {', '.join([row] * size)}{on_conflict}"


def is_deadlock(error: BaseException) -> bool:
    """True when the database undid a transaction because two of them waited for each other."""
    return getattr(getattr(error, "orig", None), "sqlstate", "") in ("40P01", "40001")


def _driver_url(url: str) -> str:
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _sqlite(url: str, readers: int) -> Engine:
    if path := make_url(url).database:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, pool_size=readers + 2, max_overflow=0, connect_args={"check_same_thread": False, "timeout": 10}
    )

    @event.listens_for(engine, "connect")
    def _on_connect(raw: sqlite3.Connection, _record: Any) -> None:
        raw.isolation_level = None  # transactions are begun below, so that a read is one snapshot
        for pragma in _PRAGMAS:
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(conn: Connection) -> None:
        conn.exec_driver_sql("BEGIN IMMEDIATE" if conn.get_execution_options().get("dealdesk_write") else "BEGIN")

    return engine


def _postgresql(url: str, readers: int) -> Engine:
    return create_engine(url, pool_size=readers + 6, max_overflow=4, pool_pre_ping=True)
