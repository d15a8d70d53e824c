"""Pictures: their size is read from the header, so that a picture bomb is refused before a pixel of it exists."""

from __future__ import annotations

import io
import struct
import warnings

MOST_PIXELS = 120_000_000


def look(content: bytes, kind: str) -> list[str]:
    """Too many pixels, or readable to the last one. HEIC is not decoded here: a person has to look. R-EVD-2."""
    try:
        width, height = heic_size(content) if kind == "heic" else _size(content, kind)
    except Exception:
        return ["readable:broken"]
    if width * height > MOST_PIXELS:
        return [f"limits:pixels:{width * height / 100_000_000:.2f} 亿"]
    if kind == "heic":
        return ["readable:unsure"]
    return ["readable:ok"] if _decodes(content, kind) else ["readable:broken"]


def heic_size(content: bytes) -> tuple[int, int]:
    """The largest picture's width and height, from the boxes that say so. Raises ValueError where none does."""
    sizes: list[tuple[int, int]] = []
    at = content.find(b"ispe")
    while at >= 0 and len(sizes) < 64:
        width, height = struct.unpack(">II", content[at + 8 : at + 16])
        sizes.append((int(width), int(height)))
        at = content.find(b"ispe", at + 4)
    if not sizes:
        raise ValueError("no size")
    return max(sizes, key=lambda size: size[0] * size[1])


def _size(content: bytes, kind: str) -> tuple[int, int]:
    """Width and height times frames, from the header alone."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # counted by the caller
    with Image.open(io.BytesIO(content), formats=[kind.upper()]) as image:
        return image.width, image.height * int(getattr(image, "n_frames", 1))


def _decodes(content: bytes, kind: str) -> bool:
    """True when every pixel can be read; a JPEG is read at an eighth of its size, which still reads all of it."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=[kind.upper()]) as image:
                image.draft("RGB", (image.width // 8, image.height // 8))
                image.load()
    except Exception:
        return False
    return True
