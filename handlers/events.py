"""What can happen to the bot, in words every platform shares. Adapters produce these, handlers consume them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

FileKind = Literal["image", "file", "audio", "video"]


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file in a message. `key` is what the platform's download call wants; `name` is hostile text."""

    key: str
    kind: FileKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody wrote, or sent files, in a chat the bot is in.

    `text` has the mention of the bot removed and other mentions replaced by @name. `addressed` is true in a
    direct chat and where the bot was mentioned. `kind` names what else it was (`sticker`, `location` ...) when
    it is neither text nor file.
    """

    message_id: str
    text: str
    direct: bool
    addressed: bool
    files: tuple[SentFile, ...] = ()
    parent_id: str = ""
    kind: str = "text"
    chat_name: str = ""
    """The group's name, where the platform tells it with every message."""
    threaded: bool = False
    """The platform lets the bot speak only in answer to this very message."""


@dataclass(frozen=True, slots=True)
class Clicked:
    """A card's button was pressed, or its form submitted. `values` are a form's fields, as strings."""

    message_id: str
    action: str
    subject: str = ""
    stamp: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    handle: str = ""
    """What one more update of the clicked card needs, where a platform gives one with each click."""


@dataclass(frozen=True, slots=True)
class ChatEntered:
    """A person opened the direct chat with the bot."""


@dataclass(frozen=True, slots=True)
class BotAdded:
    """The bot is now a member of a group."""

    chat_name: str


@dataclass(frozen=True, slots=True)
class BotRemoved:
    """The bot was removed from a group, or the group is gone."""


@dataclass(frozen=True, slots=True)
class PeopleLeft:
    """The platform's directory says that these accounts' people left the company."""

    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MenuPicked:
    """An entry of the bot's menu was chosen."""

    key: str


@dataclass(frozen=True, slots=True)
class TimerDue:
    """A timer's instant has come; the event's time is the due instant."""

    name: str
    subject: str


@dataclass(frozen=True, slots=True)
class JobDone:
    """A job asked for by an earlier decision has its result, or failed for good (`error`)."""

    job: str
    kind: str
    args: Mapping[str, Any]
    result: Mapping[str, Any]
    error: str = ""


@dataclass(frozen=True, slots=True)
class Ordered:
    """The command line asks for something; it acts as the operating-system user named in `args["by"]`."""

    name: str
    args: Mapping[str, Any]


Event = Said | Clicked | ChatEntered | BotAdded | BotRemoved | PeopleLeft | MenuPicked | TimerDue | JobDone | Ordered
