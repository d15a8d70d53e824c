"""Replicas share a vendor's limits through a real Redis; each paces alone while Redis is away."""

from __future__ import annotations

import asyncio
import os
import secrets
import time

import pytest

from bot.platforms.base import RetryLater
from bot.platforms.pace import Limits, Pace
from bot.platforms.shared import SharedPace

REDIS = os.environ.get("TEST_REDIS", "redis://127.0.0.1:6379/0")
LIMITS: Limits = {"chat": ((2, 0.4),), "member": ((2, 60.0),), "app": ((5, 0.4),)}


@pytest.fixture
async def redis_url() -> str:
    """A Redis that answers. Skips where there is none, fails in CI."""
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    client = Redis.from_url(REDIS, socket_connect_timeout=2)
    try:
        await client.ping()
    except (RedisError, OSError) as error:
        reason = f"no Redis at TEST_REDIS ({type(error).__name__})"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    finally:
        await client.aclose()
    return REDIS


async def passes(paces: list[Pace], count: int, *about: tuple[str, str]) -> list[float]:
    """When each of so many calls passed, spread over the replicas."""
    times: list[float] = []

    async def one(pace: Pace) -> None:
        await pace.wait(*about)
        times.append(time.monotonic())

    await asyncio.gather(*(one(paces[n % len(paces)]) for n in range(count)))
    return sorted(times)


async def test_two_replicas_together_keep_the_limit_of_one(redis_url: str) -> None:
    name = secrets.token_hex(4)
    paces: list[Pace] = [SharedPace(name, redis_url, LIMITS, time.monotonic) for _ in range(2)]

    times = await passes(paces, 6, ("chat", "c1"), ("app", ""))

    assert all(later - earlier >= 0.35 for earlier, later in zip(times, times[2:], strict=False))
    for pace in paces:
        await pace.stop()


async def test_alone_each_would_have_let_twice_as_many_through() -> None:
    times = await passes([Pace(LIMITS, time.monotonic) for _ in range(2)], 4, ("chat", "c1"), ("app", ""))

    assert times[-1] - times[0] < 0.35


async def test_who_would_wait_long_comes_back_and_is_not_counted(redis_url: str) -> None:
    pace = SharedPace(secrets.token_hex(4), redis_url, LIMITS, time.monotonic)
    await pace.wait(("member", "m1"), ("app", ""))
    await pace.wait(("member", "m1"), ("app", ""))

    with pytest.raises(RetryLater) as told:
        await pace.wait(("member", "m1"), ("app", ""))

    assert 50 < told.value.after <= 60
    await pace.wait(("member", "m2"), ("app", ""))
    await pace.stop()


async def test_without_redis_the_process_paces_alone() -> None:
    pace = SharedPace("x", "redis://127.0.0.1:1/0", LIMITS, time.monotonic)

    times = await passes([pace], 3, ("chat", "c1"), ("app", ""))

    assert times[2] - times[0] >= 0.35
    await pace.stop()
