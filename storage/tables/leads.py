"""Leads, who held them, touches, claims, and in which team a member was."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Text
from sqlmodel import Field, SQLModel

from storage.tables.columns import big, instant
from storage.types import Json


class LeadRow(SQLModel, table=True):
    __tablename__ = "leads"
    __table_args__ = (
        Index("leads_external", "external_id"),
        Index("leads_holder", "holder_id", "state"),
        Index("leads_pool", "state", "pooled_at"),
        Index("leads_warned", "warned_at"),
    )
    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    external_id: str
    market_id: str
    sales_id: str
    customer_id: int = big()
    created_at: datetime | None = instant(nullable=True)
    name: str
    title: str
    phone: str  # sealed
    wechat: str
    email: str
    company: str
    industry: str
    company_size: str
    region: str
    address: str
    source: str
    campaign: str
    product: str
    quantity: str
    budget_yuan: str
    needed_by: str
    note: str
    extra: Any = Field(sa_column=Column(Json, nullable=False))
    state: str
    holder_id: str
    cycle_start: datetime | None = instant(nullable=True)
    touched_at: datetime | None = instant(nullable=True)
    reached_at: datetime | None = instant(nullable=True)
    warned_at: datetime | None = instant(nullable=True)
    pooled_at: datetime | None = instant(nullable=True)
    version: int


class AssignmentRow(SQLModel, table=True):
    __tablename__ = "assignments"
    __table_args__ = (
        Index("assignments_lead", "lead_id", "assigned_at"),
        Index("assignments_at", "assigned_at"),
        Index("assignments_ended", "ended_at"),
        Index("assignments_member", "member_id", "assigned_at"),
    )
    id: str = Field(sa_column=Column(Text, primary_key=True))
    lead_id: int = big()
    member_id: str
    assigned_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)
    end_reason: str
    claims_invalid: bool
    silent: bool
    extra: Any = Field(sa_column=Column(Json, nullable=False))
    version: int


class TouchRow(SQLModel, table=True):
    __tablename__ = "touches"
    __table_args__ = (Index("touches_lead", "lead_id", "at"),)
    id: str = Field(sa_column=Column(Text, primary_key=True))
    lead_id: int = big()
    member_id: str
    at: datetime = instant()
    kind: str
    way: str
    source: str
    verified: bool
    extra: Any = Field(sa_column=Column(Json, nullable=False))
    version: int


class ClaimRow(SQLModel, table=True):
    __tablename__ = "claims"
    id: str = Field(sa_column=Column(Text, primary_key=True))
    member_id: str
    lead_id: int = big()
    at: datetime = instant()
    version: int


class TeamMoveRow(SQLModel, table=True):
    __tablename__ = "team_moves"
    __table_args__ = (Index("team_moves_member", "member_id", "until"),)
    id: str = Field(sa_column=Column(Text, primary_key=True))
    member_id: str
    team: str
    until: datetime = instant()
    version: int
