"""Slow or outside work, one file per kind. A job gets its arguments and returns plain data."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from bot.jobs import check, fetch, lookup
from bot.platforms.base import Platform

Run = Callable[[Platform, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


class JobRunner:
    """Finds the job's function and the platform it is about. `files` is the folder of the originals."""

    def __init__(self, platforms: Mapping[str, Platform], files: Path) -> None:
        self._platforms = platforms
        places = asyncio.Semaphore(check.AT_ONCE)
        self._jobs: Mapping[str, Run] = {
            "lookup": lookup.run,
            "fetch": partial(fetch.run, folder=files, places=places),
        }

    async def run(self, kind: str, platform: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        """The job's result. Raises PlatformError."""
        return await self._jobs[kind](self._platforms[platform], args)
