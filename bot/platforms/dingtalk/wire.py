"""The callback routes: verify, decrypt, store through `accept`, answer (docs/platforms/dingtalk.md).

Robot messages and card clicks are signed without their bodies: what they ask for is checked again when it is done.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import orjson
import structlog
from aiohttp import web
from multidict import CIMultiDict

from bot.platforms.base import Accept, InlineAnswer, Route
from bot.platforms.callbacks import Refused, read_body, read_object
from bot.platforms.dingtalk.answers import Render, click_answer, is_carried
from bot.platforms.dingtalk.content import text
from bot.platforms.dingtalk.crypto import Seal, Unreadable, card_signature, event_signature, robot_signature, same
from bot.platforms.dingtalk.envelope import Reader, instant
from bot.platforms.dingtalk.keys import DingtalkKeys

WINDOW_US = 3600 * 1_000_000
"""A signature is good for an hour."""
NO_REPLY = b'{"msgtype":"empty"}'
NOTHING = b"{}"

_HEADERS = CIMultiDict({"Content-Type": "application/json; charset=utf-8"})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = structlog.get_logger()


class Callbacks:
    """Three routes with three signatures: 4xx for what is forged or unreadable, 200 for what is merely unknown."""

    def __init__(
        self, keys: DingtalkKeys, reader: Reader, *, business_us: Callable[[], int], accept: Accept, render: Render
    ) -> None:
        self._keys = keys
        self._reader = reader
        self._business_us = business_us
        self._accept = accept
        self._render = render
        self._seal = Seal(keys.aes_key) if keys.aes_key else None
        self._owners = {keys.app_key, keys.corp_id} - {""}

    def routes(self) -> Iterable[Route]:
        """The routes for clicks and for events are there only when their keys are."""
        yield "POST", "/callback/dingtalk/robot", self._guarded(self._robot)
        if self._keys.card_secret:
            yield "POST", "/callback/dingtalk/card", self._guarded(self._card)
        if self._seal and self._keys.token:
            yield "POST", "/callback/dingtalk/event", self._guarded(self._event)

    def _guarded(self, handle: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                return await handle(request)
            except Refused as refusal:
                log.warning(
                    "dingtalk.callback_refused", path=request.path, status=refusal.status, reason=refusal.reason
                )
                return web.Response(status=refusal.status)

        return guarded

    async def _robot(self, request: web.Request) -> web.StreamResponse:
        stamp = request.headers.get("timestamp", "")
        self._check(stamp, request.headers.get("sign", ""), robot_signature(stamp, self._keys.app_secret))
        inbound = self._reader.message(read_object(await read_body(request)), self._business_us())
        if inbound:
            await self._accept(inbound)
        return web.Response(body=NO_REPLY, headers=_HEADERS)

    async def _card(self, request: web.Request) -> web.StreamResponse:
        stamp = request.headers.get("x-ddpaas-signature-timestamp", "")
        given = request.headers.get("x-ddpaas-signature", "")
        self._check(stamp, given, card_signature(stamp, self._keys.card_secret))
        raw = await read_body(request)
        body = read_object(raw)
        # The vendor gives a press no id; two presses differ at least in the instant they were signed at.
        unique = f"{stamp}:{raw.decode(errors='replace')}"
        inbound = self._reader.click(body, unique, self._business_us())
        if inbound is None:
            return web.Response(body=NOTHING, headers=_HEADERS)
        accepted = await self._accept(inbound)
        shown = accepted.answer.card if accepted.answer else None
        answer = click_answer(shown, text(body, "outTrackId"), inbound.chat, self._render)
        return await _written(request, answer, accepted.answer)

    async def _event(self, request: web.Request) -> web.StreamResponse:
        assert self._seal is not None
        query, sealed = request.query, text(read_object(await read_body(request)), "encrypt")
        stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        given = query.get("msg_signature") or query.get("signature", "")
        self._check(stamp, given, event_signature(self._keys.token, stamp, nonce, sealed))
        try:
            message, owner = self._seal.open(sealed)
        except Unreadable:
            raise Refused(400, "not readable with our key") from None
        if owner not in self._owners:
            raise Refused(403, "for another app")
        fields = read_object(message)
        lowered = {key.lower(): value for key, value in fields.items()}
        kind, unique = text(lowered, "eventtype"), text(lowered, "eventid")
        inbound = self._reader.event(kind, fields, unique, lowered.get("eventtime"), self._business_us())
        if inbound:
            await self._accept(inbound)
        return web.Response(body=self._success(owner), headers=_HEADERS)

    def _success(self, owner: str) -> bytes:
        assert self._seal is not None
        stamp, nonce = str(self._business_us() // 1000), secrets.token_hex(8)
        sealed = self._seal.close(b"success", owner, random=secrets.token_bytes(16))
        signature = event_signature(self._keys.token, stamp, nonce, sealed)
        return orjson.dumps({"msg_signature": signature, "timeStamp": stamp, "nonce": nonce, "encrypt": sealed})

    def _check(self, stamp: str, given: str, right: str) -> None:
        if not same(given, right):
            raise Refused(401, "signature")
        if not (sent_at := instant(stamp)) or abs(self._business_us() - sent_at) > WINDOW_US:
            raise Refused(401, "timestamp")


async def _written(request: web.Request, body: dict[str, Any], answer: InlineAnswer | None) -> web.StreamResponse:
    """Writes the answer out at once, so that it is only recorded when the connection took it."""
    response = web.Response(body=orjson.dumps(body), headers=_HEADERS)
    try:
        await response.prepare(request)
        await response.write_eof()
    except ConnectionError:
        log.info("dingtalk.click_answer_lost")
        return response
    if answer and is_carried(answer, body):
        await answer.written()
    return response
