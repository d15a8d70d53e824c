"""The inbox: everything that happens becomes one row, once, in order."""

from __future__ import annotations

from storage import inbox
from storage.engine import Store
from storage.inbox import Inbound
from storage.lanes import INBOX, TIMERS, claim
from tests.support.facts import committed


def event(event_id: str = "feishu:t:1", lane: str = "in:feishu:oc_1", **more: object) -> Inbound:
    given = {
        "kind": "message", "platform": "feishu", "account": "ou_1", "chat": "oc_1", "payload": b'{"a":1}',
        "occurred_at": 1_000_001, "received_at": 2_000_002, "answer_within_ms": 0, **more,
    }  # fmt: skip
    return Inbound(id=event_id, lane=lane, **given)  # type: ignore[arg-type]


def received(store: Store, *rows: Inbound) -> None:
    committed(store, lambda conn: inbox.receive(conn, store, rows))


def handled(store: Store, lane: str = "in:feishu:oc_1") -> str:
    """The id of the lane's oldest row, which is finished."""
    with store.snapshot() as conn:
        found = inbox.oldest(conn, lane)
    assert found is not None
    committed(store, lambda conn: inbox.finish(conn, found.seq))
    return found.inbound.id


def test_row_comes_back_as_it_was_received(store: Store) -> None:
    received(store, event(payload="录单 \U0001f600\x00".encode()))

    with store.snapshot() as conn:
        found = inbox.oldest(conn, "in:feishu:oc_1")

    assert found is not None
    assert found.inbound == event(payload="录单 \U0001f600\x00".encode())
    assert (found.tries, found.answer_by) == (0, None)


def test_rows_of_a_lane_are_handled_in_the_order_they_came(store: Store) -> None:
    received(store, *(event(f"e{n}") for n in range(5)))

    assert [handled(store) for _ in range(5)] == ["e0", "e1", "e2", "e3", "e4"]
    with store.snapshot() as conn:
        assert inbox.oldest(conn, "in:feishu:oc_1") is None
        assert not inbox.has_waiting(conn, "in:feishu:oc_1")


def test_the_same_id_again_is_one_event_in_a_batch_and_later(store: Store) -> None:
    received(store, event("e1"), event("e2"), event("e1", payload=b"{}"))
    received(store, event("e1", payload=b"[]"))

    with store.snapshot() as conn:
        found = inbox.by_id(conn, "e1")
        assert inbox.count_waiting(conn) == 2
    assert found is not None
    assert found.inbound.payload == b'{"a":1}'


def test_the_same_id_after_it_was_handled_stays_handled(store: Store) -> None:
    received(store, event("e1"))
    handled(store)
    received(store, event("e1"))

    with store.snapshot() as conn:
        assert inbox.count_waiting(conn) == 0


def test_receiving_wakes_each_lane(store: Store) -> None:
    received(store, event("e1", "in:a"), event("e2", "in:b"), event("e3", "in:a"))

    claims = committed(store, lambda conn: claim(conn, store, queue=INBOX, limit=9))

    assert sorted(one.lane for one in claims) == ["in:a", "in:b"]


def test_answer_time_is_counted_from_receipt_in_machine_time_r_time_4(store: Store) -> None:
    received(store, event("click", answer_within_ms=2_500))

    with store.snapshot() as conn:
        found, now = inbox.by_id(conn, "click"), store.machine_ms(conn)

    assert found is not None
    assert found.answer_by is not None
    assert 0 < found.answer_by - now <= 2_500


def test_failed_row_stays_first_and_is_counted(store: Store) -> None:
    received(store, event("e1"), event("e2"))
    with store.snapshot() as conn:
        first = inbox.oldest(conn, "in:feishu:oc_1")
    assert first is not None

    committed(store, lambda conn: inbox.try_again(conn, first.seq, tries=1, error="boom"))

    with store.snapshot() as conn:
        again = inbox.oldest(conn, "in:feishu:oc_1")
    assert again is not None
    assert (again.inbound.id, again.tries) == ("e1", 1)


def test_dead_row_lets_the_lane_go_on_and_comes_back_to_its_place(store: Store) -> None:
    received(store, event("e1"), event("e2"))
    with store.snapshot() as conn:
        first = inbox.oldest(conn, "in:feishu:oc_1")
    assert first is not None
    committed(store, lambda conn: inbox.bury(conn, first.seq, error="KeyError: x"))

    with store.snapshot() as conn:
        following = inbox.oldest(conn, "in:feishu:oc_1")
        assert inbox.dead(conn) == [("e1", "message", "KeyError: x")]
    assert following is not None
    assert following.inbound.id == "e2"

    assert committed(store, lambda conn: inbox.revive(conn, store, "e1"))
    assert [handled(store), handled(store)] == ["e1", "e2"]


def test_reviving_what_is_not_dead_changes_nothing(store: Store) -> None:
    received(store, event("e1"))

    assert not committed(store, lambda conn: inbox.revive(conn, store, "e1"))
    assert not committed(store, lambda conn: inbox.revive(conn, store, "unknown"))


def test_oldest_waiting_instant_leaves_timers_out(store: Store) -> None:
    with store.snapshot() as conn:
        assert inbox.waiting_since(conn) is None
    received(store, event("t1", lane=TIMERS, received_at=1), event("e1", received_at=7), event("e2", received_at=9))

    with store.snapshot() as conn:
        assert inbox.waiting_since(conn) == 7


def test_a_batch_may_name_a_lane_many_times(store: Store) -> None:
    received(store, *(event(f"e{n}", lane=f"in:{n % 3}") for n in range(200)), event("e0", lane="in:other"))

    claims = committed(store, lambda conn: claim(conn, store, queue=INBOX, limit=10))

    assert sorted(one.lane for one in claims if one.lane != "in:other") == ["in:0", "in:1", "in:2"]


def test_only_handled_rows_past_their_time_are_forgotten_r_priv(store: Store) -> None:
    received(store, event("old", received_at=10), event("new", received_at=20), event("waits", received_at=10))
    handled(store)
    handled(store)

    assert committed(store, lambda conn: inbox.forget(conn, received_before=20)) == 1

    with store.snapshot() as conn:
        assert [inbox.by_id(conn, event_id) is not None for event_id in ("old", "new", "waits")] == [False, True, True]
