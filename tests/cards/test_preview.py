"""Previews of originals: small, and total for hostile bytes."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from cards.pictures import make
from storage.files import keep
from tests.support.files import EML, office, pdf, photo, png_claiming


def preview(files: Path, content: bytes, kind: str) -> Image.Image:
    made = make("preview", {"sha": keep(files, content), "kind": kind, "name": "照片.jpg"}, files)
    return Image.open(io.BytesIO(made))


@pytest.mark.parametrize(
    ("content", "kind", "size"),
    [
        (photo(size=(4000, 3000)), "jpeg", (1080, 810)),
        (photo(size=(300, 200), kind="PNG"), "png", (300, 200)),
        (photo(size=(1000, 4000), kind="WEBP"), "webp", (360, 1440)),
        (pdf(), "pdf", (1080, 1440)),
        (office("word/document.xml"), "docx", (540, 720)),
        (EML, "eml", (540, 720)),
        (b"heic", "heic", (540, 720)),
    ],
)
def test_preview_is_at_most_1080_wide_and_a_sheet_where_there_is_no_picture(
    tmp_path: Path, content: bytes, kind: str, size: tuple[int, int]
) -> None:
    assert preview(tmp_path, content, kind).size == size


def test_turned_photo_stands_upright(tmp_path: Path) -> None:
    written = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (400, 200)).save(written, "JPEG", exif=exif)

    assert preview(tmp_path, written.getvalue(), "jpeg").size == (200, 400)


def test_transparent_picture_is_on_white(tmp_path: Path) -> None:
    written = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(written, "PNG")

    assert preview(tmp_path, written.getvalue(), "png").getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("content", "kind"),
    [(png_claiming(20_000, 20_000), "png"), (photo()[:300], "jpeg"), (pdf(password="x"), "pdf"), (b"", "jpeg"),
     (b"%PDF-", "pdf"), (photo(), "../../x")],
)  # fmt: skip
def test_what_cannot_be_shown_is_a_sheet(tmp_path: Path, content: bytes, kind: str) -> None:
    assert preview(tmp_path, content, kind).size == (540, 720)


def test_file_that_is_not_there_or_too_large_is_a_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cards.pictures import preview as maker

    monkeypatch.setattr(maker, "MOST_BYTES", 10)
    assert preview(tmp_path, photo(), "jpeg").size == (540, 720)
    for sha in ("ab" * 32, "", "../../etc/passwd"):
        assert make("preview", {"sha": sha, "kind": "jpeg"}, tmp_path)[:2] == b"\xff\xd8"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(start=st.sampled_from([b"", photo()[:60], photo(kind="PNG")[:60], pdf()[:150]]), rest=st.binary(max_size=200),
       kind=st.sampled_from(["jpeg", "png", "webp", "heic", "pdf", "docx"]))  # fmt: skip
def test_no_bytes_break_a_preview(tmp_path: Path, start: bytes, rest: bytes, kind: str) -> None:
    assert preview(tmp_path, start + rest, kind).format == "JPEG"
