"""Slow or outside work, one file per kind. A job gets its arguments and returns plain data."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from bot.jobs import check, fetch, lookup
from bot.platforms.base import Platform, PlatformError, RetryLater
from storage.inbox import Inbound
from storage.outbox import Row

Run = Callable[[Platform, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Done:
    """A job's result as an event, and why it failed for good, if it did."""

    inbound: Inbound
    error: str


class JobRunner:
    """Finds the job's function and the platform it is about. `files` is the folder of the originals."""

    def __init__(self, platforms: Mapping[str, Platform], files: Path) -> None:
        self._platforms = platforms
        places = asyncio.Semaphore(check.AT_ONCE)
        self._jobs: Mapping[str, Run] = {
            "lookup": lookup.run,
            "fetch": partial(fetch.run, folder=files, places=places),
        }

    async def finish(self, row: Row, *, now: int, last_try: bool) -> Done:
        """Run a planned job to its result or its final failure, as the event that brings it back to the lane that
        asked. Raises RetryLater while there is another try."""
        result: dict[str, Any] = {}
        error = ""
        try:
            result = dict(await self.run(row.card, row.platform, row.args))
        except RetryLater as failure:
            if not last_try:
                raise
            error = str(failure)
        except PlatformError as failure:
            error = str(failure)
        payload = {"job": row.id, "kind": row.card, "args": dict(row.args), "result": result, "error": error}
        asked_in = str(row.args["lane"])
        event = Inbound(
            f"job:{row.id}", asked_in, "job", row.platform, row.account, row.chat, orjson.dumps(payload), now, now, 0
        )
        return Done(event, error)

    async def run(self, kind: str, platform: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        """The job's result. Raises PlatformError."""
        return await self._jobs[kind](self._platforms[platform], args)
