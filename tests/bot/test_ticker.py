"""Due timers: in due order, settled, once, also after downtime. R-TIME-4, R-TIME-5, R-TIME-6."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.clock import MovableClock
from bot.main import Bot, build, running
from bot.platforms.registry import load_settings
from sales.deals import UNDO_TIMER
from sales.decision import StartTimer
from storage import inbox, timers
from storage.inbox import Inbound
from storage.types import to_us

START = datetime(2026, 11, 19, 1, 0, tzinfo=UTC)
US = timedelta(microseconds=1)


@pytest.fixture
async def bot(store_url: str, tmp_path: Path) -> AsyncIterator[Bot]:
    """A bot without platforms whose clock stands at START; nothing runs yet but the writer."""
    built = build(load_settings(database_url=store_url, data_dir=tmp_path), clock=MovableClock(to_us(START)))
    built.works = False
    async with running(built):
        yield built


async def test_timer_waits_five_seconds_to_settle_R_TIME_5(bot: Bot) -> None:
    await _start(bot, ("deal:1", START + timedelta(minutes=1)))

    await _at(bot, START + timedelta(minutes=1, seconds=4))
    assert await _fired(bot) == []
    await _at(bot, START + timedelta(minutes=1, seconds=6))
    assert await _fired(bot) == ["deal:1"]


async def test_timer_waits_for_rows_received_before_it_settled_R_TIME_5(bot: Bot) -> None:
    due = START + timedelta(minutes=1)
    await _start(bot, ("deal:1", due))
    waiting = to_us(due + timedelta(seconds=5))
    row = Inbound("m:1", "in:somebody", "message", "feishu", "ou", "oc", b"{}", waiting, waiting, 0)
    await bot.writer.receive(row)

    await _at(bot, due + timedelta(minutes=5))
    assert await _fired(bot) == []
    with bot.store.snapshot() as conn:
        stored = inbox.oldest(conn, "in:somebody")
    assert stored
    await bot.writer.run(lambda conn: inbox.finish(conn, stored.seq))
    await bot.ticker.tick()
    assert await _fired(bot) == ["deal:1"]


async def test_after_downtime_timers_fire_in_due_order_R_TIME_6(bot: Bot) -> None:
    spans = [50, 10, 40, 20, 30]
    await _start(bot, *((f"deal:{n}", START + timedelta(minutes=n)) for n in spans))
    await _start(bot, ("deal:11", START + timedelta(minutes=10) + US))

    await _at(bot, START + timedelta(hours=3))

    assert await _fired(bot) == ["deal:10", "deal:11", "deal:20", "deal:30", "deal:40", "deal:50"]


async def test_step_stops_at_each_due_instant_and_handles_it_as_now_R_TIME_4(store_url: str, tmp_path: Path) -> None:
    bot = build(load_settings(database_url=store_url, data_dir=tmp_path), clock=MovableClock(to_us(START)))
    dues = [START + timedelta(hours=1), START + timedelta(hours=1) + US, START + timedelta(hours=47)]
    async with running(bot):
        await _start(bot, *((f"deal:{n}", due) for n, due in enumerate(dues)))
        target, stops = to_us(START + timedelta(hours=48)), []
        while not await bot.ticker.step(target):
            with bot.store.snapshot() as conn:
                stops.append(conn.execute(text("SELECT MAX(planned_at) FROM outbox")).scalar())

        assert stops == [to_us(due) for due in dues]
        assert bot.clock.business_us() >= target


async def test_a_restarted_timer_fires_at_its_new_instant_only_R_TIME_5(bot: Bot) -> None:
    await _start(bot, ("deal:1", START + timedelta(minutes=1)))
    await _start(bot, ("deal:1", START + timedelta(minutes=30)))

    await _at(bot, START + timedelta(minutes=10))
    assert await _fired(bot) == []
    await _at(bot, START + timedelta(minutes=31))
    assert await _fired(bot) == ["deal:1"]
    await bot.ticker.tick()
    assert await _fired(bot) == ["deal:1"]


async def _start(bot: Bot, *wanted: tuple[str, datetime]) -> None:
    orders = [StartTimer(UNDO_TIMER, subject, due) for subject, due in wanted]
    await bot.writer.run(lambda conn: timers.apply(conn, orders, policy_version=1))


async def _at(bot: Bot, instant: datetime) -> None:
    assert isinstance(bot.clock, MovableClock)
    bot.clock.move_to(to_us(instant))
    await bot.ticker.tick()


async def _fired(bot: Bot) -> list[str]:
    with bot.store.snapshot() as conn:
        rows = conn.execute(text("SELECT payload FROM inbox WHERE kind = 'timer' ORDER BY seq")).all()
    return [bytes(row[0]).decode().split('"')[-2] for row in rows]
