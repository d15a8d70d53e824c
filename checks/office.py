"""Office files: a ZIP that is whole, unpacks to a sane size, and holds nothing that runs. R-EVD-2."""

from __future__ import annotations

import io
import zipfile

MOST_UNPACKED = 400 << 20
MOST_PARTS = 10_000
CHUNK = 1 << 20


def look(content: bytes) -> list[str]:
    """Readable when every part can be unpacked; macros are active content, an encrypted part is a password. R-EVD-4."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if any(part.flag_bits & 1 for part in parts):
                return ["password:locked"]
            if len(parts) > MOST_PARTS or not _unpacks(archive, parts):
                return ["readable:broken"]
            macros = any(part.filename.lower().endswith("vbaproject.bin") for part in parts)
    except Exception:
        return ["readable:broken"]
    return ["readable:ok", *(["active:found"] if macros else [])]


def _unpacks(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> bool:
    """True when all parts can be read within the limit, whatever size they claim to have."""
    left = MOST_UNPACKED
    for part in parts:
        with archive.open(part) as stream:
            while chunk := stream.read(CHUNK):
                left -= len(chunk)
                if left < 0:
                    return False
    return True
