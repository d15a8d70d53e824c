"""The true type of a file, by its content and never by its name. R-EVD-1, R-EVD-2."""

from __future__ import annotations

import email
import io
import zipfile
from email import policy

UNKNOWN = ""
IMAGES = ("jpeg", "png", "webp", "heic")
OFFICE = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
_MAIL_BYTES = 64 << 10


def kind_of(content: bytes) -> str:
    """jpeg, png, webp, heic, pdf, docx, xlsx, pptx or eml; empty for everything else."""
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return "heic"
    if b"%PDF-" in content[:1024]:
        return "pdf"
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    return "eml" if _is_mail(content) else UNKNOWN


def _office(content: bytes) -> str:
    """Which Office file a ZIP is, by the part every such file has."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return UNKNOWN
    if "[Content_Types].xml" not in names:
        return UNKNOWN
    return next((kind for part, kind in OFFICE.items() if part in names), UNKNOWN)


def _is_mail(content: bytes) -> bool:
    """True for an Internet message: it begins with headers, among them who sent it and when."""
    head = content[:_MAIL_BYTES]
    if b"\x00" in head or b":" not in head.split(b"\n", 1)[0]:
        return False
    message = email.message_from_bytes(head, policy=policy.compat32)
    return all(message.get(name) for name in ("From", "Date")) and bool(message.get("To") or message.get("Subject"))
