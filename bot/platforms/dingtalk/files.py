"""Files: up to the vendor's media store, and down from the temporary addresses it gives (SSRF: see `Outside`)."""

from __future__ import annotations

import io
import ipaddress
import socket
from typing import Any

import aiohttp
import structlog
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bot.platforms.base import Download, Gone, Malformed, NotAllowed, PlatformError, TooLarge
from bot.platforms.dingtalk.client import CALL_SECONDS, CONNECT_SECONDS, FILE_SECONDS, Asked, Client, read
from bot.platforms.dingtalk.content import text
from bot.platforms.dingtalk.errors import fault
from bot.platforms.dingtalk.keys import DingtalkKeys
from bot.platforms.dingtalk.plain import one_line

FILE_BYTES = 20 << 20
VOICE_BYTES = 2 << 20
DOWNLOAD_BYTES = 30 << 20
_KINDS = {"image": "image", "audio": "voice", "video": "video"}
_NAME_CHARS = 100

log = structlog.get_logger()


class Outside(AbstractResolver):
    """Resolves names to public addresses only, so that no address the vendor hands us leads into our own network."""

    def __init__(self, inner: AbstractResolver | None = None) -> None:
        self._inner = inner or aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The public addresses of the host. Raises OSError when it has none."""
        found = [each for each in await self._inner.resolve(host, port, family) if is_public(each["host"])]
        if not found:
            raise OSError(None, "no public address")
        return found

    async def close(self) -> None:
        """Nothing of its own is open."""
        await self._inner.close()


class Files:
    """What is sent and received as bytes, through one client."""

    def __init__(self, keys: DingtalkKeys, client: Client) -> None:
        self._keys = keys
        self._client = client
        bases = (URL(keys.api_base), URL(keys.oapi_base))
        self._ours = {(base.scheme, base.host, base.port) for base in bases}

    async def upload(self, content: bytes, *, name: str, kind: str) -> str:
        """The media id of the uploaded file, good for messages of this app."""
        if not content:
            raise Malformed("dingtalk: an empty file cannot be sent")
        kind = _KINDS.get(kind, "file")
        if len(content) > (VOICE_BYTES if kind == "voice" else FILE_BYTES):
            raise TooLarge(f"dingtalk: {len(content)} bytes are too much for an upload")

        def form() -> aiohttp.FormData:
            data = aiohttp.FormData()
            data.add_field("type", kind)
            data.add_field("media", io.BytesIO(content), filename=one_line(name)[-_NAME_CHARS:] or "file")
            return data

        answer = await self._client.call(Asked("POST", "/media/upload", form=form, old=True, seconds=FILE_SECONDS))
        if not (media := text(answer, "media_id")):
            raise fault("dingtalk answered an upload without a media id")
        return media

    async def download(self, code: str) -> Download:
        """A file that somebody sent, at most 30 MB. It comes without a name: the message had it."""
        body = {"downloadCode": code, "robotCode": self._keys.robot}
        answer = await self._client.call(Asked("POST", "/v1.0/robot/messageFiles/download", body))
        return Download(await self._fetch(text(answer, "downloadUrl")), "")

    async def _fetch(self, address: str) -> bytes:
        """A plain GET without token, to the vendor's own hosts or a public one over TLS; redirects are not followed."""
        try:
            url = URL(address)
            own = (url.scheme, url.host, url.port) in self._ours
        except ValueError:
            url, own = URL(), False
        if not own and (url.scheme != "https" or not url.host or not _may_be_public(url.host)):
            raise NotAllowed("dingtalk: a file's address leads where no file of the vendor's is")
        connector = None if own else aiohttp.TCPConnector(resolver=Outside(), force_close=True)
        timeout = aiohttp.ClientTimeout(total=FILE_SECONDS, sock_connect=CONNECT_SECONDS, sock_read=CALL_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session,
                session.get(url, timeout=timeout, allow_redirects=False) as response,
            ):
                if response.status != 200:
                    raise _refused(response.status)
                return await read(response, DOWNLOAD_BYTES)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise fault(f"dingtalk file silent: {type(error).__name__}", unknown=False) from None


def is_public(address: str) -> bool:
    """True for an IP address of the public internet."""
    try:
        found: Any = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return bool((mapped or found).is_global) and not found.is_multicast


def _may_be_public(host: str) -> bool:
    """False for an address that is none of the public internet; of a name only its resolution tells."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return is_public(host)


def _refused(status: int) -> PlatformError:
    if status >= 500 or status == 429:
        return fault(f"dingtalk file: HTTP {status}", unknown=False)
    return Gone(f"dingtalk file: HTTP {status}")
