"""Cut a card to what a chat can show: an ordered list of small rewrites. Plain text, the last one, always works."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from cards.blocks import (
    Block,
    Button,
    Buttons,
    Card,
    Fields,
    Inputs,
    Menu,
    Note,
    Picture,
    Text,
    Title,
    is_words,
    words,
)
from cards.plain import MEANS, plain_text, typed_twins

FIELDS_KEPT = 3
WORDS_CHARS = 600
"""Of a message that is no card (ux.md 1); what a chat takes in bytes is less where it must be."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one kind of chat on one platform can show. Numbers come from docs/platforms/."""

    cards: bool = True
    """False: words only."""
    inputs: bool = True
    """A card can hold fields to fill in and one button that sends them."""
    menus: int = 6
    """Lists to choose from on one card."""
    menu_choices: int = 20
    confirms: bool = True
    """A button can ask "sure?" by itself."""
    buttons: int = 6
    button_chars: int = 12
    fields: int = 10
    name_chars: int = 8
    value_chars: int = 60
    title_chars: int = 30
    tag_chars: int = 22
    text_chars: int = 600
    """All free text of a card together: texts and notes."""
    bytes_limit: int = 28_000
    pictures: Literal["inline", "before", "none"] = "inline"
    """In the card, as a message of its own just before it, or not at all."""
    files_in: bool = True
    """Files of every kind that people send in this chat reach the bot."""
    files_where: str = "我的单聊"
    """The chat that takes them when this one does not."""
    hears: bool = True
    """What is typed here reaches the bot."""
    mention: str = ""
    """What a typed line must begin with to reach the bot here."""
    answer: Literal["none", "toast", "card"] = "toast"
    """What the immediate answer to a click can carry."""
    update: Literal["always", "once", "answer", "never"] = "always"
    """How a sent card can be redrawn: at will, once and once more per click, only in the answer to a click, never."""
    update_days: int = 14
    """Days in which a sent card can still be redrawn; 0 = never."""
    idempotent_seconds: int = 0
    """How long a repeated send key makes no second card; 0 = no such promise."""
    words_once_seconds: int | None = None
    """The same for a message of words; None: as for cards."""
    upload_days: int = 0
    """How long an uploaded picture can be shown; 0 = for ever."""


def fit(card: Card, caps: Capabilities) -> Card:
    """The same card within the chat's abilities; total for every card."""
    for rewrite in _REWRITES:
        card = rewrite(card, caps)
    return card


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"[:limit]


def _where_lacking(card: Card, caps: Capabilities) -> Card:
    """What only makes up for something the chat lacks is left out where it does not."""
    has = {"": False, "inputs": caps.inputs, "files": caps.files_in}

    def block(found: Block) -> Block | None:
        match found:
            case Note(text, without):
                return None if has[without] else Note(text.replace("{where}", caps.files_where))
            case Buttons(items):
                kept = tuple(item for item in items if isinstance(item, Menu) or not has[item.without])
                return Buttons(kept) if kept else None
        return found

    rest = tuple(shown for found in card if (shown := block(found)) is not None)
    if all(isinstance(each, Text | Note) for each in rest) and not is_words(rest):
        return words("".join(each.text for each in rest if isinstance(each, Text | Note)))
    return rest


def _no_inputs(card: Card, caps: Capabilities) -> Card:
    """Nothing can be filled in here: the question is answered by typing, the buttons that need no answer stay."""
    if caps.inputs:
        return card
    result: list[Block] = []
    for block in card:
        if not isinstance(block, Inputs):
            result.append(block)
            continue
        asked = next((item for item in block.items if not item.value), None)
        if block.needed and asked and asked.choices:
            result.append(Text("可以回：" + " · ".join(word for _, word in asked.choices)))
        if not block.needed:
            result.append(Buttons(block.buttons))
    return _one_row_of_buttons(result)


def _one_row_of_buttons(blocks: Sequence[Block]) -> Card:
    """Buttons that stood in different blocks become one block at the place of the last."""
    items = tuple(item for block in blocks if isinstance(block, Buttons) for item in block.items)
    last = max((n for n, block in enumerate(blocks) if isinstance(block, Buttons)), default=-1)
    return tuple(
        Buttons(items) if n == last else block
        for n, block in enumerate(blocks)
        if n == last or not isinstance(block, Buttons)
    )


def _asked_twice(card: Card, caps: Capabilities) -> Card:
    """A button that cannot ask "sure?" by itself is answered by a card that does."""

    def item(button: Button | Menu) -> Button | Menu:
        if isinstance(button, Menu) or not button.confirm:
            return button
        args = {**button.action.args, MEANS: button.action.name, "ask": button.confirm, "label": button.label}
        return replace(button, action=replace(button.action, name="sure", args=args), confirm="")

    return card if caps.confirms else _each_button(card, item)


def _menus_as_buttons(card: Card, caps: Capabilities) -> Card:
    """Lists beyond what a card can hold become buttons, answered by a card with a button for each choice."""
    left = caps.menus

    def item(menu: Button | Menu) -> Button | Menu:
        nonlocal left
        if isinstance(menu, Button):
            return menu
        left -= 1
        if left >= 0 and len(menu.choices) <= caps.menu_choices:
            return menu
        args = {**menu.action.args, MEANS: menu.action.name}
        return Button(menu.label, replace(menu.action, name="choose", args=args), line=menu.line)

    return _each_button(card, item)


def _each_button(card: Card, change: Callable[[Button | Menu], Button | Menu]) -> Card:
    def block(found: Block) -> Block:
        match found:
            case Buttons(items):
                return Buttons(tuple(change(item) for item in items))
            case Inputs(_, _, buttons):
                return replace(found, buttons=tuple(b for b in map(change, buttons) if isinstance(b, Button)))
        return found

    return tuple(block(found) for found in card)


def _cut_words(card: Card, caps: Capabilities) -> Card:
    left = WORDS_CHARS if is_words(card) else caps.text_chars

    def running(text: str) -> str:
        nonlocal left
        text = _cut(text, left)
        left -= len(text)
        return text

    def block(found: Block) -> Block:
        match found:
            case Title(text, tone, tag):
                return Title(_cut(text, caps.title_chars), tone, _cut(tag, caps.tag_chars))
            case Text(text):
                return Text(running(text))
            case Note(text):
                return Note(running(text))
            case Fields(pairs):
                kept = pairs[: caps.fields]
                return Fields(
                    tuple((_cut(name, caps.name_chars), _cut(value, caps.value_chars)) for name, value in kept)
                )
            case Inputs(_, items, _):
                fields = tuple(replace(i, label=_cut(i.label, 12), example=_cut(i.example, 60)) for i in items)
                return replace(found, items=fields)
        return found

    cut = tuple(block(found) for found in card)
    kept = tuple(found for found in cut if not (isinstance(found, Text | Note) and not found.text)) or cut
    return _each_button(kept, lambda item: replace(item, label=_cut(item.label, caps.button_chars)))


def _pictures(card: Card, caps: Capabilities) -> Card:
    """Where no picture can be shown, its words stand."""
    if caps.pictures != "none":
        return card
    return tuple(Note(f"（图：{block.alt}）") if isinstance(block, Picture) else block for block in card)


def _fewer_buttons(card: Card, caps: Capabilities) -> Card:
    """Buttons over the limit become typed lines under the card; their count is of the whole card."""
    left = caps.buttons
    result: list[Block] = []
    for block in card:
        match block:
            case Buttons(items):
                kept, rest = items[:left], items[left:]
            case Inputs(_, _, items):
                kept, rest = items, ()
            case _:
                result.append(block)
                continue
        left = max(0, left - len(kept))
        if typed := typed_twins(rest, caps.mention, hears=caps.hears):
            result.append(Note(typed))
        if kept or isinstance(block, Inputs):
            result.append(block if isinstance(block, Inputs) else Buttons(kept))
    return tuple(result)


def _within_bytes(card: Card, caps: Capabilities) -> Card:
    """Over the chat's bytes, the last fields go first, then the words shrink; title and headline stay."""
    while (over := _size(card) - caps.bytes_limit) > 0:
        shorter = _shorter(card, over)
        if shorter == card:
            return card
        card = shorter
    return card


def _size(card: Card) -> int:
    return len(plain_text(card).encode("utf-8", "replace"))


def _shorter(card: Card, over: int) -> Card:
    for n, block in reversed(list(enumerate(card))):
        match block:
            case Fields(pairs) if len(pairs) > FIELDS_KEPT:
                return (*card[:n], Fields(pairs[:-1]), *card[n + 1 :])
    for n, block in reversed(list(enumerate(card))):
        match block:
            case Note(text) | Text(text) if text != "…":
                keep = text.encode("utf-8", "replace")[: -over - len("…".encode())].decode("utf-8", "ignore")
                return (*card[:n], replace(block, text=keep + "…"), *card[n + 1 :])
    return card


def _no_cards(card: Card, caps: Capabilities) -> Card:
    if caps.cards or is_words(card):
        return card
    return words(plain_text(card, mention=caps.mention, hears=caps.hears))


_REWRITES: tuple[Callable[[Card, Capabilities], Card], ...] = (
    _where_lacking,
    _no_inputs,
    _asked_twice,
    _menus_as_buttons,
    _no_cards,
    _cut_words,
    _pictures,
    _fewer_buttons,
    _within_bytes,
)
