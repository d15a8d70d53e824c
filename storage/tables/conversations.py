"""Forms on their way."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, text
from sqlmodel import Field, SQLModel

from storage.tables.columns import instant
from storage.types import Json


class ConversationRow(SQLModel, table=True):
    __tablename__ = "conversations"
    __table_args__ = (
        Index("conversations_open", "member_id", "platform", "chat", unique=True, sqlite_where=text("state = 'open'"),
              postgresql_where=text("state = 'open'")),
        Index("conversations_member", "member_id", "asked_at"),
    )  # fmt: skip
    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    member_id: str
    platform: str
    chat: str
    form: str
    subject: str
    ask: str
    asked_at: datetime = instant()
    answers: Any = Field(sa_column=Column(Json, nullable=False))
    life_minutes: int
    state: str
    version: int


class MediaRow(SQLModel, table=True):
    """A picture a platform has already: uploaded once, shown in many cards."""

    __tablename__ = "media"
    id: str = Field(primary_key=True)
    media_key: str
    made_at: int = Field(sa_column=Column(BigInteger, nullable=False))
