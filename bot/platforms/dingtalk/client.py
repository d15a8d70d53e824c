"""Calls to DingTalk's two hosts: one shared HTTP session, the token, the pace, the meter, and errors by meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

import aiohttp
import orjson
import structlog
from yarl import URL

from bot.platforms.base import NotAllowed, PlatformError, RetryLater, TokenExpired, TooLarge
from bot.platforms.dingtalk.errors import Throttled, fault, read_error
from bot.platforms.dingtalk.keys import DingtalkKeys
from bot.platforms.kinds import Meter
from bot.platforms.pace import Pace
from bot.platforms.tokens import Tokens

CALL_SECONDS = 8.0
CONNECT_SECONDS = 4.0
FILE_SECONDS = 60.0
ANSWER_BYTES = 4 << 20

_TOKEN_HEADER = "x-acs-dingtalk-access-token"

RENEW_BEFORE = 600.0
"""Seconds of a token's life that are not used."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Asked:
    """One call. `old`: on the host that takes the token in the query. `free`: it does not count against the month.

    `form` builds the multipart body anew for each try.
    """

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    params: tuple[tuple[str, str], ...] = ()
    form: Callable[[], aiohttp.FormData] | None = None
    old: bool = False
    free: bool = False
    seconds: float = CALL_SECONDS


class Client:
    """Makes calls. Each public method raises PlatformError and nothing else when the platform is at fault."""

    def __init__(self, keys: DingtalkKeys, *, machine: Callable[[], float], pace: Pace, meter: Meter) -> None:
        self._keys = keys
        self._api = keys.api_base.rstrip("/")
        self._oapi = keys.oapi_base.rstrip("/")
        self._session: aiohttp.ClientSession | None = None
        self._tokens = Tokens(self._fetch_token, machine, renew_before=RENEW_BEFORE)
        self._pace = pace
        self._meter = meter

    async def start(self) -> None:
        """Opens the session; no call is made."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(), headers={"User-Agent": "dealdesk", "Accept": "application/json"}
            )

    async def stop(self) -> None:
        """Closes the session."""
        await self._tokens.stop()
        await self._pace.stop()
        if self._session is not None:
            await self._session.close()
            self._session = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """The open session. Raises RetryLater before the start and after the stop."""
        if self._session is None:
            raise fault("dingtalk client is not started", unknown=False)
        return self._session

    async def call(self, asked: Asked, *about: tuple[str, str]) -> dict[str, Any]:
        """The answer of a call that succeeded. An expired token is replaced, and the call repeated, once.

        `about` are the narrower limits that count, such as ("group", id).
        """
        async with self._pace.passing(*about, ("app", asked.path)):
            return await self._called(asked)

    async def _called(self, asked: Asked) -> dict[str, Any]:
        token = await self._tokens.get()
        try:
            return await self._counted(asked, token)
        except TokenExpired:
            self._tokens.drop(token)
        token = await self._tokens.get()
        try:
            return await self._counted(asked, token)
        except TokenExpired as error:
            self._tokens.drop(token)
            raise NotAllowed(str(error), code=error.code) from error

    async def open_call(self, asked: Asked) -> dict[str, Any]:
        """A call that carries its own credentials; it counts against no limit."""
        return await self._exchange(asked, "")

    async def _counted(self, asked: Asked, token: str) -> dict[str, Any]:
        """The exchange, counted unless the vendor never took it or refused it for a rate limit."""
        counts = not asked.free
        try:
            return await self._exchange(asked, token)
        except RetryLater as error:
            counts = counts and not isinstance(error, Throttled) and error.unknown
            raise
        finally:
            if counts:
                self._meter.count("api")

    async def _fetch_token(self) -> tuple[str, float]:
        body = {"appKey": self._keys.app_key, "appSecret": self._keys.app_secret}
        try:
            answer = await self._exchange(Asked("POST", "/v1.0/oauth2/accessToken", body), "")
        except TokenExpired as error:
            raise NotAllowed(str(error), code=error.code) from error
        except RetryLater as error:
            # The call that wanted the token was never made, so its fate is known.
            raise RetryLater(str(error), after=error.after, code=error.code, whole_app=error.whole_app) from error
        token, life = answer.get("accessToken"), answer.get("expireIn")
        if not is_token(token) or not isinstance(life, int | float):
            raise fault("dingtalk answered without a token", unknown=False)
        return token, float(life)

    async def _exchange(self, asked: Asked, token: str) -> dict[str, Any]:
        """One request and the object it answers with. Raises what an answer that is no success means."""
        params, headers = asked.params, {}
        if token and asked.old:
            params = (*params, ("access_token", token))
        elif token:
            headers[_TOKEN_HEADER] = token
        data: Any = asked.form() if asked.form is not None else None
        if asked.body is not None:
            data, headers["Content-Type"] = orjson.dumps(asked.body), "application/json; charset=utf-8"
        url = URL((self._oapi if asked.old else self._api) + asked.path, encoded=True).with_query(params)
        timeout = aiohttp.ClientTimeout(total=asked.seconds, sock_connect=CONNECT_SECONDS, sock_read=CALL_SECONDS)
        session = self.session
        try:
            async with session.request(
                asked.method, url, data=data, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                status, content = response.status, await read(response, ANSWER_BYTES)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise fault(f"dingtalk unreachable: {type(error).__name__}", unknown=False) from None
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            raise fault(f"dingtalk silent: {type(error).__name__}") from None
        return _checked(asked, status, content)


def is_token(given: object) -> TypeGuard[str]:
    """True for what can stand in a header: a short, printable text without blanks."""
    return isinstance(given, str) and given.isascii() and given.isprintable() and 0 < len(given) < 2048


async def read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The whole body; TooLarge beyond the limit, without reading on."""
    content = bytearray()
    async for chunk in response.content.iter_chunked(1 << 16):
        content += chunk
        if len(content) > limit:
            response.close()
            raise TooLarge(f"dingtalk: the answer is over {limit} bytes")
    return bytes(content)


def _checked(asked: Asked, status: int, content: bytes) -> dict[str, Any]:
    body = _object(content)
    if body is not None and status < 300 and _is_success(asked, body):
        return body
    error: PlatformError = read_error(status, body)
    log.info("dingtalk.call_failed", path=asked.path, error=type(error).__name__, status=status, reason=str(error))
    raise error


def _is_success(asked: Asked, body: Mapping[str, Any]) -> bool:
    """The old host says so by a number; the new one by the status, and some calls by a word beside it."""
    if asked.old:
        return str(body.get("errcode")) == "0"
    return body.get("success") is not False and not body.get("punish")


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        body = orjson.loads(content)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
