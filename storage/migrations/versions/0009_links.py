"""Links to pages. R-LINK."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table."""
    op.create_table(
        "links",
        Column("id", BigInteger, primary_key=True, autoincrement=False),
        *(Column(name, String, nullable=False) for name in ("member_id", "platform", "account", "purpose", "subject")),
        Column("made_at", BigInteger, nullable=False),
        Column("browser", String, nullable=False),
        Column("opened_at", BigInteger),
        Column("version", Integer, nullable=False),
    )
    op.create_index("links_member", "links", ["member_id", "made_at"])
