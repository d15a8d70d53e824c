"""Requests and their timelines."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Text, text
from sqlmodel import Field, SQLModel

from storage.tables.columns import big, instant
from storage.types import Words


class RequestRow(SQLModel, table=True):
    """The number is unique: two requests of one day never share one. R-APR-2."""

    __tablename__ = "requests"
    __table_args__ = (
        Index("requests_number", "number", unique=True),
        Index("requests_deal", "deal_id"),
        Index("requests_initiator", "initiator_id", "created_at"),
        Index("requests_open", "due_at", sqlite_where=text("state = 'open'"),
              postgresql_where=text("state = 'open'")),
    )  # fmt: skip
    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    number: str
    kind: str
    deal_id: int = big()
    initiator_id: str
    base_fen: int = big()
    amount_fen: int = big()
    reason: str
    steps: Any = Field(sa_column=Column(Words, nullable=False))
    limit_minutes: int
    created_at: datetime = instant()
    opened_at: datetime = instant()
    due_at: datetime = instant()
    step: int
    round: int
    holders: Any = Field(sa_column=Column(Words, nullable=False))
    told: int
    paused_at: datetime | None = instant(nullable=True)
    state: str
    entries: int
    replaces: int = big()
    closed_at: datetime | None = instant(nullable=True)
    version: int


class RequestEntryRow(SQLModel, table=True):
    """One act; its id is request.n, so that of two acts at once one comes first. R-APR-3."""

    __tablename__ = "request_entries"
    __table_args__ = (Index("request_entries_request", "request_id", "n"),)
    id: str = Field(sa_column=Column(Text, primary_key=True))
    request_id: int = big()
    n: int
    step: int
    round: int
    who: str
    did: str
    at: datetime = instant()
    words: str
    toward: str
    version: int
