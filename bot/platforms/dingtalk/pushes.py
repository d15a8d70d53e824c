"""What comes over Stream, one frame at a time: stored through `accept`, then acknowledged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import structlog

from bot.platforms.base import Accept, InlineAnswer
from bot.platforms.dingtalk.answers import Render, click_answer, is_carried
from bot.platforms.dingtalk.content import text
from bot.platforms.dingtalk.envelope import Reader

MESSAGES = "/v1.0/im/bot/messages/get"
CLICKS = "/v1.0/card/instances/callback"
OK, UNKNOWN, BROKEN = 200, 404, 500

_Json = dict[str, Any]
Send = Callable[[str], Awaitable[None]]

log = structlog.get_logger()


class Pushes:
    """Takes frames. An event that could not be stored is asked for again; of other kinds the vendor repeats none."""

    def __init__(self, reader: Reader, *, business_us: Callable[[], int], accept: Accept, render: Render) -> None:
        self._reader = reader
        self._business_us = business_us
        self._accept = accept
        self._render = render

    def is_goodbye(self, frame: _Json) -> bool:
        """True for the frame that asks for another connection in place of this one."""
        return frame.get("type") == "SYSTEM" and text(frame.get("headers"), "topic") == "disconnect"

    async def take(self, frame: _Json, send: Send) -> None:
        """Handles one frame and acknowledges it. Never raises on what a frame may hold."""
        given = frame.get("headers")
        headers = given if isinstance(given, dict) else {}
        try:
            code, data, answer = await self._handled(text(frame, "type"), headers, frame.get("data"))
        except Exception as error:
            log.error("dingtalk.push_lost", topic=text(headers, "topic"), error=type(error).__name__)
            later = {"status": "LATER"} if text(frame, "type") == "EVENT" else {"response": None}
            code, data, answer = BROKEN, later, None
        if data is None:
            return
        try:
            await send(_ack(code, headers, data))
        except (ConnectionError, RuntimeError):
            log.info("dingtalk.ack_lost", topic=text(headers, "topic"))
            return
        if answer and is_carried(answer, data.get("response") or {}):
            await answer.written()

    async def _handled(self, kind: str, headers: _Json, given: object) -> tuple[int, _Json | None, InlineAnswer | None]:
        """Code and data of the acknowledgement, and the answer in it; no data: no acknowledgement."""
        topic, body = text(headers, "topic"), _object(given)
        now = self._business_us()
        if kind == "SYSTEM":
            return OK, body if topic == "ping" else None, None
        if kind == "EVENT":
            fields = body.get("data") if isinstance(body.get("data"), dict) else body
            event = text(headers, "eventType") or text(body, "eventType")
            unique = text(headers, "eventId") or text(body, "eventId")
            if inbound := self._reader.event(event, fields or {}, unique, headers.get("eventBornTime"), now):
                await self._accept(inbound)
            return OK, {"status": "SUCCESS", "message": "ok"}, None
        if topic == MESSAGES:
            if inbound := self._reader.message(body, now):
                await self._accept(inbound)
            return OK, {"response": None}, None
        if topic == CLICKS:
            return await self._click(body, text(headers, "messageId"), now)
        return UNKNOWN, {"response": None}, None

    async def _click(self, body: _Json, unique: str, now: int) -> tuple[int, _Json, InlineAnswer | None]:
        inbound = self._reader.click(body, unique or orjson.dumps(body).decode(), now)
        if inbound is None:
            return OK, {"response": {}}, None
        accepted = await self._accept(inbound)
        shown = accepted.answer.card if accepted.answer else None
        answer = click_answer(shown, text(body, "outTrackId"), inbound.chat, self._render)
        return OK, {"response": answer}, accepted.answer


def _ack(code: int, headers: _Json, data: _Json) -> str:
    return orjson.dumps(
        {
            "code": code,
            "message": "OK" if code == OK else "not taken",
            "headers": {"contentType": "application/json", "messageId": text(headers, "messageId")},
            "data": orjson.dumps(data).decode(),
        }
    ).decode()


def _object(given: object) -> _Json:
    """The data, a JSON text; an object itself is understood too."""
    if isinstance(given, str):
        try:
            given = orjson.loads(given)
        except ValueError:
            return {}
    return given if isinstance(given, dict) else {}
