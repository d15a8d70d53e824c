"""A card as lines of text: the twin of every card, which works everywhere (ux.md 0.1, 4)."""

from __future__ import annotations

from collections.abc import Sequence

from cards.blocks import (
    Action,
    Block,
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
)

MEANS = "do"
"""Where an action that only leads to another keeps the other's name."""
DIRECT_ONLY = "要办，单聊我。"


def offers(card: Card) -> str:
    """Names of the actions on the card, comma-separated: what somebody could press."""
    names = {_meant(item.action) for block in card for item in pressable(block)}
    return ",".join(sorted(names))


def plain_text(card: Card, *, mention: str = "", hears: bool = True) -> str:
    """The card as lines of text with typed replies, the twin that works everywhere (ux.md 4).

    `mention` stands before what is typed; where the bot hears nothing, the person is sent to the direct chat.
    """
    lines: list[str] = []
    for block in card:
        match block:
            case Title(text, _, tag):
                lines.append(f"【{text}】" + (tag and f" {tag}"))
            case Headline(text) | Text(text) | Note(text):
                lines.append(text)
            case Fields(pairs):
                lines.extend(f"{name}：{value}" for name, value in pairs)
            case Inputs(_, items, _):
                lines.extend(f"{item.label}：{item.value or '（' + item.example + '）'}" for item in items)
                lines.append(typed_twins(pressable(block), mention, hears=hears))
            case Buttons(_):
                lines.append(typed_twins(pressable(block), mention, hears=hears))
            case Picture(_, alt):
                lines.append(f"（图：{alt}）")
    return "\n".join(line for line in lines if line)


def in_one_line(card: Card) -> str:
    """What a card that cannot be redrawn says now: 更新：title, state, headline."""
    title = next((block for block in card if isinstance(block, Title)), Title(""))
    headline = next((block.text for block in card if isinstance(block, Headline)), "")
    rest = "" if title.text else plain_text(card).partition("\n")[0]
    return "更新：" + " · ".join(part for part in (title.text, title.tag, headline, rest) if part)


def pressable(block: Block) -> tuple[Button | Menu, ...]:
    """What can be pressed in the block."""
    match block:
        case Buttons(items):
            return items
        case Inputs(_, _, buttons):
            return buttons
    return ()


def _meant(action: Action) -> str:
    return action.args.get(MEANS, action.name)


def typed_twins(items: Sequence[Button | Menu], mention: str = "", *, hears: bool = True) -> str:
    """The lines a person could type instead of pressing; empty when there are none."""
    typed = [f"「{mention}{button.line}」" for button in items if button.line]
    if not typed:
        return ""
    return "回复 " + " · ".join(typed) if hears else DIRECT_ONLY
