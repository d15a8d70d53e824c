"""Versions of the configuration and what was proposed, groups and what they are bound to, alerts and silences."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String, Text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _words(*names: str) -> list[Column[str]]:
    return [Column(name, String, nullable=False) for name in names]


def _instant(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _json(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _id() -> Column[int]:
    return Column("id", BigInteger, primary_key=True, autoincrement=False)


def upgrade() -> None:
    """Create the five tables."""
    op.create_table(
        "config_versions", _id(), _instant("at"), *_words("by", "kind", "about"), _json("settings"), _number("version")
    )
    op.create_table(
        "proposals",
        _id(),
        *_words("member_id", "kind", "about", "value"),
        _instant("asked_at"),
        *_words("state"),
        _number("outcome"),
        _number("version"),
    )
    op.create_table(
        "chats",
        Column("id", Text, primary_key=True),
        *_words("platform", "chat", "name", "kind", "bound_to", "state"),
        _number("version"),
    )
    op.create_table(
        "alerts",
        _id(),
        *_words("rule", "scope", "period"),
        _instant("fired_at"),
        *_words("threshold"),
        _number("policy_version"),
        _json("trend"),
        _json("readings"),
        *_words("state"),
        _number("told"),
        _instant("calm_since", nullable=True),
        *_words("acknowledged_by"),
        _instant("acknowledged_at", nullable=True),
        *_words("note"),
        _instant("resolved_at", nullable=True),
        _instant("closed_at", nullable=True),
        _number("version"),
    )
    op.create_index("alerts_once", "alerts", ["rule", "scope", "period"], unique=True)
    op.create_table(
        "silences",
        Column("id", Text, primary_key=True),
        _instant("until"),
        *_words("by"),
        _number("hours"),
        _number("version"),
    )
