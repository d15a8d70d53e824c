"""Several platforms: what an update of a card needs, calls against a quota, who holds a socket."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String, Text

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Four columns and three tables."""
    for name in ("account", "handle", "offers"):
        op.add_column("live_cards", Column(name, Text, nullable=False, server_default=""))
    op.add_column("accounts", Column("used_at", BigInteger, nullable=True))
    op.create_table(
        "quota_use",
        *(Column(name, Text, primary_key=True) for name in ("platform", "what", "month")),
        Column("calls", BigInteger, nullable=False),
    )
    op.create_table(
        "hooks",
        Column("id", Text, primary_key=True),
        Column("sealed", String, nullable=False),
        Column("version", Integer, nullable=False),
    )
    op.create_table(
        "socket_leases",
        Column("name", Text, primary_key=True),
        Column("holder", Text, nullable=False),
        Column("until", BigInteger, nullable=False),
    )
