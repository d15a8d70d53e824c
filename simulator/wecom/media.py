"""Uploads under media ids: what is accepted, and for how long it is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator.clock import Clock
from simulator.messages import Blob
from simulator.wecom.errors import ApiError

LIFE = timedelta(days=3)
SMALLEST = 6
MB = 1024 * 1024
SIZES = {"image": 10 * MB, "voice": 2 * MB, "video": 10 * MB, "file": 20 * MB}
WEBHOOK_SIZES = {"voice": 2 * MB, "file": 20 * MB}
BOT_SIZES = {"image": 2 * MB, "voice": 2 * MB, "video": 10 * MB, "file": 20 * MB}
MIMES = {"image": "image/png", "voice": "audio/amr", "video": "video/mp4", "file": "application/octet-stream"}


@dataclass(frozen=True, slots=True)
class Media:
    """One upload; `owner` is empty for the company, else the group robot it belongs to."""

    media_id: str
    kind: str
    blob: Blob
    given: datetime
    owner: str = ""


class MediaStore:
    """All media; life follows business time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._media: dict[str, Media] = {}

    def keep(self, kind: str, blob: Blob, owner: str = "") -> Media:
        """The upload under its media id, which is the key of its bytes."""
        media = Media(blob.key, kind, blob, self._clock.now(), owner)
        self._media[media.media_id] = media
        return media

    def find(self, media_id: object, kind: str = "", owner: str = "") -> Media:
        """A living upload of this kind; 40007 for unknown, old and foreign ones."""
        media = self._media.get(media_id) if isinstance(media_id, str) else None
        if media is None or self._clock.now() - media.given >= LIFE or media.owner != owner:
            raise ApiError(40007)
        if kind and media.kind != kind:
            raise ApiError(40004, f"{media.kind} can not be sent as {kind}")
        return media

    def clear(self) -> None:
        """Forget all."""
        self._media.clear()


def check_upload(kind: str, data: bytes, sizes: dict[str, int]) -> str:
    """The MIME type of an upload; refuses what the vendor refuses."""
    if kind not in sizes:
        raise ApiError(40004)
    if not data:
        raise ApiError(44001)
    if not SMALLEST <= len(data) <= sizes[kind]:
        raise ApiError(40006)
    if kind == "image":
        return image_mime(data)
    if kind == "voice" and not data.startswith(b"#!AMR"):
        raise ApiError(40005, "voice must be AMR")
    if kind == "video" and data[4:8] != b"ftyp":
        raise ApiError(40005, "video must be MP4")
    return MIMES[kind]


def image_mime(data: bytes) -> str:
    """The type of a picture; only JPG and PNG are pictures here."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    raise ApiError(40005, "image must be JPG or PNG")
