"""Picture formats by their first bytes."""

from __future__ import annotations

import struct

import pytest

from simulator.feishu.api.images import image_format, image_size

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480)
GIF = b"GIF89a" + struct.pack("<HH", 640, 480)
JPEG = b"\xff\xd8\xff\xe0\x00\x04ab" + b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", 480, 640) + b"\x03"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PNG, "png"),
        (GIF, "gif"),
        (JPEG, "jpeg"),
        (b"BM....", "bmp"),
        (b"II*\x00", "tiff"),
        (b"RIFF\x00\x00\x00\x00WEBP", "webp"),
        (b"\x00\x00\x00\x18ftypheic", "heic"),
        (b"%PDF-1.4", None),
        (b"", None),
    ],
)
def test_format_is_recognised(data: bytes, kind: str | None) -> None:
    assert image_format(data) == kind


@pytest.mark.parametrize(("data", "kind"), [(PNG, "png"), (GIF, "gif"), (JPEG, "jpeg")])
def test_size_is_read(data: bytes, kind: str) -> None:
    assert image_size(data, kind) == (640, 480)


@pytest.mark.parametrize("kind", ["png", "gif", "jpeg", "webp"])
def test_size_of_a_torn_file_is_nothing(kind: str) -> None:
    assert image_size(b"\xff\xd8\xff", kind) == (0, 0)
