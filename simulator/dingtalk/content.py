"""Content of plain messages the bot sends, read and checked: robot templates (msgKey) and webhook bodies."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.dingtalk.errors import ApiError, invalid

MAX_AT = 50
MAX_PARAM_BYTES = 15_000
FILE_TYPES = ("xlsx", "pdf", "zip", "rar", "doc", "docx")
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """What one message shows, the card spelled as webhooks spell it; `media_id` names an upload or a picture's
    URL, `at` the people it really calls."""

    kind: str
    text: str = ""
    card: Json | None = None
    media_id: str = ""
    at: tuple[str, ...] = field(default=())


KEYS: Mapping[str, tuple[str, ...]] = {
    "sampleText": ("content",),
    "sampleMarkdown": ("title", "text"),
    "sampleImageMsg": ("photoURL",),
    "sampleLink": ("text", "title", "picUrl", "messageUrl"),
    "sampleActionCard": ("title", "text", "singleTitle", "singleURL"),
    **{
        f"sampleActionCard{count}": (
            "title",
            "text",
            *(f"action{part}{number}" for number in range(1, count + 1) for part in ("Title", "URL")),
        )
        for count in range(2, 6)
    },
    "sampleActionCard6": ("title", "text", "buttonTitle1", "buttonUrl1", "buttonTitle2", "buttonUrl2"),
    "sampleAudio": ("mediaId", "duration"),
    "sampleFile": ("mediaId", "fileName", "fileType"),
    "sampleVideo": ("duration", "videoMediaId", "videoType", "picMediaId", "height", "width"),
}
MAY_BE_EMPTY = ("picUrl",)


def read_template(msg_key: Any, msg_param: Any) -> Said:
    """The message of a robot send; refuses an unknown msgKey and a msgParam without the needed texts."""
    if msg_key not in KEYS:
        raise invalid("msgKey", f"msgKey {msg_key} is unknown")
    if not isinstance(msg_param, str):
        raise invalid("msgParam", "msgParam must be a JSON string")
    if len(msg_param.encode()) > MAX_PARAM_BYTES:
        raise invalid("msgParam", f"msgParam holds more than {MAX_PARAM_BYTES} bytes")
    try:
        param = json.loads(msg_param)
    except (ValueError, RecursionError) as error:
        raise invalid("msgParam", "msgParam is not JSON") from error
    if not isinstance(param, dict):
        raise invalid("msgParam", "msgParam must hold an object")
    for key in KEYS[msg_key]:
        value = param.get(key)
        if not isinstance(value, str) or not (value or key in MAY_BE_EMPTY):
            raise invalid("msgParam", f"{msg_key} needs the text {key}")
    return _template(msg_key, param)


def _template(msg_key: str, param: Json) -> Said:
    if msg_key == "sampleText":
        return Said("text", param["content"])
    if msg_key == "sampleMarkdown":
        return Said("markdown", param["text"], {"title": param["title"]})
    if msg_key == "sampleImageMsg":
        return Said("image", media_id=param["photoURL"])
    if msg_key == "sampleLink":
        return _link(param)
    if msg_key == "sampleAudio":
        return Said("audio", media_id=param["mediaId"])
    if msg_key == "sampleFile":
        if param["fileType"] not in FILE_TYPES:
            raise invalid("msgParam", f"fileType {param['fileType']} is not supported")
        return Said("file", param["fileName"], media_id=param["mediaId"])
    if msg_key == "sampleVideo":
        return Said("media", media_id=param["videoMediaId"])
    labels = [key for key in KEYS[msg_key][2:] if "Title" in key]
    urls = [key for key in KEYS[msg_key][2:] if key not in labels]
    pairs = [(param[label], param[url]) for label, url in zip(labels, urls, strict=True)]
    return _action_card(param["title"], param["text"], pairs, beside=msg_key == "sampleActionCard6")


def read_webhook(body: Json) -> Said | None:
    """The message of a sessionWebhook or custom robot; None for msgtype empty."""
    kind = body.get("msgtype")
    if kind == "empty":
        return None
    reader = _WEBHOOK.get(str(kind))
    if reader is None:
        raise ApiError(400105, f"msgtype {kind}")
    part = body.get(str(kind))
    if not isinstance(part, dict):
        raise ApiError(40035, f"缺少参数 {kind}")
    return reader(part, _at(body.get("at")))


def _at(at: Any) -> list[str]:
    at = at if isinstance(at, dict) else {}
    people = [str(one) for key in ("atUserIds", "atMobiles") for one in at.get(key) or []]
    if len(people) > MAX_AT:
        raise ApiError(40035, f"最多 @{MAX_AT} 人")
    return [*people, *(["all"] if at.get("isAtAll") is True else [])]


def _need(part: Json, name: str) -> str:
    value = part.get(name)
    if not isinstance(value, str) or not value:
        raise ApiError(40035, f"缺少参数 {name}")
    return value


def _called(text: str, at: list[str]) -> tuple[str, ...]:
    """Only people who are named in the list and in the text are really called."""
    return tuple(one for one in at if one == "all" or f"@{one}" in text)


def _text_body(part: Json, at: list[str]) -> Said:
    text = _need(part, "content")
    return Said("text", text, at=_called(text, at))


def _markdown_body(part: Json, at: list[str]) -> Said:
    title, text = _need(part, "title"), _need(part, "text")
    return Said("markdown", text, {"title": title}, at=_called(text, at))


def _link_body(part: Json, _: list[str]) -> Said:
    for name in ("title", "text", "messageUrl"):
        _need(part, name)
    return _link(part)


def _link(part: Json) -> Said:
    shown = {name: str(part.get(name, "")) for name in ("title", "text", "messageUrl", "picUrl")}
    return Said("link", card=shown)


def _action_card_body(part: Json, at: list[str]) -> Said:
    title, text = _need(part, "title"), _need(part, "text")
    rows = part.get("btns")
    if rows is None:
        rows = [{"title": _need(part, "singleTitle"), "actionURL": _need(part, "singleURL")}]
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise ApiError(40035, "缺少参数 btns")
    pairs = [(_need(row, "title"), _need(row, "actionURL")) for row in rows]
    beside = str(part.get("btnOrientation", "0")) == "1"
    return _action_card(title, text, pairs, beside=beside, at=_called(text, at))


def _action_card(
    title: str, text: str, buttons: list[tuple[str, str]], *, beside: bool, at: tuple[str, ...] = ()
) -> Said:
    card = {
        "title": title,
        "text": text,
        "btnOrientation": "1" if beside else "0",
        "btns": [{"title": label, "actionURL": url} for label, url in buttons],
    }
    return Said("actionCard", card=card, at=at)


def _feed_body(part: Json, _: list[str]) -> Said:
    rows = part.get("links")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise ApiError(40035, "缺少参数 links")
    links = [
        {"title": _need(row, "title"), "messageURL": _need(row, "messageURL"), "picURL": str(row.get("picURL", ""))}
        for row in rows
    ]
    return Said("feedCard", card={"links": links})


_WEBHOOK: dict[str, Callable[[Json, list[str]], Said]] = {
    "text": _text_body,
    "markdown": _markdown_body,
    "link": _link_body,
    "actionCard": _action_card_body,
    "feedCard": _feed_body,
}
