"""`dealdesk migrate`: bring the database to this version."""

from __future__ import annotations

import click

from bot.commands import fail, settings
from storage.engine import OperationalError, Store
from storage.migrations import migrate
from storage.schema import WrongSchema
from storage.tables import SCHEMA_VERSION


@click.command("migrate")
def command() -> None:
    """Bring the database to this version, from any earlier one."""
    store = Store(settings().database_url)
    try:
        migrate(store)
    except WrongSchema as error:
        fail(str(error))
    except OperationalError as error:
        fail(f"DEALDESK_DATABASE_URL: the database cannot be opened ({type(error).__name__}).")
    finally:
        store.close()
    click.echo(f"数据库已是第 {SCHEMA_VERSION} 版。")
