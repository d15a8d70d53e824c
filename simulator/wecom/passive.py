"""Replies in the answer to a callback of the app: shown, except where the vendor ignores them."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from simulator.chats import Chat
from simulator.messages import Message
from simulator.wecom.cards.validate import UPDATE, check_card
from simulator.wecom.content import TEXT_BYTES, cut
from simulator.wecom.errors import ApiError
from simulator.wecom.line import Line
from simulator.wecom.platform import Wecom
from simulator.wecom.xml import BadXml, read, text_of

MEDIA = {"image": "Image", "voice": "Voice", "video": "Video"}
UPDATES = ("update_button", "update_template_card")
_LISTS = {
    "HorizontalContentList",
    "VerticalContentList",
    "JumpList",
    "ButtonList",
    "SelectList",
    "OptionList",
    "ActionList",
}
_JOINED = {"KeyName", "UserId", "AppId", "PagePath"}
_NUMBERS = {"Type", "Style", "Mode", "DescColor"}
_RENAMED = {"CheckBox": "checkbox"}


def show_reply(wecom: Wecom, line: Line, chat: Chat, clicked: Message | None, body: bytes) -> None:
    """Show what a callback was answered with; an empty answer says nothing."""
    if not body.strip():
        return
    try:
        root = read(line.open_answer(body))
        kind = text_of(root, "MsgType")
        if kind in UPDATES:
            _update(wecom, clicked, kind, root)
        elif kind == "text":
            wecom.post(chat, "text", text=cut(text_of(root, "Content"), TEXT_BYTES))
        elif kind in MEDIA:
            media = wecom.media.find(root.findtext(f"{MEDIA[kind]}/MediaId"), kind)
            wecom.post(chat, {"voice": "audio", "video": "media"}.get(kind, kind), blob=media.blob)
        elif kind == "news":
            wecom.post(chat, "news", card={"articles": [_article(item) for item in root.iter("item")]})
        else:
            wecom.warn(f"a passive reply of the unknown kind {kind!r}")
    except (ValueError, ApiError) as error:
        wecom.warn(f"a passive reply could not be used: {error}")


def _update(wecom: Wecom, clicked: Message | None, kind: str, root: Element) -> None:
    if clicked is None or not wecom.honour_passive_card_update:
        wecom.warn(f"{kind} in the answer to a card click is ignored: use message/update_template_card")
        return
    if kind == "update_button":
        name = (root.findtext("Button/ReplaceName") or "").strip()
        wecom.redraw(clicked, {**(clicked.card or {}), "replace_text": name})
        return
    element = root.find("TemplateCard")
    if element is None:
        raise BadXml("TemplateCard is missing")
    card = _json(element)
    check_card(card, UPDATE)
    wecom.redraw(clicked, card)


def _article(item: Element) -> dict[str, str]:
    names = (("title", "Title"), ("description", "Description"), ("picurl", "PicUrl"), ("url", "Url"))
    return {name: text_of(item, tag) for name, tag in names}


def _json(element: Element) -> dict[str, Any]:
    """The card of a passive reply as the JSON calls spell it."""
    found: dict[str, Any] = {}
    for child in element:
        name, value = _name(child.tag), _value(child)
        if child.tag in _LISTS:
            found.setdefault(name, []).append(value)
        else:
            found[name] = value
    return found


def _value(element: Element) -> Any:
    if len(element):
        return _json(element)
    text = (element.text or "").strip()
    if text in ("true", "false"):
        return text == "true"
    if element.tag == "AspectRatio":
        return float(text)
    return int(text) if element.tag in _NUMBERS and text.isdecimal() else text


def _name(tag: str) -> str:
    if tag in _RENAMED:
        return _RENAMED[tag]
    if tag in _JOINED:
        return tag.lower()
    return "".join(f"_{c.lower()}" if c.isupper() and index else c.lower() for index, c in enumerate(tag))
