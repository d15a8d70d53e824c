"""Never more calls than the vendor allows, in any second."""

from __future__ import annotations

import asyncio

from bot.platforms.feishu.pace import Pace
from tests.bot.platforms.feishu.helpers import Seconds


class Run:
    """Machine time that moves by sleeping, and a log of who passed when."""

    def __init__(self) -> None:
        self.clock = Seconds()
        self.passed: list[tuple[str, float]] = []
        self.pace = Pace(self.clock, sleep=self.sleep)

    async def sleep(self, seconds: float) -> None:
        until = self.clock.now + seconds
        await asyncio.sleep(0)
        self.clock.now = max(self.clock.now, until)

    async def call(self, key: str) -> None:
        await self.pace.wait(key)
        self.passed.append((key, self.clock.now))

    def most(self, key: str | None, span: float) -> int:
        """The largest number of passes in any span of so many seconds."""
        times = [when for name, when in self.passed if key in (None, name)]
        return max(sum(start <= when < start + span for when in times) for start in times)


async def test_one_chat_gets_four_a_second() -> None:
    run = Run()
    await asyncio.gather(*(run.call("oc_1") for _ in range(21)))

    assert run.most("oc_1", 1.0) == 4
    assert run.clock.now == 105.0


async def test_a_busy_chat_does_not_hold_up_another() -> None:
    run = Run()
    for _ in range(5):
        await run.call("oc_1")
    before = run.clock.now
    await run.call("oc_2")

    assert run.clock.now == before


async def test_the_app_gets_45_a_second_and_950_a_minute() -> None:
    run = Run()
    for number in range(1000):
        await run.call(f"oc_{number}")

    assert run.most(None, 1.0) == 45
    assert run.most(None, 60.0) == 950


async def test_calls_about_nothing_count_for_the_app() -> None:
    run = Run()
    for _ in range(46):
        await run.call("")

    assert run.clock.now == 101.0


async def test_chats_stay_within_their_limit_while_the_app_is_busy() -> None:
    run = Run()
    await asyncio.gather(*(run.call(f"oc_{number % 7}") for number in range(300)))

    assert run.most(None, 1.0) <= 45
    assert max(run.most(f"oc_{number}", 1.0) for number in range(7)) <= 4


async def test_idle_chats_are_forgotten() -> None:
    run = Run()
    for number in range(2500):
        run.clock.now += 1
        await run.call(f"oc_{number}")

    assert len(run.pace._keys) <= 2001
