"""A fitted card as what DingTalk is sent: card variables for two templates, and words (docs/platforms/dingtalk.md).

Everything that comes from people is made literal, so nothing in it is ever markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from bot.platforms.dingtalk.body import EMPTY, body_text
from bot.platforms.dingtalk.caps import JSON_BYTES, TITLE_BYTES, VALUE_BYTES, WORDS_BYTES
from bot.platforms.dingtalk.form import form_value
from bot.platforms.dingtalk.plain import cut, defuse, literal, one_line
from bot.platforms.dingtalk.values import button_id
from cards.blocks import Button, Buttons, Card, Inputs, Menu, Note, Picture, Title, is_words
from cards.plain import plain_text, pressable, typed_twins

SHARED_TEMPLATE = "382e4302-551d-4880-bf29-a30acfab2e71.schema"
"""The vendor's card for AI answers, which its own SDK ships: title, text, and buttons that call back."""
FINISHED = "3"
"""A card without this status, or an update that leaves it out, stands empty."""
MARKDOWN_BYTES = 4_000
COLOURS = {"default": "gray", "primary": "blue", "danger": "red"}

Params = dict[str, str]
Message = dict[str, Any]


def render(card: Card, *, own: str = "", form: bool = False, mention: str = "") -> Mapping[str, Any]:
    """What to send and how to redraw. Total for every card.

    `template` says which card is sent, "" for words. `shared` and, with a form template, `form` are the variables of
    this content in each template, so that a card can be redrawn whichever it was made from. `words` is the same as a
    message of words, `short` its first line alone; `pictures` are messages of their own, sent before. `mention` stands
    before what is to be typed in this chat.
    """
    title = _title(card)
    message: Message = {
        "template": "",
        "title": title,
        "words": _words(card, own, mention),
        "short": _said(title),
        "pictures": [_picture(block) for block in card if isinstance(block, Picture) and block.media],
    }
    message["shared"] = _shared(card, title, mention)
    if form:
        message["form"] = _form(card, title, mention)
    if not is_words(card):
        asks = form and any(isinstance(block, Inputs) for block in card)
        message["template"] = "form" if asks and message["form"]["form_status"] == "normal" else "shared"
    return message


def _picture(picture: Picture) -> Message:
    return {"msgKey": "sampleImageMsg", "msgParam": _json({"photoURL": picture.media})}


def _shared(card: Card, title: str, mention: str) -> Params:
    rows, left = _rows(_buttons(card), mention)
    shown = tuple(block for block in card if not isinstance(block, Buttons))
    order = ["msgTitle", "staticMsgContent", *(["msgButtons"] if rows else [])]
    buttons = [{"text": row[0], "color": row[1], "id": row[2], "request": True} for row in rows]
    return {
        "flowStatus": FINISHED,
        "msgTitle": title,
        "msgContent": "",
        "staticMsgContent": body_text((*shown, *left), VALUE_BYTES),
        "sys_full_json_obj": _json({"order": order, **({"msgButtons": buttons} if rows else {})}),
    }


def _form(card: Card, title: str, mention: str) -> Params:
    """The tenant's own template. Without anything to fill in, its form is empty and closed."""
    inputs = next((block for block in card if isinstance(block, Inputs)), None)
    fields = form_value(inputs) if inputs else ""
    rows, left = _rows(_buttons(card), mention)
    asked = bool(fields)
    shown = tuple(block for block in card if not isinstance(block, Buttons) and not (asked and block is inputs))
    return {
        "title": title,
        "body": body_text((*shown, *left), VALUE_BYTES),
        "card_status": "pending" if asked or rows else "done",
        "form": fields or '{"fields":[]}',
        "form_status": "normal" if asked else "disabled",
        "form_btn_text": _submit(inputs) if inputs else "",
        "buttons": _json([_row_button(*row) for row in rows]),
        "buttons_visible": "true" if rows else "false",
    }


def _row_button(label: str, colour: str, key: str) -> Message:
    """A button for both ways a template can bind a list: a loop over `action`, or the vendor's row of buttons."""
    event = {"type": "sendCardRequest", "params": {"actionId": "press", "params": {"action": key}}}
    return {"text": label, "color": colour, "status": "normal", "action": key, "event": event}


def _buttons(card: Card) -> list[Button | Menu]:
    return [item for block in card if isinstance(block, Buttons) for item in block.items]


def _rows(items: list[Button | Menu], mention: str) -> tuple[list[tuple[str, str, str]], tuple[Note, ...]]:
    """Label, colour and id of the buttons that fit into a value, and a line about those that do not."""
    rows: list[tuple[str, str, str]] = []
    room = JSON_BYTES - 200
    for n, item in enumerate(items):
        made = _presses(item)
        room -= sum(len(_json(_row_button(*row)).encode()) for row in made)
        if room < 0:
            typed = typed_twins(items[n:], mention)
            return rows, (Note(typed),) if typed else ()
        rows += made
    return rows, ()


def _presses(item: Button | Menu) -> list[tuple[str, str, str]]:
    """One button, or one for each choice of a list."""
    if isinstance(item, Button):
        return [(one_line(item.label) or EMPTY, COLOURS[item.style], button_id(item.action))]
    return [(one_line(words) or EMPTY, "gray", button_id(item.action, value)) for value, words in item.choices]


def _submit(inputs: Inputs) -> str:
    return one_line(inputs.buttons[0].label) if len(inputs.buttons) == 1 else "提交"


def _title(card: Card) -> str:
    title = next((block.text for block in card if isinstance(block, Title)), "")
    first = title or plain_text(card).partition("\n")[0]
    return cut(literal(one_line(first)), TITLE_BYTES) or EMPTY


def _words(card: Card, own: str, mention: str) -> Message:
    """The card without anything to press. A sentence with one link to a page of ours has a button that opens it."""
    if not is_words(card):
        return _markdown(card, mention)
    text = defuse(plain_text(card), own=own).strip() or EMPTY
    links = re.findall(rf"{re.escape(own.rstrip('/'))}/[!-~]*", text) if own else []
    return _action_card(text.replace(links[0], "").strip(), links[0]) if len(links) == 1 else _said(text)


def _markdown(card: Card, mention: str) -> Message:
    title = _title(card)
    typed = typed_twins([item for block in card for item in pressable(block)], mention)
    shown = tuple(block for block in card if not isinstance(block, Buttons | Inputs))
    body = body_text((*shown, *((Note(typed),) if typed else ())), MARKDOWN_BYTES)
    text = f"**{title}**\n\n" + body.replace("<br>", "  \n  ")
    return {"msgKey": "sampleMarkdown", "msgParam": _json({"title": title, "text": text})}


def _action_card(text: str, link: str) -> Message:
    title = cut(literal(one_line(text)), TITLE_BYTES) or EMPTY
    body = literal(text).replace("\n", "\n\n") or EMPTY
    given = {"title": title, "text": _cut_json(body, WORDS_BYTES - 4096), "singleTitle": "打开", "singleURL": link}
    return {"msgKey": "sampleActionCard", "msgParam": _json(given)}


def _said(text: str) -> Message:
    return {"msgKey": "sampleText", "msgParam": _json({"content": _cut_json(text, WORDS_BYTES - 100)})}


def _cut_json(text: str, size: int) -> str:
    """The text in at most so many bytes as a JSON string, whose quotes, slashes and breaks take two."""
    while len(_json(text).encode()) > size:
        text = cut(text, min(len(text.encode(errors="replace")) * 9 // 10, size))
    return text


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
