"""The kinds of columns the tables are made of."""

from typing import Any

from sqlalchemy import BigInteger, Column, Integer, SmallInteger
from sqlmodel import Field

from storage.types import Instant

# Row states shared by inbox, outbox and timers.
WAITING, DONE, DEAD, SENDING, HELD, SUPERSEDED, UNPUSHED = range(7)

_Seq = BigInteger().with_variant(Integer, "sqlite")


def seq() -> Any:
    """A number the database counts up."""
    return Field(default=None, sa_column=Column(_Seq, primary_key=True, autoincrement=True))


def big(default: int | None = 0, **more: Any) -> Any:
    """A 64-bit number: money in fen, instants in microseconds."""
    return Field(default=default, sa_column=Column(BigInteger, nullable=default is None, **more))


def small(default: int = 0) -> Any:
    """A state, a rank, a count of tries."""
    return Field(default=default, sa_column=Column(SmallInteger, nullable=False))


def instant(*, nullable: bool = False) -> Any:
    """An instant, stored as UTC microseconds."""
    return Field(default=None, sa_column=Column(Instant, nullable=nullable))
