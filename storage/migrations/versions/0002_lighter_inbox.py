"""The inbox without its index by time: every callback paid for it, and the index by lane finds the oldest row too."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the index."""
    op.drop_index("inbox_received", table_name="inbox")
