"""Uploads of the app and downloads of what members sent."""

from __future__ import annotations

import re
from urllib.parse import quote

from aiohttp import web

from simulator.messages import blob_url
from simulator.wecom.errors import ApiError
from simulator.wecom.http import Json, Request, ok
from simulator.wecom.media import MB, SIZES, Media, check_upload, image_mime
from simulator.wecom.multipart import Uploaded, read_file

WHOLE_BYTES = 20 * MB
PICTURE_BYTES = 2 * MB
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


async def upload(request: Request) -> Json:
    """POST media/upload: three days under a media id."""
    kind = request.query("type")
    if kind not in SIZES:
        raise ApiError(40004)
    media = keep(request, kind, await read_file(request), SIZES)
    return uploaded(request, media)


async def upload_image(request: Request) -> Json:
    """POST media/uploadimg: a lasting URL of a picture."""
    file = await read_file(request)
    if len(file.data) > PICTURE_BYTES:
        raise ApiError(40006)
    mime = image_mime(file.data)
    blob = request.wecom.world.add_blob(kind="image", name=file.name, mime=mime, data=file.data, owner="bot")
    return ok(url=f"{request.http.scheme}://{request.http.host}{blob_url(blob.key)}")


async def get(request: Request) -> web.Response:
    """GET media/get: the bytes, or a part of them."""
    blob = request.wecom.media.find(request.query("media_id")).blob
    size, wanted = len(blob.data), request.http.headers.get("Range", "")
    name = quote(blob.name)
    headers = {"Content-Type": blob.mime, "Content-disposition": f'attachment; filename="{name}"'}
    if not wanted:
        if size > WHOLE_BYTES:
            raise ApiError(830002)
        return web.Response(body=blob.data, headers=headers)
    match = _RANGE.fullmatch(wanted)
    first = int(match[1]) if match else size
    last = min(int(match[2]) if match and match[2] else size - 1, size - 1)
    if first > last or last - first >= WHOLE_BYTES:
        raise ApiError(40058, "invalid Range")
    headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return web.Response(status=206, body=blob.data[first : last + 1], headers=headers)


def keep(request: Request, kind: str, file: Uploaded, sizes: dict[str, int], owner: str = "") -> Media:
    """The checked upload under a fresh media id."""
    mime = check_upload(kind, file.data, sizes)
    wecom = request.wecom
    blob = wecom.world.add_blob(
        kind="image" if kind == "image" else "file",
        name=file.name,
        mime=mime,
        data=file.data,
        owner="bot",
        key=wecom.ids.new("3", length=60),
    )
    return wecom.media.keep(kind, blob, owner)


def uploaded(request: Request, media: Media) -> Json:
    """What an upload answers: the time is a text, the message is empty."""
    seconds = str(request.wecom.clock.now_ms() // 1000)
    return {"errcode": 0, "errmsg": "", "type": media.kind, "media_id": media.media_id, "created_at": seconds}
