"""Tables of leads."""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Integer, String, Text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_FIELDS = (
    "name", "title", "phone", "wechat", "email", "company", "industry", "company_size", "region", "address", "source",
    "campaign", "product", "quantity", "budget_yuan", "needed_by", "note",
)  # fmt: skip


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "leads",
        Column("id", BigInteger, primary_key=True, autoincrement=False),
        *_words("external_id", "market_id", "sales_id"),
        Column("customer_id", BigInteger, nullable=False),
        Column("created_at", BigInteger, nullable=True),
        *_words(*_FIELDS),
        Column("extra", Text, nullable=False),
        *_words("state", "holder_id"),
        *(
            Column(name, BigInteger, nullable=True)
            for name in ("cycle_start", "touched_at", "reached_at", "warned_at", "pooled_at")
        ),
        Column("version", Integer, nullable=False),
    )
    op.create_index("leads_external", "leads", ["external_id"])
    op.create_index("leads_holder", "leads", ["holder_id", "state"])
    op.create_index("leads_pool", "leads", ["state", "pooled_at"])
    op.create_index("leads_warned", "leads", ["warned_at"])
    _assignments()
    _touches()
    op.create_table(
        "claims",
        Column("id", Text, primary_key=True),
        *_words("member_id"),
        *_numbers("lead_id", "at"),
        Column("version", Integer, nullable=False),
    )
    op.create_table(
        "team_moves",
        Column("id", Text, primary_key=True),
        *_words("member_id", "team"),
        *_numbers("until"),
        Column("version", Integer, nullable=False),
    )
    op.create_index("team_moves_member", "team_moves", ["member_id", "until"])


def _assignments() -> None:
    op.create_table(
        "assignments",
        Column("id", Text, primary_key=True),
        *_numbers("lead_id"),
        *_words("member_id"),
        *_numbers("assigned_at"),
        Column("ended_at", BigInteger, nullable=True),
        *_words("end_reason"),
        Column("claims_invalid", Boolean, nullable=False),
        Column("silent", Boolean, nullable=False),
        Column("extra", Text, nullable=False),
        Column("version", Integer, nullable=False),
    )
    op.create_index("assignments_lead", "assignments", ["lead_id", "assigned_at"])
    op.create_index("assignments_at", "assignments", ["assigned_at"])
    op.create_index("assignments_ended", "assignments", ["ended_at"])
    op.create_index("assignments_member", "assignments", ["member_id", "assigned_at"])


def _touches() -> None:
    op.create_table(
        "touches",
        Column("id", Text, primary_key=True),
        *_numbers("lead_id"),
        *_words("member_id"),
        *_numbers("at"),
        *_words("kind", "way", "source"),
        Column("verified", Boolean, nullable=False),
        Column("extra", Text, nullable=False),
        Column("version", Integer, nullable=False),
    )
    op.create_index("touches_lead", "touches", ["lead_id", "at"])


def _words(*names: str) -> list[Column[Any]]:
    return [Column(name, String, nullable=False) for name in names]


def _numbers(*names: str) -> list[Column[Any]]:
    return [Column(name, BigInteger, nullable=False) for name in names]
