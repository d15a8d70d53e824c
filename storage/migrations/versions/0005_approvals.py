"""Requests and their timelines."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String, Text, text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _words(*names: str) -> list[Column[str]]:
    return [Column(name, String, nullable=False) for name in names]


def _numbers(*names: str) -> list[Column[int]]:
    return [Column(name, Integer, nullable=False) for name in names]


def _big(*names: str, nullable: bool = False) -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=nullable) for name in names]


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "requests",
        Column("id", BigInteger, primary_key=True, autoincrement=False),
        *_words("number", "kind"),
        *_big("deal_id"),
        *_words("initiator_id"),
        *_big("base_fen", "amount_fen"),
        *_words("reason"),
        Column("steps", Text, nullable=False),
        *_numbers("limit_minutes"),
        *_big("created_at", "opened_at", "due_at"),
        *_numbers("step", "round"),
        Column("holders", Text, nullable=False),
        *_numbers("told"),
        *_big("paused_at", nullable=True),
        *_words("state"),
        *_numbers("entries"),
        *_big("replaces"),
        *_big("closed_at", nullable=True),
        *_numbers("version"),
    )
    open_ones = text("state = 'open'")
    op.create_index("requests_deal", "requests", ["deal_id"])
    op.create_index("requests_initiator", "requests", ["initiator_id", "created_at"])
    op.create_index("requests_number", "requests", ["number"], unique=True)
    op.create_index("requests_open", "requests", ["due_at"], sqlite_where=open_ones, postgresql_where=open_ones)
    op.create_table(
        "request_entries",
        Column("id", Text, primary_key=True),
        *_big("request_id"),
        *_numbers("n", "step", "round"),
        *_words("who", "did"),
        *_big("at"),
        *_words("words", "toward"),
        *_numbers("version"),
    )
    op.create_index("request_entries_request", "request_entries", ["request_id", "n"])
