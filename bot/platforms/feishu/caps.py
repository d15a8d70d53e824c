"""What Feishu's chats can show (docs/platforms/feishu.md 5.2, 6, 7)."""

from __future__ import annotations

from cards.fit import Capabilities

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
