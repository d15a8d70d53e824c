"""A fitted card as one of WeCom's template cards, which show plain text only (docs/platforms/wecom.md).

Three kinds have something to press: buttons with at most one list, a long list, up to three lists with one button.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.platforms.wecom.caps import CHOICES
from bot.platforms.wecom.chats import Kind
from bot.platforms.wecom.plain import clean, one_line, shorter
from bot.platforms.wecom.values import NOTHING, action_key, is_option
from cards.blocks import Button, Buttons, Card, Fields, Headline, Input, Inputs, Menu, Note, Picture, Text, Title
from cards.plain import plain_text

EMPTY = "—"
CHOOSE = "（请选）"
CHANGED = "已更新"

_DESC_COLORS = {"green": 3, "red": 2, "orange": 1}
_STYLES = {"primary": 1, "default": 2, "danger": 3}
BUTTONS = 6
ROWS = 6
NAME_CHARS = 5
BUTTON_CHARS = 10
_LONG_LIST = 20
_LISTS = 3
_VOTE_TITLE = 16
_LONG_DESC = 160

Element = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Room:
    """Characters that a card shows; the vendor cuts what is longer."""

    tag: int
    title: int
    desc: int
    headline: int
    value: int
    text: int
    choice: int
    vote_choice: int


_ROOMY = Room(tag=20, title=36, desc=44, headline=14, value=30, text=160, choice=16, vote_choice=17)
_TIGHT = Room(tag=13, title=26, desc=30, headline=10, value=26, text=112, choice=10, vote_choice=11)


def room_of(kind: Kind) -> Room:
    """The app's cards hold more than those of smart bots and webhooks."""
    return _ROOMY if kind == "app" else _TIGHT


def pressable(card: Card, room: Room) -> Element | None:
    """The card as one of the three kinds that have something to press; None when it offers nothing."""
    items = [item for block in card if isinstance(block, Buttons) for item in block.items]
    forms = [block for block in card if isinstance(block, Inputs) and _is_lists(block)]
    if items:
        only = items[0]
        if len(items) == 1 and isinstance(only, Menu) and len(options := _options(only.choices)) > CHOICES:
            return _vote(card, room, "m", options, only.label, action_key(only.action, 0, picks="m"))
        return _buttons(_titled(card, room), room, items)
    return _lists(_titled(card, room), room, forms[0]) if forms else None


def notice(card: Card, room: Room, own: str) -> Element:
    """A card without buttons; a tap on it opens our own pages."""
    card = _titled(card, room)
    drawn = {"card_type": "text_notice", **_head(card, room), **_body(card, room)}
    if (headline := headline_of(card)) and len(headline) <= room.headline:
        drawn["emphasis_content"] = {"title": headline}
        del drawn["main_title"]["desc"]
    drawn["card_action"] = {"type": 1, "url": own.rstrip("/") + "/"}
    return drawn


def closed(card: Card, room: Room, own: str) -> Element:
    """What takes the place of a pressed card when nothing is left to press: its last state, and a dead button."""
    if own:
        return notice(card, room, own)
    card = _titled(card, room)
    title = title_of(card)
    label = shorter(one_line(title.tag) if title else "", 10) or CHANGED
    return {
        "card_type": "button_interaction",
        **_head(card, room),
        **_body(card, room),
        "button_list": [{"text": label, "style": 2, "key": "0."}],
        "replace_text": label,
    }


def too_much(card: Card, room: Room) -> bool:
    """True when a notice would have to leave something out."""
    pairs = [pair for block in card if isinstance(block, Fields) for pair in block.pairs]
    offers = any(isinstance(block, Buttons | Inputs) for block in card)
    return len(pairs) > ROWS or offers or len("\n".join(_said(card))) > room.text


def title_of(card: Card) -> Title | None:
    """The card's first title."""
    return next((block for block in card if isinstance(block, Title)), None)


def headline_of(card: Card) -> str:
    """The card's one number or phrase; empty when it has none."""
    return " · ".join(filter(None, (one_line(block.text) for block in card if isinstance(block, Headline))))


def _buttons(card: Card, room: Room, items: list[Button | Menu]) -> Element:
    drawn = {"card_type": "button_interaction", **_head(card, room), **_body(card, room)}
    if menu := next((item for item in items if isinstance(item, Menu)), None):
        drawn["button_selection"] = _list(room, "m", menu.label, menu.choices)
    drawn["button_list"] = [_button(item, place) for place, item in enumerate(items[:BUTTONS])]
    return drawn


def _button(item: Button | Menu, place: int) -> Element:
    """A menu is a list and a button beside it: the list by itself tells us nothing."""
    picks, style = ("m", "default") if isinstance(item, Menu) else ("", item.style)
    return {"text": _label(item.label), "style": _STYLES[style], "key": action_key(item.action, place, picks=picks)}


def _lists(card: Card, room: Room, form: Inputs) -> Element:
    send, only = form.buttons[0], form.items[0]
    key = action_key(send.action, 0, picks="*")
    if len(form.items) == 1 and len(options := _options(only.choices)) > CHOICES:
        return _vote(card, room, only.name, options, send.label, key, value=only.value)
    return {
        "card_type": "multiple_interaction",
        **_asking(card, room, room.title),
        "select_list": [_list(room, item.name, item.label, item.choices, item.value) for item in form.items],
        "submit_button": {"text": _label(send.label), "key": key},
    }


def _vote(
    card: Card, room: Room, name: str, options: list[tuple[str, str]], label: str, key: str, *, value: str = ""
) -> Element:
    """A choice of one among up to 20; nothing is marked at first."""
    listed = [
        {"id": option, "text": shorter(words, room.vote_choice), "is_checked": option == value}
        for option, words in options[:_LONG_LIST]
    ]
    return {
        "card_type": "vote_interaction",
        **_asking(_titled(card, room), room, _VOTE_TITLE),
        "checkbox": {"question_key": name, "mode": 0, "option_list": listed},
        "submit_button": {"text": _label(label), "key": key},
    }


def _list(room: Room, name: str, label: str, choices: tuple[tuple[str, str], ...], value: str = "") -> Element:
    options = _options(choices)[:CHOICES]
    listed = [{"id": NOTHING, "text": CHOOSE}]
    listed += [{"id": option, "text": shorter(words, room.choice)} for option, words in options]
    chosen = value if value in dict(options) else NOTHING
    return {"question_key": name, "title": shorter(one_line(label), 13), "selected_id": chosen, "option_list": listed}


def _options(choices: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """What can be chosen, each id once."""
    return [(value, one_line(words) or EMPTY) for value, words in dict(choices).items() if is_option(value)]


def _is_lists(form: Inputs) -> bool:
    """True for a form that is lists only and has one button: all that a card can hold of a form."""
    return 0 < len(form.items) <= _LISTS and len(form.buttons) == 1 and all(item.choices for item in form.items)


def _titled(card: Card, room: Room) -> Card:
    """The card with a title: where it has none, the first line of its text, which is not said twice if it fits."""
    if title_of(card):
        return card
    first, _, rest = plain_text(card).partition("\n")
    place = next((n for n, block in enumerate(card) if isinstance(block, Text)), None)
    if place is not None and len(first) <= room.title and plain_text((card[place],)).partition("\n")[0] == first:
        rest = plain_text((card[place],)).partition("\n")[2]
        card = (*card[:place], Text(rest), *card[place + 1 :])
    return (Title(first, "grey"), *card)


def _head(card: Card, room: Room) -> Element:
    """The state as a small line on top, the title, and under it the headline."""
    title, head = title_of(card) or Title(""), {}
    if tag := one_line(title.tag):
        head["source"] = {"desc": shorter(tag, room.tag), "desc_color": _DESC_COLORS.get(title.tone, 0)}
    head["main_title"] = {"title": shorter(one_line(title.text), room.title) or EMPTY}
    if headline := headline_of(card):
        head["main_title"]["desc"] = shorter(headline, room.desc)
    return head


def _asking(card: Card, room: Room, title_chars: int) -> Element:
    """The same above lists, where no rows stand and the state has no colour: all is said under the title."""
    head = _head(card, room)
    if "source" in head:
        del head["source"]["desc_color"]
    head["main_title"]["title"] = shorter(head["main_title"]["title"], title_chars)
    if said := "\n".join(_lines(card)):
        head["main_title"]["desc"] = shorter(said, _LONG_DESC)
    return head


def _body(card: Card, room: Room) -> Element:
    """Rows of name and value, and the text under them."""
    body: Element = {}
    pairs = [pair for block in card if isinstance(block, Fields) for pair in block.pairs]
    if pairs:
        body["horizontal_content_list"] = [
            {
                "keyname": shorter(one_line(name), NAME_CHARS) or EMPTY,
                "value": shorter(one_line(value), room.value) or EMPTY,
            }
            for name, value in pairs[:ROWS]
        ]
    if said := "\n".join(_said(card)):
        body["sub_title_text"] = shorter(said, room.text)
    return body


def _said(card: Card) -> Iterator[str]:
    """The free text of a card, its notes last."""
    for kind in (Text, Note):
        spoken = (clean(block.text).strip() for block in card if isinstance(block, kind))
        yield from filter(None, spoken)
    for block in card:
        if isinstance(block, Picture) and not block.media and one_line(block.alt):
            yield f"图：{one_line(block.alt)}"
        elif isinstance(block, Inputs) and not _is_lists(block):
            yield from (f"{one_line(item.label)}：{_given(item)}" for item in block.items)


def _lines(card: Card) -> Iterator[str]:
    """All that is said under the title, one thing a line."""
    if headline := headline_of(card):
        yield headline
    for block in card:
        if isinstance(block, Fields):
            yield from (f"{one_line(name)}：{one_line(value) or EMPTY}" for name, value in block.pairs)
    yield from _said(card)


def _label(text: str) -> str:
    return shorter(one_line(text), BUTTON_CHARS) or EMPTY


def _given(item: Input) -> str:
    return one_line(dict(item.choices).get(item.value, item.value)) or f"（{one_line(item.example)}）"
