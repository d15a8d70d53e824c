"""What a card wants to say: a tuple of a few block types, with no platform word in it.

A card is data. `draw` functions build it, `fit` cuts it to what a chat can show, a renderer translates it.
All text in a card is plain text: names and lines come from people, so nothing in them is ever markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Tone = Literal["blue", "green", "orange", "red", "grey"]
ButtonStyle = Literal["default", "primary", "danger"]
Lack = Literal["", "inputs", "files"]
"""What a chat may lack: fields to fill in, or taking the files people send."""

ACTION_BYTES = 512
"""Upper bound of an encoded action: what the tightest platform carries in a button."""


@dataclass(frozen=True, slots=True)
class Title:
    """First line of the card; `tag` is the state as a word, `tone` its colour (ux.md 4)."""

    text: str
    tone: Tone = "blue"
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Headline:
    """The one number or phrase of the card, 14 characters or less."""

    text: str


@dataclass(frozen=True, slots=True)
class Fields:
    """Name and value pairs in order."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence or two of body text; line breaks are kept."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """Small grey text at the end of the body. `without`: only where the chat lacks this; `{where}` is then the chat
    that does not."""

    text: str
    without: Lack = ""


@dataclass(frozen=True, slots=True)
class Action:
    """What a button asks for: a handler's name, its subject, and the stamp of what was decided about.

    `stamp` is a short hash of the facts shown; a click whose stamp no longer fits has no effect (style.md 8).
    Raises ValueError when it would not fit into a button.
    """

    name: str
    subject: str = ""
    stamp: str = ""
    args: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        size = len(self.name.encode()) + len(self.subject.encode()) + len(self.stamp.encode())
        size += sum(len(k.encode()) + len(v.encode()) + 6 for k, v in self.args.items())
        if size > ACTION_BYTES:
            raise ValueError(f"action {self.name} carries {size} bytes, at most {ACTION_BYTES} fit")


@dataclass(frozen=True, slots=True)
class Button:
    """A shortcut for a typed line. `line` is what a person could type instead, where there is such a line.

    `without`: drawn only where the chat lacks this.
    """

    label: str
    action: Action
    style: ButtonStyle = "default"
    confirm: str = ""
    line: str = ""
    without: Lack = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """A button that offers a few choices (ux.md: ▾); `choices` are values and what people read.

    A pick comes back as the action, its value in the click's `values["option"]`.
    """

    label: str
    action: Action
    choices: tuple[tuple[str, str], ...]
    line: str = ""


@dataclass(frozen=True, slots=True)
class Buttons:
    """Buttons from left to right."""

    items: tuple[Button | Menu, ...]


@dataclass(frozen=True, slots=True)
class Input:
    """One thing to fill in: a line of text or, with `choices` (value, words), one of them. `name` is its key."""

    name: str
    label: str
    example: str = ""
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = False
    most: int = 200


@dataclass(frozen=True, slots=True)
class Inputs:
    """Things to fill in and the buttons that send them; their click carries `values` by input name.

    `needed`: the buttons mean nothing without what is filled in.
    """

    name: str
    items: tuple[Input, ...]
    buttons: tuple[Button, ...]
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture made at sending: `kind` names its maker in `cards/pictures/`, `data` is all the maker needs.

    `alt` says in words and numbers what it shows; without `media`, the platform's key of the uploaded picture, it is
    all that is shown.
    """

    kind: str
    alt: str
    data: Mapping[str, Any] = field(default_factory=dict)
    media: str = ""


Block = Title | Headline | Fields | Text | Note | Buttons | Inputs | Picture
Card = tuple[Block, ...]


def words(text: str) -> Card:
    """A card that is nothing but a sentence; chats show it as an ordinary text message."""
    return (Text(text),)


def is_words(card: Card) -> bool:
    """True when the card is a plain sentence, without title, fields or buttons."""
    return all(isinstance(block, Text) for block in card)
