"""PDFs: password, pages, whether the first page can be drawn, and anything that would run by itself. R-EVD-2."""

from __future__ import annotations

import io
from typing import Any

MOST_PAGES = 200
MOST_OBJECTS = 50_000
ACTIVE = ("/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/RichMedia", "/AA")
"""Keys, and kinds of action (/S), of what a viewer may run or open without being asked. R-EVD-4."""


def look(content: bytes) -> list[str]:
    """What was found in a PDF, the worst of each kind once. R-EVD-4."""
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        return ["password:locked"] if "password" in str(error).lower() else ["readable:broken"]
    try:
        pages = len(document)
        if not pages:
            return ["readable:broken"]
        if pages > MOST_PAGES:
            return [f"limits:pages:{pages}"]
        findings = [_first_page(document)]
    finally:
        document.close()
    return [*findings, *_active(content)]


def _first_page(document: Any) -> str:
    try:
        document[0].render(scale=0.2)
    except Exception:
        return "readable:broken"
    return "readable:ok"


def _active(content: bytes) -> list[str]:
    """Every object is looked at, also those inside compressed streams. One that cannot be read is left to a person."""
    from pypdf import PdfReader

    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            reader.decrypt("")
        count = int(str(reader.trailer["/Size"]))
        for number in range(1, min(count, MOST_OBJECTS)):
            if _is_active(reader.get_object(number)):
                return ["active:found"]
    except Exception:
        return ["readable:unsure"]
    return ["readable:unsure"] if count > MOST_OBJECTS else []


def _is_active(found: Any) -> bool:
    from pypdf.generic import ArrayObject, DictionaryObject

    if isinstance(found, ArrayObject):
        return any(_is_active(each) for each in found)
    if not isinstance(found, DictionaryObject):
        return False
    if any(key in found for key in ACTIVE) or found.get("/S") in ACTIVE:
        return True
    return any(_is_active(value) for value in found.values() if isinstance(value, DictionaryObject | ArrayObject))
