"""Uploads over the socket, in pieces: begun, filled in any order, finished."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any

from simulator.wecom.botstate import UploadSession
from simulator.wecom.errors import ApiError
from simulator.wecom.limits import PER_BOT_UPLOAD
from simulator.wecom.media import BOT_SIZES, check_upload
from simulator.wecom.platform import Wecom

Json = dict[str, Any]
MAX_CHUNKS, CHUNK_BYTES = 100, 512 * 1024
SESSION_SECONDS = 1800.0


def begin(wecom: Wecom, req_id: str, body: Json) -> Json:
    """aibot_upload_media_init: names the file; answers the id of the upload."""
    kind, name = body.get("type"), body.get("filename")
    size, chunks = body.get("total_size"), body.get("total_chunks")
    if kind not in BOT_SIZES:
        raise ApiError(40004)
    if not isinstance(name, str) or not name:
        raise ApiError(40058, "filename is required")
    if not isinstance(size, int) or not 0 < size <= BOT_SIZES[kind]:
        raise ApiError(40006)
    if not isinstance(chunks, int) or not 0 < chunks <= MAX_CHUNKS:
        raise ApiError(40058, f"total_chunks must be 1 to {MAX_CHUNKS}")
    wecom.limits.spend("bot upload", PER_BOT_UPLOAD)
    upload_id = wecom.ids.new("", length=40)
    wecom.bot.uploads[upload_id] = UploadSession(
        str(kind), name, size, chunks, str(body.get("md5", "")).lower(), wecom.clock.machine()
    )
    return {"upload_id": upload_id}


def chunk(wecom: Wecom, req_id: str, body: Json) -> None:
    """aibot_upload_media_chunk: one piece; a repeated one changes nothing."""
    session, index = _session(wecom, body), body.get("chunk_index")
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index <= session.chunks:
        raise ApiError(40058, "chunk_index is invalid")
    try:
        data = base64.b64decode(str(body.get("base64_data", "")), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ApiError(40058, "base64_data is not base64") from error
    if not 0 < len(data) <= CHUNK_BYTES:
        raise ApiError(40006)
    session.pieces.setdefault(index, data)


def finish(wecom: Wecom, req_id: str, body: Json) -> Json:
    """aibot_upload_media_finish: the pieces in order make the file; three days under its media id."""
    session = _session(wecom, body)
    data = b"".join(session.pieces[index] for index in sorted(session.pieces))
    if len(session.pieces) != session.chunks or len(data) != session.size:
        raise ApiError(40006, "pieces are missing")
    if session.md5 != hashlib.md5(data).hexdigest():
        raise ApiError(40058, "md5 does not match")
    mime = check_upload(session.kind, data, BOT_SIZES)
    kind = "image" if session.kind == "image" else "file"
    key = wecom.ids.new("3", length=60)
    blob = wecom.world.add_blob(kind=kind, name=session.name, mime=mime, data=data, owner="bot", key=key)
    media = wecom.media.keep(session.kind, blob)
    del wecom.bot.uploads[str(body["upload_id"])]
    seconds = wecom.clock.now_ms() // 1000
    return {"type": media.kind, "media_id": media.media_id, "created_at": seconds}


def _session(wecom: Wecom, body: Json) -> UploadSession:
    session = wecom.bot.uploads.get(str(body.get("upload_id")))
    if session is None or wecom.clock.machine() - session.since > SESSION_SECONDS:
        raise ApiError(40058, "upload_id is invalid")
    return session
