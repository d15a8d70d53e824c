"""What the kinds of chat are called in ids: `app:`, `bot:u:`, `bot:g:`, `appchat:`, `hook:`."""

from __future__ import annotations

from typing import Literal

APP = "app:"
BOT_PERSON = "bot:u:"
BOT_GROUP = "bot:g:"
BOT = "bot:"
APPCHAT = "appchat:"
HOOK = "hook:"

Kind = Literal["app", "bot", "appchat", "hook"]
_KINDS: dict[str, Kind] = {"app": "app", "bot": "bot", "appchat": "appchat", "hook": "hook"}

ID_CHARS = 128


def kind_of(chat: str) -> Kind:
    """What may be sent there; a chat that is not named is the app's own with one person."""
    return _KINDS.get(chat.partition(":")[0], "app")


def name_of(chat: str) -> str:
    """The vendor's own id of the chat or person."""
    if chat.startswith(BOT):
        return chat[len(BOT_PERSON) :]
    _, colon, name = chat.partition(":")
    return name if colon else chat


def is_sane(name: str) -> bool:
    """True for what can be an id: short, printable, without blanks."""
    return 0 < len(name) <= ID_CHARS and name.isascii() and name.isprintable() and " " not in name
