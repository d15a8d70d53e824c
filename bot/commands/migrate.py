"""`dealdesk migrate`: bring the database to this version."""

from __future__ import annotations

import click

from bot.commands import any_store, fail, fail_to_open
from storage.engine import OperationalError
from storage.migrations import migrate
from storage.schema import WrongSchema
from storage.tables import SCHEMA_VERSION


@click.command("migrate")
def command() -> None:
    """Bring the database to this version, from any earlier one."""
    store = any_store(with_key=True)
    try:
        migrate(store)
    except WrongSchema as error:
        fail(str(error))
    except OperationalError as error:
        fail_to_open(error)
    finally:
        store.close()
    click.echo(f"数据库已是第 {SCHEMA_VERSION} 版。")
