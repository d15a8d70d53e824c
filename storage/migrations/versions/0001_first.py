"""The first schema: queues, ledger, audit, people, customers, deals, drafts.

Frozen: it makes the same tables for ever, whatever storage/tables/ says later. What changes is a step of its own.
"""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, SmallInteger, String, Text, text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table and index of the first release."""
    _queues()
    _records()
    _people()
    _sales()


def _queues() -> None:
    op.create_table("schema_version", _int("version", primary_key=True))
    op.create_table(
        "inbox",
        _seq(),
        _text("id", unique=True),
        _text("lane"),
        _text("kind"),
        _text("platform"),
        _text("account"),
        _text("chat"),
        _bytes("payload"),
        _big("occurred_at"),
        _big("received_at"),
        _big("answer_by", nullable=True),
        _small("state"),
        _small("tries"),
        _text("error", server_default=""),
    )
    _index("inbox_dead", "inbox", "seq", where="state = 2")
    _index("inbox_lane", "inbox", "lane", "seq", where="state = 0")
    _index("inbox_received", "inbox", "received_at", where="state = 0")
    op.create_table(
        "lanes",
        _text("key", primary_key=True),
        _small("queue"),
        _small("rank"),
        _big("due", nullable=True),
        _big("lease_until"),
        _big("fence"),
    )
    _index("lanes_due", "lanes", "queue", "rank", "due", where="due IS NOT NULL")
    op.create_table(
        "outbox",
        _seq(),
        _text("id", unique=True),
        _text("lane"),
        _text("kind"),
        _small("urgency"),
        _text("platform"),
        _text("chat"),
        _text("account"),
        _text("reply_to"),
        _text("viewer"),
        _text("card"),
        _text("subject"),
        _text("args", nullable=True),
        _text("toast"),
        _text("message_kind"),
        _text("rule"),
        _int("policy_version"),
        _text("inbound_id"),
        _text("merge_key"),
        _text("after_id"),
        _big("planned_at"),
        _big("deliver_at", nullable=True),
        _text("held_why"),
        _big("hold_until"),
        _big("first_try_at"),
        _small("state"),
        _small("tries"),
        _small("unknown"),
        _big("sent_at", nullable=True),
        _big("acted_at", nullable=True),
        _text("message_id"),
        _text("error"),
    )
    _index("outbox_after", "outbox", "deliver_at", where="state = 0")
    _index("outbox_inbound", "outbox", "inbound_id")
    _index("outbox_lane", "outbox", "lane", "urgency", "seq", where="state IN (0, 3, 4)")
    _index("outbox_merge", "outbox", "merge_key", unique=True, where="state = 0 AND merge_key <> ''")
    _index("outbox_open", "outbox", "state", where="state IN (0, 2, 3, 4)")
    op.create_table(
        "live_cards",
        _text("id", primary_key=True),
        _text("platform"),
        _text("chat"),
        _text("viewer"),
        _text("card"),
        _text("subject"),
        _text("args", nullable=True),
        _text("message_id"),
        _text("content_hash"),
        _big("sent_at", nullable=True),
    )
    _index("live_cards_message", "live_cards", "platform", "message_id")
    _index("live_cards_subject", "live_cards", "subject")
    op.create_table(
        "timers", _seq(), _text("name"), _text("subject"), _big("due"), _int("policy_version"), _small("state")
    )
    _index("timers_due", "timers", "due", "seq", where="state = 0")
    _index("timers_subject", "timers", "name", "subject", unique=True)


def _records() -> None:
    op.create_table(
        "audit",
        _seq(),
        _big("tx"),
        _big("at"),
        _text("who"),
        _text("chat"),
        _text("action"),
        _text("subject"),
        _text("before"),
        _text("after"),
        _text("why"),
        _big("written_ms"),
        _big("position", nullable=True),
        _text("hash", server_default=""),
    )
    _index("audit_position", "audit", "position", unique=True)
    _index("audit_subject", "audit", "subject")
    _index("audit_unsealed", "audit", "tx", "seq", where="position IS NULL")
    op.create_table(
        "audit_seals", _big("position", primary_key=True, autoincrement=False), _text("hash"), _text("signature")
    )
    op.create_table("numbers", _text("kind", primary_key=True), _big("last"))


def _people() -> None:
    op.create_table("teams", _text("id", primary_key=True), _word("supervisor_id"), _word("region"), _int("version"))
    op.create_table(
        "members",
        _text("id", primary_key=True),
        _word("name"),
        _word("team"),
        _word("superior_id"),
        _text("roles"),
        _word("mobile"),
        _word("state"),
        _int("version"),
    )
    _index("members_mobile", "members", "mobile")
    op.create_table(
        "accounts",
        _text("id", primary_key=True),
        _word("platform"),
        _word("account"),
        _word("member_id"),
        _word("chat"),
        _int("version"),
    )
    _index("accounts_member", "accounts", "member_id")
    op.create_table(
        "strangers",
        _text("id", primary_key=True),
        _word("platform"),
        _word("account"),
        _word("code"),
        _big("code_until"),
        _big("told_at"),
        _int("version"),
    )
    _index("strangers_code", "strangers", "code")
    op.create_table("admin_codes", _text("id", primary_key=True), _big("expires_at"), _word("used_by"), _int("version"))


def _sales() -> None:
    op.create_table(
        "customers",
        _big("id", primary_key=True, autoincrement=False),
        _word("name"),
        _word("key"),
        _word("owner_id"),
        _word("town"),
        _word("tier"),
        _word("region"),
        _word("industry"),
        _word("phone"),
        _word("external_id"),
        _big("created_with"),
        _word("state"),
        _int("version"),
    )
    _index("customers_external", "customers", "external_id")
    _index("customers_key", "customers", "key", unique=True, where="state = 'active'")
    _index("customers_owner", "customers", "owner_id")
    op.create_table(
        "customer_keys", _text("key", primary_key=True), _big("customer_id", primary_key=True, autoincrement=False)
    )
    op.create_table("peeks", _text("id", primary_key=True), _word("member_id"), _int("times"), _int("version"))
    op.create_table(
        "deals",
        _big("id", primary_key=True, autoincrement=False),
        _big("customer_id"),
        _word("owner_id"),
        _word("product"),
        _big("amount_fen"),
        _big("created_at"),
        _word("logged_by"),
        _word("platform"),
        _word("chat"),
        _int("stage"),
        _word("state"),
        _word("close_on"),
        _big("budget_fen", nullable=True),
        _word("external_id"),
        _word("line"),
        _word("lost_reason"),
        _big("closed_at", nullable=True),
        _int("version"),
    )
    _index("deals_customer", "deals", "customer_id")
    _index("deals_external", "deals", "external_id")
    _index("deals_logged", "deals", "logged_by", "created_at")
    _index("deals_owner", "deals", "owner_id", "state")
    op.create_table(
        "drafts",
        _big("id", primary_key=True, autoincrement=False),
        _word("member_id"),
        _word("platform"),
        _word("chat"),
        _word("line"),
        _big("asked_at"),
        _word("customer"),
        _big("customer_id"),
        _flag("new_customer"),
        _word("product"),
        _big("amount_fen", nullable=True),
        _word("ask"),
        _text("amounts"),
        _text("near"),
        _word("why"),
        _word("repaired"),
        _word("state"),
        _big("deal_id"),
        _int("version"),
    )
    _index("drafts_member", "drafts", "member_id", "asked_at")
    _index("drafts_open", "drafts", "member_id", "platform", "chat", unique=True, where="state = 'open'")


def _index(name: str, table: str, *columns: str, unique: bool = False, where: str = "") -> None:
    partial: dict[str, Any] = {"sqlite_where": text(where), "postgresql_where": text(where)} if where else {}
    op.create_index(name, table, list(columns), unique=unique, **partial)


def _seq() -> Column[Any]:
    return Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)


def _text(name: str, *, nullable: bool = False, **more: Any) -> Column[Any]:
    return Column(name, Text, nullable=nullable, **more)


def _word(name: str) -> Column[Any]:
    return Column(name, String, nullable=False)


def _big(name: str, *, nullable: bool = False, **more: Any) -> Column[Any]:
    return Column(name, BigInteger, nullable=nullable, **more)


def _int(name: str, **more: Any) -> Column[Any]:
    return Column(name, Integer, nullable=False, **more)


def _small(name: str) -> Column[Any]:
    return Column(name, SmallInteger, nullable=False)


def _flag(name: str) -> Column[Any]:
    return Column(name, Boolean, nullable=False)


def _bytes(name: str) -> Column[Any]:
    return Column(name, LargeBinary, nullable=False)
