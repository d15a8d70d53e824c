"""Two events decided on the same state, as two workers would: both look before either writes. style.md 17.2."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

import pytest

from bot import worker as working
from storage import inbox
from storage.engine import IntegrityError
from storage.entities import Conflict
from tests.support.house import House


async def at_once(house: House, patch: pytest.MonkeyPatch, acts: Sequence[Coroutine[Any, Any, Any]]) -> int:
    """Let every act's event arrive, decide all of them on the snapshot of that moment, then write one after the other.

    Whoever meets a conflict decides again, as the worker does. Returns how many had to.
    """
    bot = house.bot
    with patch.context() as paused:
        paused.setattr(working, "LANES_AT_ONCE", 0)  # the worker itself takes nothing meanwhile
        people = [asyncio.create_task(act) for act in acts]
        while await asyncio.to_thread(_waiting, house) < len(acts):
            await asyncio.sleep(0.01)
        claims = await bot.worker._claim(50)
        assert len(claims) == len(acts), f"{len(claims)} lanes for {len(acts)} events"
        decided = [bot.worker._handle(claim) for claim in claims]
        again = 0
        for claim, handled in zip(claims, decided, strict=True):
            assert isinstance(handled, working.Handled), handled
            try:
                await bot.writer.run(bot.worker._write(handled.step))
            except (Conflict, IntegrityError):
                again += 1
                await bot.worker._process(claim)
    bot.wakeup.wake("inbox")
    bot.wakeup.wake("outbox")
    await asyncio.gather(*people)
    await house.quiet()
    return again


def _waiting(house: House) -> int:
    with house.bot.store.snapshot() as conn:
        return inbox.count_waiting(conn)
