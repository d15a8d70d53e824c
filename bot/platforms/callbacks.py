"""What every callback route begins with: a body of bounded size, read as a JSON object, or a refusal."""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web
from aiohttp.http_exceptions import PayloadEncodingError

BODY_BYTES = 1 << 20


class Refused(Exception):
    """The request is not from the platform, or not in a form the platform sends; `status` is the HTTP answer."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


async def read_body(request: web.Request) -> bytes:
    """The body, at most 1 MiB also after decompression. Raises Refused."""
    if (request.content_length or 0) > BODY_BYTES:
        raise Refused(413, "too large")
    chunks = bytearray()
    try:
        while chunk := await request.content.readany():
            chunks += chunk
            if len(chunks) > BODY_BYTES:
                raise Refused(413, "too large")
    except (PayloadEncodingError, web.RequestPayloadError, ConnectionError):
        raise Refused(400, "broken body") from None
    return bytes(chunks)


def read_object(raw: bytes) -> dict[str, Any]:
    """The JSON object in a body. Raises Refused."""
    try:
        value = orjson.loads(raw)
    except ValueError:
        raise Refused(400, "not JSON") from None
    if not isinstance(value, dict):
        raise Refused(400, "no object")
    return value
