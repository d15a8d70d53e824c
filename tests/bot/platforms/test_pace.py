"""Never more calls than the vendor allows, in any span; whoever would wait long comes back instead."""

from __future__ import annotations

import asyncio

import pytest

from bot.platforms.base import RetryLater
from bot.platforms.pace import LONGEST_WAIT, Limits, Pace

LIMITS: Limits = {"chat": ((4, 1.0),), "member": ((30, 60.0),), "app": ((45, 1.0), (950, 60.0))}


class Run:
    """Machine time that moves by sleeping, and a log of who passed when."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.now = 100.0
        self.passed: list[tuple[str, float]] = []
        self.pace = Pace(limits, lambda: self.now, sleep=self.sleep)

    async def sleep(self, seconds: float) -> None:
        until = self.now + seconds
        await asyncio.sleep(0)
        self.now = max(self.now, until)

    async def call(self, chat: str = "") -> None:
        await self.pace.wait(*((("chat", chat),) if chat else ()), ("app", ""))
        self.passed.append((chat, self.now))

    async def later(self, chat: str = "") -> None:
        """The same by somebody who comes back when told to."""
        try:
            await self.call(chat)
        except RetryLater as told:
            await self.sleep(told.after)
            await self.later(chat)

    def most(self, chat: str | None, span: float) -> int:
        """The largest number of passes in any span of so many seconds."""
        times = [when for name, when in self.passed if chat in (None, name)]
        return max(sum(start <= when < start + span for when in times) for start in times)


async def test_one_chat_gets_four_a_second() -> None:
    run = Run()
    await asyncio.gather(*(run.call("oc_1") for _ in range(16)))

    assert run.most("oc_1", 1.0) == 4
    assert run.now == 103.0


async def test_those_who_wait_pass_in_their_order() -> None:
    run = Run()
    order: list[int] = []

    async def call(number: int) -> None:
        await run.call("oc_1")
        order.append(number)

    await asyncio.gather(*(call(number) for number in range(12)))

    assert order == list(range(12))


async def test_a_busy_chat_does_not_hold_up_another() -> None:
    run = Run()
    for _ in range(5):
        await run.call("oc_1")
    before = run.now
    await run.call("oc_2")

    assert run.now == before


async def test_the_app_gets_45_a_second_and_950_a_minute() -> None:
    run = Run()
    for number in range(1000):
        await run.later(f"oc_{number}")

    assert run.most(None, 1.0) == 45
    assert run.most(None, 60.0) == 950


async def test_calls_about_no_chat_count_for_the_app() -> None:
    run = Run()
    for _ in range(46):
        await run.call()

    assert run.now == 101.0


async def test_chats_stay_within_their_limit_while_the_app_is_busy() -> None:
    run = Run()
    await asyncio.gather(*(run.later(f"oc_{number % 7}") for number in range(300)))

    assert run.most(None, 1.0) <= 45
    assert max(run.most(f"oc_{number}", 1.0) for number in range(7)) <= 4


async def test_call_about_nothing_is_let_through() -> None:
    run = Run({})
    await run.pace.wait()

    assert run.now == 100.0


@pytest.mark.parametrize(("kind", "calls", "whole_app"), [("member", 30, False), ("app", 950, True)])
async def test_who_would_wait_more_than_three_seconds_comes_back_instead(
    kind: str, calls: int, whole_app: bool
) -> None:
    run = Run({kind: ((calls, 60.0),)})
    for _ in range(calls):
        await run.pace.wait((kind, "m03"))

    with pytest.raises(RetryLater) as told:
        await run.pace.wait((kind, "m03"))

    assert (told.value.after, told.value.whole_app, told.value.unknown) == (60.0, whole_app, False)
    assert run.now == 100.0


async def test_wait_of_exactly_three_seconds_is_waited() -> None:
    run = Run({"chat": ((1, LONGEST_WAIT),)})
    await run.pace.wait(("chat", "oc_1"))
    await run.pace.wait(("chat", "oc_1"))

    assert run.now == 100.0 + LONGEST_WAIT


async def test_call_sent_back_by_the_app_does_not_count_for_its_chat() -> None:
    run = Run({"chat": ((1, 2.0),), "app": ((1, 60.0),)})
    await run.pace.wait(("app", ""))
    with pytest.raises(RetryLater):
        await run.pace.wait(("chat", "oc_1"), ("app", ""))
    run.now += 60

    await run.pace.wait(("chat", "oc_1"), ("app", ""))

    assert run.now == 160.0


async def test_idle_chats_are_forgotten() -> None:
    run = Run()
    for number in range(2500):
        run.now += 2
        await run.call(f"oc_{number}")

    assert len(run.pace._calls) <= 2002


async def test_a_call_counts_until_its_span_after_its_end() -> None:
    run = Run({"app": ((2, 1.0),)})
    answered = asyncio.Event()
    started: list[float] = []

    async def slow() -> None:
        async with run.pace.passing(("app", "")):
            started.append(run.now)
            await answered.wait()

    calls = [asyncio.create_task(slow()) for _ in range(3)]
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(started) == 2

    run.now += 0.5
    answered.set()
    await asyncio.gather(*calls)

    assert started == [100.0, 100.0, 101.5]


async def test_a_refusal_for_the_whole_app_holds_everybody_back() -> None:
    run = Run()

    async def refused() -> None:
        async with run.pace.passing(("chat", "oc_1"), ("app", "")):
            raise RetryLater("429", after=2.0, whole_app=True)

    with pytest.raises(RetryLater):
        await refused()
    await run.call("oc_2")

    assert run.passed == [("oc_2", 102.0)]


async def test_a_refusal_of_one_chat_holds_nobody_else_back() -> None:
    run = Run()

    async def refused() -> None:
        async with run.pace.passing(("chat", "oc_1"), ("app", "")):
            raise RetryLater("429", after=2.0)

    with pytest.raises(RetryLater):
        await refused()
    await run.call("oc_2")

    assert run.passed == [("oc_2", 100.0)]
