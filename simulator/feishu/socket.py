"""The long connections of the app under test: each event goes to one of them, and comes back answered."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import random
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from simulator.calls import CallLog
from simulator.clock import Clock
from simulator.feishu.frames import DELIVERY, PING_PONG, Frame, NoFrame, unpack
from simulator.feishu.line import BAD_STATUS, NO_ANSWER, NO_CONNECTION, Outcome
from simulator.ids import Ids

MOST_CONNECTIONS = 50
TICKET_SECONDS = 120.0
PART_BYTES = 64 * 1024
MORE_SECONDS = 10.0
"""Beyond two intervals without a word, a connection is given up."""
SERVICE = 3307
BAD_ANSWER = 200672
PATH = "/ws/v2"
_ENDS = (web.WSMsgType.CLOSE, web.WSMsgType.CLOSING, web.WSMsgType.CLOSED, web.WSMsgType.ERROR)


@dataclass(slots=True, eq=False)
class Connection:
    """One open websocket of the bot. `silent`: neither side hears anything, as when a cable is out."""

    ws: web.WebSocketResponse
    device: str
    waiting: dict[str, asyncio.Future[Frame | None]] = field(default_factory=dict)
    pings: int = 0
    silent: bool = False

    async def send(self, frame: Frame) -> None:
        """Write one frame; a connection that is gone takes it too."""
        if not self.silent and not self.ws.closed:
            try:
                await self.ws.send_bytes(frame.pack())
            except ConnectionError:
                return


class Sockets:
    """All long connections. `config` is what the bot is told; a pong tells it anew."""

    def __init__(self, clock: Clock, calls: CallLog, ids: Ids) -> None:
        self._clock = clock
        self._calls = calls
        self._ids = ids
        self._tickets: dict[str, float] = {}
        self.open: list[Connection] = []
        self.part_bytes = PART_BYTES
        self.config = {"ReconnectCount": -1, "ReconnectInterval": 120, "ReconnectNonce": 30, "PingInterval": 120}

    @property
    def full(self) -> bool:
        """True when the app may have no more connections."""
        return len(self.open) >= MOST_CONNECTIONS

    def address(self) -> str:
        """Query of the address of one new connection; its ticket is good once, and for two minutes."""
        ticket = self._ids.new("", length=32)
        self._tickets[ticket] = self._clock.machine() + TICKET_SECONDS
        device = str(int(self._ids.new("", length=15), 16))
        return urlencode(
            {"device_id": device, "service_id": SERVICE, "access_key": self._ids.new(""), "ticket": ticket}
        )

    def admits(self, ticket: str) -> bool:
        """True for a ticket that was given, and not used yet."""
        return self._tickets.pop(ticket, 0.0) > self._clock.machine()

    async def serve(self, ws: web.WebSocketResponse, device: str) -> None:
        """Hear one connection until it is closed, speaks nonsense, or was not heard of for two intervals."""
        connection = Connection(ws, device)
        self.open.append(connection)
        try:
            while not ws.closed:
                message = await ws.receive(timeout=2 * self.config["PingInterval"] + MORE_SECONDS)
                if message.type is web.WSMsgType.PING and not connection.silent:
                    await ws.pong(message.data)
                elif message.type is web.WSMsgType.BINARY:
                    await self._hear(connection, unpack(message.data))
                elif message.type is web.WSMsgType.TEXT:
                    raise NoFrame("a text message")
                elif message.type in _ENDS:
                    break
        except (TimeoutError, NoFrame) as error:
            await ws.close(code=1002, message=str(error).encode()[:100])
        except ConnectionError:
            return
        finally:
            self.open.remove(connection)
            for waiting in connection.waiting.values():
                if not waiting.done():
                    waiting.set_result(None)

    async def deliver(self, data: dict[str, Any], seconds: float) -> Outcome:
        """Send one event or callback over any one connection and wait at most `seconds` for its answer."""
        started = self._clock.machine()
        outcome = await self._exchange(random.choice(self.open), data, seconds) if self.open else None
        status, body, code = outcome or (0, b"", NO_CONNECTION)
        spent = (self._clock.machine() - started) * 1000
        self._calls.add(
            time=self._clock.iso(),
            direction="out",
            platform="feishu",
            method="WS",
            path=PATH,
            status=status,
            code=code,
            ms=spent,
            request=data,
            response=body,
        )
        return Outcome(status, spent, code, body)

    async def close(self) -> None:
        """Close every connection from this side."""
        for connection in list(self.open):
            connection.silent = False
            await connection.ws.close(code=1001, message=b"going away")

    def silence(self) -> None:
        """From now on nothing passes through the connections that are open, and nobody is told."""
        for connection in self.open:
            connection.silent = True

    async def _hear(self, connection: Connection, frame: Frame) -> None:
        if connection.silent:
            return
        kind = frame.headers.get("type")
        if frame.method == PING_PONG and kind == "ping":
            connection.pings += 1
            payload = json.dumps(self.config).encode()
            await connection.send(Frame(PING_PONG, frame.service, {"type": "pong"}, payload))
        elif frame.method == DELIVERY:
            waiting = connection.waiting.get(frame.headers.get("message_id", ""))
            if waiting is not None and not waiting.done():
                waiting.set_result(frame)

    async def _exchange(self, to: Connection, data: dict[str, Any], seconds: float) -> tuple[int, bytes, int]:
        payload = json.dumps(data, ensure_ascii=False).encode()
        message_id = self._ids.new("")
        parts = [payload[at : at + self.part_bytes] for at in range(0, len(payload), self.part_bytes)]
        headers = {"type": "event", "message_id": message_id, "trace_id": self._ids.new(""), "sum": str(len(parts))}
        answered: asyncio.Future[Frame | None] = asyncio.get_running_loop().create_future()
        to.waiting[message_id] = answered
        try:
            for number, part in enumerate(parts):
                await to.send(Frame(DELIVERY, SERVICE, {**headers, "seq": str(number)}, part))
            async with asyncio.timeout(seconds):
                frame = await answered
        except TimeoutError:
            frame = None
        finally:
            del to.waiting[message_id]
        return (0, b"", NO_ANSWER) if frame is None else _read_answer(frame)


def _read_answer(frame: Frame) -> tuple[int, bytes, int]:
    """Status, answer and code: {"code": 200, "data": base64 of the answer's JSON, which may be missing}."""
    try:
        answer = json.loads(frame.payload)
        status, data = answer["code"], answer.get("data")
        body = b"{}" if data is None else base64.b64decode(data, validate=True)
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error):
        return 0, frame.payload, BAD_ANSWER
    if not isinstance(status, int):
        return 0, frame.payload, BAD_ANSWER
    return status, body, 0 if status == 200 else BAD_STATUS
