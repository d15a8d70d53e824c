"""Gates and their evidence."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, text
from sqlmodel import Field, SQLModel

from storage.tables.columns import big, instant
from storage.types import Words

_LIVE = text("state IN ('waiting', 'accepted')")


class RequirementRow(SQLModel, table=True):
    __tablename__ = "requirements"
    __table_args__ = (Index("requirements_deal", "deal_id", "stage"),)
    id: str = Field(primary_key=True)
    deal_id: int = big()
    stage: int
    key: str
    opened_at: datetime = instant()
    due: datetime | None = instant(nullable=True)
    freeze_at: datetime | None = instant(nullable=True)
    state: str
    extended: int
    version: int


class GateRefusalRow(SQLModel, table=True):
    __tablename__ = "gate_refusals"
    __table_args__ = (Index("gate_refusals_deal", "deal_id", "stage"),)
    id: str = Field(primary_key=True)
    member_id: str
    deal_id: int = big()
    stage: int
    at: datetime = instant()
    times: int
    version: int


class FreezeRow(SQLModel, table=True):
    __tablename__ = "freezes"
    __table_args__ = (Index("freezes_deal", "deal_id", "stage"),)
    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    deal_id: int = big()
    stage: int
    frozen_at: datetime = instant()
    asked: str
    thawed_at: datetime | None = instant(nullable=True)
    thawed_by: str
    reason: str
    until: datetime | None = instant(nullable=True)
    version: int


class SubmissionRow(SQLModel, table=True):
    __tablename__ = "submissions"
    __table_args__ = (
        Index("submissions_live", "requirement_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("submissions_requirement", "requirement_id", "sha"),
        Index("submissions_member", "member_id", "sent_at"),
    )
    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    member_id: str
    platform: str
    chat: str
    name: str
    text: str
    sent_at: datetime = instant()
    offered: Any = Field(sa_column=Column(Words, nullable=False))
    requirement_id: str
    deal_id: int = big()
    note: str
    sha: str
    size: int = big()
    kind: str
    findings: Any = Field(sa_column=Column(Words, nullable=False))
    state: str
    reviewers: Any = Field(sa_column=Column(Words, nullable=False))
    decided_by: str
    decided_at: datetime | None = instant(nullable=True)
    reason: str
    version: int


class OriginalRow(SQLModel, table=True):
    __tablename__ = "originals"
    id: str = Field(primary_key=True)
    size: int = big()
    kind: str
    deal_id: int = big()
    version: int
