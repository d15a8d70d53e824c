"""A month's calls are counted, kept, and told about once a step. R-QUOTA."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.clock import MovableClock
from bot.quota import Quota
from bot.wakeup import Wakeup
from bot.writer import Writer
from storage import quota as stored
from storage.config import Policies
from storage.engine import Store
from storage.types import to_us
from tests.support.facts import NOW
from tests.support.house import open_house
from tests.support.stores import sqlite_url

ALLOWED = {"dingtalk": {"api": 100}}


@pytest.fixture
async def writer(store: Store) -> AsyncIterator[Writer]:
    made = Writer(store, MovableClock(to_us(NOW)))
    made.start()
    yield made
    await asyncio.to_thread(made.stop)


async def keep(quota: Quota, store: Store, writer: Writer) -> None:
    await quota.keep(store, writer, Wakeup(), MovableClock(to_us(NOW)), Policies())


def told(store: Store) -> list[str]:
    with store.snapshot() as conn:
        return [row[0] for row in conn.execute(text("SELECT id FROM inbox ORDER BY id"))]


async def test_calls_are_kept_and_a_step_is_an_event_once_R_QUOTA(store: Store, writer: Writer) -> None:
    quota = Quota(ALLOWED)
    meter = quota.meter("dingtalk")
    meter.count("api", 79)
    await keep(quota, store, writer)
    assert (quota.step("dingtalk"), told(store)) == (0, [])

    meter.count("api")
    meter.count("stream")
    await keep(quota, store, writer)
    await keep(quota, store, writer)

    assert quota.step("dingtalk") == 1
    assert told(store) == [f"quota:dingtalk:{NOW:%Y-%m}:1"]
    with store.snapshot() as conn:
        assert stored.used(conn, f"{NOW:%Y-%m}") == {"dingtalk": {"api": 80, "stream": 1}}


async def test_another_process_goes_on_where_the_first_was_R_QUOTA(store: Store, writer: Writer) -> None:
    first, second = Quota(ALLOWED), Quota(ALLOWED)
    first.meter("dingtalk").count("api", 60)
    await keep(first, store, writer)
    second.meter("dingtalk").count("api", 35)
    await keep(second, store, writer)
    await keep(first, store, writer)

    assert (first.step("dingtalk"), second.step("dingtalk")) == (3, 3)
    assert told(store) == [f"quota:dingtalk:{NOW:%Y-%m}:3"]


async def test_what_could_not_be_kept_is_not_forgotten_R_QUOTA(store: Store, writer: Writer) -> None:
    quota = Quota(ALLOWED)
    quota.meter("dingtalk").count("api", 5)
    with store.writing() as conn:
        conn.execute(text("ALTER TABLE quota_use RENAME TO away"))
        conn.commit()
    with pytest.raises(Exception, match="quota_use"):
        await keep(quota, store, writer)
    with store.writing() as conn:
        conn.execute(text("ALTER TABLE away RENAME TO quota_use"))
        conn.commit()

    await keep(quota, store, writer)

    with store.snapshot() as conn:
        assert stored.used(conn, f"{NOW:%Y-%m}") == {"dingtalk": {"api": 5}}


async def test_a_platform_without_a_quota_is_never_short_R_QUOTA(store: Store, writer: Writer) -> None:
    quota = Quota({})
    quota.meter("feishu").count("api", 10**9)
    await keep(quota, store, writer)

    assert quota.step("feishu") == 0
    assert told(store) == []


async def test_admins_are_told_and_at_the_end_only_clicks_are_answered_R_QUOTA(tmp_path: Path) -> None:
    async with open_house(sqlite_url(tmp_path), tmp_path, platforms=("dingtalk",)) as house:
        admin, rep = house.person("刘洋"), house.person("李雷")
        await admin.says("帮助")
        house.bot.ticker._quota.meter("dingtalk").count("api", 4_600)
        await house.bot.ticker._keep_quota()
        await house.later("5h")
        assert "这个月的调用额度用掉 90%" in await admin.last()
        await rep.says("录单 华东医疗 CT机 120万")

        house.bot.ticker._quota.meter("dingtalk").count("api", 5_000)
        await house.bot.ticker._keep_quota()
        before = len(await rep.sees())
        await rep.says("我的商机")
        assert len(await rep.sees()) == before
        await rep.clicks("撤销")
        assert "已撤销 #1" in await rep.last()
