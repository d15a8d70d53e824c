"""`dealdesk config show | history | rollback N`: the configuration that chat commands change. R-ADM-1, R-ADM-2."""

from __future__ import annotations

import click
import orjson

from bot.commands import fail, settings, store
from bot.commands.ordering import run_orders
from sales.policy import Policy
from sales.settings import SETTINGS
from storage.config import Config, Policies

MOST = 200


@click.group("config")
def command() -> None:
    """What is set, what was set, and the way back."""


@command.command("show")
@click.option("--json", "as_json", is_flag=True, help="print one JSON document")
def show(as_json: bool) -> None:
    """Print every setting with the value in force."""
    base = Policy(zone=settings().timezone)
    opened = store()
    try:
        with opened.snapshot() as conn:
            policy = Policies(base)(conn)
    finally:
        opened.close()
    values = {setting.key: setting.now(policy) for setting in SETTINGS}
    if as_json:
        click.echo(orjson.dumps({"version": policy.version, "settings": values}))
        return
    click.echo(f"配置 v{policy.version}")
    for setting in SETTINGS:
        click.echo(f"{setting.name}：{setting.shown(values[setting.key])}")


@command.command("history")
@click.option("--json", "as_json", is_flag=True, help="print one JSON document a line")
def history(as_json: bool) -> None:
    """Print the versions, the newest first."""
    opened = store()
    try:
        with opened.snapshot() as conn:
            versions = Config(conn).history(limit=MOST)
    finally:
        opened.close()
    for version in versions:
        row = {"version": version.id, "at": version.at, "by": version.by, "kind": version.kind,
               "about": version.about, "settings": dict(version.settings)}  # fmt: skip
        plain = f"v{version.id} {version.at.isoformat()} {version.by} {version.kind} {version.about}"
        click.echo(orjson.dumps(row) if as_json else plain)


@command.command("rollback")
@click.argument("number", type=click.IntRange(1))
def rollback(number: int) -> None:
    """Put the values of version NUMBER in force again, as a new version."""
    store().close()
    [done] = run_orders(settings(), [("config_rollback", {"number": number})])
    if done["version"] is None:
        fail(str(done["why"]), code=1)
    click.echo(f"配置 v{done['version']}，内容同 v{number}。")
