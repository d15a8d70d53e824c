"""Links to pages."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field, SQLModel

from storage.tables.columns import instant


class LinkRow(SQLModel, table=True):
    __tablename__ = "links"
    __table_args__ = (Index("links_member", "member_id", "made_at"),)
    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    member_id: str
    platform: str
    account: str
    purpose: str
    subject: str
    made_at: datetime = instant()
    browser: str
    opened_at: datetime | None = instant(nullable=True)
    version: int
