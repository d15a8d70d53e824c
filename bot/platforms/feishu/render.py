"""A fitted card as card JSON 2.0, or as a text message when it is nothing but words (docs/platforms/feishu.md 6).

Everything that comes from people stands in plain_text elements, so nothing in it is ever markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from bot.platforms.feishu.caps import CARD_BYTES, CARD_TAGS, TEXT_BYTES
from bot.platforms.feishu.plain import clean, defuse, one_line
from bot.platforms.feishu.values import action_value
from cards.blocks import (
    Action,
    Block,
    Button,
    Buttons,
    Card,
    Fields,
    Headline,
    Input,
    Inputs,
    Menu,
    Note,
    Picture,
    Text,
    Title,
    is_words,
)
from cards.plain import plain_text

NAME_WIDTH = "84px"
HEADLINE_CHARS = 14
"""A headline up to this length is set in 24 px, a longer one in 20 px."""
EMPTY = "—"

_BUTTON_TYPES = {"default": "default", "primary": "primary_filled", "danger": "danger"}
_TAG_COLOURS = {"grey": "neutral"}

Element = dict[str, Any]


def render(card: Card, *, own: str = "") -> Mapping[str, Any]:
    """The message to send; `content` is the JSON text that the vendor's call wants. Total for every card."""
    if is_words(card):
        said = "\n".join(block.text for block in card if isinstance(block, Text))
        content: Element = {"text": _cut(defuse(said, own=own).strip(), TEXT_BYTES) or EMPTY}
        return {"msg_type": "text", "content": orjson.dumps(content).decode()}
    return {"msg_type": "interactive", "content": orjson.dumps(card_json(card)).decode()}


def card_json(card: Card) -> Element:
    """The card as an object, within 200 tags and 28 KB: what is too much for that is told in fewer elements."""
    drawn = _draw(card, [element for block in _body(card) for element in _elements(block)])
    return drawn if _fits(drawn) else _compact(card)


def _draw(card: Card, elements: list[Element]) -> Element:
    title = next((block for block in card if isinstance(block, Title)), None)
    first = title.text if title else plain_text(card).partition("\n")[0]
    drawn: Element = {
        "schema": "2.0",
        "config": {"update_multi": True, "summary": {"content": _cut(one_line(first), 200) or EMPTY}},
    }
    if title:
        drawn["header"] = _header(title)
    drawn["body"] = {"direction": "vertical", "vertical_spacing": "8px", "elements": elements}
    return drawn


def _header(title: Title) -> Element:
    header: Element = {"title": _plain(_cut(one_line(title.text), 300)), "template": title.tone}
    if tag := _cut(one_line(title.tag), 200):
        colour = _TAG_COLOURS.get(title.tone, title.tone)
        header["text_tag_list"] = [{"tag": "text_tag", "text": _plain(tag), "color": colour}]
    return header


def _body(card: Card) -> Iterator[Block]:
    """The blocks below the header; a second title, which no card needs, becomes a line of text."""
    titles = 0
    for block in card:
        if isinstance(block, Title):
            titles += 1
            if titles > 1:
                yield Text(plain_text((block,)))
        else:
            yield block


def _elements(block: Block) -> Iterator[Element]:
    match block:
        case Headline(words) if one_line(words):
            size = "heading-1" if len(one_line(words)) <= HEADLINE_CHARS else "heading-2"
            yield _div(one_line(words), text_size=size)
        case Fields(pairs):
            yield from (_field(name, value) for name, value in pairs)
        case Text(words) if clean(words).strip():
            yield _div(clean(words).strip())
        case Note(words) if clean(words).strip():
            yield _div(clean(words).strip(), text_size="notation", text_color="grey")
        case Buttons(items) if items:
            yield _row([_menu(item) if isinstance(item, Menu) else _button(item) for item in items])
        case Inputs(name, items, buttons):
            yield _form(name, items, buttons)
        case Picture(_, alt, _, media) if media:
            yield {"tag": "img", "img_key": media, "alt": _plain(one_line(alt)), "scale_type": "fit_horizontal"}
        case Picture(_, alt) if one_line(alt):
            yield _div(f"图：{one_line(alt)}", text_size="notation", text_color="grey")


def _field(name: str, value: str) -> Element:
    """One row: the name in a narrow column, the value beside it."""
    return {
        "tag": "column_set",
        "flex_mode": "none",
        "horizontal_spacing": "8px",
        "columns": [
            _column([_div(one_line(name) or EMPTY, text_color="grey")], width=NAME_WIDTH),
            {**_column([_div(clean(value).strip() or EMPTY)], width="weighted"), "weight": 1},
        ],
    }


def _button(button: Button) -> Element:
    drawn: Element = {
        "tag": "button",
        "text": _plain(one_line(button.label) or EMPTY),
        "type": _BUTTON_TYPES[button.style],
        "behaviors": [_callback(button.action)],
    }
    if question := clean(button.confirm).strip():
        drawn["confirm"] = {"title": _plain(one_line(button.label) or EMPTY), "text": _plain(question)}
    return drawn


def _menu(menu: Menu) -> Element:
    """A list that calls back with what was picked; its label is what stands there before."""
    return {
        "tag": "select_static",
        "placeholder": _plain(one_line(menu.label)),
        "options": [_option(value, words) for value, words in menu.choices],
        "behaviors": [_callback(menu.action)],
    }


def _form(name: str, items: tuple[Input, ...], buttons: tuple[Button, ...]) -> Element:
    """Everything is sent at once, told apart by the button's action; names are unique in a card."""
    elements = [element for item in items for element in _input(item)]
    sends = [
        {**_button(button), "name": f"{name}_{n}", "form_action_type": "submit"} for n, button in enumerate(buttons)
    ]
    return {"tag": "form", "name": name, "elements": [*elements, _row(sends)]}


def _input(item: Input) -> Iterator[Element]:
    if item.choices:
        chosen = {"initial_option": item.value} if item.value in dict(item.choices) else {}
        options = [_option(value, words) for value, words in item.choices]
        yield {"tag": "select_static", "name": item.name, "required": item.required,
               "placeholder": _plain(one_line(item.label)), "options": options, **chosen}  # fmt: skip
        return
    yield {
        "tag": "input",
        "name": item.name,
        "required": item.required,
        "label": _plain(one_line(item.label)),
        "label_position": "left",
        "placeholder": _plain(one_line(item.example)),
        "max_length": item.most,
        **({"default_value": clean(item.value)} if item.value else {}),
    }


def _option(value: str, words: str) -> Element:
    return {"text": _plain(one_line(words)), "value": value}


def _callback(action: Action) -> Element:
    return {"type": "callback", "value": action_value(action)}


def _row(elements: list[Element]) -> Element:
    columns = [_column([element], width="auto") for element in elements]
    return {"tag": "column_set", "flex_mode": "flow", "horizontal_spacing": "8px", "columns": columns}


def _column(elements: list[Element], *, width: str) -> Element:
    return {"tag": "column", "width": width, "vertical_align": "top", "elements": elements}


def _div(content: str, **style: str) -> Element:
    return {"tag": "div", "text": {**_plain(content), **style}}


def _plain(content: str) -> Element:
    return {"tag": "plain_text", "content": content or EMPTY}


def _compact(card: Card) -> Element:
    """The same said in one text element, cut to what is left beside as many buttons as fit."""
    words = tuple(block for block in _body(card) if not isinstance(block, Buttons))
    buttons = [item for block in card if isinstance(block, Buttons) for item in block.items][:20]
    text = clean(plain_text(words)).strip()
    while True:
        row = list(_elements(Buttons(tuple(buttons))))
        room = CARD_BYTES - len(orjson.dumps(_draw(card, row))) - 200
        if room >= 1000 or not buttons:
            said = _div(_cut_json(text, room))
            if _fits(drawn := _draw(card, [said, *row])) or not buttons:
                return drawn
        buttons.pop()


def _fits(drawn: Element) -> bool:
    return tags(drawn) <= CARD_TAGS and len(orjson.dumps(drawn)) <= CARD_BYTES


def tags(value: object) -> int:
    """How many objects with a tag the vendor counts in a card."""
    if isinstance(value, dict):
        return ("tag" in value) + sum(tags(item) for key, item in value.items() if key != "value")
    return sum(map(tags, value)) if isinstance(value, list) else 0


def _cut(text: str, size: int) -> str:
    """The text in at most so many bytes of UTF-8."""
    raw = text.encode()
    return text if len(raw) <= size else raw[: size - 3].decode(errors="ignore") + "…"


def _cut_json(text: str, size: int) -> str:
    """The text in at most so many bytes as a JSON string, whose quotes, slashes and breaks take two."""
    while len(orjson.dumps(text)) > size:
        text = _cut(text, min(len(text.encode()) * 9 // 10, size))
    return text
