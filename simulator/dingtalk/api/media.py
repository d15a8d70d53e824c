"""Uploads of the bot."""

from __future__ import annotations

from aiohttp.multipart import BodyPartReader

from simulator.dingtalk.errors import ApiError
from simulator.dingtalk.http import Json, Request
from simulator.words import words

MB = 1024 * 1024
LIMITS = {"image": 20 * MB, "voice": 2 * MB, "video": 20 * MB, "file": 20 * MB}
ENDINGS = {
    "image": words("jpg jpeg gif png bmp"),
    "voice": words("amr mp3 wav"),
    "video": words("mp4"),
    "file": words("doc docx xls xlsx ppt pptx zip pdf rar"),
}
MIMES = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "png": "image/png", "bmp": "image/bmp"}


async def upload(request: Request) -> Json:
    """POST /media/upload: gives a media_id, for use inside the client and in messages."""
    kind, name, data = await _read(request)
    kind = kind or request.query("type")
    if kind not in LIMITS:
        raise ApiError(40035, "type")
    if data is None or not data:
        raise ApiError(40035, "media")
    ending = name.rpartition(".")[2].lower()
    if ending not in ENDINGS[kind]:
        raise ApiError(40035, f"{kind} 不支持 .{ending}")
    if len(data) > LIMITS[kind]:
        raise ApiError(40035, f"{kind} 超过 {LIMITS[kind] // MB} MB")
    parts = request.dingtalk.parts
    blob = parts.world.add_blob(
        kind="image" if kind == "image" else "file",
        name=name,
        mime=MIMES.get(ending, "application/octet-stream"),
        data=data,
        owner="bot",
        key=parts.ids.new("@sim"),
    )
    return {"media_id": blob.key, "created_at": parts.clock.now_ms(), "type": kind}


async def _read(request: Request) -> tuple[str, str, bytes | None]:
    if not request.http.content_type.startswith("multipart/"):
        raise ApiError(43004)
    kind, name = "", ""
    data: bytes | None = None
    try:
        async for part in await request.http.multipart():
            if not isinstance(part, BodyPartReader):
                raise ApiError(40035, "multipart")
            if part.name == "media":
                name, data = part.filename or "", await _bounded(part)
            elif part.name == "type":
                kind = (await part.read()).decode("utf-8", "replace")
    except ValueError as error:
        raise ApiError(40035, "multipart") from error
    request.shown = {"type": kind, "media": f"{len(data or b'')} 字节", "filename": name}
    return kind, name, data


async def _bounded(part: BodyPartReader) -> bytes:
    collected = bytearray()
    while chunk := await part.read_chunk(256 * 1024):
        collected.extend(chunk)
        if len(collected) > max(LIMITS.values()):
            raise ApiError(40035, "文件太大")
    return bytes(collected)
