"""A fitted card as WeCom's own messages: a template card, or markdown or text where a chat takes none.

Text messages and markdown have no escapes, so what would be a mark, a mention or a link in them is shown by a wide twin
(docs/platforms/wecom.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.platforms.wecom.caps import BOT_BYTES, HOOK_BYTES, TEXT_BYTES
from bot.platforms.wecom.chats import Kind, kind_of
from bot.platforms.wecom.plain import clean, cut, defuse, one_line, unmarked
from bot.platforms.wecom.templates import (
    EMPTY,
    Element,
    closed,
    headline_of,
    notice,
    pressable,
    room_of,
    title_of,
    too_much,
)
from cards.blocks import Buttons, Card, Fields, Inputs, Note, Picture, Text, is_words
from cards.plain import plain_text

_FONTS = {"green": "info", "red": "warning", "orange": "warning"}
_MARKDOWN_BYTES: Mapping[Kind, int] = {"app": TEXT_BYTES, "appchat": TEXT_BYTES, "hook": HOOK_BYTES, "bot": BOT_BYTES}


def render(card: Card, chat: str = "", *, own: str = "", clicks: bool = True) -> Element:
    """The message to send: `msgtype` with its object, and beside it, where they exist:

    `before`, the media ids of pictures that go first, and `closed`, the template card that takes the place of a
    pressed one. `own` is the address of our own pages; without `clicks` the app has no callback address, so its cards
    carry no buttons.
    """
    kind = kind_of(chat)
    pictures = [block.media for block in card if isinstance(block, Picture) and block.media]
    message = _message(card, kind, own, clicks)
    if pictures:
        message["before"] = pictures
    return message


def template(message: Mapping[str, Any]) -> Element | None:
    """The template card by which this message takes the place of a card in a chat; None when it cannot."""
    found: Element | None = message.get("template_card") or message.get("closed")
    return found


def calls_back(drawn: Mapping[str, Any]) -> bool:
    """True for a template card with something to press."""
    return str(drawn["card_type"]).endswith("_interaction")


def _message(card: Card, kind: Kind, own: str, clicks: bool) -> Element:
    room = room_of(kind)
    if kind == "bot" or (kind == "app" and clicks):
        if pressed := pressable(card, room):
            return _as_template(pressed)
        stays = {"closed": closed(card, room, own)}
    else:
        stays = {}
    if is_words(card):
        said = "\n".join(block.text for block in card if isinstance(block, Text))
        if kind != "bot":
            content = cut(defuse(said, own=own).strip(), TEXT_BYTES) or EMPTY
            return {"msgtype": "text", "text": {"content": content}} | stays
        return _as_markdown(unmarked(said, own=own).strip(), kind) | stays
    if own and kind in ("app", "hook") and not too_much(card, room):
        return _as_template(notice(card, room, own))
    return _as_markdown("\n".join(_markdown_lines(card, kind, own)), kind) | stays


def _as_template(drawn: Element) -> Element:
    return {"msgtype": "template_card", "template_card": drawn}


def _as_markdown(content: str, kind: Kind) -> Element:
    return {"msgtype": "markdown", "markdown": {"content": cut(content, _MARKDOWN_BYTES[kind]) or EMPTY}}


def _markdown_lines(card: Card, kind: Kind, own: str) -> Iterator[str]:
    """The lines of a card in markdown."""
    if title := title_of(card):
        tag = unmarked(one_line(title.tag), own=own)
        name = unmarked(one_line(title.text), own=own) or EMPTY
        yield f"**{name}** {_colored(tag, _FONTS.get(title.tone, 'comment'), kind)}".strip()
    if headline := headline_of(card):
        yield f"**{unmarked(headline, own=own)}**"
    for block in card:
        match block:
            case Fields(pairs):
                rows = ((unmarked(one_line(name)), unmarked(one_line(value), own=own)) for name, value in pairs)
                yield from (f"> {name}：{value or EMPTY}" for name, value in rows)
            case Text(words) if clean(words).strip():
                yield unmarked(words, own=own).strip()
            case Note(words) if clean(words).strip():
                yield _colored(unmarked(words, own=own).strip(), "comment", kind)
            case Picture(_, alt, _, media) if one_line(alt) and not media:
                yield _colored(f"图：{unmarked(one_line(alt))}", "comment", kind)
            case Buttons() | Inputs():
                yield from filter(None, (unmarked(plain_text((block,))),))


def _colored(text: str, font: str, kind: Kind) -> str:
    """The smart bot's markdown knows no colours."""
    return f'<font color="{font}">{text}</font>' if text and kind != "bot" else text
