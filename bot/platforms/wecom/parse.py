"""A stored payload as an event of the product. Nothing here raises on what a payload may hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson
from yarl import URL

from bot.platforms.wecom.envelope import APP_CLICKS, APP_MESSAGES, app_event, bot_event, string
from bot.platforms.wecom.plain import clean, one_line
from bot.platforms.wecom.values import chosen_in, fields_of, picked, read_key
from bot.platforms.wecom.xmltree import NotXml, Tree, inside, read_xml, text, texts
from handlers.events import ChatEntered, Clicked, Event, FileKind, MenuPicked, Said, SentFile

TEXT_CHARS = 50_000
FILES = 50
BY_SOCKET = "req:"
BY_URL = "rc:"
"""How a message of the smart bot is answered: over the socket by its request, or by a response code, once."""

_MENTION = re.compile(r"\s*@\S+\s*")
_FILE_KINDS: dict[str, FileKind] = {"image": "image", "voice": "audio", "video": "video", "file": "file"}


def parse(payload: bytes) -> Event | None:
    """The event in a verified, decrypted payload; None when there is nothing to do."""
    if payload.lstrip()[:1] == b"<":
        try:
            return _app(read_xml(payload))
        except NotXml:
            return None
    try:
        given = orjson.loads(payload)
    except ValueError:
        return None
    if not isinstance(given, dict):
        return None
    body = given.get("body", given)
    if not isinstance(body, dict):
        return None
    return _bot(body, string(given.get("headers"), "req_id") if "body" in given else "")


def _app(message: Tree) -> Event | None:
    match app_event(message):
        case "click":
            key = text(message, "EventKey")
            return MenuPicked(key) if key else None
        case "enter_agent":
            return ChatEntered()
        case event if event in APP_CLICKS:
            return _app_clicked(message)
    kind, media = text(message, "MsgType").strip(), text(message, "MediaId")
    said, files = "", tuple[SentFile, ...]()
    if kind == "text":
        said = clean(text(message, "Content"))[:TEXT_CHARS].strip()
    elif kind in _FILE_KINDS and media:
        files = (SentFile(media, _FILE_KINDS[kind], one_line(text(message, "FileName"))),)
    if kind not in APP_MESSAGES:
        return None
    shown = "text" if files else kind
    return Said(text(message, "MsgId").strip(), said, direct=True, addressed=True, files=files, kind=shown)


def _app_clicked(message: Tree) -> Clicked:
    chosen = {
        text(item, "QuestionKey"): ",".join(
            option for ids in inside(item, "OptionIds") for option in texts(ids, "OptionId")
        )
        for item in inside(message, "SelectedItems", "SelectedItem")
    }
    return _clicked(text(message, "EventKey"), text(message, "TaskId"), chosen, handle=text(message, "ResponseCode"))


def _clicked(key: str, task_id: str, chosen: dict[str, str], *, handle: str = "") -> Clicked:
    action, picks = read_key(key)
    return Clicked(
        message_id=task_id,
        action=action.name,
        subject=action.subject,
        stamp=action.stamp,
        args=action.args,
        values=picked(action, picks, chosen),
        handle=handle,
    )


def _bot(body: dict[str, Any], request: str) -> Event | None:
    match bot_event(body):
        case "enter_chat":
            return ChatEntered()
        case "template_card_event":
            card = clicked_card(body)
            code = response_code(string(body, "response_url"))
            handle = BY_URL + code if code else ""
            return _clicked(_text(card.get("eventkey")), _text(card.get("taskid")), chosen_in(card), handle=handle)
        case "":
            return _bot_said(body, request)
    return None


def clicked_card(body: dict[str, Any]) -> dict[str, Any]:
    """What a click on the smart bot's card says, its keys in one spelling."""
    event = body.get("event")
    return fields_of(event.get("template_card_event") if isinstance(event, dict) else None)


def _bot_said(body: dict[str, Any], request: str) -> Said | None:
    direct = body.get("chattype") != "group"
    words: list[str] = []
    files: list[SentFile] = []
    parts = list(_parts(body))
    if not parts:
        return None
    for kind, part in parts:
        if kind in ("text", "voice"):
            words.append(clean(string(part, "content")))
        elif kind in _FILE_KINDS and string(part, "url") and len(files) < FILES:
            files.append(_file(kind, part))
    said = "\n".join(filter(None, words))[:TEXT_CHARS]
    known = said.strip() or files or any(kind == "text" for kind, _ in parts)
    code = response_code(string(body, "response_url"))
    return Said(
        message_id=BY_SOCKET + request if request else BY_URL + code if code else string(body, "msgid"),
        text=(said if direct else _MENTION.sub("", said, count=1) if _MENTION.match(said) else said).strip(),
        direct=direct,
        addressed=True,
        files=tuple(files),
        kind="text" if known else one_line(parts[0][0])[:40],
        threaded=bool(code) and not request,
    )


def _parts(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The parts of a message: itself, or the items of a mixed one."""
    kind = string(body, "msgtype")
    if kind == "mixed":
        mixed = body.get("mixed")
        items = mixed.get("msg_item") if isinstance(mixed, dict) else None
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict) and string(item, "msgtype") != "mixed":
                yield from _parts(item)
    elif kind in _FILE_KINDS or kind == "text":
        part = body.get(kind)
        yield kind, part if isinstance(part, dict) else {}


def _file(kind: str, part: dict[str, Any]) -> SentFile:
    """A file of the smart bot: its address, and behind # the key it is encrypted with, where it has one of its own."""
    key = string(part, "aeskey")
    url = string(part, "url").partition("#")[0]
    name = one_line(string(part, "filename") or string(part, "name"))
    return SentFile(f"{url}#{key}" if key else url, _FILE_KINDS[kind], name)


def response_code(url: str) -> str:
    """The code in a response address; empty when there is none."""
    try:
        return URL(url).query.get("response_code", "") if url else ""
    except ValueError:
        return ""


def _text(given: object) -> str:
    return given if isinstance(given, str) else ""
