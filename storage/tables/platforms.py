"""What platforms leave behind: calls against a monthly quota, webhook keys, and who holds a connection."""

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from storage.tables.columns import big


class QuotaUse(SQLModel, table=True):
    """Calls of one kind made in one month of the tenant zone. R-QUOTA."""

    __tablename__ = "quota_use"
    platform: str = Field(sa_column=Column(Text, primary_key=True))
    what: str = Field(sa_column=Column(Text, primary_key=True))
    month: str = Field(sa_column=Column(Text, primary_key=True))
    calls: int = big()


class HookRow(SQLModel, table=True):
    __tablename__ = "hooks"
    id: str = Field(sa_column=Column(Text, primary_key=True))
    sealed: str
    version: int


class SocketLease(SQLModel, table=True):
    """Who holds the one connection with this name; `until` is machine time of the database in ms."""

    __tablename__ = "socket_leases"
    name: str = Field(sa_column=Column(Text, primary_key=True))
    holder: str = Field(sa_column=Column(Text, nullable=False))
    until: int = big()
