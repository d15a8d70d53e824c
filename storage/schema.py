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
        raise WrongSchema(
            f"The database is at version {found}, this program needs {SCHEMA_VERSION}: run `dealdesk migrate`."
        )
    if found > SCHEMA_VERSION:
        raise WrongSchema(f"The database is at version {found}, newer than this program ({SCHEMA_VERSION}): update it.")
