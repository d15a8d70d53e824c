"""The callback routes: verify, decrypt, read, store through `accept`, answer (docs/platforms/wecom.md)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import structlog
from aiohttp import web

from bot.platforms.base import Accept, InlineAnswer, PlatformError
from bot.platforms.callbacks import Refused, read_body, read_object
from bot.platforms.wecom.clicks import redrawn, sentence
from bot.platforms.wecom.crypto import Envelope, Unreadable
from bot.platforms.wecom.envelope import APP_ALARMS, Reader, Unnamed, app_event, instant, string
from bot.platforms.wecom.parse import response_code
from bot.platforms.wecom.xmltree import NotXml, read_xml, text
from cards.blocks import Card
from storage.inbox import Inbound

LATE_US = 600 * 1_000_000
"""Older deliveries are noted: retries stop within seconds."""
STALE_US = 6 * 3600 * 1_000_000
LOOK_UP_SECONDS = 1.0

log = structlog.get_logger()

Say = Callable[[Card, Inbound, str], Awaitable[None]]
"""Says a sentence in the chat of a click, by the click's response code."""


class Callback:
    """What both addresses have in common: 4xx for what is forged or unreadable, 200 for what is merely unknown."""

    def __init__(self, envelope: Envelope, *, business_us: Callable[[], int], accept: Accept, reader: Reader) -> None:
        self._envelope = envelope
        self._business_us = business_us
        self._accept = accept
        self._reader = reader

    async def verify(self, request: web.Request) -> web.StreamResponse:
        """Answers the check of the address with the text it carries, as it is. A raw + arrives as a blank."""
        try:
            echo = self._open(request, request.query.get("echostr", "").replace(" ", "+"))
        except Refused as refusal:
            return _refuse(refusal)
        return web.Response(body=echo, content_type="text/plain")

    def _open(self, request: web.Request, sealed: str) -> bytes:
        """What is sealed, once the signature in the query is ours."""
        given = {name: request.query.get(name, "") for name in ("msg_signature", "timestamp", "nonce")}
        if not self._envelope.is_signed(given["msg_signature"], given["timestamp"], given["nonce"], sealed):
            raise Refused(403, "signature")
        try:
            return self._envelope.open(sealed)
        except Unreadable as error:
            raise Refused(403, f"not readable with our key: {error}") from error

    def _check_age(self, request: web.Request, received_at: int) -> None:
        sent_at = instant(request.query.get("timestamp", ""))
        if not sent_at:
            raise Refused(400, "timestamp")
        age = received_at - sent_at
        if age > STALE_US:
            raise Refused(403, "too old")
        if abs(age) > LATE_US:
            log.warning("wecom.callback_late", seconds=age // 1_000_000)


class AppCallback(Callback):
    """The self-built app's address: XML around encrypted XML, answered with an empty 200."""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answers one delivery after it is durably stored."""
        try:
            raw = self._open(request, _sealed_xml(await read_body(request)))
            received_at = self._business_us()
            self._check_age(request, received_at)
            arrived = self._reader.read_app(raw, received_at)
        except Refused as refusal:
            return _refuse(refusal)
        if arrived is not None:
            await self._accept(arrived)
        else:
            _warn(raw)
        return web.Response()


class BotCallback(Callback):
    """The smart bot's address: JSON around encrypted JSON. A click is answered with the card it leads to."""

    def __init__(
        self,
        envelope: Envelope,
        *,
        business_us: Callable[[], int],
        accept: Accept,
        reader: Reader,
        own: str,
        account_of: Callable[[str], Awaitable[str]],
        say: Say,
    ) -> None:
        super().__init__(envelope, business_us=business_us, accept=accept, reader=reader)
        self._own = own
        self._account_of = account_of
        self._say = say

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answers one delivery after it is durably stored."""
        try:
            raw = self._open(request, _sealed_json(await read_body(request)))
            received_at = self._business_us()
            self._check_age(request, received_at)
            body = read_object(raw)
            arrived = await read_named(self._reader, body, raw, received_at, self._account_of)
        except Refused as refusal:
            return _refuse(refusal)
        if arrived is None:
            return web.Response()
        accepted = await self._accept(arrived)
        if arrived.answer_within_ms:
            return await self._answer_click(request, arrived, accepted.answer, body)
        return web.Response()

    async def _answer_click(
        self, request: web.Request, arrived: Inbound, inline: InlineAnswer | None, body: dict[str, Any]
    ) -> web.StreamResponse:
        """Writes the answer out at once, so that it is only recorded when the connection took it."""
        card = redrawn(inline.card, body, own=self._own) if inline else {}
        sealed = self._sealed(card, request.query["nonce"]) if card else b""
        response = web.Response(body=sealed, content_type="application/json" if card else "text/plain")
        try:
            await response.prepare(request)
            await response.write_eof()
            if inline and (said := sentence(inline)):
                await self._say(said, arrived, response_code(string(body, "response_url")))
        except (ConnectionError, PlatformError) as error:
            log.warning("wecom.click_answer_lost", error=type(error).__name__)
            return response
        if inline:
            await inline.written()
        return response

    def _sealed(self, said: dict[str, Any], nonce: str) -> bytes:
        sealed = self._envelope.seal(orjson.dumps(said))
        timestamp = self._business_us() // 1_000_000
        signature = self._envelope.signature(str(timestamp), nonce, sealed)
        return orjson.dumps({"encrypt": sealed, "msgsignature": signature, "timestamp": timestamp, "nonce": nonce})


async def read_named(
    reader: Reader,
    body: dict[str, Any],
    raw: bytes,
    received_at: int,
    account_of: Callable[[str], Awaitable[str]],
) -> Inbound | None:
    """The row of a smart bot's message; a hidden person is looked up for a second, then kept under the hidden id."""
    try:
        return reader.read_bot(body, raw, received_at)
    except Unnamed as unnamed:
        account = ""
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                account = await account_of(unnamed.hidden)
        except (PlatformError, TimeoutError) as error:
            log.warning("wecom.person_hidden", error=type(error).__name__)
        if account:
            reader.remember(unnamed.hidden, account)
            return reader.read_bot(body, raw, received_at)
        return reader.read_bot(body, raw, received_at, as_given=True)


def _warn(raw: bytes) -> None:
    """The vendor says that it will stop the app: an admin has to know."""
    if (event := app_event(read_xml(raw))) in APP_ALARMS:
        log.error("wecom.app_about_to_be_stopped", event_name=event)


def _refuse(refusal: Refused) -> web.Response:
    log.warning("wecom.callback_refused", status=refusal.status, reason=refusal.reason)
    return web.Response(status=refusal.status)


def _sealed_xml(raw: bytes) -> str:
    try:
        sealed = text(read_xml(raw), "Encrypt")
    except NotXml as error:
        raise Refused(400, "not XML") from error
    return _there(sealed)


def _sealed_json(raw: bytes) -> str:
    sealed = read_object(raw).get("encrypt")
    return _there(sealed if isinstance(sealed, str) else "")


def _there(sealed: str) -> str:
    if not sealed:
        raise Refused(400, "nothing encrypted")
    return sealed.strip()
