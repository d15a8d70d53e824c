"""Versions of the configuration and what was proposed, groups and what they are bound to, alerts and silences."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Text
from sqlmodel import Field, SQLModel

from storage.tables.columns import instant
from storage.types import Json, Words


class ConfigVersionRow(SQLModel, table=True):
    """Written once, never changed; the number is unique, so that of two admins at once one is first. R-ADM-2."""

    __tablename__ = "config_versions"
    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: datetime = instant()
    by: str
    kind: str
    about: str
    settings: Any = Field(sa_column=Column(Json, nullable=False))
    version: int


class ProposalRow(SQLModel, table=True):
    __tablename__ = "proposals"
    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    member_id: str
    kind: str
    about: str
    value: str
    asked_at: datetime = instant()
    state: str
    outcome: int
    version: int


class ChatRow(SQLModel, table=True):
    __tablename__ = "chats"
    id: str = Field(sa_column=Column(Text, primary_key=True))
    platform: str
    chat: str
    name: str
    kind: str
    bound_to: str
    state: str
    version: int


class AlertRow(SQLModel, table=True):
    """One firing per rule, scope and period. R-ALERT-1."""

    __tablename__ = "alerts"
    __table_args__ = (Index("alerts_once", "rule", "scope", "period", unique=True),)
    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    rule: str
    scope: str
    period: str
    fired_at: datetime = instant()
    threshold: str
    policy_version: int
    trend: Any = Field(sa_column=Column(Words, nullable=False))
    readings: Any = Field(sa_column=Column(Words, nullable=False))
    state: str
    told: int
    calm_since: datetime | None = instant(nullable=True)
    acknowledged_by: str
    acknowledged_at: datetime | None = instant(nullable=True)
    note: str
    resolved_at: datetime | None = instant(nullable=True)
    closed_at: datetime | None = instant(nullable=True)
    version: int


class SilenceRow(SQLModel, table=True):
    """Until when a rule says nothing about a scope; `id` is both. R-ALERT-5."""

    __tablename__ = "silences"
    id: str = Field(sa_column=Column(Text, primary_key=True))
    until: datetime = instant()
    by: str
    hours: int
    version: int
