"""What stands in a robot message: its text without the mention of the bot, and its files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.platforms.dingtalk.plain import clean, one_line
from handlers.events import FileKind, SentFile

TEXT_CHARS = 50_000
FILES = 50

_FILE_KINDS: Mapping[str, FileKind] = {"picture": "image", "audio": "audio", "video": "video", "file": "file"}
_MENTION = re.compile(r"@\S+")
_Json = dict[str, Any]


@dataclass(slots=True)
class Content:
    """A message's text and files; `kind` is its type when it is neither."""

    text: str = ""
    files: list[SentFile] = field(default_factory=list)
    kind: str = "text"


def read_content(body: _Json, *, direct: bool) -> Content:
    """The content of a robot message. Anything unreadable is empty."""
    kind, given = text(body, "msgtype"), body.get("content")
    content = given if isinstance(given, dict) else {}
    match kind:
        case "text":
            said = text(body.get("text"), "content") or text(body, "content")
            return Content(text=clean(said[:TEXT_CHARS]).strip())
        case "richText":
            return _rich(content.get("richText"), body, direct=direct)
        case "audio" if heard := clean(text(content, "recognition")[:TEXT_CHARS]).strip():
            return Content(text=heard)
        case "picture" | "audio" | "video" | "file":
            key = text(content, "downloadCode") or text(content, "pictureDownloadCode")
            name = one_line(text(content, "fileName"))
            return Content(files=[SentFile(key, _FILE_KINDS[kind], name)]) if key else Content(kind=kind)
    return Content(kind=one_line(kind)[:40] or "unknown")


def _rich(runs: object, body: _Json, *, direct: bool) -> Content:
    """Runs of text and pictures. In a group the mentions at the beginning call the bot and are no part of the text."""
    content = Content()
    rows = [run for run in runs if isinstance(run, dict)] if isinstance(runs, list) else []
    named = body.get("atUsers")
    callers = 0 if direct else max(1, len(named) if isinstance(named, list) else 1)
    words = list(_words(rows, content))
    while words and callers:
        first = words[0].strip()
        if first and not (mention := _MENTION.match(first)):
            break
        rest = first[mention.end() :] if first and mention else ""
        callers -= bool(first)
        words[:1] = [rest] if rest else []
    content.text = clean("".join(words)[:TEXT_CHARS]).strip()
    return content


def _words(rows: list[_Json], content: Content) -> Iterator[str]:
    for run in rows:
        code = text(run, "downloadCode") or text(run, "pictureDownloadCode")
        if code and len(content.files) < FILES:
            content.files.append(SentFile(code, "image"))
        if name := one_line(text(run, "atName")):
            yield f"@{name.removeprefix('@')} "
        elif said := text(run, "text"):
            yield said


def text(holder: object, key: str) -> str:
    """The string under the key; empty when the holder is no object or the value no string."""
    value = holder.get(key) if isinstance(holder, dict) else None
    return value if isinstance(value, str) else ""
