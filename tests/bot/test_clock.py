"""Two clocks: business time moves forward only, machine time never. R-TIME-4."""

from __future__ import annotations

import time
from datetime import UTC

from bot.clock import Clock, MovableClock
from storage.types import to_us

HOUR = 3_600 * 1_000_000
SLACK = 5_000_000


def test_business_time_is_the_systems_in_utc_r_time_1_r_time_4() -> None:
    clock = Clock()

    assert abs(clock.business_us() - time.time_ns() // 1000) < SLACK
    assert clock.business().tzinfo is UTC
    assert abs(to_us(clock.business()) - clock.business_us()) < SLACK
    assert not clock.movable


def test_machine_time_never_goes_back_r_time_4() -> None:
    clock = Clock()
    seen = [clock.machine() for _ in range(100)]

    assert seen == sorted(seen)


def test_movable_clock_starts_where_it_is_told_and_runs_r_time_4() -> None:
    clock = MovableClock(1_000_000)

    first, second = clock.business_us(), clock.business_us()

    assert clock.movable
    assert 1_000_000 <= first <= second < 1_000_000 + SLACK


def test_movable_clock_without_a_start_is_the_systems() -> None:
    assert abs(MovableClock().business_us() - time.time_ns() // 1000) < SLACK


def test_business_time_moves_forward_only_r_time_4() -> None:
    clock = MovableClock(0)
    clock.move_to(48 * HOUR)
    after = clock.business_us()
    clock.move_to(HOUR)

    assert 48 * HOUR <= after < 48 * HOUR + SLACK
    assert clock.business_us() >= after


def test_moving_business_time_leaves_machine_time_r_time_4() -> None:
    clock = MovableClock(0)
    before = clock.machine()
    clock.move_to(1_000 * HOUR)

    assert clock.machine() - before < 5
