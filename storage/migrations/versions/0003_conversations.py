"""Forms on their way, and the pictures a platform has already."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String, Text, text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "conversations",
        Column("id", BigInteger, primary_key=True, autoincrement=False),
        *(Column(name, String, nullable=False) for name in ("member_id", "platform", "chat", "form", "subject", "ask")),
        Column("asked_at", BigInteger, nullable=False),
        Column("answers", Text, nullable=False),
        Column("life_minutes", Integer, nullable=False),
        Column("state", String, nullable=False),
        Column("version", Integer, nullable=False),
    )
    open_ones = text("state = 'open'")
    op.create_index("conversations_member", "conversations", ["member_id", "asked_at"])
    op.create_index(
        "conversations_open",
        "conversations",
        ["member_id", "platform", "chat"],
        unique=True,
        sqlite_where=open_ones,
        postgresql_where=open_ones,
    )
    op.create_table(
        "media",
        Column("id", String, primary_key=True),
        Column("media_key", String, nullable=False),
        Column("made_at", BigInteger, nullable=False),
    )
