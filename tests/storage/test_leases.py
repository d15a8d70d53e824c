"""One holder at a time, on both stores; a lease that ran out can be taken. style.md 7, Sockets."""

from __future__ import annotations

from sqlalchemy import Connection, text

from storage import leases
from storage.engine import Store

MS = 15_000


def take(store: Store, holder: str, name: str = "wecom-bot", lease_ms: int = MS) -> bool:
    with store.writing() as conn:
        took = leases.take(conn, store, name, holder=holder, lease_ms=lease_ms)
        conn.commit()
    return took


def test_one_holds_it_and_may_renew_it(store: Store) -> None:
    assert take(store, "a")
    assert not take(store, "b")
    assert take(store, "a")


def test_two_names_are_two_leases(store: Store) -> None:
    assert take(store, "a", "one")
    assert take(store, "b", "two")


def test_a_lease_that_ran_out_goes_to_whoever_asks(store: Store) -> None:
    assert take(store, "a", lease_ms=-1)
    assert take(store, "b")
    assert not take(store, "a")


def test_only_the_holder_gives_it_back(store: Store) -> None:
    assert take(store, "a")

    def release(conn: Connection, holder: str) -> None:
        leases.release(conn, "wecom-bot", holder=holder)
        conn.commit()

    with store.writing() as conn:
        release(conn, "b")
    assert not take(store, "b")
    with store.writing() as conn:
        release(conn, "a")
        assert conn.execute(text("SELECT COUNT(*) FROM socket_leases")).scalar() == 0
    assert take(store, "b")
