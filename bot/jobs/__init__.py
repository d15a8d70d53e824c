"""Slow or outside work, one file per kind. A job gets its arguments and returns plain data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.jobs import lookup
from bot.platforms.base import Platform

Run = Callable[[Platform, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]

JOBS: Mapping[str, Run] = {"lookup": lookup.run}


class JobRunner:
    """Finds the job's function and the platform it is about."""

    def __init__(self, platforms: Mapping[str, Platform]) -> None:
        self._platforms = platforms

    async def run(self, kind: str, platform: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        """The job's result. Raises PlatformError."""
        return await JOBS[kind](self._platforms[platform], args)
