"""Cut a card to what a chat can show: an ordered list of small rewrites. Plain text, the last one, always works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from cards.blocks import (
    Button,
    Buttons,
    Card,
    Fields,
    Headline,
    Inputs,
    Menu,
    Note,
    Picture,
    Text,
    Title,
    is_words,
    words,
)

TITLE_CHARS = 22
FIELD_NAME_CHARS = 5
FIELD_VALUE_CHARS = 26
TEXT_CHARS = 600


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one kind of chat on one platform can show. Numbers come from docs/platforms/."""

    cards: bool = True
    buttons: int = 6
    button_chars: int = 12
    fields: int = 10
    bytes_limit: int = 28_000
    update_days: int = 14
    """Days in which a sent card can still be redrawn; 0 = never."""
    idempotent_seconds: int = 0
    """How long a repeated send key makes no second message; 0 = no such promise."""


def fit(card: Card, caps: Capabilities) -> Card:
    """The same card within the chat's abilities; total for every card."""
    for rewrite in _REWRITES:
        card = rewrite(card, caps)
    return card


def plain_text(card: Card) -> str:
    """The card as lines of text with numbered replies, the twin that works everywhere (ux.md 4)."""
    lines: list[str] = []
    for block in card:
        match block:
            case Title(text, _, tag):
                lines.append(f"【{text}】" + (tag and f" {tag}"))
            case Headline(text) | Text(text) | Note(text):
                lines.append(text)
            case Fields(pairs):
                lines.extend(f"{name}：{value}" for name, value in pairs)
            case Buttons(items):
                lines.append(_typed_twins(items))
            case Inputs(_, items, buttons):
                lines.extend(f"{item.label}：{item.value or '（' + item.example + '）'}" for item in items)
                lines.append(_typed_twins(buttons))
            case Picture(_, alt):
                lines.append(f"（图：{alt}）")
    return "\n".join(line for line in lines if line)


def _typed_twins(items: tuple[Button | Menu, ...]) -> str:
    typed = [f"「{button.line}」" for button in items if button.line]
    return "回复 " + " · ".join(typed) if typed else ""


def _cut_words(card: Card, caps: Capabilities) -> Card:
    def shorter(text: str, limit: int) -> str:
        return text if len(text) <= limit else text[: limit - 1] + "…"

    def block(item: object) -> object:
        match item:
            case Title(text, tone, tag):
                return Title(shorter(text, TITLE_CHARS + 8), tone, shorter(tag, TITLE_CHARS))
            case Text(text):
                return Text(shorter(text, TEXT_CHARS))
            case Fields(pairs):
                return Fields(tuple((shorter(n, 8), shorter(v, 60)) for n, v in pairs[: caps.fields]))
            case Buttons(items):
                return Buttons(tuple(replace(b, label=shorter(b.label, caps.button_chars)) for b in items))
            case Inputs(name, items, buttons):
                fields = tuple(replace(i, label=shorter(i.label, 12), example=shorter(i.example, 60)) for i in items)
                return Inputs(name, fields, buttons)
        return item

    return tuple(block(item) for item in card)  # type: ignore[misc]


def _fewer_buttons(card: Card, caps: Capabilities) -> Card:
    """Buttons over the limit become typed lines under the card."""
    result: list[object] = []
    for item in card:
        if isinstance(item, Buttons) and len(item.items) > caps.buttons:
            kept, rest = item.items[: caps.buttons], item.items[caps.buttons :]
            if typed := _typed_twins(rest):
                result.append(Note(typed))
            if kept:
                result.append(Buttons(kept))
        else:
            result.append(item)
    return tuple(result)  # type: ignore[arg-type]


def _no_cards(card: Card, caps: Capabilities) -> Card:
    return card if caps.cards or is_words(card) else words(plain_text(card))


_REWRITES: tuple[Callable[[Card, Capabilities], Card], ...] = (_cut_words, _fewer_buttons, _no_cards)
