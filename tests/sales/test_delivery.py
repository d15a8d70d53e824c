"""When a message may go: four classes, quiet hours, slots, everybody's own minute. R-TIME-3, R-WHY."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.decision import Urgency
from sales.delivery import Schedule, opens_at, spread
from tests.support.facts import POLICY

CHINA = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 19, 12, 0, tzinfo=CHINA)
NIGHT = datetime(2026, 11, 19, 22, 0, tzinfo=CHINA)
MORNING = datetime(2026, 11, 20, 8, 0, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("urgency", "now", "schedule"),
    [
        (Urgency.ANSWER, NOON, Schedule(NOON)),
        (Urgency.ANSWER, NIGHT, Schedule(NIGHT)),
        (Urgency.NOW, NOON, Schedule(NOON)),
        (Urgency.NOW, NIGHT, Schedule(MORNING, "quiet hours")),
        (Urgency.NOW, MORNING, Schedule(MORNING)),
        (Urgency.TODAY, NOON, Schedule(NOON.replace(hour=13, minute=30), "slot")),
        (Urgency.TODAY, NIGHT, Schedule(MORNING.replace(minute=30), "slot")),
        (Urgency.LIST, NOON, Schedule(None, "list")),
    ],
)
def test_class_of_a_message_says_when_it_may_go_r_time_3_r_why(
    urgency: Urgency, now: datetime, schedule: Schedule
) -> None:
    assert opens_at(urgency, now=now, policy=POLICY) == schedule


def test_critical_alert_goes_at_night_too_r_time_3() -> None:
    assert opens_at(Urgency.NOW, now=NIGHT, critical=True, policy=POLICY) == Schedule(NIGHT)


def test_critical_moves_no_other_class_r_time_3() -> None:
    assert opens_at(Urgency.TODAY, now=NIGHT, critical=True, policy=POLICY).held == "slot"


@given(st.text())
def test_share_of_a_person_is_one_to_six_minutes_and_fixed_r_time_3(receiver: str) -> None:
    share = spread(receiver, POLICY)

    assert timedelta(minutes=1) <= share <= timedelta(minutes=6)
    assert share == spread(receiver, POLICY)
    assert share % timedelta(seconds=1) == timedelta(0)


def test_shares_of_many_people_fill_the_minutes_r_time_3() -> None:
    shares = {spread(f"m{n}", POLICY) for n in range(5_000)}

    assert min(shares) == timedelta(minutes=1)
    assert max(shares) == timedelta(minutes=6)
    assert len(shares) == 301


def test_share_of_one_fixed_minute_r_time_3() -> None:
    assert spread("m1", replace(POLICY, spread_minutes=(2, 2))) == timedelta(minutes=2)
