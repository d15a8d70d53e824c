"""The outbox: every message from plan to receipt, sent once, in order, with a ledger line. R-WHY, R-TIME-3."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from storage import outbox
from storage.engine import Store
from storage.lanes import OUTBOX, LeaseLost, soonest_due_ms
from storage.outbox import DEAD, DONE, HELD, SENDING, SUPERSEDED, UNPUSHED, WAITING, Due, Row
from tests.support.facts import committed

LANE = "out:feishu:oc_1"


def row(row_id: str, **more: Any) -> Row:
    given: dict[str, Any] = {
        "lane": LANE,
        "kind": "reply",
        "platform": "feishu",
        "chat": "oc_1",
        "viewer": "m03",
        **more,
    }
    return Row(row_id, **given)


def planned(store: Store, *rows: Row, delay_ms: int = 0) -> None:
    committed(store, lambda conn: outbox.plan(conn, store, rows, delay_ms=delay_ms))


def claimed(store: Store, limit: int = 10) -> list[Due]:
    return committed(store, lambda conn: outbox.claim(conn, store, limit=limit))


def sent(store: Store, due: Due, *, gap_ms: int = 0) -> None:
    def write(conn: Any) -> None:
        outbox.sent(conn, [due.row.id, *(m.id for m in due.merged)], at=5, message_id="om_1")
        outbox.finish_lane(conn, store, due.claim, gap_ms=gap_ms)

    committed(store, write)


def state(store: Store, row_id: str) -> Row:
    with store.snapshot() as conn:
        found = outbox.get(conn, row_id)
    assert found is not None
    return found


def overdue(store: Store) -> None:
    """The lease of every lane ran out."""
    committed(store, lambda conn: conn.execute(text("UPDATE lanes SET lease_until = 1, due = 1")))


def drained(store: Store) -> list[str]:
    """Ids in the order they are sent."""
    order = []
    while due := claimed(store, limit=1):
        order.append(due[0].row.id)
        sent(store, due[0])
    return order


def test_planned_row_is_sent_once_and_kept_as_a_ledger_line_r_why(store: Store) -> None:
    planned(store, row("r1", args={"text": "好"}, rule="R-TIME-3", policy_version=3))
    [due] = claimed(store)
    assert (due.row.id, due.row.args, due.row.state) == ("r1", {"text": "好"}, WAITING)
    assert claimed(store) == []

    sent(store, due)

    kept = state(store, "r1")
    assert (kept.state, kept.message_id, kept.tries, kept.unknown) == (DONE, "om_1", 1, 0)
    assert (kept.rule, kept.policy_version) == ("R-TIME-3", 3)
    assert claimed(store) == []


def test_rows_of_a_chat_go_one_after_the_other_in_order(store: Store) -> None:
    planned(store, row("r1"), row("r2"), row("r3"))

    assert drained(store) == ["r1", "r2", "r3"]


def test_urgent_rows_go_before_earlier_ones_of_a_lower_class_r_time_3(store: Store) -> None:
    planned(store, row("today", urgency=2), row("now", urgency=1), row("answer", urgency=0), row("answer 2"))

    assert drained(store) == ["answer", "answer 2", "now", "today"]


def test_chats_do_not_wait_for_each_other(store: Store) -> None:
    planned(store, row("a1"), row("b1", lane="out:feishu:oc_2"))

    assert sorted(due.row.id for due in claimed(store)) == ["a1", "b1"]


def test_second_waiting_redraw_of_a_card_is_merged_into_the_first_r_merge(store: Store) -> None:
    planned(store, row("d1", kind="redraw", merge_key="redraw:c1"))
    planned(store, row("d2", kind="redraw", merge_key="redraw:c1"), row("d3", kind="redraw", merge_key="redraw:c2"))

    assert drained(store) == ["d1", "d3"]
    planned(store, row("d4", kind="redraw", merge_key="redraw:c1"))
    assert drained(store) == ["d4"]


def test_redraw_planned_while_another_is_being_sent_waits_behind_it_r_merge(store: Store) -> None:
    planned(store, row("d1", kind="redraw", merge_key="redraw:c1"))
    [due] = claimed(store)
    planned(store, row("d2", kind="redraw", merge_key="redraw:c1"))

    sent(store, due)

    assert drained(store) == ["d2"]


def test_failed_redraw_ends_when_a_newer_one_waits_r_merge(store: Store) -> None:
    planned(store, row("d1", kind="redraw", merge_key="redraw:c1"))
    claimed(store)
    planned(store, row("d2", kind="redraw", merge_key="redraw:c1"))

    committed(store, lambda conn: outbox.retry(conn, "d1", hold_until=0, error="429", unknown=False))

    assert (state(store, "d1").state, state(store, "d1").error) == (SUPERSEDED, "a newer redraw waits")


def test_redraw_leaves_a_gap_before_the_next_r_merge(store: Store) -> None:
    planned(store, row("d1", kind="redraw", merge_key="redraw:c1"))
    [due] = claimed(store)
    planned(store, row("d2", kind="redraw", merge_key="redraw:c1"))

    sent(store, due, gap_ms=outbox.MERGE_GAP_MS)

    assert claimed(store) == []
    with store.snapshot() as conn:
        left = soonest_due_ms(conn, store, queue=OUTBOX)
    assert left is not None
    assert 2_000 < left <= 3_000
    overdue(store)
    assert [due.row.id for due in claimed(store)] == ["d2"]


def test_delayed_plan_waits(store: Store) -> None:
    planned(store, row("r1"), delay_ms=60_000)

    assert claimed(store) == []


def test_row_after_another_waits_until_that_is_closed(store: Store) -> None:
    planned(store, row("toast", state=HELD, hold_until=2**52), row("card", lane="out:card:c1", after_id="toast"))
    assert claimed(store) == []

    committed(store, lambda conn: outbox.close(conn, ["toast"], state=DONE, why=""))
    overdue(store)

    assert [due.row.id for due in claimed(store)] == ["card"]


def test_held_answer_goes_to_whoever_is_first(store: Store) -> None:
    planned(store, row("r1", state=HELD, hold_until=2**52))
    assert claimed(store) == []

    first = committed(store, lambda conn: outbox.claim_inline(conn, store, "r1"))
    second = committed(store, lambda conn: outbox.claim_inline(conn, store, "r1"))
    committed(store, lambda conn: outbox.confirm_inline(conn, store, "r1", at=7))

    assert (first, second) == (True, False)
    assert (state(store, "r1").state, state(store, "r1").error) == (DONE, "inline")
    overdue(store)
    assert claimed(store) == []


def test_held_answer_nobody_took_in_time_goes_out_by_the_outbox(store: Store) -> None:
    planned(store, row("r1", state=HELD, hold_until=1))

    [due] = claimed(store)

    assert (due.row.id, due.row.unknown) == ("r1", 0)
    assert not committed(store, lambda conn: outbox.claim_inline(conn, store, "r1"))


def test_confirming_an_unknown_answer_changes_nothing(store: Store) -> None:
    committed(store, lambda conn: outbox.confirm_inline(conn, store, "nobody", at=7))

    assert claimed(store) == []


def test_row_found_half_sent_is_counted_as_unknown(store: Store) -> None:
    planned(store, row("r1"))
    [first] = claimed(store)
    overdue(store)

    [second] = claimed(store)

    assert (second.row.id, second.row.state) == ("r1", SENDING)
    assert (state(store, "r1").tries, state(store, "r1").unknown) == (2, 1)
    with pytest.raises(LeaseLost):
        sent(store, first)
    assert state(store, "r1").state == SENDING


def test_inline_answer_of_unknown_fate_stays_unguarded_when_its_resend_must_wait_r_why(store: Store) -> None:
    planned(store, row("r1", state=HELD, hold_until=2**52))
    committed(store, lambda conn: outbox.claim_inline(conn, store, "r1", lease_ms=0))
    overdue(store)
    [due] = claimed(store)

    def throttled(conn: Any) -> None:
        outbox.retry(conn, "r1", hold_until=0, error="429", unknown=False)
        outbox.finish_lane(conn, store, due.claim, wait_ms=0)

    committed(store, throttled)
    overdue(store)
    [again] = claimed(store)

    assert again.row.first_try_at > 0
    assert again.row.unknown >= outbox.UNGUARDED


def test_retry_waits_and_keeps_the_lane_in_order(store: Store) -> None:
    planned(store, row("r1"), row("r2"))
    [due] = claimed(store)

    def later(conn: Any) -> None:
        outbox.retry(conn, "r1", hold_until=store.machine_ms(conn) + 60_000, error="429", unknown=True)
        outbox.finish_lane(conn, store, due.claim, wait_ms=60_000)

    committed(store, later)

    assert claimed(store) == []
    overdue(store)
    assert claimed(store) == []
    kept = state(store, "r1")
    assert (kept.state, kept.error, kept.unknown, kept.tries) == (WAITING, "429", 1, 1)


def test_row_that_waits_for_a_minute_lets_other_subjects_pass_but_not_its_own_r_time_3(store: Store) -> None:
    planned(store, row("r1", subject="deal:1"), row("r2", subject="deal:1"), row("r3", subject="deal:2"))
    claimed(store)
    long_ago = "UPDATE outbox SET state = 0, hold_until = 4503599627370496, first_try_at = 1 WHERE id = 'r1'"
    committed(store, lambda conn: conn.execute(text(long_ago)))
    overdue(store)

    assert drained(store) == ["r3"]


def test_row_held_for_a_business_instant_is_not_in_the_way_and_goes_then_r_time_3(store: Store) -> None:
    planned(store, row("night", urgency=1, deliver_at=100, held_why="quiet hours"), row("r2", urgency=2))
    assert drained(store) == ["r2"]
    with store.snapshot() as conn:
        assert outbox.next_held(conn) == 100
        assert outbox.count_open(conn) == 0

    assert committed(store, lambda conn: outbox.release_held(conn, store, now=99)) == 0
    assert committed(store, lambda conn: outbox.release_held(conn, store, now=100)) == 1

    with store.snapshot() as conn:
        assert outbox.next_held(conn) is None
        assert outbox.count_open(conn) == 1
    assert drained(store) == ["night"]


def test_held_messages_of_one_person_go_out_as_one_list_r_time_3_r_merge(store: Store) -> None:
    notices = [row(f"n{n}", kind="notice", deliver_at=100, held_why="slot") for n in range(3)]
    planned(store, *notices, row("other", kind="notice", deliver_at=100, held_why="slot", viewer="m04"), row("r1"))
    committed(store, lambda conn: outbox.release_held(conn, store, now=100))

    [due] = claimed(store)

    assert due.row.id == "n0"
    assert [merged.id for merged in due.merged] == ["n1", "n2"]
    sent(store, due)
    assert [state(store, f"n{n}").state for n in range(3)] == [DONE] * 3
    assert drained(store) == ["other", "r1"]


def test_messages_that_were_not_held_are_not_merged(store: Store) -> None:
    planned(store, row("n0", kind="notice"), row("n1", kind="notice"))

    [due] = claimed(store)

    assert due.merged == ()


def test_closed_rows_are_shown_only_when_dead(store: Store) -> None:
    planned(store, row("r1"), row("r2", state=UNPUSHED), row("r3"))
    committed(store, lambda conn: outbox.close(conn, ["r1"], state=DEAD, why="NotAllowed 230002"))
    committed(store, lambda conn: outbox.close(conn, ["r3"], state=SUPERSEDED, why="done"))

    with store.snapshot() as conn:
        assert outbox.dead(conn) == [("r1", "reply", "NotAllowed 230002")]
        assert outbox.count_open(conn) == 0
    assert claimed(store) == []


def test_reply_is_found_by_its_event_and_its_action_is_noted_r_why(store: Store) -> None:
    planned(store, row("d1", kind="redraw", inbound_id="e1"), row("r1", inbound_id="e1"))
    committed(store, lambda conn: outbox.acted(conn, "r1", at=77))

    with store.snapshot() as conn:
        found = outbox.reply_of(conn, "e1")
        assert outbox.reply_of(conn, "e2") is None
        assert conn.execute(text("SELECT acted_at FROM outbox WHERE id = 'r1'")).scalar_one() == 77
    assert found is not None
    assert found.id == "r1"


def test_only_closed_lines_past_their_time_are_forgotten_r_priv(store: Store) -> None:
    planned(
        store, row("open", planned_at=1), row("done", planned_at=1, state=DONE), row("new", planned_at=9, state=DONE)
    )

    assert committed(store, lambda conn: outbox.forget(conn, planned_before=9)) == 1

    with store.snapshot() as conn:
        assert [outbox.get(conn, row_id) is not None for row_id in ("open", "done", "new")] == [True, False, True]
