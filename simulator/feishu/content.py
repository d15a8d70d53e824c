"""Content of messages the bot sends: parsed, checked and made ready to show."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from simulator.feishu.cards.validate import validate_card
from simulator.feishu.errors import ApiError, CardRefused
from simulator.feishu.platform import Feishu
from simulator.messages import Blob, plain_text
from simulator.words import words

TEXT_LIMIT = 150 * 1024
CARD_LIMIT = 30 * 1024
TYPES = words("text post image file audio media sticker interactive share_chat share_user system")
_KEYS = {"image": "image_key", "file": "file_key", "audio": "file_key", "media": "file_key"}


@dataclass(frozen=True, slots=True)
class Content:
    """What a message shows."""

    text: str
    card: dict[str, Any] | None
    blob: Blob | None


def read_content(feishu: Feishu, msg_type: Any, content: Any) -> Content:
    """The checked content of a send, reply or edit; refuses what the vendor refuses."""
    if msg_type not in TYPES:
        raise ApiError(230001, "msg_type is invalid")
    if not isinstance(content, str):
        raise ApiError(230001, "content must be a JSON string")
    limit = CARD_LIMIT if msg_type in ("interactive", "post") else TEXT_LIMIT
    if len(content.encode()) > limit:
        raise ApiError(230025)
    data = _parse(content)
    if msg_type == "interactive":
        return Content("", read_card(feishu, data), None)
    if msg_type in _KEYS:
        return Content("", None, _blob(feishu, msg_type, data.get(_KEYS[msg_type])))
    if msg_type == "text" and not isinstance(data.get("text"), str):
        raise ApiError(230001, "text is required")
    if msg_type == "text" and not data["text"]:
        raise ApiError(230001, "text is empty")
    if msg_type == "post":
        _check_post(feishu, data)
    return Content(plain_text(msg_type, content), None, None)


def read_card(feishu: Feishu, card: Any) -> dict[str, Any]:
    """The card when the vendor would accept it."""
    if isinstance(card, dict) and card.get("type") in ("template", "card") and "data" in card:
        raise CardRefused(200380, "template does not exist").as_api_error()
    try:
        validate_card(card, feishu.known)
    except CardRefused as refused:
        raise refused.as_api_error() from refused
    assert isinstance(card, dict)
    return card


def _parse(content: str) -> dict[str, Any]:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ApiError(230001, "content is not in JSON format") from error
    if not isinstance(data, dict):
        raise ApiError(230001, "content must be an object")
    return data


def _blob(feishu: Feishu, msg_type: str, key: Any) -> Blob:
    blob = feishu.world.blobs.get(str(key))
    if blob is None:
        raise ApiError(230001, f"invalid {_KEYS[msg_type]}")
    if blob.owner != "bot":
        raise ApiError(230017)
    if (msg_type == "image") != (blob.kind == "image"):
        raise ApiError(230055)
    return blob


def _check_post(feishu: Feishu, data: dict[str, Any]) -> None:
    locales = [body for body in data.values() if isinstance(body, dict)]
    if not locales:
        raise ApiError(230001, "post needs a locale such as zh_cn")
    for body in locales:
        rows = body.get("content")
        if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
            raise ApiError(230001, "post content must be rows of runs")
        for run in (run for row in rows for run in row):
            if not isinstance(run, dict) or "tag" not in run:
                raise ApiError(230001, "post run needs a tag")
            if run["tag"] == "img":
                _blob(feishu, "image", run.get("image_key"))
