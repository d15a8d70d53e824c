"""POST /sim/upload: a person sends a picture, a file or a recording."""

from __future__ import annotations

from dataclasses import dataclass, field
from mimetypes import guess_type
from urllib.parse import unquote

from aiohttp import web
from aiohttp.multipart import BodyPartReader

from simulator.control.desk import DESK, Desk, as_json, where, who
from simulator.vendor import Json, Refused, Upload

LIMIT = 200 * 1024 * 1024
KINDS = ("image", "file", "audio", "media")
_AUDIO = (".opus", ".ogg", ".mp3", ".m4a", ".amr", ".wav")


@dataclass(slots=True)
class Form:
    """The parts of the multipart request."""

    fields: Json = field(default_factory=dict)
    data: bytes | None = None
    filename: str = ""
    mime: str = ""


async def upload(request: web.Request) -> web.StreamResponse:
    """The upload stands in the chat; with a text it is a rich text message holding the picture."""
    try:
        return as_json(await _upload(request.app[DESK], await _read(request)))
    except Refused as refused:
        return as_json({"error": refused.text}, refused.status)


async def _upload(desk: Desk, form: Form) -> Json:
    person = who(desk, form.fields)
    chat = where(desk, form.fields, person)
    if form.data is None:
        raise Refused("没有文件：file")
    kind = form.fields.get("kind") or _guess(form)
    if kind not in KINDS:
        raise Refused(f"kind 只能是 {'、'.join(KINDS)}")
    blob = desk.parts.world.add_blob(
        kind="image" if kind == "image" else "file",
        name=form.filename or "未命名",
        mime=_mime(form) or "application/octet-stream",
        data=form.data,
        owner="user",
    )
    wait = form.fields.get("wait") not in ("false", "0")
    sent = Upload(kind, blob, str(form.fields.get("text", "")), wait)
    return await desk.vendor_of(chat).upload(person, chat, sent)


def _guess(form: Form) -> str:
    if _mime(form).startswith("image/"):
        return "image"
    return "audio" if form.filename.lower().endswith(_AUDIO) else "file"


def _mime(form: Form) -> str:
    told = "" if form.mime == "application/octet-stream" else form.mime
    return told or guess_type(form.filename)[0] or ""


async def _read(request: web.Request) -> Form:
    if not request.content_type.startswith("multipart/"):
        raise Refused("要用 multipart/form-data 上传")
    form = Form()
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise Refused("上传的格式不对")
            if part.name == "file":
                form.data = await _bounded(part)
                form.filename = unquote(part.filename or "")
                form.mime = part.headers.get("Content-Type", "").split(";")[0]
            else:
                form.fields[part.name or ""] = (await part.read()).decode("utf-8", "replace")
    except ValueError as error:
        raise Refused("上传的格式不对") from error
    return form


async def _bounded(part: BodyPartReader) -> bytes:
    collected = bytearray()
    while chunk := await part.read_chunk(256 * 1024):
        collected.extend(chunk)
        if len(collected) > LIMIT:
            raise Refused("文件太大，最多 200 MB", 413)
    return bytes(collected)
