"""The line to the bot's callback URLs: signs, seals, posts, and names what went wrong."""

from __future__ import annotations

import json
import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp

from simulator.dingtalk.crypto import card_sign, robot_sign
from simulator.dingtalk.outcome import BAD_ANSWER, NO_ANSWER, NO_CONNECTION, NO_RECEIVER, Outcome
from simulator.dingtalk.platform import NAME, Dingtalk, Route

CONNECT_SECONDS = 2.0
EVENT_SECONDS = 2.5
Json = dict[str, Any]


class Line:
    """One keep-alive client for everything posted to the bot."""

    def __init__(self, dingtalk: Dingtalk) -> None:
        self._dingtalk = dingtalk
        self._session: aiohttp.ClientSession | None = None
        options = dingtalk.parts.options
        self.robot_url = options.url_of("dingtalk/robot")
        self.event_url = options.url_of("dingtalk/event")

    async def start(self) -> None:
        """Open the client; needs the running loop."""
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30))

    async def stop(self) -> None:
        """Close the client."""
        if self._session is not None:
            await self._session.close()

    async def robot(self, message: Json, skew_ms: int = 0) -> Outcome:
        """Post a robot message; any 200 will do."""
        timestamp = self._timestamp(skew_ms)
        headers = {"timestamp": timestamp, "sign": robot_sign(timestamp, self._dingtalk.app.app_secret)}
        return await self._post(self.robot_url, message, message, headers, EVENT_SECONDS)

    async def card(self, route: Route, click: Json, seconds: float, skew_ms: int = 0) -> Outcome:
        """Post a click; the body of the outcome is the parsed answer."""
        timestamp = self._timestamp(skew_ms)
        headers = {}
        if route.secret:
            headers["x-ddpaas-signature-timestamp"] = timestamp
            headers["x-ddpaas-signature"] = card_sign(timestamp, route.secret)
        outcome = await self._post(route.url, click, click, headers, seconds)
        if outcome.code or not outcome.body:
            return Outcome(outcome.status, outcome.ms, outcome.code)
        answer = _json(outcome.body)
        code = 0 if isinstance(answer, dict) else BAD_ANSWER
        return Outcome(outcome.status, outcome.ms, code, answer)

    async def event(self, event: Json, skew_ms: int = 0) -> Outcome:
        """Post a sealed event; the answer must be `success`, sealed with the same keys."""
        crypto, timestamp, nonce = self._dingtalk.crypto, self._timestamp(skew_ms), secrets.token_hex(8)
        sealed = crypto.encrypt(json.dumps(event, ensure_ascii=False).encode())
        signature = crypto.signature(timestamp, nonce, sealed)
        query = urlencode({"signature": signature, "msg_signature": signature, "timestamp": timestamp, "nonce": nonce})
        url = f"{self.event_url}{'&' if '?' in self.event_url else '?'}{query}"
        outcome = await self._post(url, {"encrypt": sealed}, event, {}, EVENT_SECONDS)
        if outcome.code or self._says_success(_json(outcome.body)):
            return outcome
        return Outcome(outcome.status, outcome.ms, BAD_ANSWER)

    def _says_success(self, answer: Any) -> bool:
        crypto = self._dingtalk.crypto
        try:
            sealed, stamp = answer["encrypt"], str(answer["timeStamp"])
            signed = crypto.signature(stamp, answer["nonce"], sealed) == answer["msg_signature"]
            return signed and crypto.decrypt(sealed) == b"success"
        except (KeyError, TypeError, ValueError):
            return False

    def _timestamp(self, skew_ms: int) -> str:
        return str(self._dingtalk.parts.clock.now_ms() + skew_ms)

    async def _post(self, url: str, body: Json, shown: Json, headers: dict[str, str], seconds: float) -> Outcome:
        clock = self._dingtalk.parts.clock
        started = clock.machine()
        status, answer, code = await self._send(url, body, headers, seconds)
        ms = (clock.machine() - started) * 1000
        self._dingtalk.parts.calls.add(
            time=clock.iso(),
            direction="out",
            platform=NAME,
            method="POST",
            path=urlsplit(url).path,
            status=status,
            code=code,
            ms=ms,
            request=shown,
            response=answer,
        )
        return Outcome(status, ms, code, answer)

    async def _send(self, url: str, body: Json, headers: dict[str, str], seconds: float) -> tuple[int, bytes, int]:
        if self._session is None or not url.startswith(("http://", "https://")):
            return 0, b"", NO_RECEIVER
        raw = json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", **headers}
        limit = aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS)
        try:
            async with self._session.post(
                url, data=raw, headers=headers, timeout=limit, allow_redirects=False
            ) as response:
                answer = await response.read()
                return response.status, answer, 0 if response.status == 200 else BAD_ANSWER
        except aiohttp.InvalidURL:
            return 0, b"", NO_RECEIVER
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            return 0, b"", NO_CONNECTION
        except (TimeoutError, aiohttp.ClientError):
            return 0, b"", NO_ANSWER


def _json(raw: Any) -> Any:
    try:
        return json.loads(raw or b"null")
    except (ValueError, RecursionError):
        return None
