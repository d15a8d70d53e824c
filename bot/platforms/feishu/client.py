"""Calls to Feishu's open API: one shared HTTP session, the token, the pace, and errors by meaning."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard
from urllib.parse import quote

import aiohttp
import orjson
import structlog
from yarl import URL

from bot.platforms.base import Malformed, NotAllowed, PlatformError, RetryLater, TokenExpired, TooLarge
from bot.platforms.feishu.errors import fault, read_error
from bot.platforms.feishu.keys import FeishuKeys
from bot.platforms.pace import Pace
from bot.platforms.tokens import Tokens

CALL_SECONDS = 8.0
CONNECT_SECONDS = 4.0
FILE_SECONDS = 60.0
HEARTBEAT_SECONDS = 30.0
"""A websocket that was silent so long is asked whether it is alive, and has half as long to answer."""
CLOSE_SECONDS = 1.0
ANSWER_BYTES = 8 << 20
"""More than any list of the vendor's; a longer answer is no answer."""

_JSON = {"Content-Type": "application/json; charset=utf-8"}

RENEW_BEFORE = 1800.0
"""Below 30 minutes the vendor issues a new token; the old one stays valid beside it."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers and bytes."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """One call. `form` builds the multipart body anew for each try; `token` is a person's own instead of the app's."""

    method: str
    path: str
    params: tuple[tuple[str, str], ...] = ()
    body: Mapping[str, Any] | None = None
    form: Callable[[], aiohttp.FormData] | None = None
    token: str = ""
    limit: int = ANSWER_BYTES
    seconds: float = CALL_SECONDS


class Client:
    """Makes calls. Each public method raises PlatformError and nothing else when the platform is at fault."""

    def __init__(self, keys: FeishuKeys, *, machine: Callable[[], float], pace: Pace) -> None:
        self._keys = keys
        self._base = keys.api_base.rstrip("/")
        self._session: aiohttp.ClientSession | None = None
        self._tokens = Tokens(self._fetch_token, machine, renew_before=RENEW_BEFORE)
        self._pace = pace

    async def start(self) -> None:
        """Opens the session; no call is made."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(), headers={"User-Agent": "dealdesk"}
            )

    async def stop(self) -> None:
        """Closes the session."""
        await self._tokens.stop()
        await self._pace.stop()
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(self, asked: Asked, *, about: str = "") -> dict[str, Any]:
        """The answer's envelope, once its code is 0. `about` is the chat, person or message whose pace counts."""
        return envelope(await self.fetch(asked, about=about))

    async def data(self, asked: Asked, *, about: str = "") -> dict[str, Any]:
        """The `data` object of the answer."""
        data = (await self.call(asked, about=about)).get("data")
        return data if isinstance(data, dict) else {}

    async def fetch(self, asked: Asked, *, about: str = "") -> Answer:
        """The answer of a call that succeeded. An expired token is replaced, and the call repeated, once."""
        async with self._pace.passing(*(("chat", about),) if about else (), ("app", "")):
            return await self._fetched(asked)

    async def _fetched(self, asked: Asked) -> Answer:
        if asked.token:
            return _checked(await self._exchange(asked, asked.token))
        token = await self._tokens.get()
        try:
            return _checked(await self._exchange(asked, token))
        except TokenExpired:
            self._tokens.drop(token)
        token = await self._tokens.get()
        try:
            return _checked(await self._exchange(asked, token))
        except TokenExpired as error:
            self._tokens.drop(token)
            raise NotAllowed(str(error), code=error.code) from error

    async def open_call(self, asked: Asked) -> dict[str, Any]:
        """A call that carries its own credentials."""
        async with self._pace.passing(("app", "")):
            return envelope(_checked(await self._exchange(asked, "")))

    async def connect(self, url: URL) -> aiohttp.ClientWebSocketResponse:
        """An open websocket that notices within 45 seconds when the other end is gone. The URL is never logged."""
        if self._session is None:
            raise fault("feishu client is not started", unknown=False)
        try:
            async with asyncio.timeout(CALL_SECONDS):
                return await self._session.ws_connect(
                    url, heartbeat=HEARTBEAT_SECONDS, timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS)
                )
        except aiohttp.WSServerHandshakeError as error:
            raise _handshake_error(error) from None
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            raise fault(f"feishu unreachable: {type(error).__name__}", unknown=False) from None

    async def _fetch_token(self) -> tuple[str, float]:
        asked = Asked(
            "POST",
            "/open-apis/auth/v3/tenant_access_token/internal",
            body={"app_id": self._keys.app_id, "app_secret": self._keys.app_secret},
        )
        try:
            answer = envelope(_checked(await self._exchange(asked, "")))
        except TokenExpired as error:
            raise NotAllowed(str(error), code=error.code) from error
        except RetryLater as error:
            # The call that wanted the token was never made, so its fate is known.
            raise RetryLater(str(error), after=error.after, code=error.code, whole_app=error.whole_app) from error
        token, life = answer.get("tenant_access_token"), answer.get("expire")
        if not is_token(token) or not isinstance(life, int | float):
            raise fault("feishu answered without a token", unknown=False)
        return token, float(life)

    async def _exchange(self, asked: Asked, token: str) -> Answer:
        """One request and its whole answer, whatever its status."""
        if self._session is None:
            raise fault("feishu client is not started", unknown=False)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body: Any = None
        if asked.form is not None:
            body = asked.form()
        elif asked.body is not None:
            body, headers = orjson.dumps(asked.body), {**headers, **_JSON}
        url = URL(self._base + asked.path, encoded=True).with_query(asked.params)
        timeout = aiohttp.ClientTimeout(total=asked.seconds, sock_connect=CONNECT_SECONDS, sock_read=CALL_SECONDS)
        try:
            async with self._session.request(
                asked.method, url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                return Answer(response.status, response.headers, await _read(response, asked.limit))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise fault(f"feishu unreachable: {type(error).__name__}", unknown=False) from None
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            raise fault(f"feishu silent: {type(error).__name__}") from None


def envelope(answer: Answer) -> dict[str, Any]:
    """The JSON object of a successful answer."""
    body = _object(answer.content)
    if body is None or body.get("code") != 0:
        raise read_error(answer.status, body, answer.headers)
    return body


def _handshake_error(error: aiohttp.WSServerHandshakeError) -> PlatformError:
    """Why the platform refused a websocket: it says so in headers."""
    headers: Mapping[str, str] = error.headers or {}
    code = headers.get("handshake-autherrcode") or headers.get("handshake-status", "")
    body = {"code": int(code) if code.isascii() and code.isdigit() and len(code) < 12 else 0}
    return read_error(error.status, {**body, "msg": headers.get("handshake-msg", "")}, headers)


def is_token(given: object) -> TypeGuard[str]:
    """True for what can stand in an Authorization header."""
    return isinstance(given, str) and 0 < len(given) <= 8192 and given.isascii() and given.isprintable()


def segment(given: str) -> str:
    """An id as one part of a path; Malformed for what can be none."""
    if not given or given in (".", ".."):
        raise Malformed("feishu: an id is missing")
    return quote(given, safe="")


def _checked(answer: Answer) -> Answer:
    """The answer when it is a success by code and status, or bytes of a file."""
    is_json = "json" in answer.headers.get("Content-Type", "")
    is_file = "Content-Disposition" in answer.headers
    body = _object(answer.content) if is_json and not (is_file and answer.status == 200) else None
    if answer.status == 200 and (not is_json or is_file):
        return answer
    if body is not None and body.get("code") == 0 and answer.status < 300:
        return answer
    error = read_error(answer.status, body if body is not None else _object(answer.content), answer.headers)
    log.info("feishu.call_failed", error=type(error).__name__, code=error.code, status=answer.status)
    raise error


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        body = orjson.loads(content)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The whole body; TooLarge beyond the limit, without reading on."""
    content = bytearray()
    async for chunk in response.content.iter_chunked(1 << 16):
        content += chunk
        if len(content) > limit:
            response.close()
            raise TooLarge(f"feishu: the answer is over {limit} bytes")
    return bytes(content)
