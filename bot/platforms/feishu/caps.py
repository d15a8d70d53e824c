"""What Feishu's chats can show (docs/platforms/feishu.md 5.2, 6, 7)."""

from __future__ import annotations

from collections.abc import Mapping

from bot.platforms.kinds import Example
from bot.platforms.pace import Limits
from cards.fit import Capabilities

LIMITS: Limits = {"chat": ((4, 1.0),), "app": ((45, 1.0), (950, 60.0))}
"""The vendor allows 5 a second to one person, group or message, and 50 a second and 1000 a minute to the app."""

CARD_BYTES = 28_000
"""The vendor's limit is 30 KB of stored card, and style tags count."""
CARD_TAGS = 200
"""Objects with a tag in one card, plain_text included."""
TEXT_BYTES = 100_000
"""The vendor's limit for a text message is 150 KB."""

CHAT = Capabilities(
    cards=True,
    buttons=6,
    button_chars=12,
    fields=10,
    bytes_limit=CARD_BYTES,
    update_days=14,
    idempotent_seconds=3600,
)
"""A direct chat and a group show the same."""

CHATS: Mapping[str, Example] = {"direct": Example("", True), "group": Example("oc_1", False)}
