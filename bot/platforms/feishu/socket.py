"""The long connection: the bot connects, so that it needs no public address (docs/platforms/feishu.md).

An address is asked for with the app's secret; on it the platform sends events and clicks as frames, and each is
answered on its own frame. Of several connections of one app each event goes to any one.
"""

from __future__ import annotations

import asyncio
import base64
import random
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import aiohttp
import orjson
import structlog
from yarl import URL

from bot.platforms.base import NotAllowed, PlatformError
from bot.platforms.callbacks import Refused, read_object
from bot.platforms.feishu.arrivals import Arrivals, Taken
from bot.platforms.feishu.client import Asked, Client
from bot.platforms.feishu.envelope import DONE
from bot.platforms.feishu.errors import fault
from bot.platforms.feishu.frames import CONTROL, DATA, BadFrame, Frame, decode, encode
from bot.platforms.feishu.keys import FeishuKeys
from bot.platforms.feishu.parts import Parts

PING_SECONDS = 120.0
"""Until the platform names another interval."""
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
LAST_ANSWERS_SECONDS = 2.5
"""When told to stop: clicks under way are answered within 2.2 s."""

log = structlog.get_logger()


class LongConnection:
    """Keeps one connection open. Business microseconds and machine seconds are given."""

    def __init__(
        self,
        keys: FeishuKeys,
        client: Client,
        arrivals: Arrivals,
        *,
        business_us: Callable[[], int],
        machine: Callable[[], float],
    ) -> None:
        self._keys = keys
        self._client = client
        self._arrivals = arrivals
        self._business_us = business_us
        self._machine = machine
        self._ping_seconds = PING_SECONDS
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Connects, and connects again when the connection is lost; ends within four seconds of being cancelled."""
        tries = 0
        try:
            while True:
                began = self._machine()
                refused = await self._once()
                if self._machine() - began > LONGEST_WAIT:
                    tries = 0
                await asyncio.sleep(LONGEST_WAIT if refused else wait_before(tries))
                tries += 1
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _once(self) -> bool:
        """One connection from opening to loss; True where an admin has to act before there can be one."""
        try:
            await self._live(*await self._address())
        except NotAllowed as error:
            log.error("feishu.socket_refused", code=error.code, reason=str(error), again_in=LONGEST_WAIT)
            return True
        except PlatformError as error:
            log.warning("feishu.socket_not_open", error=type(error).__name__, code=error.code)
        return False

    async def _address(self) -> tuple[URL, int]:
        """Where to connect, good for one connection, and the service number that pings carry."""
        body = {"AppID": self._keys.app_id, "AppSecret": self._keys.app_secret}
        answer = await self._client.open_call(Asked("POST", "/callback/ws/endpoint", body=body))
        data = answer.get("data")
        found = data if isinstance(data, dict) else {}
        address = read_address(found.get("URL"), encrypted=self._keys.api_base.startswith("https:"))
        self._configure(found.get("ClientConfig"))
        return address

    async def _live(self, url: URL, service: int) -> None:
        """Takes what comes until the connection is lost; when cancelled, lets the last answers out first."""
        ws = await self._client.connect(url)
        log.info("feishu.socket_open")
        parts = Parts(self._machine)
        pinging = asyncio.create_task(self._ping(ws, service))
        try:
            async for message in ws:
                if message.type is aiohttp.WSMsgType.BINARY:
                    self._hear(ws, parts, message.data)
            log.warning("feishu.socket_lost", code=ws.close_code)
        except asyncio.CancelledError:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=LAST_ANSWERS_SECONDS)
            raise
        finally:
            pinging.cancel()
            await ws.close()

    async def _ping(self, ws: aiohttp.ClientWebSocketResponse, service: int) -> None:
        ping = encode(Frame(service=service, method=CONTROL, headers=(("type", "ping"),)))
        while not ws.closed:
            try:
                await ws.send_bytes(ping)
            except ConnectionError:
                return
            await asyncio.sleep(self._ping_seconds)

    def _hear(self, ws: aiohttp.ClientWebSocketResponse, parts: Parts, raw: bytes) -> None:
        """An odd frame is noted and left: the platform sends its event again."""
        try:
            frame = decode(raw)
            kind = frame.header("type")
            if frame.method == CONTROL and kind == "pong" and frame.payload:
                self._configure(orjson.loads(frame.payload))
            elif frame.method == DATA and kind == "event":
                payload = parts.whole(frame)
                if payload is not None:
                    self._spawn(self._take(ws, frame, payload, self._business_us()))
        except ValueError as error:
            reason = str(error) if isinstance(error, BadFrame) else "not JSON"
            log.warning("feishu.odd_frame", reason=reason, bytes=len(raw))

    async def _take(self, ws: aiohttp.ClientWebSocketResponse, frame: Frame, payload: bytes, received_at: int) -> None:
        """Answers one event on its own frame; a click's reply is recorded once the connection took it."""
        began = self._machine()
        taken = await self._result(payload, received_at)
        answer: dict[str, Any] = {"code": 200 if taken else 500}
        if taken and taken.body != DONE:
            answer["data"] = base64.b64encode(taken.body).decode()
        took = ("biz_rt", str(round((self._machine() - began) * 1000)))
        try:
            await ws.send_bytes(encode(replace(frame, headers=(*frame.headers, took), payload=orjson.dumps(answer))))
        except ConnectionError:
            log.info("feishu.socket_answer_lost")
            return
        if taken and taken.inline:
            await taken.inline.written()

    async def _result(self, payload: bytes, received_at: int) -> Taken | None:
        """None where the event was not taken: the platform sends it again."""
        try:
            return await self._arrivals.take(read_object(payload), payload, "socket", received_at)
        except Refused as refusal:
            log.warning("feishu.event_refused", reason=refusal.reason)
        except Exception:
            log.exception("feishu.event_not_stored")
        return None

    def _configure(self, given: object) -> None:
        """Takes over the interval of pings. Its pause between two tries is longer than our longest, and is not."""
        seconds = given.get("PingInterval") if isinstance(given, dict) else None
        if type(seconds) is int and 1 <= seconds <= PING_SECONDS:
            self._ping_seconds = float(seconds)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("feishu.answer_failed", exc_info=error)


def read_address(given: object, *, encrypted: bool) -> tuple[URL, int]:
    """The address and its service number. Raises RetryLater; `encrypted`: also for one that is not."""
    try:
        url = URL(given if isinstance(given, str) else "", encoded=True)
        service = int(url.query.get("service_id", ""))
        usable = url.host and url.scheme in (("wss",) if encrypted else ("wss", "ws"))
    except ValueError:
        usable = False
    if not usable:
        raise fault("feishu answered without an address to connect to", unknown=False)
    return url, service


def wait_before(tries: int) -> float:
    """Seconds before the next try: one, doubled with each, at most a minute, and somewhat less at random."""
    longest = min(LONGEST_WAIT, FIRST_WAIT * (1 << min(tries, 10)))
    return longest * random.uniform(0.5, 1.0)
