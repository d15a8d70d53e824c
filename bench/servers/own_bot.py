"""The whole bot with something of the bench's own put in, in a process of its own. Settings come from the environment.

`python -m bench.servers.own_bot [--slow-action SECONDS] [--jobs LOG] [--rows LOG] [--locks FILE]`
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import event

from bot import writer
from bot.commands.serve import serve
from bot.log import configure
from bot.main import Bot, build
from bot.platforms.registry import load_settings
from handlers.context import ACTIONS
from sales.decision import Reply

SLOW_ACTION = "bench.slow"


class Lines:
    """A log that survives a kill: one write a line, with the time."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def add(self, *words: object) -> None:
        """One line."""
        os.write(self._file, (" ".join(map(str, (*words, time.monotonic()))) + "\n").encode())


def slow_action(seconds: float) -> None:
    """One more handler, which thinks for long."""

    def think(_ctx: Any, _click: Any) -> Reply:
        time.sleep(seconds)
        return Reply(toast="想好了")

    ACTIONS[SLOW_ACTION] = think


def only_jobs(bot: Bot, log: Lines) -> None:
    """Every row is a job whose payload is how long it takes; its start and its end are logged."""

    def parse(_inbound: Any) -> Any:
        return "job"

    def route(_tx: Any, inbound: Any, _event: Any) -> None:
        log.add("start", inbound.id)
        time.sleep(float(inbound.payload))
        log.add("end", inbound.id)

    bot.worker._parse, bot.worker._route = parse, route


def log_rows(bot: Bot, log: Lines) -> None:
    """The order in which rows are handled."""
    inner: Callable[..., Any] = bot.worker._route

    def route(tx: Any, inbound: Any, given: Any) -> Any:
        log.add("start", inbound.id)
        return inner(tx, inbound, given)

    bot.worker._route = route


def time_locks(bot: Bot) -> list[float]:
    """Milliseconds from each BEGIN IMMEDIATE to the end of its commit."""
    held: list[float] = []
    begun = [0.0]

    @event.listens_for(bot.store.engine, "begin")
    def _begun(conn: Any) -> None:
        if conn.get_execution_options().get("dealdesk_write"):
            begun[0] = time.perf_counter()

    inner: Callable[..., Any] = writer._commit

    def commit(*args: Any) -> None:
        begun[0] = 0.0
        inner(*args)
        if begun[0]:
            held.append((time.perf_counter() - begun[0]) * 1000)

    writer._commit = commit  # type: ignore[assignment]
    return held


def main() -> None:
    """Serve until a signal."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--slow-action", type=float, default=0)
    parser.add_argument("--jobs", default="")
    parser.add_argument("--rows", default="")
    parser.add_argument("--locks", type=Path)
    args = parser.parse_args()
    configure(level=40)
    bot = build(load_settings())
    if args.slow_action:
        slow_action(args.slow_action)
    if args.jobs:
        only_jobs(bot, Lines(args.jobs))
    if args.rows:
        log_rows(bot, Lines(args.rows))
    held = time_locks(bot) if args.locks else []
    asyncio.run(serve(bot))
    if args.locks:
        args.locks.write_bytes(orjson.dumps(held))


if __name__ == "__main__":
    main()
