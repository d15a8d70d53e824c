"""The callback route: verify, decrypt, read, store through `accept`, answer (docs/platforms/feishu.md 1 and 4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from aiohttp import web
from multidict import CIMultiDictProxy

from bot.platforms.base import InlineAnswer
from bot.platforms.callbacks import Refused, read_body, read_object
from bot.platforms.feishu.arrivals import Arrivals
from bot.platforms.feishu.crypto import Unreadable, legacy_signature, opener, same, signature
from bot.platforms.feishu.envelope import Proof, instant
from bot.platforms.feishu.keys import FeishuKeys

LATE_US = 300 * 1_000_000
"""Older deliveries are noted: the last retry comes about seven hours after the event."""
STALE_US = 8 * 3600 * 1_000_000

_LEGACY_CHARS = 40
_HEADERS = {"Content-Type": "application/json; charset=utf-8"}

log = structlog.get_logger()


class Callback:
    """Feishu's one request URL: 4xx for what is forged or unreadable, a quiet 200 for what is merely unknown."""

    def __init__(self, keys: FeishuKeys, arrivals: Arrivals, *, business_us: Callable[[], int]) -> None:
        self._key = keys.encrypt_key.encode()
        self._unseal = opener(keys.encrypt_key) if keys.encrypt_key else None
        self._token = keys.verification_token.encode()
        self._arrivals = arrivals
        self._business_us = business_us

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answers one delivery; an event only after it is durably stored."""
        try:
            body = await read_body(request)
            received_at = self._business_us()
            event, raw, proof = self._open(request.headers, body, received_at)
            taken = await self._arrivals.take(event, raw, proof, received_at)
        except Refused as refusal:
            log.warning("feishu.callback_refused", status=refusal.status, reason=refusal.reason)
            return web.Response(status=refusal.status)
        if taken.inline is None:
            return web.Response(body=taken.body, headers=_HEADERS)
        return await _write_out(request, taken.body, taken.inline)

    def _open(
        self, headers: CIMultiDictProxy[str], body: bytes, received_at: int
    ) -> tuple[dict[str, Any], bytes, Proof]:
        """The event of a delivery, its bytes, and how it is proven."""
        proof = self._prove(headers, body, received_at)
        event = read_object(body)
        if self._unseal is None:
            if "encrypt" in event:
                raise Refused(400, "encrypted, but no encrypt key is set")
            return event, body, proof
        sealed = event.get("encrypt")
        if not isinstance(sealed, str):
            raise Refused(403, "plain text, but an encrypt key is set")
        try:
            raw = self._unseal(sealed)
            event = read_object(raw)
        except (Unreadable, Refused):
            raise Refused(401 if proof == "token" else 400, "not readable with our key") from None
        if proof == "token" and event.get("type") != "url_verification":
            raise Refused(401, "signature missing")
        return event, raw, proof

    def _prove(self, headers: CIMultiDictProxy[str], body: bytes, received_at: int) -> Proof:
        """How the delivery is proven. Only the check of the request URL may come unsigned when a key is set."""
        given = headers.get("X-Lark-Signature", "").encode(errors="surrogateescape")
        moment = headers.get("X-Lark-Request-Timestamp", "")
        stamp = moment.encode(errors="surrogateescape")
        nonce = headers.get("X-Lark-Request-Nonce", "").encode(errors="surrogateescape")
        if len(given) == _LEGACY_CHARS:
            good = self._token and same(given, legacy_signature(stamp, nonce, self._token, body))
            proof: Proof = "legacy"
        elif not self._key or not given:
            good, proof = True, "token"
        else:
            good, proof = same(given, signature(stamp, nonce, self._key, body)), "signed"
        if not good:
            raise Refused(401, "signature")
        self._check_age(moment, proof, received_at)
        return proof

    def _check_age(self, moment: str, proof: Proof, received_at: int) -> None:
        sent_at = instant(moment)
        if not sent_at:
            if proof == "token":
                return
            raise Refused(401, "timestamp")
        age = received_at - sent_at
        if age > STALE_US:
            raise Refused(401, "too old")
        if abs(age) > LATE_US:
            log.warning("feishu.callback_late", seconds=age // 1_000_000)


async def _write_out(request: web.Request, body: bytes, inline: InlineAnswer) -> web.StreamResponse:
    """Writes the answer out at once, so that it is only recorded when the connection took it."""
    response = web.Response(body=body, headers=_HEADERS)
    try:
        await response.prepare(request)
        await response.write_eof()
    except ConnectionError:
        log.info("feishu.click_answer_lost")
        return response
    await inline.written()
    return response
