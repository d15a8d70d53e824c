"""People, customers and deals for tests, and a way to write them straight into a store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sales import names
from sales.customers import Customer
from sales.deals import Deal
from sales.drafts import Draft
from sales.people import Member
from sales.policy import Policy
from storage import entities
from storage import names as name_index
from storage.engine import Connection, Store
from storage.numbers import Numbers
from storage.secrets import Secrets
from storage.tx import Tx

T = TypeVar("T")

NOW = datetime(2026, 11, 19, 2, 22, 0, 123_457, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
POLICY = Policy()
SECRETS = Secrets(b"k" * 32)
"""What seals numbers in tests that open a store without a key file."""


def member(member_id: str = "m03", *roles: str, **more: Any) -> Member:
    """A rep called 李雷 unless told otherwise."""
    given: dict[str, Any] = {"name": "李雷", "team": "华东/一组", "roles": roles or ("rep",), **more}
    return Member(member_id, **given)


def customer(customer_id: int = 1, name: str = "华东医疗", owner_id: str = "m03", **more: Any) -> Customer:
    """A customer of 李雷."""
    return Customer(customer_id, name, names.normalise(name), owner_id, **more)


def deal(deal_id: int = 17, **more: Any) -> Deal:
    """李雷's deal #17 of 1,200,000 yuan, logged now in a Feishu chat."""
    given: dict[str, Any] = {
        "customer_id": 1, "owner_id": "m03", "product": "CT机", "amount_fen": 120_000_000, "created_at": NOW,
        "logged_by": "m03", "platform": "feishu", "chat": "oc_1", "line": "录单 华东医疗 CT机 120万", **more,
    }  # fmt: skip
    return Deal(deal_id, **given)


def draft(draft_id: int = 5, **more: Any) -> Draft:
    """A quick entry of 李雷 with all three facts."""
    given: dict[str, Any] = {
        "member_id": "m03", "platform": "feishu", "chat": "oc_1", "line": "录单 华东医疗 CT机 120万", "asked_at": NOW,
        "customer": "华东医疗", "product": "CT机", "amount_fen": 120_000_000, **more,
    }  # fmt: skip
    return Draft(draft_id, **given)


def committed(store: Store, write: Callable[[Connection], T]) -> T:
    """What the write function returned, after its commit; rolled back when it raised."""
    conn = store.writing()
    try:
        result = write(conn)
        conn.commit()
        return result
    except BaseException:
        conn.rollback()
        raise
    finally:
        conn.close()


def keep(store: Store, *found: Any) -> None:
    """Save entities, and make customers findable by name."""

    def write(conn: Connection) -> None:
        for entity in found:
            entities.save(conn, entity)
            if isinstance(entity, Customer):
                name_index.index(conn, entity)

    committed(store, write)


def tx_of(conn: Connection, store: Store, *, now: datetime = NOW, policy: Policy = POLICY) -> Tx:
    """What a handler or card would work with at this instant."""
    return Tx(conn, store, now=now, policy=policy, numbers=Numbers())
