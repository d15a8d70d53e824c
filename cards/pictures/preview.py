"""A preview of an original: the picture itself or a PDF's first page, small; a plain sheet for everything else."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont, ImageOps

from storage.files import path_of

WIDTH = 1080
HEIGHT = 1440
QUALITY = 80
MOST_PIXELS = 120_000_000
MOST_BYTES = 30 << 20
IMAGES = ("jpeg", "png", "webp")


def make(data: Mapping[str, Any], files: Path) -> bytes:
    """A JPEG at most 1080 wide and 1440 high of the original `sha` of a `kind`; total for every stored file."""
    kind = str(data.get("kind", ""))
    try:
        content = path_of(files, str(data.get("sha", ""))).read_bytes()
        if len(content) > MOST_BYTES:
            return _sheet(kind)
        if kind in IMAGES:
            return _picture(content, kind)
        if kind == "pdf":
            return _first_page(content)
    except Exception:  # hostile bytes break libraries in every way there is
        return _sheet(kind)
    return _sheet(kind)


def _picture(content: bytes, kind: str) -> bytes:
    Image.MAX_IMAGE_PIXELS = None  # counted here
    with Image.open(io.BytesIO(content), formats=[kind.upper()]) as image:
        if image.width * image.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        image.draft("RGB", (2 * WIDTH, 2 * HEIGHT))
        return _small(ImageOps.exif_transpose(image))


def _first_page(content: bytes) -> bytes:
    import pypdfium2 as pdfium

    document = pdfium.PdfDocument(content)
    try:
        page = document[0]
        width, height = page.get_size()
        return _small(page.render(scale=min(WIDTH / width, HEIGHT / height)).to_pil())
    finally:
        document.close()


def _small(image: Image.Image) -> bytes:
    """Within the sheet, on white where it is transparent."""
    image.thumbnail((WIDTH, HEIGHT))
    if image.mode in ("RGBA", "LA", "PA", "P"):
        seen = image.convert("RGBA")
        image = Image.new("RGB", seen.size, "white")
        image.paste(seen, mask=seen.getchannel("A"))
    return _jpeg(image.convert("RGB"))


def _sheet(kind: str) -> bytes:
    """An empty page with the type on it: the file is there, only its picture is not."""
    image = Image.new("RGB", (WIDTH // 2, HEIGHT // 2), "#F2F4F7")
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 60, image.width - 60, image.height - 60), fill="white", outline="#E1E5EB", width=4)
    label = (kind if kind.isascii() and kind.isalnum() and len(kind) < 9 else "file").upper()
    middle = (image.width / 2, image.height / 2)
    draw.text(middle, label, fill="#5A6270", font=ImageFont.load_default(72), anchor="mm")
    return _jpeg(image)


def _jpeg(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()
