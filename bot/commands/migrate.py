"""`dealdesk migrate`: bring the database to this version."""

from __future__ import annotations

import click

from bot.commands import settings
from storage.engine import Store
from storage.migrations import migrate
from storage.tables import SCHEMA_VERSION


@click.command("migrate")
def command() -> None:
    """Bring the database to this version, from any earlier one."""
    store = Store(settings().database_url)
    migrate(store)
    store.close()
    click.echo(f"数据库已是第 {SCHEMA_VERSION} 版。")
