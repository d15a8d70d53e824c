"""What stands in a message: its text with names in place of mention keys, and its files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from bot.platforms.feishu.envelope import text
from bot.platforms.feishu.plain import clean, one_line
from handlers.events import FileKind, SentFile

TEXT_CHARS = 50_000
FILES = 50

_MENTION = re.compile(r"(@_user_\d{1,6}|@_all)( ?)", re.ASCII)
_INLINE_IMAGE = re.compile(r"!\[[^\]\n]{0,200}\]\((img_[\w-]{1,200})[^)\n]{0,200}\)", re.ASCII)
_FILE_KINDS: Mapping[str, FileKind] = {"file": "file", "audio": "audio", "media": "video"}


@dataclass(slots=True)
class Content:
    """A message's text and files; `kind` is its type when it is neither."""

    text: str = ""
    files: list[SentFile] = field(default_factory=list)
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Mentions:
    """Whom the message names: mention key to the word that replaces it; empty for the bot itself."""

    words: Mapping[str, str]
    bot: bool

    def put_names(self, line: str) -> str:
        """The line with @name in place of mention keys, and without the bot's own."""

        def name(found: re.Match[str]) -> str:
            word = self.words.get(found[1])
            if word is None:
                word = "@所有人" if found[1] == "@_all" else found[1]
            return word and word + found[2]

        return _MENTION.sub(name, line)


def read_mentions(given: object, bot_open_id: str) -> Mentions:
    """The mentions of a message. Until the bot's own id is known, any bot that is mentioned counts as ours."""
    words: dict[str, str] = {}
    bot = False
    for mention in given if isinstance(given, list) else ():
        key, who = text(mention, "key"), text(mention_id(mention), "open_id")
        ours = who == bot_open_id if bot_open_id else text(mention, "mentioned_type") == "bot"
        bot = bot or ours
        if key:
            words[key] = "" if ours else "@" + (one_line(text(mention, "name")) or "某人")
    return Mentions(words, bot)


def mention_id(mention: object) -> object:
    """The id object of a mention."""
    return mention.get("id") if isinstance(mention, dict) else None


def read_content(kind: str, given: object, mentions: Mentions) -> Content:
    """The content, a JSON text, of a message of this type. Anything unreadable is empty."""
    body = _object(given)
    match kind:
        case "text":
            return Content(text=_capped(mentions.put_names(clean(text(body, "text")))))
        case "post":
            return _post(body, mentions)
        case "image":
            key = text(body, "image_key")
            return Content(files=[SentFile(key, "image")]) if key else Content(kind="image")
        case "file" | "audio" | "media":
            key, name = text(body, "file_key"), one_line(text(body, "file_name"))
            return Content(files=[SentFile(key, _FILE_KINDS[kind], name)]) if key else Content(kind=kind)
    return Content(kind=one_line(kind)[:40] or "unknown")


def _post(body: dict[str, Any], mentions: Mentions) -> Content:
    """Rows of runs, of either generation, with or without a level of languages around them."""
    titles = []
    for form in _forms(body):
        titles.append(one_line(text(form, "title")))
        for rows in (form.get("content_v2"), form.get("content")):
            content = _rows(rows, mentions)
            if content.text or content.files:
                content.text = _capped(f"{titles[-1]}\n{content.text}")
                return content
    return Content(text=_capped(max(titles, key=len)))


def _rows(rows: object, mentions: Mentions) -> Content:
    content = Content()
    lines = ["".join(_runs(row, content, mentions)) for row in (rows if isinstance(rows, list) else ())]
    content.text = "\n".join(line for line in lines if line).strip()
    return content


def _forms(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield body
    for name in ("content_v2", "content", "zh_cn"):
        if isinstance(inner := body.get(name), dict):
            yield from (inner, *(item for item in inner.values() if isinstance(item, dict)))
    yield from (item for item in body.values() if isinstance(item, dict))


def _runs(row: object, content: Content, mentions: Mentions) -> Iterator[str]:
    for run in row if isinstance(row, list) else (row,):
        if not isinstance(run, dict):
            continue
        said = clean(text(run, "text")[:TEXT_CHARS])
        match run.get("tag"):
            case "text" | "code_block" | "md":
                yield _INLINE_IMAGE.sub(lambda found: _keep(content, found[1], "image"), mentions.put_names(said))
            case "a":
                yield said or clean(text(run, "href"))
            case "at":
                yield _at(run, mentions)
            case "img":
                _keep(content, text(run, "image_key"), "image")
            case "media":
                _keep(content, text(run, "file_key"), "video", one_line(text(run, "file_name")))


def _at(run: dict[str, Any], mentions: Mentions) -> str:
    key = text(run, "user_id")
    if key in mentions.words:
        return mentions.words[key]
    if key in ("all", "@_all"):
        return "@所有人"
    name = one_line(text(run, "user_name"))
    return name and "@" + name


def _keep(content: Content, key: str, kind: FileKind, name: str = "") -> str:
    if key and len(content.files) < FILES:
        content.files.append(SentFile(key, kind, name))
    return ""


def _capped(said: str) -> str:
    return said[:TEXT_CHARS].strip()


def _object(given: object) -> dict[str, Any]:
    """The content as an object: it is a JSON text, but an object itself is understood too."""
    if isinstance(given, str):
        try:
            given = orjson.loads(given)
        except ValueError:
            return {}
    return given if isinstance(given, dict) else {}
