"""Gates and their evidence; a deal knows when it came to its stage and whether it stands still."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String, Text, text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the two columns and the five tables."""
    _deals()
    _requirements()
    _gate_refusals()
    _freezes()
    _submissions()
    op.create_table(
        "originals",
        Column("id", String, primary_key=True),
        Column("size", BigInteger, nullable=False),
        Column("kind", String, nullable=False),
        Column("deal_id", BigInteger, nullable=False),
        Column("version", Integer, nullable=False),
    )


def _deals() -> None:
    """The two columns; SQLite gets a new table, because what it adds later stands behind the primary key."""
    columns = (Column("entered_at", BigInteger, nullable=True), Column("frozen_at", BigInteger, nullable=True))
    if op.get_bind().dialect.name != "sqlite":
        for column in columns:
            op.add_column("deals", column)
        return
    with op.batch_alter_table("deals", recreate="always") as deals:
        for column, before in zip(columns, ("closed_at", "entered_at"), strict=True):
            deals.add_column(column, insert_after=before)


def _requirements() -> None:
    op.create_table(
        "requirements",
        Column("id", String, primary_key=True),
        Column("deal_id", BigInteger, nullable=False),
        Column("stage", Integer, nullable=False),
        Column("key", String, nullable=False),
        Column("opened_at", BigInteger, nullable=False),
        Column("due", BigInteger, nullable=True),
        Column("freeze_at", BigInteger, nullable=True),
        Column("state", String, nullable=False),
        Column("extended", Integer, nullable=False),
        Column("version", Integer, nullable=False),
    )
    op.create_index("requirements_deal", "requirements", ["deal_id", "stage"])


def _gate_refusals() -> None:
    op.create_table(
        "gate_refusals",
        Column("id", String, primary_key=True),
        Column("member_id", String, nullable=False),
        Column("deal_id", BigInteger, nullable=False),
        Column("stage", Integer, nullable=False),
        Column("at", BigInteger, nullable=False),
        Column("times", Integer, nullable=False),
        Column("version", Integer, nullable=False),
    )
    op.create_index("gate_refusals_deal", "gate_refusals", ["deal_id", "stage"])


def _freezes() -> None:
    op.create_table(
        "freezes",
        Column("id", BigInteger, primary_key=True, autoincrement=False),
        Column("deal_id", BigInteger, nullable=False),
        Column("stage", Integer, nullable=False),
        Column("frozen_at", BigInteger, nullable=False),
        Column("asked", String, nullable=False),
        Column("thawed_at", BigInteger, nullable=True),
        Column("thawed_by", String, nullable=False),
        Column("reason", String, nullable=False),
        Column("until", BigInteger, nullable=True),
        Column("version", Integer, nullable=False),
    )
    op.create_index("freezes_deal", "freezes", ["deal_id", "stage"])


def _submissions() -> None:
    op.create_table(
        "submissions",
        Column("id", BigInteger, primary_key=True, autoincrement=False),
        *(Column(name, String, nullable=False) for name in ("member_id", "platform", "chat", "name", "text")),
        Column("sent_at", BigInteger, nullable=False),
        Column("offered", Text, nullable=False),
        Column("requirement_id", String, nullable=False),
        Column("deal_id", BigInteger, nullable=False),
        Column("note", String, nullable=False),
        Column("sha", String, nullable=False),
        Column("size", BigInteger, nullable=False),
        Column("kind", String, nullable=False),
        Column("findings", Text, nullable=False),
        Column("state", String, nullable=False),
        Column("reviewers", Text, nullable=False),
        Column("decided_by", String, nullable=False),
        Column("decided_at", BigInteger, nullable=True),
        Column("reason", String, nullable=False),
        Column("version", Integer, nullable=False),
    )
    live = text("state IN ('waiting', 'accepted')")
    op.create_index(
        "submissions_live", "submissions", ["requirement_id"], unique=True, sqlite_where=live, postgresql_where=live
    )
    op.create_index("submissions_requirement", "submissions", ["requirement_id", "sha"])
    op.create_index("submissions_member", "submissions", ["member_id", "sent_at"])
