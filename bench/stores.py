"""Fresh, migrated databases for a bench: a file, or a database of its own on the PostgreSQL server."""

from __future__ import annotations

import contextlib
import itertools
import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg

from storage.engine import Store
from storage.migrations import migrate

SERVER = os.environ.get("BENCH_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
KINDS = ("sqlite", "postgresql")
_numbers = itertools.count()
_migrating = threading.Lock()  # alembic keeps its state in a module


class NoServer(Exception):
    """No PostgreSQL to measure with."""


@contextlib.contextmanager
def database(kind: str) -> Iterator[str]:
    """The URL of an empty database at the current schema; removed afterwards."""
    with _empty(kind) as url:
        store = Store(url)
        with _migrating:
            migrate(store)
        store.close()
        yield url


@contextlib.contextmanager
def _empty(kind: str) -> Iterator[str]:
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="dealdesk-bench-") as folder:
            yield f"sqlite:///{Path(folder) / 'dealdesk.db'}"
        return
    with bare_postgresql() as url:
        yield url


def pin_backends(url: str, core: int) -> None:
    """The server's processes that serve this database run on the load generator's core, as far as we may say so."""
    with psycopg.connect(url) as conn:
        for (pid,) in conn.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()").fetchall():
            with contextlib.suppress(OSError):
                os.sched_setaffinity(pid, {core})


@contextlib.contextmanager
def bare_postgresql() -> Iterator[str]:
    """A PostgreSQL database with nothing in it."""
    name = f"dealdesk_bench_{os.getpid()}_{next(_numbers)}"
    try:
        admin = psycopg.connect(SERVER, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        raise NoServer(f"no PostgreSQL at BENCH_POSTGRES ({type(error).__name__})") from None
    with admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            yield SERVER.rpartition("/")[0] + "/" + name
        finally:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
