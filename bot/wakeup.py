"""Who waits for work is woken at once in this process, through Redis in others, and by a poll as the net.

A lost wake-up costs a second, never a message: truth is in the database.
"""

from __future__ import annotations

import asyncio
import contextlib

import structlog

POLL_SECONDS = 1.0
CHANNEL = "dealdesk:wake"

log = structlog.get_logger()


class Wakeup:
    """One event per queue; `wake` may be called from any task of the loop."""

    def __init__(self) -> None:
        self._events = {"inbox": asyncio.Event(), "outbox": asyncio.Event()}

    async def start(self) -> None:
        """Nothing to open in one process."""

    async def stop(self) -> None:
        """Nothing to close in one process."""

    def wake(self, queue: str) -> None:
        """There is work in this queue."""
        self._events[queue].set()

    async def wait(self, queue: str, *, at_most: float = POLL_SECONDS) -> None:
        """Returns when the queue was woken, or after `at_most` seconds."""
        event = self._events[queue]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(at_most):  # wait_for of Python 3.11 loses a cancellation that meets the wake-up
                await event.wait()
        event.clear()


class RedisWakeup(Wakeup):
    """The same across replicas: every wake-up is published, every published one wakes this process."""

    def __init__(self, url: str) -> None:
        super().__init__()
        from redis.asyncio import Redis

        self._redis = Redis.from_url(url, socket_timeout=5, socket_connect_timeout=2)
        self._listener: asyncio.Task[None] | None = None
        self._published: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen for the other replicas."""
        self._listener = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        """Stop listening and close the connection."""
        if self._listener:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener
        await self._redis.aclose()

    def wake(self, queue: str) -> None:
        """Wake this process at once, the others through Redis."""
        super().wake(queue)
        task = asyncio.ensure_future(self._publish(queue))
        self._published.add(task)
        task.add_done_callback(self._published.discard)

    async def _publish(self, queue: str) -> None:
        try:
            await self._redis.publish(CHANNEL, queue)
        except Exception as error:
            log.warning("redis_wakeup_lost", error=type(error).__name__)

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as channel:
                    await channel.subscribe(CHANNEL)
                    while True:
                        message = await channel.get_message(ignore_subscribe_messages=True, timeout=5)
                        queue = message["data"].decode(errors="replace") if message else ""
                        if queue in self._events:
                            super().wake(queue)
            except Exception as error:
                log.warning("redis_listen_failed", error=type(error).__name__)
                await asyncio.sleep(POLL_SECONDS)
