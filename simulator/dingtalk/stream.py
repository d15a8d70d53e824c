"""Stream connections: who is connected, pushes to one of them, and their acknowledgements."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import WSCloseCode, WSMsgType, web

from simulator.dingtalk.frames import Ack, BadAck, Frame, read_ack
from simulator.dingtalk.outcome import BAD_ANSWER, NO_ANSWER, NO_CONNECTION, NO_RECEIVER, Outcome
from simulator.dingtalk.platform import NAME, Dingtalk
from simulator.dingtalk.tickets import Subscriptions

PING_SECONDS = 60.0
ECHO_SECONDS = 10.0
LEAVE_SECONDS = 10.0
CLOSE_SECONDS = 1.0
KEPT = 1000


@dataclass(slots=True)
class Connection:
    """One connected client; a leaving one gets no more pushes."""

    id: str
    http: web.Request
    socket: web.WebSocketResponse
    subscriptions: Subscriptions
    leaving: bool = False

    def abort(self) -> None:
        """Break the line without a word."""
        if self.http.transport is not None:
            self.http.transport.abort()


class Gateway:
    """Pushes go to one connection picked at random among those that subscribed; nothing is repeated here."""

    def __init__(self, dingtalk: Dingtalk) -> None:
        self._dingtalk = dingtalk
        self._waiting: dict[str, asyncio.Future[Ack]] = {}
        self._known: deque[str] = deque(maxlen=KEPT)
        self._tasks: set[asyncio.Task[None]] = set()
        self._random = random.Random()
        self.connections: list[Connection] = []
        self.problems: deque[str] = deque(maxlen=KEPT)
        self.ping_seconds = PING_SECONDS

    def subscribers(self, kind: str, topic: str) -> list[Connection]:
        """The connections a push of this topic can go to."""
        return [one for one in self.connections if not one.leaving and (kind, topic) in one.subscriptions]

    async def serve(self, http: web.Request) -> web.StreamResponse:
        """GET /connect: a client with a fresh ticket, until either side ends it."""
        subscriptions = self._dingtalk.tickets.take(http.query.get("ticket", ""))
        if subscriptions is None:
            return web.json_response({"code": "invalidTicket", "message": "ticket 无效"}, status=401)
        socket = web.WebSocketResponse(timeout=CLOSE_SECONDS)
        await socket.prepare(http)
        connection = Connection(self._dingtalk.parts.ids.new("", length=32), http, socket, subscriptions)
        self.connections.append(connection)
        pinging = asyncio.create_task(self._keep_pinging(connection))
        try:
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    self._read(message.data)
        finally:
            pinging.cancel()
            self.connections.remove(connection)
        return socket

    async def push(self, frame: Frame, seconds: float) -> Outcome:
        """Hand one frame to one connection and wait for its acknowledgement."""
        candidates = self.subscribers(frame.kind, frame.topic)
        if not candidates:
            return Outcome(0, 0.0, NO_RECEIVER)
        connection, clock = self._random.choice(candidates), self._dingtalk.parts.clock
        started = clock.machine()
        outcome = await self._push_on(connection, frame, seconds)
        outcome = Outcome(outcome.status, (clock.machine() - started) * 1000, outcome.code, outcome.body)
        self._log("out", frame.topic, outcome, frame.data)
        return outcome

    async def ping(self, connection: Connection) -> None:
        """Send SYSTEM ping; a client that does not echo it is cut off."""
        opaque = self._dingtalk.parts.ids.new("", length=16)
        frame = Frame("SYSTEM", "ping", self._dingtalk.parts.ids.new("", length=16), {"opaque": opaque}, {})
        outcome = await self._send(connection, frame, ECHO_SECONDS)
        if outcome.code or not isinstance(outcome.body, dict) or outcome.body.get("opaque") != opaque:
            self._problem("SYSTEM ping 没有原样回来")
            await connection.socket.close(code=WSCloseCode.GOING_AWAY)

    async def leave(self, connection: Connection) -> None:
        """Tell the client to connect anew; the line is closed ten seconds later."""
        connection.leaving = True
        frame = Frame("SYSTEM", "disconnect", "", {"reason": "connection is expired"}, {})
        with suppress(ConnectionError):
            await connection.socket.send_str(self._text(connection, frame))
        await asyncio.sleep(LEAVE_SECONDS)
        await connection.socket.close(code=WSCloseCode.GOING_AWAY)

    async def close(self) -> None:
        """End all connections."""
        for task in list(self._tasks):
            task.cancel()
        closing = [one.socket.close(code=WSCloseCode.GOING_AWAY) for one in self.connections]
        await asyncio.gather(*closing, return_exceptions=True)

    async def _push_on(self, connection: Connection, frame: Frame, seconds: float) -> Outcome:
        scene = self._dingtalk.faults.scene("stream")
        if scene == "abort":
            connection.abort()
            return Outcome(0, 0.0, NO_CONNECTION)
        if scene == "ping":
            self._spawn(self.ping(connection))
        outcome = await self._send(connection, frame, seconds)
        if scene == "disconnect":
            self._spawn(self.leave(connection))
        return outcome

    async def _send(self, connection: Connection, frame: Frame, seconds: float) -> Outcome:
        answer = self._waiting.get(frame.message_id) or asyncio.get_running_loop().create_future()
        self._waiting[frame.message_id] = answer
        self._known.append(frame.message_id)
        try:
            await connection.socket.send_str(self._text(connection, frame))
            ack = await asyncio.wait_for(asyncio.shield(answer), seconds)
        except TimeoutError:
            return Outcome(0, 0.0, NO_ANSWER)
        except ConnectionError:
            return Outcome(0, 0.0, NO_CONNECTION)
        finally:
            self._waiting.pop(frame.message_id, None)
        return Outcome(ack.code, 0.0, 0 if ack.code == 200 else BAD_ANSWER, ack.data)

    def _text(self, connection: Connection, frame: Frame) -> str:
        app, now_ms = self._dingtalk.app, self._dingtalk.parts.clock.now_ms()
        return frame.text(app_id=app.app_key, connection_id=connection.id, now_ms=now_ms)

    def _read(self, text: str) -> None:
        try:
            ack = read_ack(text)
        except BadAck as bad:
            self._problem(str(bad))
            return
        waiting = self._waiting.get(ack.message_id)
        if waiting is not None:
            if not waiting.done():
                waiting.set_result(ack)
        elif ack.message_id and ack.message_id not in self._known:
            self._problem(f"应答的 messageId 没有推送过：{ack.message_id}")

    def _problem(self, text: str) -> None:
        self.problems.append(text)
        self._log("in", "/connect", Outcome(0, 0.0, BAD_ANSWER, text), None)

    def _log(self, direction: str, path: str, outcome: Outcome, request: object) -> None:
        parts = self._dingtalk.parts
        parts.calls.add(
            time=parts.clock.iso(),
            direction=direction,
            platform=NAME,
            method="PUSH" if direction == "out" else "ACK",
            path=path,
            status=outcome.status,
            code=outcome.code,
            ms=outcome.ms,
            request=request,
            response=outcome.body,
        )

    async def _keep_pinging(self, connection: Connection) -> None:
        while True:
            await asyncio.sleep(self.ping_seconds)
            await self.ping(connection)

    def _spawn(self, work: object) -> None:
        assert asyncio.iscoroutine(work)
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
