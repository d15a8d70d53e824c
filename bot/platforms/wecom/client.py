"""Calls to WeCom's API: one shared HTTP session, the token, the pace, and errors by meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import aiohttp
import orjson
import structlog
from yarl import URL

from bot.platforms.base import NotAllowed, RetryLater, TokenExpired, TooLarge
from bot.platforms.pace import Pace
from bot.platforms.tokens import Tokens
from bot.platforms.wecom.errors import fault, read_error
from bot.platforms.wecom.keys import WecomKeys

CALL_SECONDS = 8.0
CONNECT_SECONDS = 4.0
FILE_SECONDS = 60.0
ANSWER_BYTES = 8 << 20
"""More than any list of the vendor's; a longer answer is no answer."""

_FILES = ("image/", "audio/", "video/", "application/octet-stream")
_JSON = {"Content-Type": "application/json; charset=utf-8"}

RENEW_BEFORE = 300.0
"""Seconds of a token's life that are not used."""

log = structlog.get_logger()

About = tuple[tuple[str, str], ...]
"""Whose pace a call counts against, narrow ones first, e.g. `(("member", "lilei"), ("app", ""))`."""
APP_ONLY: About = (("app", ""),)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers and bytes."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """One call below `/cgi-bin/`. `form` builds the multipart body anew for each try; `signed`: it wants our token."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    form: Callable[[], aiohttp.FormData] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    signed: bool = True
    limit: int = ANSWER_BYTES
    seconds: float = CALL_SECONDS


class Client:
    """Makes calls. Each public method raises PlatformError and nothing else when the platform is at fault."""

    def __init__(self, keys: WecomKeys, *, machine: Callable[[], float], pace: Pace) -> None:
        self._keys = keys
        self._base = keys.api_base.rstrip("/") + "/cgi-bin/"
        self._session: aiohttp.ClientSession | None = None
        self._tokens = Tokens(self._fetch_token, machine, renew_before=RENEW_BEFORE)
        self.pace = pace

    @property
    def session(self) -> aiohttp.ClientSession:
        """The shared session. Raises RetryLater before the start and after the end."""
        if self._session is None:
            raise fault("wecom client is not started", unknown=False)
        return self._session

    async def start(self) -> None:
        """Opens the session; no call is made."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(), headers={"User-Agent": "dealdesk"}
            )

    async def stop(self) -> None:
        """Closes the session."""
        await self._tokens.stop()
        await self.pace.stop()
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(self, asked: Asked, *, about: About = APP_ONLY) -> dict[str, Any]:
        """The answer as an object, once it is a success."""
        body = _object((await self.fetch(asked, about=about)).content)
        if body is None:
            raise fault("wecom answered without JSON")
        return body

    async def fetch(self, asked: Asked, *, about: About = APP_ONLY) -> Answer:
        """The answer of a call that succeeded. An expired token is replaced, and the call repeated, once."""
        async with self.pace.passing(*about):
            return await self._fetched(asked)

    async def _fetched(self, asked: Asked) -> Answer:
        if not asked.signed:
            return _checked(await self._ask(asked, ""))
        token = await self._tokens.get()
        try:
            return _checked(await self._ask(asked, token))
        except TokenExpired:
            self._tokens.drop(token)
        token = await self._tokens.get()
        try:
            return _checked(await self._ask(asked, token))
        except TokenExpired as error:
            self._tokens.drop(token)
            raise NotAllowed(str(error), code=error.code) from error

    async def fetch_url(self, url: URL, *, limit: int) -> Answer:
        """What lies at an address outside the API that the caller has checked. No token, no redirects."""
        answer = await self._exchange("GET", url, limit=limit, seconds=FILE_SECONDS)
        if answer.status != 200:
            raise read_error(answer.status, _object(answer.content))
        return answer

    async def _fetch_token(self) -> tuple[str, float]:
        params = {"corpid": self._keys.corp_id, "corpsecret": self._keys.secret}
        try:
            answer = _object(_checked(await self._ask(Asked("GET", "gettoken", params), "")).content) or {}
        except TokenExpired as error:
            raise NotAllowed(str(error), code=error.code) from error
        except RetryLater as error:
            # The call that wanted the token was never made, so its fate is known.
            raise RetryLater(str(error), after=error.after, code=error.code, whole_app=error.whole_app) from error
        token, life = answer.get("access_token"), answer.get("expires_in")
        if not _is_token(token) or not isinstance(life, int | float):
            raise fault("wecom answered without a token", unknown=False)
        return token, float(life)

    async def _ask(self, asked: Asked, token: str) -> Answer:
        params = {**({"access_token": token} if token else {}), **asked.params}
        url = URL(self._base + asked.path, encoded=True).with_query(params)
        body: Any = None
        headers = dict(asked.headers)
        if asked.form is not None:
            body = asked.form()
        elif asked.body is not None:
            body, headers = orjson.dumps(asked.body), {**headers, **_JSON}
        return await self._exchange(
            asked.method, url, body=body, headers=headers, limit=asked.limit, seconds=asked.seconds
        )

    async def _exchange(
        self,
        method: str,
        url: URL,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        limit: int,
        seconds: float,
    ) -> Answer:
        """One request and its whole answer, whatever its status. The address, which holds secrets, is told nobody."""
        timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS, sock_read=CALL_SECONDS)
        try:
            async with self.session.request(
                method, url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                return Answer(response.status, response.headers, await _read(response, limit))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise fault(f"wecom unreachable: {type(error).__name__}", unknown=False) from None
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            raise fault(f"wecom silent: {type(error).__name__}") from None


def _is_token(given: object) -> TypeGuard[str]:
    return isinstance(given, str) and 0 < len(given) <= 8192 and given.isascii() and given.isprintable()


def _checked(answer: Answer) -> Answer:
    """The answer when it is a success: an object whose errcode is 0 or absent, or bytes of a file.

    Errors come with status 200 too, also where a file was asked for.
    """
    kind = answer.headers.get("Content-Type", "")
    is_file = "Content-Disposition" in answer.headers or kind.startswith(_FILES)
    if answer.status in (200, 206) and is_file:
        return answer
    body = _object(answer.content)
    if answer.status == 200 and body is not None and body.get("errcode", 0) == 0:
        if "wrong json format" in str(body.get("errmsg", "")):
            log.warning("wecom.request_half_understood")
        return answer
    error = read_error(answer.status, body)
    log.info("wecom.call_failed", error=type(error).__name__, code=error.code, status=answer.status)
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
            raise TooLarge(f"wecom: the answer is over {limit} bytes")
    return bytes(content)
