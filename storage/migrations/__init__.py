"""Bring a database to this version, from any earlier one. Only `dealdesk migrate` loads alembic."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from storage.engine import Store
from storage.schema import check, version
from storage.tables import SCHEMA_VERSION


def migrate(store: Store) -> None:
    """Run the missing steps; a database that is up to date is left alone. Raises WrongSchema for a newer one.

    Numbers in an old database are sealed on the way: its store must have been opened with the key file. R-PRIV.
    """
    if version(store) > SCHEMA_VERSION:
        check(store)
    from alembic import command
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    with store.writing() as conn:
        settings.attributes["connection"] = conn
        settings.attributes["secrets"] = lambda: store.secrets
        command.upgrade(settings, "head")
        conn.execute(text("DELETE FROM schema_version"))
        conn.execute(text("INSERT INTO schema_version (version) VALUES (:v)"), {"v": SCHEMA_VERSION})
        conn.commit()
