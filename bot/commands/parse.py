"""`dealdesk parse`: how a chat line is understood, without touching a database."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

import click
import orjson

from bot.clock import Clock
from sales.quickentry import as_json, read_line


@click.command("parse")
@click.argument("text", required=False)
@click.option("--now", default=None, help="ISO instant the line is read at")
@click.option("--stdin", "from_stdin", is_flag=True, help='JSON lines {"id", "text", "now"} in, readings out')
def command(text: str | None, now: str | None, from_stdin: bool) -> None:
    """Print the reading of TEXT as JSON."""
    if from_stdin:
        for line in sys.stdin.buffer:
            if line.strip():
                click.echo(orjson.dumps(_read(line)))
        return
    if text is None:
        raise click.UsageError("给一句话，或用 --stdin。")
    try:
        at = _instant(now)
    except ValueError:
        raise click.UsageError("--now 要是带时区的时间，如 2026-11-19T09:00:00+08:00。") from None
    readable = text.encode("utf-8", "replace").decode()
    click.echo(orjson.dumps({"id": None, **as_json(read_line(readable, now=at))}))


def _read(line: bytes) -> dict[str, Any]:
    asked: Any = None
    try:
        asked = orjson.loads(line)
        return {"id": asked.get("id"), **as_json(read_line(str(asked["text"]), now=_instant(asked.get("now"))))}
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        known = asked.get("id") if isinstance(asked, dict) else None
        return {"id": known, "error": f'这行不是 {{"id", "text", "now"}} 的 JSON：{type(error).__name__}'}


def _instant(written: str | None) -> datetime:
    """Raises ValueError for what is no instant with an offset."""
    if written is None:
        return Clock().business()
    instant = datetime.fromisoformat(written)
    if instant.tzinfo is None:
        raise ValueError("no offset")
    return instant
