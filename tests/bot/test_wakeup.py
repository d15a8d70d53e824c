"""Waiting for work: woken at once here, through Redis elsewhere, by the poll when both are silent."""

from __future__ import annotations

import asyncio
import os
import time

import pytest

from bot.wakeup import CHANNEL, RedisWakeup, Wakeup

REDIS = os.environ.get("TEST_REDIS", "redis://127.0.0.1:6379/0")
SOON = 0.5
LONG = 20.0


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


async def waited(wakeup: Wakeup, queue: str, *, at_most: float) -> float:
    """Seconds until the wait returned."""
    started = time.monotonic()
    await wakeup.wait(queue, at_most=at_most)
    return time.monotonic() - started


async def listening(wakeup: RedisWakeup) -> None:
    """Returns once what is published wakes this process; others publish on the channel too."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        await wakeup._redis.publish(CHANNEL, "outbox")
        if await waited(wakeup, "outbox", at_most=0.2) < 0.15:
            return
    pytest.fail("nothing that is published arrives")


async def test_wake_before_the_wait_is_not_lost() -> None:
    wakeup = Wakeup()
    await wakeup.start()
    wakeup.wake("inbox")

    assert await waited(wakeup, "inbox", at_most=LONG) < SOON
    await wakeup.stop()


async def test_wake_during_the_wait_ends_it() -> None:
    wakeup = Wakeup()
    asyncio.get_running_loop().call_later(0.02, wakeup.wake, "inbox")

    assert await waited(wakeup, "inbox", at_most=LONG) < SOON


async def test_wait_ends_by_itself_and_queues_do_not_wake_each_other() -> None:
    wakeup = Wakeup()
    wakeup.wake("outbox")

    assert await waited(wakeup, "inbox", at_most=0.05) >= 0.04
    assert await waited(wakeup, "outbox", at_most=LONG) < SOON


async def test_one_wake_ends_one_wait() -> None:
    wakeup = Wakeup()
    wakeup.wake("inbox")
    await wakeup.wait("inbox", at_most=LONG)

    assert await waited(wakeup, "inbox", at_most=0.05) >= 0.04


async def test_replicas_wake_each_other_through_redis(redis_url: str) -> None:
    here, there = RedisWakeup(redis_url), RedisWakeup(redis_url)
    await there.start()
    await listening(there)

    here.wake("inbox")

    assert await waited(there, "inbox", at_most=LONG) < LONG / 2
    assert await waited(here, "inbox", at_most=LONG) < SOON
    await here.stop()
    await there.stop()


async def test_unknown_words_on_the_channel_wake_nobody(redis_url: str) -> None:
    wakeup = RedisWakeup(redis_url)
    await wakeup.start()
    await listening(wakeup)
    for word in (b"dance", b"\xff", b""):
        await wakeup._redis.publish(CHANNEL, word)
    await wakeup._redis.publish(CHANNEL, "inbox")

    assert await waited(wakeup, "inbox", at_most=LONG) < LONG / 2
    await wakeup.stop()


async def test_process_works_on_when_redis_is_away() -> None:
    wakeup = RedisWakeup("redis://127.0.0.1:1/0")
    await wakeup.start()
    wakeup.wake("inbox")

    assert await waited(wakeup, "inbox", at_most=LONG) < SOON
    await asyncio.gather(*wakeup._published)
    await wakeup.stop()


async def test_never_started_wakeup_stops_quietly(redis_url: str) -> None:
    wakeup = RedisWakeup(redis_url)

    await wakeup.stop()


async def test_a_wait_ended_while_it_is_woken_ends() -> None:
    for _ in range(20):
        wakeup = Wakeup()

        async def forever(wakeup: Wakeup = wakeup) -> None:
            while True:
                await wakeup.wait("inbox", at_most=LONG)

        task = asyncio.create_task(forever())
        await asyncio.sleep(0)
        wakeup.wake("inbox")
        await asyncio.sleep(0)
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=SOON)
        task.cancel()

        assert done, "the cancellation was lost"
