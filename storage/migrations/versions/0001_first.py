"""The first schema: queues, ledger, audit, people, customers, deals, drafts."""

from __future__ import annotations

from alembic import op
from sqlmodel import SQLModel

from storage import tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

assert tables.SCHEMA_VERSION


def upgrade() -> None:
    """Create every table as it is defined."""
    SQLModel.metadata.create_all(op.get_bind())
