"""Timed rules of leads: what is due too, and one window of news however often it is told. R-LEAD-24H, -48H, R-MERGE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import text

from sales.decision import Decision, StartTimer
from sales.leadnews import TELL_TIMER
from sales.leads import LIMIT, RECYCLE_TIMER, WARN_AFTER, WARN_TIMER, Assignment, Lead, cycle_subject
from scheduler.registry import run
from storage import timers
from storage.engine import Store
from storage.types import to_us
from tests.support.facts import MICROSECOND, NOW, committed, keep, member, tx_of

SECOND = timedelta(seconds=1)
WINDOW = timedelta(seconds=20)


def holding(store: Store, *starts: datetime) -> None:
    """李雷 of 王芳 holds one lead for each of these starts of a cycle."""
    keep(store, member(superior_id="m02"), member("m02", "supervisor", name="王芳"))
    for n, start in enumerate(starts, 1):
        keep(store, Lead(n, f"id:L{n}", company=f"公司{n}", state="cycle", holder_id="m03", cycle_start=start))
        keep(store, Assignment(f"a{n}", n, "m03", start))


def due(store: Store, name: str, subject: str, *, at: datetime) -> Decision:
    """What the rule decides at the instant, with what is in the store."""
    with store.snapshot() as conn:
        tx = tx_of(conn, store, now=at)
        run(tx, name, subject)
        return tx.decision


def start(store: Store, orders: Sequence[object]) -> None:
    """The timers among these are started."""
    wanted = [order for order in orders if isinstance(order, StartTimer)]
    committed(store, lambda conn: timers.apply(conn, wanted, policy_version=1))


def fire(store: Store, *, until: datetime) -> None:
    """Timers due until then wait in the inbox, received at that instant."""
    committed(store, lambda conn: timers.fire(conn, store, due_until=to_us(until), now=to_us(until)))


def handled(store: Store) -> None:
    """Every waiting row has been handled."""
    committed(store, lambda conn: conn.execute(text("UPDATE inbox SET state = 1")))


def tells(decision: Decision) -> list[str]:
    """Sides a window of news opens for."""
    return [order.subject.split("|")[0] for order in decision.timers
            if isinstance(order, StartTimer) and order.name == TELL_TIMER]  # fmt: skip


def test_lead_recycled_while_the_window_is_open_or_queued_opens_no_second_r_merge(store: Store) -> None:
    first, second = NOW, NOW + 3 * SECOND
    holding(store, first, second, second + WINDOW)
    at = first + LIMIT + MICROSECOND
    opened = due(store, RECYCLE_TIMER, cycle_subject(1, first), at=at)
    start(store, opened.timers)

    open_now = due(store, RECYCLE_TIMER, cycle_subject(2, second), at=at + 3 * SECOND)
    fire(store, until=at + WINDOW)
    queued = due(store, RECYCLE_TIMER, cycle_subject(2, second), at=at + 3 * SECOND)
    handled(store)
    told = due(store, RECYCLE_TIMER, cycle_subject(3, second + WINDOW), at=at + 3 * SECOND + WINDOW)

    assert tells(opened) == ["recycled.holder", "recycled.superior", "recycled.marketing"]
    assert tells(open_now) == tells(queued) == []
    assert tells(told) == ["recycled.holder"]


def test_lead_told_again_while_its_tell_timer_is_queued_is_in_the_card_once_r_merge(store: Store) -> None:
    """Recycled, given back to its holder by a late touch, warned of anew: the queued window tells what is true now."""
    holding(store, NOW)
    at = NOW + LIMIT + MICROSECOND
    first = due(store, RECYCLE_TIMER, cycle_subject(1, NOW), at=at)
    keep(store, *first.saves)
    start(store, first.timers)
    fire(store, until=at + WINDOW)
    [subject] = [order.subject for order in first.timers
                 if isinstance(order, StartTimer) and order.subject.startswith("recycled.holder")]  # fmt: skip
    pooled = due(store, TELL_TIMER, subject, at=at + WINDOW)
    with store.snapshot() as conn:
        lead = tx_of(conn, store).leads.get(1)
        [held] = tx_of(conn, store).leads.assignments_of([1])[1]
    assert lead is not None
    keep(store, replace(lead, state="cycle", pooled_at=None), replace(held, ended_at=None, end_reason=""))

    undone = due(store, TELL_TIMER, subject, at=at + WINDOW)
    again = due(store, RECYCLE_TIMER, cycle_subject(1, NOW), at=at + SECOND)
    keep(store, *again.saves)
    once = due(store, TELL_TIMER, subject, at=at + WINDOW)

    assert [(notice.card, notice.subject) for notice in pooled.notices] == [("lead", "lead:1")]
    assert undone.notices == ()
    assert undone.looked[0].why == "settled meanwhile"
    assert tells(again) == []
    assert once.notices == pooled.notices


def test_warning_gives_way_only_to_a_recycling_that_is_due_too_r_time_6(store: Store) -> None:
    holding(store, NOW)
    subject = cycle_subject(1, NOW)
    warned_at = NOW + WARN_AFTER + MICROSECOND
    start(store, [StartTimer(WARN_TIMER, subject, warned_at)])

    on_time = due(store, WARN_TIMER, subject, at=warned_at)
    fire(store, until=NOW + LIMIT)
    late = due(store, WARN_TIMER, subject, at=warned_at)
    committed(store, lambda conn: conn.execute(text("UPDATE inbox SET received_at = received_at + 1")))
    too_late = due(store, WARN_TIMER, subject, at=warned_at)

    assert tells(on_time) == tells(late) == ["warned.holder", "warned.superior"]
    assert too_late.saves == too_late.timers == ()
    assert too_late.looked[0].why == "the recycling is due too"
