"""An app's access token: fetched once for many callers, renewed some time before its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.platforms.base import PlatformError

AGAIN_AFTER = 60.0


class Tokens:
    """Hands out a valid token. Times are machine time; `fetch` returns a token and its life in seconds, of which the
    last `renew_before` are not used."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[tuple[str, float]]],
        machine: Callable[[], float],
        *,
        renew_before: float,
    ) -> None:
        self._fetch = fetch
        self._machine = machine
        self._renew_before = renew_before
        self._token = ""
        self._renew_at = 0.0
        self._ends_at = 0.0
        self._running: asyncio.Task[str] | None = None

    async def get(self) -> str:
        """The current token, or a new one. Raises what the one shared fetch raised."""
        if self._token and self._machine() < self._renew_at:
            return self._token
        if self._running is None:
            self._running = asyncio.create_task(self._renew())
            self._running.add_done_callback(self._finished)
        return await asyncio.shield(self._running)

    def drop(self, token: str) -> None:
        """Forget this token, which the platform called invalid; a newer one stays."""
        if token == self._token:
            self._token = ""

    async def stop(self) -> None:
        """End a fetch that is under way."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _renew(self) -> str:
        asked_at = self._machine()
        try:
            token, life = await self._fetch()
        except PlatformError:
            if self._token and asked_at < self._ends_at:
                self._renew_at = asked_at + AGAIN_AFTER
                return self._token
            raise
        self._token = token
        self._ends_at = asked_at + life
        self._renew_at = asked_at + max(life - self._renew_before, life / 2)
        return token

    def _finished(self, task: asyncio.Task[str]) -> None:
        self._running = None
        if not task.cancelled():
            task.exception()
