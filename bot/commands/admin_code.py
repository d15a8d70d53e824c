"""`dealdesk admin-code`: a one-time code that makes its sender the first admin. R-PPL-4."""

from __future__ import annotations

import secrets

import click

from bot.commands import settings, store
from bot.commands.ordering import run_orders
from handlers.people import CODE_LETTERS, digest


@click.command("admin-code")
def command() -> None:
    """Print the code; it lives 30 minutes and works once."""
    store().close()
    letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(8))
    code = f"{letters[:4]}-{letters[4:]}"
    run_orders(settings(), [("admin_code", {"digest": digest(code)})])
    click.echo(code)
    click.echo(f"30 分钟内在单聊里发给销售助手：我是管理员 {code}", err=True)
