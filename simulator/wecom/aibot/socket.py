"""The smart bot over its socket: one living connection per bot, every frame acknowledged."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

from simulator.wecom.aibot import bodies
from simulator.wecom.botstate import Turn
from simulator.wecom.errors import ApiError
from simulator.wecom.http import PREFIX, WECOM, error_text
from simulator.wecom.line import NO_CONNECTION, Outcome
from simulator.wecom.platform import NAME, Wecom

Json = dict[str, Any]
Command = Callable[[Wecom, str, Json], Json | None]
PING_SECONDS = 30.0
MISSED_PINGS = 2
CLOSE_SECONDS = 2.0
MAX_FRAME = 2 * 1024 * 1024


class Hub:
    """Holds the connection of the bot and tells it what happens; `open` False: this bot receives by URL."""

    def __init__(self, wecom: Wecom, commands: dict[str, Command], *, silence: float = PING_SECONDS * MISSED_PINGS):
        self._wecom = wecom
        self._commands = commands
        self.silence = silence
        self._held: list[tuple[web.WebSocketResponse, Json]] = []
        self._live: web.WebSocketResponse | None = None
        self._closing: set[asyncio.Task[bool]] = set()
        self._all: dict[web.WebSocketResponse, web.Request] = {}
        self.open = True

    async def close(self) -> None:
        """End every connection."""
        for connection in list(self._all):
            await connection.close(code=1001)

    def cut(self, connection: web.WebSocketResponse | None = None) -> None:
        """Break the connection, the living one if none is named, without a word, as a network does."""
        http = self._all.get(connection or self._live or web.WebSocketResponse())
        if http is not None and http.transport is not None:
            http.transport.abort()

    @property
    def connected(self) -> bool:
        """True while a bot listens."""
        return self._live is not None

    async def tell(self, turn: Turn, body: Json) -> Outcome:
        """Send it to the connected bot; without one it is lost, the vendor keeps nothing."""
        fault = self._wecom.faults.take("POST", "callback" if turn.kind == "click" else "event")
        kind = fault.kind if fault else ""
        if fault is not None and kind == "delay":
            await asyncio.sleep(fault.ms / 1000)
        connection = self._live
        if connection is None or kind == "drop":
            self._wecom.world.show_error(turn.chat.id, turn.item, NO_CONNECTION, "智能机器人没有连着，不再送")
            return Outcome(0, 0.0, NO_CONNECTION)
        req_id = self._wecom.ids.new("", length=32)
        self._wecom.bot.open(req_id, turn)
        cmd = "aibot_msg_callback" if turn.kind == "message" else "aibot_event_callback"
        frame = {"cmd": cmd, "headers": {"req_id": req_id}, "body": bodies.told(self._wecom, turn, body)}
        if kind == "reorder":
            self._held.append((connection, frame))
            return Outcome(200, 0.0, 0)
        for _ in range(2 if kind == "duplicate" else 1):
            await self._send(connection, frame)
        held, self._held = self._held, []
        for kept, late in held:
            await self._send(kept, late)
        if kind == "drop_after":
            self.cut(connection)
        return Outcome(200, 0.0, 0)

    async def serve(self, http: web.Request) -> web.StreamResponse:
        """Talk with one connection until it ends."""
        connection = web.WebSocketResponse(max_msg_size=MAX_FRAME, timeout=CLOSE_SECONDS)
        await connection.prepare(http)
        self._all[connection] = http
        try:
            while True:
                message = await connection.receive(timeout=self.silence)
                if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                    break
                await self._frame(connection, message.data)
        except TimeoutError:
            self._forget(connection)
            await connection.close(code=1001)
        finally:
            self._forget(connection)
        return connection

    def _forget(self, connection: web.WebSocketResponse) -> None:
        self._all.pop(connection, None)
        if self._live is connection:
            self._live = None

    async def _frame(self, connection: web.WebSocketResponse, text: str | bytes) -> None:
        frame = _object(text)
        headers, cmd = frame.get("headers"), str(frame.get("cmd", ""))
        req_id = str(headers.get("req_id", "")) if isinstance(headers, dict) else ""
        body = frame.get("body") if isinstance(frame.get("body"), dict) else {}
        answer: Json = {"headers": {"req_id": req_id}, "errcode": 0, "errmsg": "ok"}
        fault = self._wecom.faults.take("WS", cmd)
        kind = fault.kind if fault else ""
        if kind == "drop":
            self.cut(connection)
            return
        if fault is not None and kind == "delay":
            await asyncio.sleep(fault.ms / 1000)
        try:
            if kind.removeprefix("-").isdecimal():
                raise ApiError(45009 if kind == "429" else int(kind))
            done = await self._obey(connection, cmd, req_id, body or {})
            if done is not None:
                answer["body"] = done
        except ApiError as error:
            answer.update(errcode=error.code, errmsg=error_text(self._wecom, error, "127.0.0.1"))
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            answer.update(errcode=40058, errmsg="a field has the wrong type")
        if cmd != "ping":
            self._log("in", cmd, frame, answer)
        if kind == "drop_after":
            self.cut(connection)
            return
        await _write(connection, answer)

    async def _obey(self, connection: web.WebSocketResponse, cmd: str, req_id: str, body: Json) -> Json | None:
        if cmd == "aibot_subscribe":
            await self._subscribe(connection, body)
            return None
        if connection is not self._live:
            raise ApiError(40058, "aibot_subscribe comes first")
        if cmd == "ping":
            return None
        command = self._commands.get(cmd)
        if command is None:
            raise ApiError(40058, f"cmd {cmd!r} is not known")
        return command(self._wecom, req_id, body)

    async def _subscribe(self, connection: web.WebSocketResponse, body: Json) -> None:
        app = self._wecom.app
        if (body.get("bot_id"), body.get("secret")) != (app.bot_id, app.bot_secret):
            raise ApiError(40001, "bot_id or secret")
        if not self.open:
            raise ApiError(40058, "this bot receives by URL")
        old, self._live = self._live, connection
        if old is not None and old is not connection:
            event = {"msgtype": "event", "event": {"eventtype": "disconnected_event"}}
            head = {"msgid": self._wecom.ids.new(""), "aibotid": app.bot_id}
            head["create_time"] = str(self._wecom.clock.now_ms() // 1000)
            req_id = self._wecom.ids.new("")
            frame = {"cmd": "aibot_event_callback", "headers": {"req_id": req_id}, "body": {**head, **event}}
            await self._send(old, frame)
            closing = asyncio.create_task(old.close(code=1000))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    async def _send(self, connection: web.WebSocketResponse, frame: Json) -> None:
        self._log("out", str(frame["cmd"]), frame, None)
        await _write(connection, frame)

    def _log(self, direction: str, cmd: str, request: Json, response: Json | None) -> None:
        self._wecom.calls.add(
            time=self._wecom.clock.iso(),
            direction=direction,
            platform=NAME,
            method="WS",
            path=f"/ws/{cmd}",
            status=101,
            code=response.get("errcode", 0) if response else 0,
            ms=0.0,
            request=request,
            response=response,
        )


HUB = web.AppKey("wecom_hub", Hub)


async def connect(http: web.Request) -> web.StreamResponse:
    """GET ws: the bot's connection; a fault on this path refuses it."""
    wecom = http.app[WECOM]
    wecom.base_url = f"http://{http.host}"
    fault = wecom.faults.take("GET", "/ws", f"{PREFIX}/ws")
    if fault is not None and fault.kind == "delay":
        await asyncio.sleep(fault.ms / 1000)
    elif fault is not None:
        return web.Response(status=503)
    return await http.app[HUB].serve(http)


async def _write(connection: web.WebSocketResponse, frame: Json) -> None:
    try:
        await connection.send_str(json.dumps(frame, ensure_ascii=False))
    except (ConnectionError, RuntimeError):
        return


def _object(text: str | bytes) -> Json:
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return frame if isinstance(frame, dict) else {}
