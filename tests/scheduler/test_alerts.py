"""Timed rules of alerts: one look for all that is due at once, and what a downtime leaves out. R-ALERT-1, R-TIME-6."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from sales.alerts import EVALUATE, FINAL, LDR, REPEAT, Alert
from sales.decision import Decision, StartTimer
from sales.leads import Assignment, Lead
from scheduler.registry import run
from storage import timers
from storage.engine import Store
from storage.types import to_us
from tests.support.cold import MONDAY
from tests.support.facts import committed, keep, member, tx_of

HOUR = timedelta(hours=1)
RIPE = MONDAY + 49 * HOUR


def looked(store: Store, name: str = EVALUATE, subject: str = LDR, *, at: datetime = RIPE) -> Decision:
    """What the rule decides at this instant, as the oldest row of its lane."""
    with store.snapshot() as conn:
        tx = tx_of(conn, store, now=at)
        run(tx, name, subject)
        return tx.decision


def starts(store: Store, at: datetime, name: str = EVALUATE, subject: str = LDR) -> None:
    committed(store, lambda conn: timers.apply(conn, [StartTimer(name, subject, at)], policy_version=1))


def fires(store: Store, *, until: datetime) -> None:
    committed(store, lambda conn: timers.fire(conn, store, due_until=to_us(until), now=to_us(until)))


@pytest.fixture
def cold(store: Store) -> Store:
    """Twenty cycles of Monday, none reached."""
    keep(store, member(team="销售部/华东一组"))
    for n in range(1, 21):
        keep(store, Lead(n, f"id:L{n}", holder_id="m03", state="pool"), Assignment(f"a{n}", n, "m03", MONDAY))
    return store


def fired(decision: Decision) -> list[str]:
    return [one.period for one in decision.saves if isinstance(one, Alert)]


def test_looks_that_wait_together_are_one_and_the_last_looks_for_all_r_alert_1(cold: Store) -> None:
    starts(cold, RIPE)
    fires(cold, until=RIPE + HOUR)
    alone = looked(cold)
    starts(cold, RIPE + timedelta(milliseconds=1))
    due_too = looked(cold)
    fires(cold, until=RIPE + 2 * HOUR)
    queued = looked(cold)
    last = looked(cold, at=RIPE + timedelta(milliseconds=1))

    assert fired(alone) == fired(last) == ["2026-W47"]
    for decision in (due_too, queued):
        assert decision.saves == decision.notices == ()
        assert decision.looked[0].why == "a later look is due too"


def test_look_that_is_due_only_after_this_one_came_is_not_waited_for_r_alert_1(cold: Store) -> None:
    starts(cold, RIPE)
    fires(cold, until=RIPE + HOUR)
    starts(cold, RIPE + HOUR + timedelta(microseconds=1))

    assert fired(looked(cold)) == ["2026-W47"]


def test_look_whose_successor_was_handled_already_looks_itself_r_alert_1(cold: Store) -> None:
    starts(cold, RIPE + HOUR)
    fires(cold, until=RIPE + 2 * HOUR)
    committed(cold, lambda conn: conn.execute(text("UPDATE inbox SET state = 1")))

    assert fired(looked(cold)) == ["2026-W47"]


@pytest.mark.parametrize(("late", "told"), [(23 * HOUR, True), (24 * HOUR, False)])
def test_firing_found_so_late_that_a_repeat_is_due_is_told_by_it_r_time_6(
    cold: Store, late: timedelta, told: bool
) -> None:
    starts(cold, RIPE)
    fires(cold, until=RIPE + late)

    decision = looked(cold)

    assert fired(decision) == ["2026-W47"]
    assert bool(decision.notices) is told
    repeat = next(order for order in decision.timers if isinstance(order, StartTimer) and order.name == REPEAT)
    assert repeat.due == RIPE + 24 * HOUR
    assert FINAL in [order.name for order in decision.timers]
