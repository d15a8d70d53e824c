"""传文件: photos and files for chats that take none; what arrives is kept like a file sent in chat. R-LINK, R-EVD-1."""

from __future__ import annotations

import asyncio
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from unicodedata import category

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from sales.evidence import FILES_AT_ONCE, MEANINGS
from sales.gates import evidence_of
from storage.files import keep
from storage.tx import Tx
from web.answers import Shown, event_id, nonce, send
from web.desk import Desk
from web.html import page
from web.links import Visit, csrf, is_own_form

MOST_BYTES = 20 << 20
"""Of one file, as in checks/look.py. R-EVD-2."""
MOST_TOTAL = FILES_AT_ONCE * MOST_BYTES + (1 << 20)
IN_MEMORY = 1 << 20
FIELD_BYTES = 4096
NAME_CHARS = 100
TEXT_CHARS = 200
TITLE = "传文件"
NOTHING = "先拍一张，或选个文件。"
TOO_MUCH = f"加起来太大了，一次最多 {FILES_AT_ONCE} 个、每个 20 MB，分几次传。"
_BROKEN = (
    ValueError, LookupError, AssertionError, RuntimeError, ConnectionError, HttpProcessingError, web.HTTPException,
)  # fmt: skip
"""What the reader raises for a body that is none, and when the browser goes away."""


class Unreadable(Exception):
    """The request is no upload of our page."""


class NotOurs(Exception):
    """The upload does not come from our page in this browser."""


class TooMuch(Exception):
    """More than one page may send at once."""


@dataclass(slots=True)
class Upload:
    """What came: the line that goes with it, files kept as (hash, name, kind), and why others were not taken."""

    text: str = ""
    nonce: str = ""
    files: list[tuple[str, str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


async def show(desk: Desk, visit: Visit) -> web.Response:
    """The page: camera, files, and one line about them, begun when the link is for one deal."""
    text = await desk.read(lambda tx: about(tx, visit))
    return _upload_page(desk, visit, text=text)


async def submit(desk: Desk, visit: Visit, request: web.Request) -> tuple[web.Response, Shown | None]:
    """Files go the way of a message with files; what cannot be taken is named, the rest goes. Raises as `receive`."""
    came = await receive(desk, visit, request)
    if not came.files:
        error = " ".join(came.refused) or NOTHING
        return _upload_page(desk, visit, text=came.text, error=error, status=422), None
    files = [{"sha": sha, "name": name, "kind": kind} for sha, name, kind in came.files]
    shown = await send(
        desk, visit, event_id(visit, came.nonce), {"do": "upload", "text": came.text, "files": files}
    )  # fmt: skip
    return page(
        "done.html", title=TITLE, who=visit.member.name, shown=shown, again="再传一份", sent=_draft_key(desk, visit),
        refused=came.refused,
    ), shown  # fmt: skip


def about(tx: Tx, visit: Visit) -> str:
    """The deal and, where it is known, the evidence that the files are for: as one would type it. R-EVD-1."""
    kind, _, number = visit.link.subject.partition(":")
    if kind not in ("deal", "requirement"):
        return ""
    deal = tx.deals.visible(int(number.partition(":")[0]), visit.member)
    if deal is None:
        return ""
    found = [each for each in tx.evidence.requirements(deal) if each.id == number]
    return f"#{deal.id} {evidence_of(found[0]).name}" if found else f"#{deal.id} "


async def receive(desk: Desk, visit: Visit, request: web.Request) -> Upload:
    """Read the request part by part; each file is on disk before the next. Raises Unreadable, NotOurs, TooMuch."""
    if request.content_type != "multipart/form-data":
        raise Unreadable(request.content_type)
    if (request.content_length or 0) > MOST_TOTAL:
        raise TooMuch
    try:
        return await _read_parts(desk, visit, await request.clone(client_max_size=MOST_TOTAL).multipart())
    except _BROKEN as error:
        raise Unreadable(type(error).__name__) from error


async def _read_parts(desk: Desk, visit: Visit, reader: MultipartReader) -> Upload:
    came, ours, room = Upload(), False, MOST_TOTAL
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader) or "Content-Encoding" in part.headers:
            raise Unreadable("nested or packed")
        if part.filename is None:
            said = await _text(part)
            if part.name == "csrf":
                ours = is_own_form(desk.pages, visit, said)
            elif part.name == "nonce":
                came.nonce = said
            elif part.name == "text":
                came.text = _line(said)[:TEXT_CHARS]
        elif not ours:
            break  # our page proves itself before its first file
        else:
            with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
                size = await _pour(part, spool, room=room)
                room -= size
                await _take(desk, came, part, spool, size)
    if not ours:
        raise NotOurs
    return came


async def _text(part: BodyPartReader) -> str:
    """A short field. Raises TooMuch."""
    said = bytearray()
    while chunk := await part.read_chunk():
        said += chunk
        if len(said) > FIELD_BYTES:
            raise TooMuch
    return said.decode("utf-8", "replace")


async def _pour(part: BodyPartReader, spool: IO[bytes], *, room: int) -> int:
    """The part's size in bytes; what is over the limit of one file is read and thrown away. Raises TooMuch."""
    size = 0
    while chunk := await part.read_chunk(1 << 16):
        if size <= MOST_BYTES:
            spool.write(chunk)
        size += len(chunk)
        if size > room:
            raise TooMuch
    return size


async def _take(desk: Desk, came: Upload, part: BodyPartReader, spool: IO[bytes], size: int) -> None:
    """One file kept, or why not. A field that was left empty is nothing at all."""
    name = plain_name(part.filename or "")
    if not size:
        if name:
            came.refused.append(f"{name}：{MEANINGS['readable:empty'].words}。")
    elif size > MOST_BYTES:
        came.refused.append(f"{name}：{MEANINGS['limits:bytes'].words.format(f'{size / (1 << 20):.1f} MB')}。")
    elif len(came.files) >= FILES_AT_ONCE:
        came.refused.append(f"{name}：一次最多 {FILES_AT_ONCE} 个，下次传。")
    else:
        sha = await asyncio.to_thread(_kept, desk.files, spool)
        kind = "image" if part.headers.get("Content-Type", "").startswith("image/") else "file"
        came.files.append((sha, name, kind))


def _kept(folder: Path, spool: IO[bytes]) -> str:
    spool.seek(0)
    return keep(folder, spool.read())


def plain_name(given: str) -> str:
    """The last part of a path, as written but for what cannot be seen: a label, never a place. R-EVD-1."""
    last = _line(re.split(r"[/\\]", given)[-1]).strip(". ")
    return last if len(last) <= NAME_CHARS else f"{last[: NAME_CHARS - 9]}…{last[-8:]}"


def _line(text: str) -> str:
    """One line without control, zero-width and direction characters."""
    seen = "".join(char for char in text if char.isspace() or not category(char).startswith("C"))
    return " ".join(seen.split())


def _draft_key(desk: Desk, visit: Visit) -> str:
    return desk.pages.proof("draft", [visit.member.id, TITLE, visit.link.subject])


def _upload_page(desk: Desk, visit: Visit, *, text: str, error: str = "", status: int = 200) -> web.Response:
    return page(
        "upload.html", status=status, title=TITLE, who=visit.member.name, csrf=csrf(desk.pages, visit), nonce=nonce(),
        text=text, error=error, draft=_draft_key(desk, visit), most_files=FILES_AT_ONCE, most_bytes=MOST_BYTES,
        text_chars=TEXT_CHARS,
    )  # fmt: skip
