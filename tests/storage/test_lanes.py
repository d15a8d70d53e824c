"""Lanes: one holder at a time, a fence that goes up, leases that end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import text

from storage import lanes
from storage.engine import Store
from storage.lanes import INBOX, OUTBOX, Claim, LeaseLost, claim, hold, release, renew, soonest_due_ms, wake
from tests.support.facts import committed


def woken(store: Store, *keys: str, rank: int = 0, queue: int = INBOX, delay_ms: int = 0) -> None:
    committed(store, lambda conn: wake(conn, store, [(key, rank) for key in keys], queue=queue, delay_ms=delay_ms))


def claimed(
    store: Store, *, queue: int = INBOX, limit: int = 10, lease_ms: int = 15_000, only: str = ""
) -> list[Claim]:
    return committed(store, lambda conn: claim(conn, store, queue=queue, limit=limit, lease_ms=lease_ms, only=only))


def names(claims: list[Claim]) -> list[tuple[str, int]]:
    """Lane and fence of each claim."""
    return [(one.lane, one.fence) for one in claims]


def overdue(store: Store) -> None:
    """Machine time cannot be moved, so every lease is put an hour back instead. R-TIME-4."""
    committed(store, lambda conn: conn.execute(text("UPDATE lanes SET lease_until = 1, due = due - 3600000")))


def test_a_woken_lane_is_claimed_once(store: Store) -> None:
    woken(store, "in:a")

    assert names(claimed(store)) == [("in:a", 1)]
    assert claimed(store) == []


def test_two_claims_at_once_give_the_lane_to_one(store: Store) -> None:
    keys = [f"in:{n}" for n in range(40)]
    woken(store, *keys)
    barrier = Barrier(4)

    def worker(_: int) -> list[Claim]:
        barrier.wait()
        return [one for _ in range(10) for one in claimed(store, limit=3)]

    with ThreadPoolExecutor(4) as threads:
        got = [one for result in threads.map(worker, range(4)) for one in result]

    assert sorted(names(got)) == sorted((key, 1) for key in keys)


def test_queues_do_not_see_each_other(store: Store) -> None:
    woken(store, "in:a")
    woken(store, "out:a", queue=OUTBOX)

    assert names(claimed(store, queue=OUTBOX)) == [("out:a", 1)]
    assert names(claimed(store)) == [("in:a", 1)]


def test_only_one_lane_is_claimed_when_asked_for(store: Store) -> None:
    woken(store, "in:a", "in:b")

    assert names(claimed(store, only="in:b")) == [("in:b", 1)]
    assert claimed(store, only="in:c") == []


def test_urgent_lanes_come_first_then_the_oldest(store: Store) -> None:
    for key, rank in (("list", 3), ("now", 1), ("answer", 0), ("today", 2)):
        woken(store, key, rank=rank)

    assert [claimed(store, limit=1)[0].lane for _ in range(4)] == ["answer", "now", "today", "list"]


def test_waking_again_only_makes_a_lane_more_urgent_and_earlier(store: Store) -> None:
    woken(store, "a", rank=1)
    woken(store, "a", rank=3, delay_ms=60_000)
    woken(store, "b", rank=2)

    assert [one.lane for one in (claimed(store, limit=1) + claimed(store, limit=1))] == ["a", "b"]


def test_one_wake_with_several_ranks_takes_the_most_urgent(store: Store) -> None:
    committed(store, lambda conn: wake(conn, store, [("a", 3), ("a", 0), ("a", 2)], queue=INBOX))

    with store.snapshot() as conn:
        assert conn.execute(text("SELECT rank FROM lanes WHERE key = 'a'")).scalar_one() == 0


def test_waking_nothing_is_no_mistake(store: Store) -> None:
    woken(store)

    assert claimed(store) == []


def test_delayed_lane_waits(store: Store) -> None:
    woken(store, "a", delay_ms=60_000)

    with store.snapshot() as conn:
        left = soonest_due_ms(conn, store, queue=INBOX)

    assert claimed(store) == []
    assert left is not None
    assert 50_000 < left <= 60_000


def test_lease_that_ran_out_gives_the_lane_to_the_next_with_a_higher_fence(store: Store) -> None:
    woken(store, "a")
    [first] = claimed(store)
    overdue(store)

    [second] = claimed(store)

    assert (first.fence, second.fence) == (1, 2)
    with pytest.raises(LeaseLost):
        committed(store, lambda conn: hold(conn, store, first))
    committed(store, lambda conn: hold(conn, store, second))


def test_late_holder_can_neither_renew_nor_release(store: Store) -> None:
    woken(store, "a")
    [first] = claimed(store)
    overdue(store)
    [second] = claimed(store)

    committed(store, lambda conn: renew(conn, store, first))
    committed(store, lambda conn: release(conn, store, first, due_in_ms=0))

    assert claimed(store) == []
    committed(store, lambda conn: hold(conn, store, second))


def test_held_lane_is_kept_by_renewing(store: Store) -> None:
    woken(store, "a")
    [held] = claimed(store, lease_ms=60_000)
    overdue(store)
    committed(store, lambda conn: renew(conn, store, held))

    assert claimed(store) == []
    with store.snapshot() as conn:
        left = soonest_due_ms(conn, store, queue=INBOX)
    assert left is not None
    assert 50_000 < left <= 60_000


def test_released_lane_is_idle_until_woken(store: Store) -> None:
    woken(store, "a")
    [held] = claimed(store)
    committed(store, lambda conn: release(conn, store, held, due_in_ms=None))

    with store.snapshot() as conn:
        assert soonest_due_ms(conn, store, queue=INBOX) is None
    assert claimed(store) == []
    woken(store, "a")
    assert names(claimed(store)) == [("a", 2)]


def test_lane_released_with_work_left_is_due_at_once(store: Store) -> None:
    woken(store, "a")
    [held] = claimed(store)
    committed(store, lambda conn: release(conn, store, held, due_in_ms=0))

    assert names(claimed(store)) == [("a", 2)]


def test_lane_woken_while_it_is_held_stays_with_its_holder(store: Store) -> None:
    woken(store, "a")
    [held] = claimed(store)
    woken(store, "a")

    assert claimed(store) == []
    committed(store, lambda conn: hold(conn, store, held))


def test_holding_a_lane_nobody_knows_is_a_lost_lease(store: Store) -> None:
    with pytest.raises(LeaseLost):
        committed(store, lambda conn: hold(conn, store, Claim("nobody", 1)))


def test_leases_last_fifteen_seconds_of_machine_time_r_time_4(store: Store) -> None:
    woken(store, "a")
    claimed(store)

    with store.snapshot() as conn:
        now = store.machine_ms(conn)
        until = conn.execute(text("SELECT lease_until FROM lanes")).scalar_one()

    assert lanes.LEASE_MS == 15_000
    assert 0 <= now + 15_000 - until < 2_000
