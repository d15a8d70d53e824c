"""Files: up to the vendor, and down from it (docs/platforms/wecom.md)."""

from __future__ import annotations

import asyncio
import io
import re
from email.message import Message
from fnmatch import fnmatchcase

import aiohttp
from yarl import URL

from bot.platforms.base import Download, Gone, Malformed, NotAllowed, TooLarge
from bot.platforms.wecom.client import FILE_SECONDS, Answer, Asked, Client
from bot.platforms.wecom.crypto import Unreadable, open_file
from bot.platforms.wecom.errors import fault
from bot.platforms.wecom.keys import WecomKeys
from bot.platforms.wecom.plain import one_line

FILE_BYTES = 20 << 20
DOWNLOAD_BYTES = 30 << 20
CHUNK_BYTES = 16 << 20
"""Parts of a large file; the vendor gives at most 20 MB at once."""
LEAST_BYTES = 6

_LIMITS = {"image": 10 << 20, "video": 10 << 20, "voice": 2 << 20, "file": FILE_BYTES}
_TOO_LARGE = 830002
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)", re.ASCII)
_UNSAFE = re.compile(r'["\r\n]')


class Media:
    """What is uploaded for messages, and what people sent."""

    def __init__(self, keys: WecomKeys, client: Client) -> None:
        self._keys = keys
        self._client = client

    async def upload(self, content: bytes, *, name: str, kind: str) -> str:
        """The media id, good for three days in all messages of the company's apps."""
        form_kind = "voice" if kind == "audio" and name.lower().endswith(".amr") else kind
        form_kind = form_kind if form_kind in _LIMITS else "file"
        if len(content) < LEAST_BYTES:
            raise Malformed("wecom: an empty file cannot be sent")
        if len(content) > _LIMITS[form_kind]:
            raise TooLarge(f"wecom: {len(content)} bytes are too much for an upload")

        def form() -> aiohttp.FormData:
            # Quoted fields would show people a Chinese name as %E8%AF%81.
            data = aiohttp.FormData(quote_fields=False)
            data.add_field("media", io.BytesIO(content), filename=_UNSAFE.sub("", one_line(name))[:200] or "file")
            return data

        asked = Asked("POST", "media/upload", {"type": form_kind}, form=form, seconds=FILE_SECONDS)
        key = (await self._client.call(asked)).get("media_id")
        if not isinstance(key, str) or not key:
            raise fault("wecom answered an upload without a media id")
        return key

    async def download(self, key: str) -> Download:
        """A file that somebody sent, at most 30 MB: to the app by its media id, to the smart bot by its address."""
        if key.startswith(("https://", "http://")):
            return await self._bot_file(key)
        try:
            answer = await self._part(key, None)
        except TooLarge as error:
            if error.code != _TOO_LARGE:
                raise
            return await self._in_parts(key)
        return Download(answer.content, file_name(answer))

    async def _in_parts(self, key: str) -> Download:
        content = bytearray()
        while True:
            answer = await self._part(key, len(content))
            found = _RANGE.fullmatch(answer.headers.get("Content-Range", "").strip())
            if answer.status != 206 or found is None or int(found[1]) != len(content) or not answer.content:
                raise fault("wecom answered a part with something else", unknown=False)
            content += answer.content
            if int(found[3]) > DOWNLOAD_BYTES:
                raise TooLarge("wecom: the file is over 30 MB")
            if len(content) >= int(found[3]):
                return Download(bytes(content), file_name(answer))

    async def _part(self, key: str, start: int | None) -> Answer:
        headers = {} if start is None else {"Range": f"bytes={start}-{start + CHUNK_BYTES - 1}"}
        asked = Asked(
            "GET", "media/get", {"media_id": key}, headers=headers, limit=DOWNLOAD_BYTES, seconds=FILE_SECONDS
        )
        return await self._client.fetch(asked)

    async def _bot_file(self, key: str) -> Download:
        """The address is the vendor's or nothing is asked; its bytes are opened with the message's key or the bot's."""
        address, _, own_key = key.partition("#")
        try:
            url = URL(address, encoded=True)
        except ValueError:
            raise Malformed("wecom: no address") from None
        if not is_vendors(url, self._keys):
            raise NotAllowed(f"wecom: {url.host} is no host of the vendor")
        try:
            answer = await self._client.fetch_url(url, limit=DOWNLOAD_BYTES + 64)
        except (NotAllowed, Malformed) as error:
            raise Gone("wecom: the address has run out", code=error.code) from error
        try:
            content = await asyncio.to_thread(open_file, answer.content, own_key or self._keys.bot_aes_key)
        except Unreadable as error:
            raise Malformed(f"wecom: the file cannot be opened: {error}") from error
        return Download(content, file_name(answer))


def is_vendors(url: URL, keys: WecomKeys) -> bool:
    """True for the API's own host and port, and for the vendor's file stores over https. No SSRF."""
    try:
        api, here = URL(keys.api_base), (url.scheme, url.host, url.port)
    except ValueError:
        return False
    if url.user or url.password or not url.host:
        return False
    if here == (api.scheme, api.host, api.port):
        return True
    return url.scheme == "https" and url.port == 443 and any(fnmatchcase(url.host, host) for host in keys.media_hosts)


def file_name(answer: Answer) -> str:
    """The last part of the file name in a Content-Disposition header, cleaned; empty when there is none."""
    header = Message()
    try:
        header["Content-Disposition"] = answer.headers.get("Content-Disposition", "")
        name = header.get_filename("")
    except ValueError:
        return ""
    return one_line(name.replace("\\", "/").rsplit("/", 1)[-1])[:200]
