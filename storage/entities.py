"""The one mapper between the dataclasses of `sales/` and their tables: same field names, nothing else to know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Row, Select, Table, bindparam, insert, select, update
from sqlmodel import SQLModel

from sales.alerts import Alert, Silence
from sales.approval_trail import Entry, Request
from sales.chats import Chat, Hook
from sales.conversations import Conversation
from sales.customers import Customer, Peek
from sales.deals import Deal
from sales.drafts import Draft
from sales.evidence import Original, Submission
from sales.freezes import Freeze
from sales.gates import GateRefusal, Requirement
from sales.leads import Assignment, Claim, Lead, TeamMove, Touch
from sales.links import Link
from sales.people import Account, AdminCode, Member, Stranger, Team
from sales.proposals import Proposal
from sales.settings import ConfigVersion
from storage.tables import alerts, approvals, conversations, core, evidence
from storage.tables import leads as lead_tables
from storage.tables import links as link_tables
from storage.tables import platforms as platform_tables

OTHERS: tuple[type[SQLModel], ...] = (platform_tables.QuotaUse, platform_tables.SocketLease)
"""Tables of their own modules that hold no entity; named here so that migrations know them."""

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
    Request: approvals.RequestRow,
    Entry: approvals.RequestEntryRow,
    ConfigVersion: alerts.ConfigVersionRow,
    Proposal: alerts.ProposalRow,
    Chat: alerts.ChatRow,
    Hook: platform_tables.HookRow,
    Alert: alerts.AlertRow,
    Silence: alerts.SilenceRow,
    Requirement: evidence.RequirementRow,
    GateRefusal: evidence.GateRefusalRow,
    Freeze: evidence.FreezeRow,
    Submission: evidence.SubmissionRow,
    Original: evidence.OriginalRow,
    Lead: lead_tables.LeadRow,
    Assignment: lead_tables.AssignmentRow,
    Touch: lead_tables.TouchRow,
    Claim: lead_tables.ClaimRow,
    TeamMove: lead_tables.TeamMoveRow,
    Link: link_tables.LinkRow,
}
"""Entity and its table. A new entity is one line here and one class in tables/."""

_NAMES = {entity: tuple(f.name for f in fields(entity)) for entity in ROWS}


_TABLES: dict[type[Any], Table] = {entity: row.__table__ for entity, row in ROWS.items()}  # type: ignore[attr-defined]

# Statements are as costly to build as to run: each is built once.
_QUERIES = {entity: select(*(table.c[name] for name in _NAMES[entity])) for entity, table in _TABLES.items()}
_BY_ID = {entity: chosen.where(_TABLES[entity].c.id == bindparam("key")) for entity, chosen in _QUERIES.items()}
_UPDATES = {
    entity: update(table).where(table.c.id == bindparam("was_id"), table.c.version == bindparam("was_version"))
    for entity, table in _TABLES.items()
}


class Conflict(Exception):
    """Something the decision relied on has changed since it was read: decide again."""


def table_of(entity: type[Any]) -> Table:
    """The table of an entity class."""
    return _TABLES[entity]


def _names(entity: type[Any]) -> tuple[str, ...]:
    return _NAMES[entity]


def query(entity: type[Any]) -> Select[Any]:
    """A select of every field of the entity, in the dataclass's order."""
    return _QUERIES[entity]


def entity_of(kind: type[E], row: Row[Any]) -> E:
    """The entity a row of `query(kind)` holds."""
    return cast(Callable[..., E], kind)(*row)


def get(conn: Connection, kind: type[E], key: Any) -> E | None:
    """The entity with this id, or None."""
    row = conn.execute(_BY_ID[kind], {"key": key}).first()
    return None if row is None else entity_of(kind, row)


def save(conn: Connection, entity: Any) -> None:
    """Insert (version 0) or update to the next version. Raises Conflict when the stored version is another."""
    table = table_of(type(entity))
    values = {name: getattr(entity, name) for name in _names(type(entity))}
    if entity.version == 0:
        values["version"] = 1
        conn.execute(insert(table), values)
        return
    values["version"] = entity.version + 1
    done = conn.execute(_UPDATES[type(entity)], {**values, "was_id": entity.id, "was_version": entity.version})
    if done.rowcount != 1:
        raise Conflict(f"{table.name} {entity.id} changed")


def save_all(conn: Connection, found: Sequence[Any]) -> None:
    """The same for many: changed ones, then the new ones, a class at a time by one statement."""
    changed: dict[type[Any], list[dict[str, Any]]] = {}
    fresh: dict[type[Any], list[dict[str, Any]]] = {}
    for entity in found:
        kind, version = type(entity), entity.version
        values = {name: getattr(entity, name) for name in _names(kind)}
        values["version"] = version + 1
        if version:
            changed.setdefault(kind, []).append({**values, "was_id": entity.id, "was_version": version})
        else:
            fresh.setdefault(kind, []).append(values)
    for kind, rows in changed.items():
        if conn.execute(_UPDATES[kind], rows).rowcount != len(rows):
            raise Conflict(f"{table_of(kind).name} changed")
    for kind, rows in fresh.items():
        conn.execute(insert(table_of(kind)), rows)


def check(conn: Connection, entity: Any, *, lock: bool) -> None:
    """Raises Conflict unless the entity still has the version it was read with; keeps it so where writers race."""
    table = table_of(type(entity))
    statement = select(table.c.version).where(table.c.id == entity.id)
    if lock:
        statement = statement.with_for_update(read=True)
    if conn.execute(statement).scalar() != entity.version:
        raise Conflict(f"{table.name} {entity.id} changed")
