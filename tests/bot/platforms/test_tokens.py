"""One fetch for many callers, renewed in time."""

from __future__ import annotations

import asyncio

import pytest

from bot.platforms.base import NotAllowed, RetryLater
from bot.platforms.tokens import Tokens
from tests.bot.platforms.feishu.helpers import Seconds


class Vault:
    """Issues numbered tokens; `broken` makes it fail."""

    def __init__(self, life: float = 7200) -> None:
        self.life = life
        self.fetched = 0
        self.broken = False
        self.open = asyncio.Event()
        self.open.set()

    async def fetch(self) -> tuple[str, float]:
        self.fetched += 1
        number = self.fetched
        await self.open.wait()
        if self.broken:
            raise RetryLater("broken", after=1)
        return f"t-{number}", self.life


async def test_a_hundred_callers_make_one_fetch() -> None:
    vault = Vault()
    vault.open.clear()
    tokens = Tokens(vault.fetch, Seconds(), renew_before=1800)
    callers = [asyncio.create_task(tokens.get()) for _ in range(100)]
    await asyncio.sleep(0)
    vault.open.set()

    assert set(await asyncio.gather(*callers)) == {"t-1"}
    assert vault.fetched == 1


async def test_a_hundred_callers_share_one_failure() -> None:
    vault = Vault()
    vault.broken = True
    tokens = Tokens(vault.fetch, Seconds(), renew_before=1800)

    results = await asyncio.gather(*(tokens.get() for _ in range(100)), return_exceptions=True)

    assert {type(result) for result in results} == {RetryLater}
    assert vault.fetched == 1


async def test_a_cancelled_caller_leaves_the_fetch_to_the_others() -> None:
    vault = Vault()
    vault.open.clear()
    tokens = Tokens(vault.fetch, Seconds(), renew_before=1800)
    gone, stays = asyncio.create_task(tokens.get()), asyncio.create_task(tokens.get())
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    vault.open.set()

    assert await stays == "t-1"
    assert vault.fetched == 1


@pytest.mark.parametrize(("later", "fetched"), [(5399.9, 1), (5400.0, 2)])
async def test_token_is_renewed_when_half_an_hour_is_left(later: float, fetched: int) -> None:
    vault, clock = Vault(), Seconds()
    tokens = Tokens(vault.fetch, clock, renew_before=1800)
    await tokens.get()
    clock.now += later

    await tokens.get()

    assert vault.fetched == fetched


async def test_short_lived_token_is_used_for_half_its_life() -> None:
    vault, clock = Vault(life=600), Seconds()
    tokens = Tokens(vault.fetch, clock, renew_before=1800)
    await tokens.get()
    clock.now += 299
    await tokens.get()
    assert vault.fetched == 1
    clock.now += 2
    await tokens.get()
    assert vault.fetched == 2


async def test_valid_token_is_kept_while_it_cannot_be_renewed() -> None:
    vault, clock = Vault(), Seconds()
    tokens = Tokens(vault.fetch, clock, renew_before=1800)
    await tokens.get()
    vault.broken = True
    clock.now += 5500

    assert await tokens.get() == "t-1"
    assert await tokens.get() == "t-1"
    assert vault.fetched == 2

    clock.now += 1701
    with pytest.raises(RetryLater):
        await tokens.get()


async def test_dropped_token_is_fetched_anew_and_a_newer_one_is_not_dropped() -> None:
    vault = Vault()
    tokens = Tokens(vault.fetch, Seconds(), renew_before=1800)
    first = await tokens.get()
    tokens.drop(first)
    second = await tokens.get()
    tokens.drop(first)

    assert (second, await tokens.get()) == ("t-2", "t-2")


async def test_refused_credentials_reach_the_caller() -> None:
    async def refuse() -> tuple[str, float]:
        raise NotAllowed("app secret invalid", code=10015)

    with pytest.raises(NotAllowed):
        await Tokens(refuse, Seconds(), renew_before=1800).get()


async def test_stop_ends_a_fetch_under_way() -> None:
    vault = Vault()
    vault.open.clear()
    tokens = Tokens(vault.fetch, Seconds(), renew_before=1800)
    caller = asyncio.create_task(tokens.get())
    await asyncio.sleep(0)

    await tokens.stop()

    assert (await asyncio.gather(caller, return_exceptions=True))[0].__class__ is asyncio.CancelledError
