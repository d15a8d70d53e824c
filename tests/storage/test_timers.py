"""Timers fire once each, in due order, whoever looks first. R-TIME-5."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import orjson
from sqlalchemy import text

from sales.decision import CancelTimer, StartTimer
from storage import inbox, timers
from storage.engine import Store
from storage.lanes import TIMERS
from storage.types import to_us
from tests.support.facts import MICROSECOND, NOW, committed

DUE = to_us(NOW)


def started(store: Store, *orders: StartTimer | CancelTimer) -> None:
    committed(store, lambda conn: timers.apply(conn, orders, policy_version=1))


def fired(store: Store, until: int = DUE, *, limit: int = timers.BATCH) -> int:
    return committed(store, lambda conn: timers.fire(conn, store, due_until=until, now=DUE + 5_000_000, limit=limit))


def rows(store: Store) -> list[tuple[str, int, str]]:
    """Name, occurred_at and subject of the inbox rows, in lane order."""
    with store.snapshot() as conn:
        found = conn.execute(text("SELECT payload, occurred_at FROM inbox WHERE lane = 'in:timers' ORDER BY seq"))
        return [(orjson.loads(bytes(p))["name"], int(at), orjson.loads(bytes(p))["subject"]) for p, at in found]


def test_timer_fires_at_its_due_instant_and_not_a_microsecond_earlier_r_time_5(store: Store) -> None:
    started(store, StartTimer("undo", "deal:1", NOW))

    assert fired(store, DUE - 1) == 0
    assert fired(store, DUE) == 1
    assert rows(store) == [("undo", DUE, "deal:1")]


def test_timer_fires_once_r_time_5(store: Store) -> None:
    started(store, StartTimer("undo", "deal:1", NOW))

    assert [fired(store), fired(store)] == [1, 0]


def test_two_replicas_fire_each_timer_once_r_time_5(store: Store) -> None:
    started(store, *(StartTimer("undo", f"deal:{n}", NOW - n * MICROSECOND) for n in range(60)))
    barrier = Barrier(3)

    def replica(_: int) -> int:
        barrier.wait()
        return sum(fired(store, limit=7) for _ in range(10))

    with ThreadPoolExecutor(3) as threads:
        assert sum(threads.map(replica, range(3))) == 60

    assert sorted(subject for _, _, subject in rows(store)) == sorted(f"deal:{n}" for n in range(60))


def test_timers_are_handled_in_due_order_across_names_r_time_6(store: Store) -> None:
    spans = (timedelta(hours=2), timedelta(0), MICROSECOND, timedelta(hours=1))
    started(store, *(StartTimer(f"t{n}", "deal:1", NOW + span) for n, span in enumerate(spans)))

    fired(store, to_us(NOW + timedelta(hours=3)))

    assert [name for name, _, _ in rows(store)] == ["t1", "t2", "t3", "t0"]


def test_batch_takes_the_earliest_first(store: Store) -> None:
    started(store, *(StartTimer("t", f"s{n}", NOW - n * MICROSECOND) for n in range(5)))

    assert fired(store, limit=2) == 2

    assert [subject for _, _, subject in rows(store)] == ["s4", "s3"]


def test_starting_again_moves_the_timer(store: Store) -> None:
    started(store, StartTimer("undo", "deal:1", NOW), StartTimer("undo", "deal:1", NOW + MICROSECOND))

    assert fired(store) == 0
    with store.snapshot() as conn:
        assert timers.next_due(conn) == (DUE + 1, "undo", "deal:1")
    assert fired(store, DUE + 1) == 1


def test_timer_that_fired_can_be_started_for_another_instant(store: Store) -> None:
    started(store, StartTimer("undo", "deal:1", NOW))
    fired(store)
    started(store, StartTimer("undo", "deal:1", NOW + MICROSECOND))

    assert fired(store, DUE + 1) == 1
    assert [at for _, at, _ in rows(store)] == [DUE, DUE + 1]


def test_cancelled_timer_does_not_fire(store: Store) -> None:
    started(store, StartTimer("undo", "deal:1", NOW), CancelTimer("undo", "deal:1"), CancelTimer("undo", "deal:2"))

    assert fired(store) == 0
    with store.snapshot() as conn:
        assert timers.next_due(conn) is None


def test_row_of_a_timer_is_dated_with_its_due_instant_r_time_5(store: Store) -> None:
    started(store, StartTimer("undo", "deal:1", NOW))
    fired(store)

    with store.snapshot() as conn:
        found = inbox.oldest(conn, TIMERS)

    assert found is not None
    assert (found.inbound.kind, found.inbound.occurred_at, found.inbound.received_at) == ("timer", DUE, DUE + 5_000_000)
