"""The access token: one fetch for many, kept while it lives, given up when it is dropped."""

from __future__ import annotations

import asyncio

import pytest

from bot.platforms.base import RetryLater
from bot.platforms.dingtalk.tokens import Tokens
from tests.bot.platforms.dingtalk.helpers import Seconds


class Source:
    """Gives numbered tokens, or fails when told to."""

    def __init__(self, life: float = 7200) -> None:
        self.asked = 0
        self.life = life
        self.fails = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def fetch(self) -> tuple[str, float]:
        self.asked += 1
        await self.gate.wait()
        if self.fails:
            raise RetryLater("away", after=1)
        return f"token-{self.asked}", self.life


async def test_many_who_ask_at_once_get_one_fetch() -> None:
    source = Source()
    tokens = Tokens(source.fetch, Seconds())

    assert await asyncio.gather(*(tokens.get() for _ in range(5))) == ["token-1"] * 5
    assert source.asked == 1


async def test_token_that_lives_is_used_while_no_new_one_comes() -> None:
    source, clock = Source(), Seconds()
    tokens = Tokens(source.fetch, clock)
    await tokens.get()
    source.fails = True
    clock.now += 6700
    assert await tokens.get() == await tokens.get() == "token-1"
    assert source.asked == 2
    clock.now += 61
    await tokens.get()
    assert source.asked == 3
    clock.now += 600

    with pytest.raises(RetryLater):
        await tokens.get()


async def test_short_life_is_halved() -> None:
    source, clock = Source(life=100), Seconds()
    tokens = Tokens(source.fetch, clock)
    await tokens.get()
    clock.now += 49
    assert await tokens.get() == "token-1"
    clock.now += 2

    assert await tokens.get() == "token-2"


async def test_only_the_token_that_was_refused_is_dropped() -> None:
    source = Source()
    tokens = Tokens(source.fetch, Seconds())
    first = await tokens.get()
    tokens.drop("an older one")
    assert await tokens.get() == first
    tokens.drop(first)

    assert await tokens.get() == "token-2"


async def test_fetch_under_way_ends_with_the_stop() -> None:
    source = Source()
    source.gate.clear()
    tokens = Tokens(source.fetch, Seconds())
    waiting = asyncio.create_task(tokens.get())
    await asyncio.sleep(0)
    await tokens.stop()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    await tokens.stop()
