"""Message bodies other than template cards: checked, cut where the vendor cuts, made ready to show."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulator.messages import Blob
from simulator.wecom.cards.node import WEB
from simulator.wecom.errors import ApiError
from simulator.wecom.http import Request
from simulator.wecom.media import MB, image_mime
from simulator.words import words

Json = dict[str, Any]
TEXT_BYTES, MARKDOWN_BYTES, HOOK_MARKDOWN_BYTES = 2048, 2048, 4096
TITLE_BYTES, DESCRIPTION_BYTES, URL_BYTES = 128, 512, 2048
TITLE_CHARACTERS, DESCRIPTION_CHARACTERS, BUTTON_CHARACTERS = 128, 512, 4
MAX_ARTICLES = 8
HOOK_IMAGE_BYTES = 2 * MB
APP_TYPES = words("text image voice video file textcard news mpnews markdown template_card")
GROUP_TYPES = APP_TYPES - {"template_card"}
HOOK_TYPES = words("text markdown markdown_v2 image news file voice template_card")
SHOWN_AS = {"voice": "audio", "video": "media", "mpnews": "news"}


@dataclass(frozen=True, slots=True)
class Content:
    """What a message shows; `kind` is how the chat calls it."""

    kind: str
    text: str = ""
    card: Json | None = None
    blob: Blob | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a body goes: which media it may use, and how much markdown it holds."""

    owner: str = ""
    markdown_bytes: int = MARKDOWN_BYTES
    inline_image: bool = False


APP = Place()


def read_content(request: Request, msgtype: str, body: Json, place: Place = APP) -> Content:
    """The content of a send; refuses what the vendor refuses and cuts what it cuts."""
    part = body.get(msgtype)
    if not isinstance(part, dict):
        raise ApiError(40063, f"{msgtype} is required")
    return _READERS[msgtype](request, msgtype, part, place)


def cut(text: str, size: int) -> str:
    """The text cut to so many bytes, on a character's border."""
    return text.encode()[:size].decode("utf-8", "ignore")


def _text(request: Request, msgtype: str, part: Json, place: Place) -> Content:
    content = request.text(part, "content")
    if not content:
        raise ApiError(44004)
    if len(content.encode()) > TEXT_BYTES:
        request.warn(f"text of {len(content.encode())} bytes was cut to {TEXT_BYTES}")
        content = cut(content, TEXT_BYTES)
    mentioned = part.get("mentioned_list") or []
    if not isinstance(mentioned, list):
        raise ApiError(40058, "mentioned_list must be a list")
    names = "".join(f"@{_name(request, userid)} " for userid in mentioned)
    return Content("text", names + content)


def _markdown(request: Request, msgtype: str, part: Json, place: Place) -> Content:
    content = request.text(part, "content")
    if not content:
        raise ApiError(44004)
    if len(content.encode()) > place.markdown_bytes:
        raise ApiError(45002, f"markdown holds {place.markdown_bytes} bytes")
    return Content(msgtype, content)


def _media(request: Request, msgtype: str, part: Json, place: Place) -> Content:
    if place.inline_image and msgtype == "image":
        return Content("image", blob=_inline_image(request, part))
    for name, size in (("title", TITLE_BYTES), ("description", DESCRIPTION_BYTES)):
        if msgtype == "video" and len(request.text(part, name).encode()) > size:
            raise ApiError(40058, f"video.{name} holds {size} bytes")
    media = request.wecom.media.find(part.get("media_id"), msgtype, place.owner)
    return Content(SHOWN_AS.get(msgtype, msgtype), blob=media.blob)


def _inline_image(request: Request, part: Json) -> Blob:
    try:
        data = base64.b64decode(request.text(part, "base64"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ApiError(40058, "image.base64 is not base64") from error
    if not data or len(data) > HOOK_IMAGE_BYTES:
        raise ApiError(40006)
    if hashlib.md5(data).hexdigest() != request.text(part, "md5").lower():
        raise ApiError(40058, "image.md5 does not match")
    mime = image_mime(data)
    world = request.wecom.world
    return world.add_blob(kind="image", name="image", mime=mime, data=data, owner="bot")


def _textcard(request: Request, msgtype: str, part: Json, place: Place) -> Content:
    title, description = request.text(part, "title"), request.text(part, "description")
    if not title:
        raise ApiError(41016)
    if not description:
        raise ApiError(41033)
    _url(request, part, "url", "textcard.url")
    for name, size in (
        ("title", TITLE_CHARACTERS),
        ("description", DESCRIPTION_CHARACTERS),
        ("btntxt", BUTTON_CHARACTERS),
    ):
        if len(request.text(part, name)) > size:
            request.warn(f"textcard.{name} has more than {size} characters: it is cut on display")
    return Content("textcard", card=part)


def _news(request: Request, msgtype: str, part: Json, place: Place) -> Content:
    articles = _articles(part)
    for index, article in enumerate(articles):
        if not request.text(article, "title"):
            raise ApiError(41016)
        for name, size in (("title", TITLE_BYTES), ("description", DESCRIPTION_BYTES)):
            if len(request.text(article, name).encode()) > size:
                request.warn(f"articles[{index}].{name} has more than {size} bytes: it is cut on display")
        if not (article.get("appid") and article.get("pagepath")):
            _url(request, article, "url", f"articles[{index}].url")
    return Content("news", card=part)


def _mpnews(request: Request, msgtype: str, part: Json, place: Place) -> Content:
    articles = _articles(part)
    for article in articles:
        if not request.text(article, "title"):
            raise ApiError(41016)
        request.wecom.media.find(article.get("thumb_media_id"), "image")
        size = len(request.text(article, "content").encode())
        if not 0 < size <= 666 * 1024:
            raise ApiError(45002)
    shown = [{"title": a["title"], "description": a.get("digest", ""), "url": ""} for a in articles]
    return Content("news", card={"articles": shown})


def _articles(part: Json) -> list[Json]:
    articles = part.get("articles")
    if not isinstance(articles, list) or not 1 <= len(articles) <= MAX_ARTICLES:
        raise ApiError(45008)
    if not all(isinstance(article, dict) for article in articles):
        raise ApiError(40058, "articles must be objects")
    return articles


def _url(request: Request, part: Json, name: str, path: str) -> None:
    url = request.text(part, name)
    if not url:
        raise ApiError(40058, f"{path} is required")
    if not url.lower().startswith(WEB):
        raise ApiError(40054, f"{path} must begin with http:// or https://")
    if len(url.encode()) > URL_BYTES:
        raise ApiError(40058, f"{path} holds {URL_BYTES} bytes")


def _name(request: Request, userid: Any) -> str:
    if userid == "@all":
        return "所有人"
    person = request.wecom.directory.person(userid)
    return person.name if person else str(userid)


Reader = Callable[[Request, str, Json, Place], Content]
_READERS: dict[str, Reader] = {
    "text": _text,
    "markdown": _markdown,
    "markdown_v2": _markdown,
    "image": _media,
    "voice": _media,
    "video": _media,
    "file": _media,
    "textcard": _textcard,
    "news": _news,
    "mpnews": _mpnews,
}
