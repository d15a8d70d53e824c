"""The smart bot's socket: the bot connects, so that it needs no public address (docs/platforms/wecom.md).

One connection lives for a bot: a second one ends the first. JSON frames go both ways; what is sent is acknowledged by a
frame with the same request id. What arrives is told once and never again.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
import orjson
import structlog

from bot.platforms.base import Accept, Accepted, PlatformError, RetryLater
from bot.platforms.wecom.chats import BOT_PERSON, name_of
from bot.platforms.wecom.clicks import redrawn, sentence
from bot.platforms.wecom.client import Client
from bot.platforms.wecom.envelope import Reader, bot_event, string
from bot.platforms.wecom.errors import fault, read_error
from bot.platforms.wecom.keys import WecomKeys
from bot.platforms.wecom.render import render
from bot.platforms.wecom.wire import read_named
from storage.inbox import Inbound

PING_SECONDS = 30.0
SILENT_SECONDS = 75.0
"""Two pings without an answer: the connection is dead."""
ACK_SECONDS = 8.0
OPEN_SECONDS = 10.0
CLOSE_SECONDS = 1.0
LAST_ANSWERS_SECONDS = 3.0
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
MANY = 10
"""So many tries lead to the longest wait."""
STORE_AGAIN = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds between tries to store what will not be told again."""
FRAME_BYTES = 4 << 20
PART_BYTES = 512 << 10
"""An upload goes in parts of this size, at most 100 of them."""

_CALLBACKS = ("aibot_msg_callback", "aibot_event_callback")

log = structlog.get_logger()

Json = dict[str, Any]


class Taken(Exception):
    """Another connection of this bot has taken over."""


class Line:
    """Keeps one connection open, and sends over it. Business microseconds and machine seconds are given."""

    def __init__(
        self,
        keys: WecomKeys,
        client: Client,
        reader: Reader,
        *,
        business_us: Callable[[], int],
        machine: Callable[[], float],
        account_of: Callable[[str], Awaitable[str]],
    ) -> None:
        self._keys = keys
        self._client = client
        self._reader = reader
        self._business_us = business_us
        self._machine = machine
        self._account_of = account_of
        self._ws: aiohttp.ClientWebSocketResponse | None = None
        self._ready = False
        self._asked: dict[str, list[asyncio.Future[Json]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._count = 0

    async def run(self, accept: Accept) -> None:
        """Connects, and connects again when the connection is lost; returns when another connection took over."""
        tries = 0
        try:
            while True:
                began = self._machine()
                try:
                    await self._live(accept)
                except Taken:
                    log.warning("wecom.socket_taken_over")
                    return
                except RetryLater as error:
                    log.warning("wecom.socket_not_open", reason=str(error), code=error.code)
                except PlatformError as error:  # bot id or secret are wrong: an admin has to act
                    log.error("wecom.socket_refused", reason=str(error), code=error.code)
                    tries = MANY
                tries = 0 if self._machine() - began > LONGEST_WAIT else tries + 1
                await asyncio.sleep(wait_before(tries))
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def ask(self, command: str, body: Mapping[str, Any], *, request: str = "") -> Json:
        """Sends a frame and waits until it is acknowledged. Raises PlatformError, unknown when no answer came."""
        if not self._ready:
            raise RetryLater("wecom: the smart bot's socket is not open", after=FIRST_WAIT)
        return await self._ask(command, body, request)

    async def _live(self, accept: Accept) -> None:
        """One connection from opening to loss; when cancelled, lets the last answers out first."""
        ws = await self._open()
        self._ws = ws
        reading = asyncio.create_task(self._read(ws, accept))
        reading.add_done_callback(lambda _: self._forget())
        pinging: asyncio.Task[None] | None = None
        try:
            await self._ask("aibot_subscribe", {"bot_id": self._keys.bot_id, "secret": self._keys.bot_secret}, "")
            self._ready = True
            log.info("wecom.socket_open")
            pinging = asyncio.create_task(self._ping())
            await asyncio.shield(reading)
            log.warning("wecom.socket_lost", code=ws.close_code)
        except asyncio.CancelledError:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=LAST_ANSWERS_SECONDS)
            raise
        except PlatformError:
            if reading.done():
                reading.result()
            raise
        finally:
            self._ready, self._ws = False, None
            for task in filter(None, (reading, pinging)):
                task.cancel()
            await asyncio.gather(*filter(None, (reading, pinging)), return_exceptions=True)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await ws.close()

    async def _open(self) -> aiohttp.ClientWebSocketResponse:
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                return await self._client.session.ws_connect(
                    self._keys.ws_base,
                    max_msg_size=FRAME_BYTES,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS),
                )
        except (aiohttp.ClientError, TimeoutError, ConnectionError, ValueError) as error:
            raise fault(f"wecom socket: {type(error).__name__}", unknown=False) from None

    async def _read(self, ws: aiohttp.ClientWebSocketResponse, accept: Accept) -> None:
        """Takes frames until the connection ends, or is silent although it was pinged."""
        while True:
            try:
                message = await ws.receive(timeout=SILENT_SECONDS)
            except TimeoutError:
                return
            if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                raw = message.data.encode() if isinstance(message.data, str) else message.data
                self._hear(raw, accept)
            elif message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED,
                                  aiohttp.WSMsgType.ERROR):  # fmt: skip
                return

    def _hear(self, raw: bytes, accept: Accept) -> None:
        """One frame: a receipt, or something that happened. An odd one is noted and left."""
        frame = _object(raw)
        command = string(frame, "cmd")
        request = string(frame.get("headers"), "req_id")
        body = frame.get("body")
        if frame and command not in _CALLBACKS:
            self._receipt(request, frame)
        elif isinstance(body, dict):
            if bot_event(body) == "disconnected_event":
                raise Taken
            task = asyncio.create_task(self._take(body, request, raw, self._business_us(), accept))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            log.warning("wecom.odd_frame", bytes=len(raw))

    async def _take(self, body: Json, request: str, raw: bytes, received_at: int, accept: Accept) -> None:
        """Stores what happened, and answers a click."""
        arrived = await read_named(self._reader, body, raw, received_at, self._account_of)
        if arrived is None:
            return
        accepted = await _stored(arrived, accept)
        if accepted is None or accepted.answer is None or not arrived.answer_within_ms:
            return
        inline, own = accepted.answer, self._keys.public_url
        try:
            if answer := redrawn(inline.card, body, own=own):
                await self.ask("aibot_respond_update_msg", answer, request=request)
            if said := sentence(inline):
                message = render(said, arrived.chat, own=own)
                await self.say(arrived.chat, {name: message[name] for name in ("msgtype", str(message["msgtype"]))})
        except PlatformError as error:  # not recorded as written: the outbox says it once the claim has run out
            log.warning("wecom.click_answer_lost", error=type(error).__name__, code=error.code)
            return
        await inline.written()

    async def say(self, chat: str, body: Mapping[str, Any]) -> None:
        """A message of the bot's own accord, in a chat where somebody spoke to it before."""
        single = 1 if chat.startswith(BOT_PERSON) else 2
        await self.ask("aibot_send_msg", {"chatid": name_of(chat), "chat_type": single, **body})

    async def upload(self, content: bytes, *, name: str, kind: str) -> str:
        """The smart bot's own media id, good for three days."""
        parts = [content[start : start + PART_BYTES] for start in range(0, len(content), PART_BYTES)]
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        about = {"type": kind, "filename": name, "total_size": len(content), "total_chunks": len(parts), "md5": digest}
        upload_id = _told(await self.ask("aibot_upload_media_init", about), "upload_id")
        for number, part in enumerate(parts):
            data = base64.b64encode(part).decode()
            chunk = {"upload_id": upload_id, "chunk_index": number, "base64_data": data}
            await self.ask("aibot_upload_media_chunk", chunk)
        return _told(await self.ask("aibot_upload_media_finish", {"upload_id": upload_id}), "media_id")

    async def _ask(self, command: str, body: Mapping[str, Any], request: str) -> Json:
        if self._ws is None:
            raise fault("wecom socket: closed", unknown=False)
        self._count += 1
        request = request or f"{command}-{self._count}"
        receipt: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._asked.setdefault(request, []).append(receipt)
        try:
            frame = {"cmd": command, "headers": {"req_id": request}, **({"body": body} if body else {})}
            await self._ws.send_str(orjson.dumps(frame).decode())
            async with asyncio.timeout(ACK_SECONDS):
                answer = await receipt
        except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
            raise fault(f"wecom socket: {type(error).__name__}") from None
        finally:
            waiting = self._asked.get(request, [])
            if receipt in waiting:
                waiting.remove(receipt)
            if not waiting:
                self._asked.pop(request, None)
        if answer.get("errcode", 0) != 0:
            raise read_error(200, answer)
        return answer

    def _receipt(self, request: str, frame: Json) -> None:
        """Of several frames under one request the first that waits is acknowledged."""
        for receipt in self._asked.get(request, ()):
            if not receipt.done():
                receipt.set_result(frame)
                return

    def _forget(self) -> None:
        """Nobody will acknowledge what is still waiting."""
        for receipts in self._asked.values():
            for receipt in receipts:
                if not receipt.done():
                    receipt.set_exception(ConnectionResetError())

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(PING_SECONDS)
            with contextlib.suppress(PlatformError):
                await self._ask("ping", {}, "")


def wait_before(tries: int) -> float:
    """Seconds before the next try: 1, doubling to 60, spread by a fifth so that many bots do not come at once."""
    return float(min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(max(tries - 1, 0), MANY)) * random.uniform(0.8, 1.0))


async def _stored(arrived: Inbound, accept: Accept) -> Accepted | None:
    """The event durably stored, after several tries where needed: nobody sends it again."""
    for pause in (*STORE_AGAIN, None):
        try:
            return await accept(arrived)
        except Exception as error:
            log.error("wecom.not_stored", error=type(error).__name__, again_in=pause)
            if pause is not None:
                await asyncio.sleep(pause)
    return None


def _told(answer: Json, name: str) -> str:
    """A text in the body of a receipt, without which nothing goes on."""
    if not (found := string(answer.get("body"), name)):
        raise fault(f"wecom socket: no {name}", unknown=False)
    return found


def _object(raw: bytes) -> Json:
    try:
        given = orjson.loads(raw)
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}
