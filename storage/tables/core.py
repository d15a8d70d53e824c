# Long because: what the first release stored is easier to read on one page.
"""Queues, ledger, audit, people, customers, deals, drafts: one class a table."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Text, text
from sqlmodel import Field, SQLModel

from storage.tables.columns import big, instant, seq, small
from storage.types import Blob, Json, Words


class SchemaVersion(SQLModel, table=True):
    __tablename__ = "schema_version"
    version: int = Field(primary_key=True)


class Inbox(SQLModel, table=True):
    __tablename__ = "inbox"
    __table_args__ = (
        Index("inbox_lane", "lane", "seq", sqlite_where=text("state = 0"), postgresql_where=text("state = 0")),
        Index("inbox_dead", "seq", sqlite_where=text("state = 2"), postgresql_where=text("state = 2")),
    )
    seq: int | None = seq()
    id: str = Field(sa_column=Column(Text, unique=True, nullable=False))
    lane: str = Field(sa_column=Column(Text, nullable=False))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    platform: str = Field(sa_column=Column(Text, nullable=False))
    account: str = Field(sa_column=Column(Text, nullable=False))
    chat: str = Field(sa_column=Column(Text, nullable=False))
    payload: bytes = Field(sa_column=Column(Blob, nullable=False))
    occurred_at: int = big()
    received_at: int = big()
    answer_by: int | None = big(None)
    state: int = small()
    tries: int = small()
    error: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))


class Lane(SQLModel, table=True):
    __tablename__ = "lanes"
    __table_args__ = (
        Index(
            "lanes_due",
            "queue",
            "rank",
            "due",
            sqlite_where=text("due IS NOT NULL"),
            postgresql_where=text("due IS NOT NULL"),
        ),
    )
    key: str = Field(sa_column=Column(Text, primary_key=True))
    queue: int = small()
    rank: int = small()
    due: int | None = big(None)
    lease_until: int = big()
    fence: int = big()


class Outbox(SQLModel, table=True):
    """A message from plan to receipt: at once the queue and the delivery ledger. R-WHY."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_lane", "lane", "urgency", "seq", sqlite_where=text("state IN (0, 3, 4)"),
              postgresql_where=text("state IN (0, 3, 4)")),
        Index("outbox_merge", "merge_key", unique=True, sqlite_where=text("state = 0 AND merge_key <> ''"),
              postgresql_where=text("state = 0 AND merge_key <> ''")),
        Index("outbox_after", "deliver_at", sqlite_where=text("state = 0"), postgresql_where=text("state = 0")),
        Index("outbox_inbound", "inbound_id"),
        Index("outbox_open", "state", sqlite_where=text("state IN (0, 2, 3, 4)"),
              postgresql_where=text("state IN (0, 2, 3, 4)")),
    )  # fmt: skip
    seq: int | None = seq()
    id: str = Field(sa_column=Column(Text, unique=True, nullable=False))
    lane: str = Field(sa_column=Column(Text, nullable=False))
    kind: str = Field(sa_column=Column(Text, nullable=False))  # reply, notice, fanout, redraw, job
    urgency: int = small()
    platform: str = Field(default="", sa_column=Column(Text, nullable=False))
    chat: str = Field(default="", sa_column=Column(Text, nullable=False))
    account: str = Field(default="", sa_column=Column(Text, nullable=False))
    reply_to: str = Field(default="", sa_column=Column(Text, nullable=False))
    viewer: str = Field(default="", sa_column=Column(Text, nullable=False))
    card: str = Field(default="", sa_column=Column(Text, nullable=False))
    subject: str = Field(default="", sa_column=Column(Text, nullable=False))
    args: Any = Field(default=None, sa_column=Column(Json))
    toast: str = Field(default="", sa_column=Column(Text, nullable=False))
    message_kind: str = Field(default="", sa_column=Column(Text, nullable=False))
    rule: str = Field(default="", sa_column=Column(Text, nullable=False))
    policy_version: int = Field(default=0)
    inbound_id: str = Field(default="", sa_column=Column(Text, nullable=False))
    merge_key: str = Field(default="", sa_column=Column(Text, nullable=False))
    after_id: str = Field(default="", sa_column=Column(Text, nullable=False))
    planned_at: int = big()
    deliver_at: int | None = big(None)
    held_why: str = Field(default="", sa_column=Column(Text, nullable=False))
    hold_until: int = big()
    first_try_at: int = big()
    state: int = small()
    tries: int = small()
    unknown: int = small()
    sent_at: int | None = big(None)
    acted_at: int | None = big(None)
    message_id: str = Field(default="", sa_column=Column(Text, nullable=False))
    error: str = Field(default="", sa_column=Column(Text, nullable=False))


class LiveCard(SQLModel, table=True):
    """A card that was or is being sent and can be redrawn; `id` is the outbox row that sends it."""

    __tablename__ = "live_cards"
    __table_args__ = (
        Index("live_cards_subject", "subject"),
        Index("live_cards_message", "platform", "message_id"),
    )
    id: str = Field(sa_column=Column(Text, primary_key=True))
    platform: str = Field(sa_column=Column(Text, nullable=False))
    chat: str = Field(default="", sa_column=Column(Text, nullable=False))
    viewer: str = Field(default="", sa_column=Column(Text, nullable=False))
    card: str = Field(sa_column=Column(Text, nullable=False))
    subject: str = Field(sa_column=Column(Text, nullable=False))
    args: Any = Field(default=None, sa_column=Column(Json))
    message_id: str = Field(default="", sa_column=Column(Text, nullable=False))
    content_hash: str = Field(default="", sa_column=Column(Text, nullable=False))
    sent_at: int | None = big(None)
    account: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    handle: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    offers: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))


class Timer(SQLModel, table=True):
    __tablename__ = "timers"
    __table_args__ = (
        Index("timers_due", "due", "seq", sqlite_where=text("state = 0"), postgresql_where=text("state = 0")),
        Index("timers_subject", "name", "subject", unique=True),
    )
    seq: int | None = seq()
    name: str = Field(sa_column=Column(Text, nullable=False))
    subject: str = Field(sa_column=Column(Text, nullable=False))
    due: int = big()
    policy_version: int = Field(default=0)
    state: int = small()


class AuditEntry(SQLModel, table=True):
    """Append-only. `tx` orders entries by transaction on PostgreSQL, where `seq` may be taken out of order."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("audit_unsealed", "tx", "seq", sqlite_where=text("position IS NULL"),
              postgresql_where=text("position IS NULL")),
        Index("audit_position", "position", unique=True),
        Index("audit_subject", "subject"),
    )  # fmt: skip
    seq: int | None = seq()
    tx: int = big()
    at: int = big()
    who: str = Field(sa_column=Column(Text, nullable=False))
    chat: str = Field(sa_column=Column(Text, nullable=False))
    action: str = Field(sa_column=Column(Text, nullable=False))
    subject: str = Field(sa_column=Column(Text, nullable=False))
    before: str = Field(sa_column=Column(Text, nullable=False))
    after: str = Field(sa_column=Column(Text, nullable=False))
    why: str = Field(sa_column=Column(Text, nullable=False))
    written_ms: int = big()
    position: int | None = big(None)
    hash: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))


class AuditSeal(SQLModel, table=True):
    """A signed head of the chain: up to `position` the chain ends in `hash`."""

    __tablename__ = "audit_seals"
    position: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    hash: str = Field(sa_column=Column(Text, nullable=False))
    signature: str = Field(sa_column=Column(Text, nullable=False))


class CustomerKey(SQLModel, table=True):
    """Index of near names: bigrams and pinyin initials of each customer's name."""

    __tablename__ = "customer_keys"
    key: str = Field(sa_column=Column(Text, primary_key=True))
    customer_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))


class Number(SQLModel, table=True):
    """The last number given out per kind of numbered thing."""

    __tablename__ = "numbers"
    kind: str = Field(sa_column=Column(Text, primary_key=True))
    last: int = big()


# Entities: same field names as the dataclasses of sales/, checked by a test.


class TeamRow(SQLModel, table=True):
    __tablename__ = "teams"
    id: str = Field(sa_column=Column(Text, primary_key=True))
    supervisor_id: str
    region: str
    version: int


class MemberRow(SQLModel, table=True):
    __tablename__ = "members"
    __table_args__ = (Index("members_mobile", "mobile_key"),)
    id: str = Field(sa_column=Column(Text, primary_key=True))
    name: str
    team: str
    superior_id: str
    roles: Any = Field(sa_column=Column(Words, nullable=False))
    mobile: str  # sealed
    state: str
    version: int
    mobile_key: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))


class AccountRow(SQLModel, table=True):
    __tablename__ = "accounts"
    __table_args__ = (Index("accounts_member", "member_id"),)
    id: str = Field(sa_column=Column(Text, primary_key=True))
    platform: str
    account: str
    member_id: str
    chat: str
    version: int
    used_at: datetime | None = instant(nullable=True)


class StrangerRow(SQLModel, table=True):
    __tablename__ = "strangers"
    __table_args__ = (Index("strangers_code", "code"),)
    id: str = Field(sa_column=Column(Text, primary_key=True))
    platform: str
    account: str
    code: str
    code_until: datetime = instant()
    told_at: datetime = instant()
    version: int


class AdminCodeRow(SQLModel, table=True):
    __tablename__ = "admin_codes"
    id: str = Field(sa_column=Column(Text, primary_key=True))
    expires_at: datetime = instant()
    used_by: str
    version: int


class CustomerRow(SQLModel, table=True):
    __tablename__ = "customers"
    __table_args__ = (
        Index("customers_key", "key", unique=True, sqlite_where=text("state = 'active'"),
              postgresql_where=text("state = 'active'")),
        Index("customers_owner", "owner_id"),
        Index("customers_external", "external_id"),
    )  # fmt: skip
    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    name: str
    key: str
    owner_id: str
    town: str
    tier: str
    region: str
    industry: str
    phone: str
    external_id: str
    created_with: int = big()
    state: str
    version: int


class PeekRow(SQLModel, table=True):
    __tablename__ = "peeks"
    id: str = Field(sa_column=Column(Text, primary_key=True))
    member_id: str
    times: int
    version: int


class DealRow(SQLModel, table=True):
    __tablename__ = "deals"
    __table_args__ = (
        Index("deals_owner", "owner_id", "state"),
        Index("deals_customer", "customer_id"),
        Index("deals_logged", "logged_by", "created_at"),
        Index("deals_external", "external_id"),
    )
    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    customer_id: int = big()
    owner_id: str
    product: str
    amount_fen: int = big()
    created_at: datetime = instant()
    logged_by: str
    platform: str
    chat: str
    stage: int
    state: str
    close_on: str
    budget_fen: int | None = big(None)
    external_id: str
    line: str
    lost_reason: str
    closed_at: datetime | None = instant(nullable=True)
    entered_at: datetime | None = instant(nullable=True)
    frozen_at: datetime | None = instant(nullable=True)
    version: int


class DraftRow(SQLModel, table=True):
    __tablename__ = "drafts"
    __table_args__ = (
        Index("drafts_open", "member_id", "platform", "chat", unique=True, sqlite_where=text("state = 'open'"),
              postgresql_where=text("state = 'open'")),
        Index("drafts_member", "member_id", "asked_at"),
    )  # fmt: skip
    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    member_id: str
    platform: str
    chat: str
    line: str
    asked_at: datetime = instant()
    customer: str
    customer_id: int = big()
    new_customer: bool
    product: str
    amount_fen: int | None = big(None)
    ask: str
    amounts: Any = Field(sa_column=Column(Words, nullable=False))
    near: Any = Field(sa_column=Column(Words, nullable=False))
    why: str
    repaired: str
    state: str
    deal_id: int = big()
    version: int
