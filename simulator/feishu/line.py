"""The line to the bot's callback URL: encrypts, signs, posts, and names what went wrong."""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from simulator.calls import CallLog
from simulator.clock import Clock
from simulator.company import App
from simulator.feishu.crypto import encrypt, signature

CONNECT_SECONDS = 2.0
NO_URL, NO_ANSWER, NO_CONNECTION, NO_HOST, BAD_STATUS = 200340, 200341, 200342, 200343, 200671


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back: `code` is 0 after an HTTP 200, else the vendor's number for the failure."""

    status: int
    ms: float
    code: int
    body: bytes = b""

    def view(self) -> dict[str, Any]:
        """The outcome as JSON of the control API."""
        return {"status": self.status, "ms": round(self.ms, 1), "code": self.code}


Deliver = Callable[[dict[str, Any], float], Awaitable[Outcome]]


class Line:
    """One keep-alive client for everything sent to the bot; with `deliver` all of it goes that way instead."""

    def __init__(self, app: App, clock: Clock, calls: CallLog, url: str, deliver: Deliver | None = None) -> None:
        self._app = app
        self._clock = clock
        self._calls = calls
        self._session: aiohttp.ClientSession | None = None
        self._deliver = deliver
        self.url = url

    async def start(self) -> None:
        """Open the client; needs the running loop."""
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30)
        self._session = aiohttp.ClientSession(connector=connector)

    async def stop(self) -> None:
        """Close the client."""
        if self._session is not None:
            await self._session.close()

    async def post(self, data: dict[str, Any], *, seconds: float, skew_ms: int = 0) -> Outcome:
        """Send one event or callback and wait at most `seconds` for the answer."""
        if self._deliver is not None:
            return await self._deliver(data, seconds)
        body, headers = self._sealed(data, skew_ms)
        started = self._clock.machine()
        status, answer, code = await self._send(body, headers, seconds)
        outcome = Outcome(status, (self._clock.machine() - started) * 1000, code, answer)
        self._calls.add(
            time=self._clock.iso(),
            direction="out",
            platform="feishu",
            method="POST",
            path=urlsplit(self.url).path,
            status=status,
            code=code,
            ms=outcome.ms,
            request=data,
            response=answer,
        )
        return outcome

    def _sealed(self, data: dict[str, Any], skew_ms: int) -> tuple[bytes, dict[str, str]]:
        plain = json.dumps(data, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", "X-Request-Id": secrets.token_hex(16)}
        if not self._app.encrypt_key:
            return plain, headers
        body = json.dumps({"encrypt": encrypt(plain, self._app.encrypt_key)}).encode()
        timestamp, nonce = str((self._clock.now_ms() + skew_ms) // 1000), secrets.token_hex(8)
        headers["X-Lark-Request-Timestamp"] = timestamp
        headers["X-Lark-Request-Nonce"] = nonce
        headers["X-Lark-Signature"] = signature(timestamp, nonce, self._app.encrypt_key, body)
        return body, headers

    async def _send(self, body: bytes, headers: dict[str, str], seconds: float) -> tuple[int, bytes, int]:
        if self._session is None or not self.url.startswith(("http://", "https://")):
            return 0, b"", NO_URL
        limit = aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS)
        try:
            async with self._session.post(
                self.url, data=body, headers=headers, timeout=limit, allow_redirects=False
            ) as response:
                answer = await response.read()
                return response.status, answer, 0 if response.status == 200 else BAD_STATUS
        except aiohttp.InvalidURL:
            return 0, b"", NO_URL
        except aiohttp.ClientConnectorDNSError:
            return 0, b"", NO_HOST
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            return 0, b"", NO_CONNECTION
        except (TimeoutError, aiohttp.ClientError):
            return 0, b"", NO_ANSWER
