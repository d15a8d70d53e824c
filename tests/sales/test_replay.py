"""A dry run of the LDR alert over what was. R-ADM-1, R-ALERT-1."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from sales.metrics import LeadCycleFact, Period, earlier_week, week_of
from sales.policy import Policy
from sales.replay import trial_words, would_fire
from tests.support.facts import MICROSECOND, NOW

POLICY = Policy()
WEEK = week_of(NOW, POLICY)
LAST = earlier_week(WEEK, 1, POLICY)
RIPE = timedelta(hours=48)


def cycles(week: Period, cold: int, counted: int, *, at: datetime | None = None, **more: bool) -> list[LeadCycleFact]:
    """Cycles of a week begun at one instant, the cold ones first."""
    start = at or week.start
    return [LeadCycleFact(f"L{n}", f"a{n}", start, "m03", "一组", n >= cold, **more) for n in range(counted)]


@pytest.mark.parametrize(("cold", "counted", "fires"), [(5, 20, True), (4, 20, False), (5, 19, False), (0, 0, False)])
def test_running_week_fires_over_the_line_from_20_cycles_on_r_met_2(cold: int, counted: int, fires: bool) -> None:
    assert would_fire(cycles(WEEK, cold, counted), period=WEEK, as_of=NOW, policy=POLICY) is fires


@pytest.mark.parametrize(("cold", "counted", "fires"), [(2, 5, True), (1, 5, False), (4, 4, False)])
def test_ended_week_is_judged_from_5_cycles_on_r_alert_1(cold: int, counted: int, fires: bool) -> None:
    assert would_fire(cycles(LAST, cold, counted), period=LAST, as_of=NOW, policy=POLICY) is fires


def test_week_that_was_over_the_line_for_a_while_fired_r_alert_1() -> None:
    facts = cycles(LAST, 5, 20) + cycles(LAST, 0, 30, at=LAST.start + timedelta(hours=1))

    assert would_fire(facts, period=LAST, as_of=NOW, policy=POLICY)


def test_cycles_of_one_instant_are_looked_at_together_r_alert_1() -> None:
    assert not would_fire(cycles(LAST, 20, 200), period=LAST, as_of=NOW, policy=POLICY)


def test_cycle_counts_from_48_hours_on_r_time_2() -> None:
    facts = cycles(WEEK, 20, 20)

    assert would_fire(facts, period=WEEK, as_of=WEEK.start + RIPE, policy=POLICY)
    assert not would_fire(facts, period=WEEK, as_of=WEEK.start + RIPE - MICROSECOND, policy=POLICY)


def test_invalid_cycles_and_those_of_other_weeks_are_left_out_r_lead_inv() -> None:
    facts = cycles(WEEK, 20, 20, invalid=True) + cycles(LAST, 20, 20)

    assert not would_fire(facts, period=WEEK, as_of=NOW, policy=POLICY)


@pytest.mark.parametrize(
    ("back", "words"), [(12, "近 90 天 1 → 2 次"), (5, "只有 38 天数据：1 → 2 次"), (1, "只有 10 天数据：1 → 2 次")]
)
def test_trial_says_how_often_and_over_how_much_r_adm_1_r_alert_3(back: int, words: str) -> None:
    first = earlier_week(WEEK, back, POLICY)
    facts = cycles(first, 5, 20) + cycles(WEEK, 19, 100)
    weeks = [WEEK, first]
    tighter = replace(POLICY, ldr_alarm_percent=Decimal(18))

    assert trial_words(facts, weeks=weeks, now=NOW, before=POLICY, after=tighter) == words


def test_trial_without_facts_says_so_r_none() -> None:
    assert trial_words([], weeks=[WEEK], now=NOW, before=POLICY, after=POLICY) == "—（没有可重放的数据）"
