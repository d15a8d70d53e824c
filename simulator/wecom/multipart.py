"""The one file of a multipart upload."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp.multipart import BodyPartReader

from simulator.wecom.errors import ApiError
from simulator.wecom.http import Request

LIMIT = 64 * 1024 * 1024
FIELD = "media"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """Name and bytes as they were sent."""

    name: str
    data: bytes


async def read_file(request: Request, field: str = FIELD) -> Uploaded:
    """The part named `field`; 44001 when it is missing or empty."""
    if not request.http.content_type.startswith("multipart/"):
        raise ApiError(44001, "multipart/form-data is required")
    found = None
    try:
        async for part in await request.http.multipart():
            if isinstance(part, BodyPartReader) and part.name == field:
                found = Uploaded(part.filename or "", await _bounded(part))
    except ValueError as error:
        raise ApiError(40058, "broken multipart body") from error
    if found is None or not found.data:
        raise ApiError(44001, f"the part {field!r} is missing or empty")
    if not found.name:
        raise ApiError(40058, "filename is required")
    request.shown = {field: f"{len(found.data)} 字节", "filename": found.name}
    return found


async def _bounded(part: BodyPartReader) -> bytes:
    collected = bytearray()
    while chunk := await part.read_chunk(256 * 1024):
        collected.extend(chunk)
        if len(collected) > LIMIT:
            raise ApiError(40006)
    return bytes(collected)
