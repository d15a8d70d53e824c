"""Files people send: small pictures, PDFs and Office files, good and hostile."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

import aiohttp
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from tests.support.house import House, Person


def photo(color: str = "white", *, kind: str = "JPEG", size: tuple[int, int] = (640, 480)) -> bytes:
    """A plain picture; each colour is another file."""
    written = io.BytesIO()
    Image.new("RGB", size, color).save(written, kind)
    return written.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is this large."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\x00" * 64)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def pdf(*, pages: int = 1, password: str = "", script: str = "", note: str = "") -> bytes:
    """A PDF of blank pages; `note` makes it another file."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=300, height=400)
    if note:
        writer.add_metadata({"/Title": note})
    if script:
        run = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(script)}
        writer.root_object[NameObject("/OpenAction")] = writer._add_object(DictionaryObject(run))
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def office(part: str, **more: bytes) -> bytes:
    """An Office file that has this part, as small as can be."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(part, "<x/>")
        for name, content in more.items():
            archive.writestr(name.replace("__", "/"), content)
    return written.getvalue()


EML = b"From: a@b.cn\r\nTo: c@d.cn\r\nDate: Thu, 19 Nov 2026 09:00:00 +0800\r\nSubject: ok\r\n\r\nok\r\n"


async def sends(
    who: Person, content: bytes, *, name: str = "photo.jpg", kind: str = "image", text: str = "", chat: str = ""
) -> Any:
    """A person sends a file, with a text where it is a picture; returns when the bot has nothing left to do."""
    house: House = who.house
    form = aiohttp.FormData()
    for field, value in {"user": who.id, "chat": chat or who.chat, "kind": kind, "text": text}.items():
        form.add_field(field, value)
    form.add_field("file", io.BytesIO(content), filename=name, content_type="application/octet-stream")
    async with house.http.post(f"{house.simulator}/sim/upload", data=form) as answer:
        assert answer.status == 200, await answer.text()
        sent = await answer.json()
    await house.quiet()
    return sent
