"""A step's clock as a story: nudge at 36 h, overdue at 48 h, the next above at 72 h; also after a stop. R-APR-4."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from sales.approval_clock import pause, resume
from sales.decision import Decision
from sales.policy import Policy
from storage import lanes
from storage.apply import Step, write
from storage.engine import Connection
from storage.inbox import Inbound, oldest, receive
from storage.tx import Tx
from storage.types import from_us
from tests.support.facts import keep, tx_of
from tests.support.house import House, Person, open_house, words_of
from tests.support.stores import sqlite_url

ASK = "申请折扣 1 让12% 对手报80万 客户三台一起签"
NUMBER = "ZK-20261119-0001"


@pytest.fixture
async def waiting(house: House) -> House:
    """李雷 has asked on Thursday 09:10, and 王芳 has not answered."""
    for name in ("王芳", "张伟", "郑晴"):
        await house.person(name).says("帮助")
    rep = house.person("李雷")
    await rep.says("录单 华东医疗 彩超 90万")
    await rep.says(ASK)
    return house


def ledger(house: House, kind: str) -> list[str]:
    """What became of each message of this kind: sent, or why not."""
    with house.bot.store.snapshot() as conn:
        rows = conn.execute(
            text("SELECT sent_at, error FROM outbox WHERE kind = 'notice' AND message_kind = :kind ORDER BY seq"),
            {"kind": f"approval.{kind}"},
        )
        return ["sent" if row[0] else str(row[1]) for row in rows]


async def test_nudged_overdue_escalated_once_each_R_APR_4_R_ESC(waiting: House) -> None:
    boss, director, ops = (waiting.person(name) for name in ("王芳", "张伟", "郑晴"))

    await waiting.later("2159m")
    assert ledger(waiting, "nudge") == []
    await waiting.later("661m")
    assert ledger(waiting, "nudge") == ["sent"]
    assert "折扣 · 11-21 到期" in await boss.last()
    assert len(await director.sees()) == 1

    await waiting.later("1h")
    assert "8.8 折等了 48 小时 折扣 · 超时 卡在 初审 王芳（11-19 09:10 起）" in await director.last()
    assert "催王芳 我来定" in await director.last()
    assert "折扣 · 已超时" in await boss.last()
    assert len(await ops.sees()) == 1

    await waiting.later("24h")
    assert "8.8 折等了 72 小时" in await ops.last()
    await waiting.later("200h")
    assert [ledger(waiting, kind) for kind in ("nudge", "overdue", "escalated")] == [["sent"]] * 3


async def test_superior_takes_the_overdue_seat_R_APR_4(waiting: House) -> None:
    boss, director = waiting.person("王芳"), waiting.person("张伟")
    await director.says(f"我来定 {NUMBER}")
    assert await director.last() == "这张卡等王芳定，你看看就好。"
    await waiting.later("49h")

    done = await director.clicks("我来定")

    assert done["toast"]["content"] == "这张归你定了"
    await director.says(f"同意 {NUMBER}")
    assert "已同意" in words_of([m for m in await boss.sees() if m["card"]][-1])
    assert "跳过：张伟前面定过了" in words_of([m for m in await boss.sees() if m["card"]][-1])


async def test_decided_in_time_nothing_is_told_R_APR_4_R_WHY(waiting: House) -> None:
    boss, director = waiting.person("王芳"), waiting.person("张伟")
    await waiting.later("35h")
    await boss.says(f"同意 {NUMBER}")
    await waiting.later("35h")
    await director.says(f"同意 {NUMBER}")

    await waiting.later("100h")

    assert [ledger(waiting, kind) for kind in ("nudge", "overdue", "escalated")] == [[], [], []]


async def test_paused_clock_adds_no_time_R_APR_4(waiting: House) -> None:
    director = waiting.person("张伟")
    await waiting.later("30h")
    await _apply(waiting, "pause")
    await waiting.later("100h")
    assert ledger(waiting, "nudge") == []
    assert "时限 商机冻结，先停着" in words_of([m for m in await waiting.person("王芳").sees() if m["card"]][-1])
    await _apply(waiting, "resume")

    await waiting.later("17h")
    assert len(await director.sees()) == 1
    await waiting.later("2h")

    assert "等了 48 小时" in await director.last()


async def test_who_has_left_is_replaced_at_the_nudge_R_APR_6(waiting: House) -> None:
    director = waiting.person("张伟")
    with waiting.bot.store.snapshot() as conn:
        found = tx_of(conn, waiting.bot.store).people.get("m02")
    assert found
    keep(waiting.bot.store, replace(found, state="left"))

    await waiting.later("36h")

    assert "折扣 · 等你初审" in await director.last()
    assert ledger(waiting, "nudge") == []


async def test_down_at_the_due_instants_the_weaker_warning_is_not_sent_R_TIME_6_R_APR_4(tmp_path: Path) -> None:
    """The process stops on Thursday and is back on Sunday noon: one message, the strongest that counts."""
    url = sqlite_url(tmp_path)
    async with open_house(url, tmp_path) as house:
        for name in ("王芳", "张伟", "郑晴"):
            await house.person(name).says("帮助")
        await house.person("李雷").says("录单 华东医疗 彩超 90万")
        await house.person("李雷").says(ASK)

    async with open_house(url, tmp_path, kinds=()) as house:
        house.clock.move_to(house.clock.business_us() + 50 * 3_600_000_000)
        await house.bot.ticker.tick()
        await house.quiet()

        assert ledger(house, "nudge") == []
        assert ledger(house, "overdue") == ["sent"]
        assert ledger(house, "escalated") == []


async def _apply(house: House, what: str) -> None:
    """Commit what freezing and thawing of the deal do to its request."""
    store, now = house.bot.store, house.clock.business_us()
    row = Inbound(f"test:{what}", f"in:test:{what}", "test", "", "", "", b"{}", now, now, 0)

    def commit(conn: Connection) -> None:
        tx = Tx(conn, store, now=from_us(now), policy=Policy(), numbers=house.bot.worker._numbers)
        found = tx.approvals.get(1)
        assert found
        decision: Decision = (pause if what == "pause" else resume)(found, from_us(now))
        receive(conn, store, [row])
        [claim] = lanes.claim(conn, store, queue=lanes.INBOX, limit=1, only=row.lane)
        stored = oldest(conn, row.lane)
        assert stored
        write(conn, store, Step(claim, stored.seq, row, decision, None, "test", now, Policy(), {}))

    await house.bot.writer.run(commit)
    house.bot.wakeup.wake("outbox")
    await house.quiet()


async def test_frozen_deals_request_stands_still_and_goes_on_with_the_thaw_R_GATE_2_R_APR_4(house: House) -> None:
    rep, boss = house.person("李雷"), house.person("王芳")
    await rep.says("录单 华东医疗 彩超 90万")
    await rep.says("推进 1")
    await rep.says("推进 1")
    await house.later("24h")
    await rep.says("申请折扣 1 让5% 对手报低价")
    await house.later("25h")

    await boss.says("同意 ZK-20261120-0001")
    refused = await boss.last()
    await house.later("20h")
    before = [words for words in await texts(boss) if "等了 48 小时" in words]
    await boss.says("解冻 1 客户流程慢")
    await boss.says("同意 ZK-20261120-0001")

    assert "冻结" in refused
    assert before == []
    assert "已同意" in await boss.last()


async def test_lost_deals_request_is_no_longer_needed_R_APR_7(house: House) -> None:
    rep, boss = house.person("李雷"), house.person("王芳")
    await rep.says("录单 华东医疗 彩超 90万")
    await rep.says("申请折扣 1 让5% 对手报低价")

    await rep.says("流失 1 预算砍了")
    await boss.says("同意 ZK-20261119-0001")

    assert "已同意" not in await boss.last()
    with house.bot.store.snapshot() as conn:
        assert conn.execute(text("SELECT state FROM requests")).scalars().all() == ["unneeded"]


async def texts(person: Person) -> list[str]:
    """Everything the bot has said to the person."""
    return [words_of(message) for message in await person.sees()]
