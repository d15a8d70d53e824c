"""Numbers of members and customers are sealed; a keyed hash finds a member by the number. R-PRIV."""

from __future__ import annotations

from alembic import context, op
from sqlalchemy import Column, Text, text

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One column; every number that stands in clear is sealed with the key file."""
    op.add_column("members", Column("mobile_key", Text, nullable=False, server_default=""))
    op.drop_index("members_mobile", "members")
    op.create_index("members_mobile", "members", ["mobile_key"])
    conn = op.get_bind()
    members = conn.execute(text("SELECT id, mobile FROM members WHERE mobile <> ''")).all()
    customers = conn.execute(text("SELECT id, phone FROM customers WHERE phone <> ''")).all()
    if not (members or customers):
        return  # a new database needs no key yet
    secrets = context.config.attributes["secrets"]()
    for key, number in members:
        conn.execute(
            text("UPDATE members SET mobile = :sealed, mobile_key = :digest WHERE id = :id"),
            {"id": key, "sealed": secrets.seal(number), "digest": secrets.digest(number)},
        )
    for key, number in customers:
        conn.execute(
            text("UPDATE customers SET phone = :sealed WHERE id = :id"), {"id": key, "sealed": secrets.seal(number)}
        )
