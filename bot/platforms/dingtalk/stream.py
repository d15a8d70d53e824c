"""Stream: a connection we open, over which DingTalk pushes what it would else post (docs/platforms/dingtalk.md).

Several processes may each hold one; each push goes to one of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import aiohttp
import orjson
import structlog
from yarl import URL

from bot.platforms.base import PlatformError, RetryLater
from bot.platforms.dingtalk.client import Asked, Client
from bot.platforms.dingtalk.content import text
from bot.platforms.dingtalk.errors import Throttled, fault
from bot.platforms.dingtalk.keys import DingtalkKeys
from bot.platforms.dingtalk.pushes import CLICKS, MESSAGES, Pushes

FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
HEARTBEAT_SECONDS = 30.0
"""Between our pings; a connection that answers none within half of that is dead."""
OPEN_SECONDS = 10.0
DRAIN_SECONDS = 10.0
"""How long the vendor keeps a connection open that it asked us to replace."""
CLOSE_SECONDS = 2.0
FRAME_BYTES = 4 << 20

log = structlog.get_logger()


class Stream:
    """Keeps one connection to the vendor open until it is cancelled."""

    def __init__(
        self,
        keys: DingtalkKeys,
        client: Client,
        pushes: Pushes,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        heartbeat: float = HEARTBEAT_SECONDS,
    ) -> None:
        self._keys = keys
        self._client = client
        self._pushes = pushes
        self._sleep = sleep
        self._heartbeat = heartbeat
        self._wait = FIRST_WAIT
        self._open: set[aiohttp.ClientWebSocketResponse] = set()
        self._taken: set[asyncio.Task[None]] = set()
        self._drained: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Connects, reads, connects again. What was taken is finished within seconds of the end."""
        try:
            while True:
                try:
                    await self._live()
                except PlatformError as error:
                    await self._pause(error)
        finally:
            await self._finish()

    async def _live(self) -> None:
        """One connection from its opening to its end. One that is to be replaced is read on beside the next."""
        ws = await self._connect()
        log.info("dingtalk.stream_open")
        if await self._read(ws):
            log.info("dingtalk.stream_replaced")
            _spawn(self._drain(ws), self._drained)
            return
        await self._close(ws)
        raise fault("dingtalk closed the stream", unknown=False)

    async def _connect(self) -> aiohttp.ClientWebSocketResponse:
        """A ticket opens one connection, within 90 s."""
        opened = await self._client.open_call(
            Asked(
                "POST",
                "/v1.0/gateway/connections/open",
                {
                    "clientId": self._keys.app_key,
                    "clientSecret": self._keys.app_secret,
                    "subscriptions": [
                        {"type": "EVENT", "topic": "*"},
                        {"type": "CALLBACK", "topic": MESSAGES},
                        {"type": "CALLBACK", "topic": CLICKS},
                    ],
                    "ua": "dealdesk",
                },
            )
        )
        url = self._address(text(opened, "endpoint"), text(opened, "ticket"))
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                ws = await self._client.session.ws_connect(
                    url,
                    heartbeat=self._heartbeat,
                    max_msg_size=FRAME_BYTES,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS),
                )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise fault(f"dingtalk stream unreachable: {type(error).__name__}", unknown=False) from None
        self._open.add(ws)
        return ws

    def _address(self, endpoint: str, ticket: str) -> URL:
        """Where to connect. Raises RetryLater for what is no address, or one without TLS where the API has it."""
        try:
            url = URL(endpoint)
        except ValueError:
            url = URL()
        schemes = ("wss",) if self._keys.api_base.startswith("https:") else ("ws", "wss")
        if url.scheme not in schemes or not url.host or not ticket:
            raise fault("dingtalk answered without an address for the stream", unknown=False)
        return url.update_query(ticket=ticket)

    async def _read(self, ws: aiohttp.ClientWebSocketResponse) -> bool:
        """Takes every frame as it comes; True when the vendor wants the connection replaced."""
        async for received in ws:
            if received.type is not aiohttp.WSMsgType.TEXT:
                continue
            frame = _frame(received.data)
            if frame is None:
                log.warning("dingtalk.stream_frame_unreadable")
                continue
            self._wait = FIRST_WAIT
            if self._pushes.is_goodbye(frame):
                return True
            _spawn(self._pushes.take(frame, ws.send_str), self._taken)
        return False

    async def _drain(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        """What still comes on a connection that was replaced, until the vendor ends it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                while await self._read(ws):
                    pass
        await self._close(ws)

    async def _close(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self._open.discard(ws)
        await ws.close()

    async def _pause(self, error: PlatformError) -> None:
        """Twice as long each time; at once as long as it gets when only an admin can mend it."""
        if isinstance(error, RetryLater):
            wait = max(self._wait * random.uniform(0.75, 1.25), error.after if isinstance(error, Throttled) else 0)
            log.warning("dingtalk.stream_down", reason=str(error), again_in=round(wait, 1))
        else:
            wait = LONGEST_WAIT
            log.error("dingtalk.stream_refused", error=type(error).__name__, reason=str(error), again_in=wait)
        self._wait = min(self._wait * 2, LONGEST_WAIT)
        await self._sleep(wait)

    async def _finish(self) -> None:
        """Pushes under way may finish for two seconds, then everything ends."""
        for task in self._drained:
            task.cancel()
        if self._taken:
            await asyncio.wait(self._taken, timeout=CLOSE_SECONDS)
        for task in self._taken:
            task.cancel()
        await asyncio.gather(*self._taken, *self._drained, return_exceptions=True)
        await asyncio.gather(*(ws.close() for ws in self._open), return_exceptions=True)
        self._open.clear()


def _spawn(work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]) -> None:
    task = asyncio.create_task(work)
    among.add(task)
    task.add_done_callback(among.discard)


def _frame(data: str) -> dict[str, Any] | None:
    try:
        frame = orjson.loads(data)
    except ValueError:
        return None
    return frame if isinstance(frame, dict) else None
