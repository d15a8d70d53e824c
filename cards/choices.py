"""Cards between a press and what it means: which of the choices, and whether it is really meant (ux.md 4: ▾ and ✕)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cards.blocks import Action, Button, Buttons, Card, Menu, Title
from cards.plain import MEANS
from sales.people import Member
from storage.tx import Tx

MOST = 20
VIA = "via"
"""Where a choice keeps the message that led to it."""


def draw(card: Card, name: str, *, via: str = "") -> Card | None:
    """A button for each choice of the card's list with this action; None when the card has no such list any more.

    `via` is the message the list's button was pressed on: the choice counts as made there.
    """
    for block in card:
        for item in block.items if isinstance(block, Buttons) else ():
            if isinstance(item, Menu) and item.action.name == name:
                return (Title(item.label, "blue", "选一个"), Buttons(tuple(_choices(item, via))))
    return None


def _choices(menu: Menu, via: str) -> list[Button]:
    action, made = menu.action, {VIA: via} if via else {}
    return [
        Button(words, replace(action, args={**action.args, "option": value, **made}), line=words)
        for value, words in menu.choices[:MOST]
    ]


def show_sure(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """The question a button with a confirm asks where the platform cannot ask it."""
    return draw_sure(args)


def draw_sure(args: Mapping[str, Any]) -> Card:
    """The question. Its answer carries the button's own stamp, so an old question has no effect."""
    given = {key: str(value) for key, value in args.items()}
    name, of, stamp = given.pop(MEANS, ""), given.pop("of", ""), given.pop("stamp", "")
    ask, label = given.pop("ask", ""), given.pop("label", "确定")
    sure = Button(label, Action(name, of, stamp, given), style="danger")
    return (Title(ask, "orange", "确定吗"), Buttons((sure, Button("先不", Action("never_mind")))))
