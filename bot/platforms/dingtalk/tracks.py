"""Ids we give to cards and messages. They say where a card stands and from which template it was made, so that a
click and a redraw, which name nothing but the id, need no memory."""

from __future__ import annotations

import hashlib
from typing import Literal

DIRECT = "user:"
"""Before a staff id: the direct chat with this person. Any other chat id is a group's openConversationId."""

Template = Literal["shared", "form"]

_MARK = "dealdesk-"
_TEMPLATES: dict[Template, str] = {"shared": "s", "form": "f"}


def track_id(key: str, template: Template, *, group: bool) -> str:
    """The outTrackId of the card sent under this key, for ever; at most 64 characters."""
    place = "g" if group else "u"
    return f"{_MARK}{_TEMPLATES[template]}{place}-{hashlib.sha256(key.encode()).hexdigest()[:40]}"


def template_of(message_id: str) -> Template | None:
    """From which template the card was made; None for what is no card of ours."""
    if not message_id.startswith(_MARK):
        return None
    letter = message_id[len(_MARK) : len(_MARK) + 1]
    return next((template for template, known in _TEMPLATES.items() if known == letter), None)


def shows_in_group(message_id: str) -> bool:
    """True for a card that was sent to a group."""
    return template_of(message_id) is not None and message_id[len(_MARK) + 1 : len(_MARK) + 2] == "g"


def words_id(query_key: str, chat: str) -> str:
    """The id of a message of words: the vendor's key, and the group, which taking it back needs."""
    return f"{query_key}@{chat}" if chat and not chat.startswith(DIRECT) else query_key


def words_place(message_id: str) -> tuple[str, str]:
    """The vendor's key and the group of a message of words; no group for a direct chat."""
    key, _, group = message_id.partition("@")
    return key, group
