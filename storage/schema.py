"""The schema's version: `migrate` brings a database to it, `serve` refuses one that does not match."""

from __future__ import annotations

from sqlalchemy import inspect, text

from storage.engine import Store
from storage.tables import SCHEMA_VERSION


class WrongSchema(Exception):
    """The database is not at the version this program works with."""


def version(store: Store) -> int:
    """The version the database is at; 0 when it is empty."""
    with store.snapshot() as conn:
        if not inspect(conn).has_table("schema_version"):
            return 0
        return int(conn.execute(text("SELECT MAX(version) FROM schema_version")).scalar() or 0)


def check(store: Store) -> None:
    """Raises WrongSchema with what to do."""
    found = version(store)
    if found < SCHEMA_VERSION:
        raise WrongSchema(f"数据库是第 {found} 版，程序要第 {SCHEMA_VERSION} 版：运行 dealdesk migrate。")
    if found > SCHEMA_VERSION:
        raise WrongSchema(f"数据库是第 {found} 版，比程序（第 {SCHEMA_VERSION} 版）新：先更新程序。")
