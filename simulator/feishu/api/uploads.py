"""Uploads of the bot and downloads of what people sent."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web
from aiohttp.multipart import BodyPartReader

from simulator.feishu.api.images import SIZES, image_format, image_size
from simulator.feishu.errors import ApiError
from simulator.feishu.http import Json, Request, ok
from simulator.files import download
from simulator.messages import Blob, Message
from simulator.words import words

IMAGE_LIMIT = 10 * 1024 * 1024
FILE_LIMIT = 30 * 1024 * 1024
DOWNLOAD_LIMIT = 100 * 1024 * 1024
FILE_TYPES = words("opus mp4 pdf doc xls ppt stream")


@dataclass(frozen=True, slots=True)
class Upload:
    """The fields of a multipart request and its one binary part."""

    fields: dict[str, str]
    data: bytes | None
    filename: str


async def upload_image(request: Request) -> Json:
    """POST im/v1/images: gives an image_key."""
    upload = await _read(request, "image", IMAGE_LIMIT)
    if upload.fields.get("image_type") not in ("message", "avatar"):
        raise ApiError(234001, "image_type is invalid")
    data = _not_empty(upload)
    kind = image_format(data)
    if kind is None:
        raise ApiError(234011)
    width, height = image_size(data, kind)
    if max(width, height) > SIZES.get(kind, 12000):
        raise ApiError(234039)
    name = upload.filename or f"image.{kind}"
    blob = request.feishu.world.add_blob(kind="image", name=name, mime=f"image/{kind}", data=data, owner="bot")
    return ok({"image_key": blob.key})


async def upload_file(request: Request) -> Json:
    """POST im/v1/files: gives a file_key; an empty duration and a part without name are accepted."""
    upload = await _read(request, "file", FILE_LIMIT)
    if upload.fields.get("file_type") not in FILE_TYPES:
        raise ApiError(234001, "file_type is invalid")
    name = upload.fields.get("file_name")
    if not name:
        raise ApiError(234001, "file_name is required")
    mime = "application/pdf" if upload.fields["file_type"] == "pdf" else "application/octet-stream"
    blob = request.feishu.world.add_blob(kind="file", name=name, mime=mime, data=_not_empty(upload), owner="bot")
    return ok({"file_key": blob.key})


async def resource(request: Request) -> web.Response:
    """GET im/v1/messages/:id/resources/:key: bytes of an upload, only with its own message."""
    feishu = request.feishu
    item = feishu.world.messages.get(request.path("id"))
    if item is None:
        raise ApiError(234001, "invalid message_id")
    if not feishu.world.chats[item.chat_id].bot_in:
        raise ApiError(234004)
    if item.recalled:
        raise ApiError(230110)
    if item.msg_type in ("interactive", "sticker", "merge_forward"):
        raise ApiError(234043)
    blob = feishu.world.blobs.get(request.path("key"))
    if blob is None or not _belongs(item, blob):
        raise ApiError(234003)
    if request.query("type") != ("image" if blob.kind == "image" else "file"):
        raise ApiError(234001, "type does not match the resource")
    if len(blob.data) > DOWNLOAD_LIMIT:
        raise ApiError(234037)
    return download(blob)


async def own_upload(request: Request) -> web.Response:
    """GET im/v1/images/:key and files/:key: only what this bot uploaded."""
    blob = request.feishu.world.blobs.get(request.path("key"))
    if blob is None:
        raise ApiError(234001, "invalid key")
    if blob.owner != "bot":
        raise ApiError(234008)
    return download(blob)


def _belongs(item: Message, blob: Blob) -> bool:
    return item.blob is blob or f'"{blob.key}"' in item.content


def _not_empty(upload: Upload) -> bytes:
    if upload.data is None:
        raise ApiError(234001, "the binary part is missing")
    if not upload.data:
        raise ApiError(234010)
    return upload.data


async def _read(request: Request, wanted: str, limit: int) -> Upload:
    if not request.http.content_type.startswith("multipart/"):
        raise ApiError(234001, "multipart/form-data is required")
    fields: dict[str, str] = {}
    data, filename = None, ""
    try:
        async for part in await request.http.multipart():
            if not isinstance(part, BodyPartReader):
                raise ApiError(234001, "nested multipart body")
            if part.name == wanted:
                data, filename = await _bounded(part, limit), part.filename or ""
            else:
                fields[part.name or ""] = (await _bounded(part, 10_000)).decode("utf-8", "replace")
    except ValueError as error:
        raise ApiError(234001, "broken multipart body") from error
    request.shown = {**fields, wanted: f"{len(data or b'')} 字节", "filename": filename}
    return Upload(fields, data, filename)


async def _bounded(part: BodyPartReader, limit: int) -> bytes:
    collected = bytearray()
    while chunk := await part.read_chunk(256 * 1024):
        collected.extend(chunk)
        if len(collected) > limit:
            raise ApiError(234006)
    return bytes(collected)
