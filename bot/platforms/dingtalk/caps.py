"""What DingTalk's chats can show, and how fast they may be filled (docs/platforms/dingtalk.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from bot.platforms.kinds import Example
from bot.platforms.pace import Limits
from cards.fit import Capabilities

LIMITS: Limits = {"group": ((18, 60.0),), "app": ((18, 1.0),)}
"""`app` counts each API by itself: the vendor allows 20 a second. For messages to one group it documents no number,
only the refusals; 20 a minute, which it allows a group webhook, is taken as the limit."""

VALUE_BYTES = 900
"""Of one text in a card; the vendor documents 1 KB."""
JSON_BYTES = 2_800
"""Of one value that carries JSON, buttons or a form; blank cards are reported from about 3,000 characters."""
WORDS_BYTES = 14_000
"""Of a message of words as JSON; the vendor's limit for a group is 15,000."""
TITLE_BYTES = 200

_CARD = Capabilities(
    cards=True,
    inputs=False,
    menus=0,
    confirms=False,
    buttons=6,
    button_chars=12,
    fields=8,
    name_chars=6,
    value_chars=40,
    title_chars=30,
    tag_chars=20,
    text_chars=160,
    bytes_limit=860,
    pictures="before",
    answer="card",
    update="always",
    update_days=30,
    idempotent_seconds=86_400,
    words_once_seconds=0,
)

CHATS: Mapping[str, Example] = {"direct": Example("user:m03", True), "group": Example("cidSales==", False)}


@cache
def capabilities(*, direct: bool, form: bool, clicks: bool) -> Capabilities:
    """`form`: the tenant made a template with a form. Without `clicks` a button could not be heard: words only.

    In a group the bot hears only what mentions it, and of files only pictures in a text.
    """
    caps = replace(_CARD, inputs=form, cards=clicks, buttons=_CARD.buttons if clicks else 0)
    return caps if direct else replace(caps, files_in=False, mention="@我 ")
