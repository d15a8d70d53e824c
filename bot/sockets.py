"""Connections the bot opens itself, each kept alive; one that may live only once runs under a lease. style.md 7."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Iterable, Sequence

import structlog

from bot.platforms.base import Socket
from bot.writer import Writer
from storage import leases
from storage.engine import OperationalError, Store

LEASE_SECONDS = 15.0
RENEW_SECONDS = 5.0
STOP_SECONDS = 5.0

log = structlog.get_logger()


class Sockets:
    """Runs the sockets of all platforms. `sockets` are pairs of a platform's name and its socket."""

    def __init__(
        self,
        store: Store,
        writer: Writer,
        sockets: Iterable[tuple[str, Socket]],
        *,
        renew_seconds: float = RENEW_SECONDS,
    ) -> None:
        self._store = store
        self._writer = writer
        self._sockets = tuple(sockets)
        self._renew_seconds = renew_seconds
        self._holder = secrets.token_hex(8)
        self._held: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to connect."""
        self._tasks = [asyncio.create_task(self._keep(socket), name=socket.name) for _, socket in self._sockets]

    async def stop(self) -> None:
        """Close every connection within seconds and give the leases back."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def not_here(self) -> Sequence[str]:
        """Beginnings of outbox lanes that only the holder of another process may send."""
        return [
            f"out:{platform}:{socket.chats}"
            for platform, socket in self._sockets
            if socket.exclusive and socket.chats and socket.name not in self._held
        ]

    async def _keep(self, socket: Socket) -> None:
        """Run the socket for as long as this process may; begin again when it ends by itself."""
        while True:
            try:
                if not socket.exclusive:
                    await socket.run()
                elif await self._take(socket.name):
                    await self._under_lease(socket)
            except Exception as error:
                log.error("socket_ended", socket=socket.name, error=repr(error))
            await asyncio.sleep(self._renew_seconds)

    async def _under_lease(self, socket: Socket) -> None:
        """The connection lives while the lease is renewed; who loses the lease closes it at once."""
        running = asyncio.ensure_future(socket.run())
        self._held.add(socket.name)
        try:
            while not running.done():
                await asyncio.wait([running], timeout=self._renew_seconds)
                if not running.done() and not await self._take(socket.name):
                    log.warning("socket_lease_lost", socket=socket.name)
                    return
        finally:
            self._held.discard(socket.name)
            running.cancel()
            await asyncio.wait([running], timeout=STOP_SECONDS)
            with contextlib.suppress(OperationalError, RuntimeError):
                await self._writer.run(lambda conn: leases.release(conn, socket.name, holder=self._holder))

    async def _take(self, name: str) -> bool:
        """A database that is away is no lease: nobody else can take it either, but ours runs out."""
        lease_ms = int(LEASE_SECONDS * 1000)
        try:
            return await self._writer.run(
                lambda conn: leases.take(conn, self._store, name, holder=self._holder, lease_ms=lease_ms)
            )
        except OperationalError as error:
            log.warning("socket_lease_unknown", socket=name, error=type(error).__name__)
            return False
