"""The one mapper between the dataclasses of `sales/` and their tables: same field names, nothing else to know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Row, Select, Table, insert, select, update
from sqlmodel import SQLModel

from sales.conversations import Conversation
from sales.customers import Customer, Peek
from sales.deals import Deal
from sales.drafts import Draft
from sales.people import Account, AdminCode, Member, Stranger, Team
from storage.tables import conversations, core

E = TypeVar("E")

ROWS: dict[type[Any], type[SQLModel]] = {
    Team: core.TeamRow,
    Member: core.MemberRow,
    Account: core.AccountRow,
    Stranger: core.StrangerRow,
    AdminCode: core.AdminCodeRow,
    Customer: core.CustomerRow,
    Peek: core.PeekRow,
    Deal: core.DealRow,
    Draft: core.DraftRow,
    Conversation: conversations.ConversationRow,
}
"""Entity and its table. A new entity is one line here and one class in tables/."""

_NAMES = {entity: tuple(f.name for f in fields(entity)) for entity in ROWS}


class Conflict(Exception):
    """Something the decision relied on has changed since it was read: decide again."""


def table_of(entity: type[Any]) -> Table:
    """The table of an entity class."""
    return ROWS[entity].__table__  # type: ignore[attr-defined, no-any-return]


def _names(entity: type[Any]) -> tuple[str, ...]:
    return _NAMES[entity]


def query(entity: type[Any]) -> Select[Any]:
    """A select of every field of the entity, in the dataclass's order."""
    columns = table_of(entity).c
    return select(*(columns[name] for name in _names(entity)))


def entity_of(kind: type[E], row: Row[Any]) -> E:
    """The entity a row of `query(kind)` holds."""
    return cast(Callable[..., E], kind)(*row)


def get(conn: Connection, kind: type[E], key: Any) -> E | None:
    """The entity with this id, or None."""
    row = conn.execute(query(kind).where(table_of(kind).c.id == key)).first()
    return None if row is None else entity_of(kind, row)


def save(conn: Connection, entity: Any) -> None:
    """Insert (version 0) or update to the next version. Raises Conflict when the stored version is another."""
    table = table_of(type(entity))
    values = {name: getattr(entity, name) for name in _names(type(entity))}
    if entity.version == 0:
        values["version"] = 1
        conn.execute(insert(table).values(values))
        return
    values["version"] = entity.version + 1
    done = conn.execute(update(table).where(table.c.id == entity.id, table.c.version == entity.version).values(values))
    if done.rowcount != 1:
        raise Conflict(f"{table.name} {entity.id} changed")


def check(conn: Connection, entity: Any, *, lock: bool) -> None:
    """Raises Conflict unless the entity still has the version it was read with; keeps it so where writers race."""
    table = table_of(type(entity))
    statement = select(table.c.version).where(table.c.id == entity.id)
    if lock:
        statement = statement.with_for_update(read=True)
    if conn.execute(statement).scalar() != entity.version:
        raise Conflict(f"{table.name} {entity.id} changed")
