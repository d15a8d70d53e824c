"""`dealdesk audit`: check the chain and its signed head, or read it. R-AUD."""

from __future__ import annotations

import click

from bot.commands import settings, store
from bot.housekeeping import HEAD_FILE, read_head
from bot.keys import load_keys
from storage import audit
from storage.types import from_us


@click.group("audit")
def command() -> None:
    """Check or read the audit log."""


@command.command("verify")
def verify() -> None:
    """Exit 0 when the log is whole, 1 with every fault found."""
    chosen = settings()
    keys = load_keys(chosen.key_path)
    opened = store()
    with opened.snapshot() as conn:
        faults = audit.verify(conn, opened, keys.sign_audit, kept=read_head(chosen.data_dir / HEAD_FILE))
        end = audit.head(conn)
    opened.close()
    for fault in faults:
        click.echo(fault)
    if faults:
        raise SystemExit(1)
    click.echo(f"审计记录完整，共 {end.position if end else 0} 条。")


@command.command("list")
@click.option("--subject", default="", help="only of this subject, such as deal:17")
@click.option("--limit", default=50, show_default=True)
def show(subject: str, limit: int) -> None:
    """Print the newest entries."""
    opened = store()
    with opened.snapshot() as conn:
        for entry in audit.entries(conn, subject=subject, limit=limit):
            at = from_us(entry["at"]).isoformat(timespec="seconds")
            click.echo(f"{at}  {entry['who']}  {entry['action']}  {entry['subject']}  {entry['after']}  {entry['why']}")
    opened.close()
