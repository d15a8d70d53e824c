"""The tenant's calendar: days, quiet hours, slots, workdays with make-up days. R-TIME-1, R-TIME-2, R-TIME-3."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.calendar import day_of, is_estimated, is_within, is_workday, local, next_slot, quiet_until
from sales.policy import Policy
from tests.support.facts import MICROSECOND, NOW, POLICY

CHINA = ZoneInfo("Asia/Shanghai")
INSTANTS = st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def at(day: str, clock: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), CHINA)


def test_instant_on_the_tenants_wall_clock_r_time_1() -> None:
    assert local(datetime(2026, 11, 19, 16, 0, tzinfo=UTC), POLICY) == at("2026-11-20", "00:00")


@pytest.mark.parametrize(
    ("clock", "day"), [("23:59:59.999999", "2026-11-19"), ("00:00", "2026-11-19"), ("12:00", "2026-11-19")]
)
def test_day_is_from_midnight_to_midnight_r_time_1(clock: str, day: str) -> None:
    assert day_of(at("2026-11-19", clock).astimezone(UTC), POLICY) == date.fromisoformat(day)


def test_day_changes_with_the_zone_r_time_1() -> None:
    late = datetime(2026, 11, 19, 20, 0, tzinfo=UTC)

    assert day_of(late, POLICY) == date(2026, 11, 20)
    assert day_of(late, replace(POLICY, zone="UTC")) == date(2026, 11, 19)


@pytest.mark.parametrize(("away", "within"), [(timedelta(0), True), (-MICROSECOND, True), (MICROSECOND, False)])
def test_limit_includes_its_last_instant_r_time_2(away: timedelta, within: bool) -> None:
    limit = timedelta(hours=48)

    assert is_within(NOW + limit + away, start=NOW, limit=limit) is within


@pytest.mark.parametrize(
    ("day", "workday"),
    [
        ("2026-01-01", False),  # 元旦
        ("2026-01-04", True),  # 周日，调休上班
        ("2026-02-14", True),  # 周六，调休上班
        ("2026-02-16", False),  # 除夕
        ("2026-02-23", False),  # 春节假
        ("2026-02-24", True),
        ("2026-02-28", True),  # 周六，调休上班
        ("2026-05-01", False),  # 劳动节，周五
        ("2026-05-09", True),  # 周六，调休上班
        ("2026-09-20", True),  # 周日，调休上班
        ("2026-10-01", False),  # 国庆
        ("2026-10-07", False),
        ("2026-10-10", True),  # 周六，调休上班
        ("2026-11-19", True),
        ("2026-11-21", False),
    ],
)
def test_workdays_of_2026_follow_the_official_calendar_r_time_2(day: str, workday: bool) -> None:
    assert is_workday(date.fromisoformat(day)) is workday
    assert not is_estimated(date.fromisoformat(day))


@pytest.mark.parametrize(("day", "workday"), [("2099-10-01", True), ("2099-10-03", False), ("2099-10-04", False)])
def test_year_not_yet_published_falls_back_to_monday_to_friday_and_says_so_r_time_2(day: str, workday: bool) -> None:
    assert is_workday(date.fromisoformat(day)) is workday
    assert is_estimated(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("day", "clock", "until"),
    [
        ("2026-11-19", "21:59:59.999999", None),
        ("2026-11-19", "22:00", "2026-11-20"),
        ("2026-11-19", "23:59:59.999999", "2026-11-20"),
        ("2026-11-20", "00:00", "2026-11-20"),
        ("2026-11-20", "07:59:59.999999", "2026-11-20"),
        ("2026-11-20", "08:00", None),
        ("2026-11-21", "22:00", "2026-11-22"),  # every day, Saturdays too
        ("2026-12-31", "22:00", "2027-01-01"),
    ],
)
def test_quiet_hours_are_half_open_every_day_r_time_3(day: str, clock: str, until: str | None) -> None:
    assert quiet_until(at(day, clock), POLICY) == (at(until, "08:00") if until else None)


@pytest.mark.parametrize(
    ("clock", "quiet"), [("11:59:59.999999", False), ("12:00", True), ("13:59:59.999999", True), ("14:00", False)]
)
def test_quiet_hours_inside_one_day_r_time_3(clock: str, quiet: bool) -> None:
    noon = replace(POLICY, quiet_from=time(12), quiet_to=time(14))

    assert quiet_until(at("2026-11-19", clock), noon) == (at("2026-11-19", "14:00") if quiet else None)


def test_no_quiet_hours_when_they_begin_where_they_end_r_time_3() -> None:
    assert quiet_until(at("2026-11-19", "23:00"), replace(POLICY, quiet_from=time(8), quiet_to=time(8))) is None


@pytest.mark.parametrize(
    ("day", "clock", "slot"),
    [
        ("2026-11-19", "08:29:59.999999", "2026-11-19 08:30"),
        ("2026-11-19", "08:30", "2026-11-19 08:30"),
        ("2026-11-19", "08:30:00.000001", "2026-11-19 13:30"),
        ("2026-11-19", "13:30:00.000001", "2026-11-19 17:45"),
        ("2026-11-19", "17:45", "2026-11-19 17:45"),
        ("2026-11-19", "17:45:00.000001", "2026-11-20 08:30"),
        ("2026-11-20", "18:00", "2026-11-23 08:30"),  # over the weekend
        ("2026-02-28", "08:00", "2026-02-28 08:30"),  # a make-up Saturday
        ("2026-09-30", "18:00", "2026-10-08 08:30"),  # over the national holiday
        ("2026-02-14", "18:00", "2026-02-24 08:30"),  # over the spring festival
        ("2099-10-02", "18:00", "2099-10-05 08:30"),  # not published: Monday
    ],
)
def test_slots_are_on_workdays_only_r_time_3(day: str, clock: str, slot: str) -> None:
    when, hour = slot.split()

    assert next_slot(at(day, clock), POLICY) == at(when, hour)


def test_slots_need_no_order_r_time_3() -> None:
    mixed = replace(POLICY, slots=(time(17, 45), time(8, 30)))

    assert next_slot(at("2026-11-19", "08:00"), mixed) == at("2026-11-19", "08:30")


@given(INSTANTS)
def test_next_slot_is_never_before_the_instant_and_stays_there_r_time_3(instant: datetime) -> None:
    slot = next_slot(instant, POLICY)

    assert slot >= instant
    assert slot.tzinfo is instant.tzinfo
    assert next_slot(slot, POLICY) == slot
    assert is_workday(day_of(slot, POLICY))
    assert local(slot, POLICY).time() in POLICY.slots


@given(INSTANTS, st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"]))
def test_end_of_quiet_hours_is_never_quiet_and_at_most_a_night_away_r_time_3(instant: datetime, zone: str) -> None:
    policy = Policy(zone=zone)
    end = quiet_until(instant, policy)

    if end is not None:
        assert timedelta(0) < end - instant <= timedelta(hours=11)
        assert quiet_until(end, policy) is None
        assert quiet_until(end - MICROSECOND, policy) == end


def test_offset_of_the_instant_is_kept() -> None:
    berlin = timezone(timedelta(hours=1))

    assert quiet_until(datetime(2026, 11, 19, 15, 0, tzinfo=berlin), POLICY) == at("2026-11-20", "08:00")
    assert next_slot(datetime(2026, 11, 19, 1, 0, tzinfo=berlin), POLICY).tzinfo is berlin
