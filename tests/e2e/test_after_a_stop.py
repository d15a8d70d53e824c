"""Time stories with the process stopped at the due instant: what is late is told once, the stronger one only. R-TIME-6.

Each stops the bot on Thursday and has it back, on the same database, so many hours later.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.e2e.test_alerts import alarms
from tests.e2e.test_approval_clock import ASK, ledger
from tests.e2e.test_breaker import in_gate_3, words
from tests.e2e.test_leads import ldr, state_of, with_lead
from tests.support.cold import MONDAY, W47, bind, cycles, given, week_in_alarm
from tests.support.facts import tx_of
from tests.support.files import photo, sends
from tests.support.house import THURSDAY, House, Person, words_of
from tests.support.stops import stopped
from tests.support.stores import postgres_url, sqlite_url

HOUR = timedelta(hours=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind that both houses use."""
    return sqlite_url(tmp_path) if request.param == "sqlite" else postgres_url()


async def greeting(house: House, *names: str) -> None:
    for name in names:
        await house.person(name).says("帮助")


async def since_help(who: Person) -> list[str]:
    """What the bot said to the person after the first answer."""
    return [words_of(message) for message in (await who.sees())[1:]]


def looked(house: House, rule: str) -> list[str]:
    """Why timed rules did nothing, in order. R-WHY."""
    with house.bot.store.snapshot() as conn:
        rows = conn.execute(
            text("SELECT error FROM outbox WHERE kind = 'looked' AND rule = :rule ORDER BY seq"), {"rule": rule}
        )
        return [row[0] for row in rows]


async def test_breaker_due_while_stopped_is_told_once_and_thaws_by_evidence_r_gate_2(url: str, tmp_path: Path) -> None:
    async with stopped(url, tmp_path, in_gate_3, hours=60) as house:
        rep, boss = house.person("李雷"), house.person("王芳")
        frozen = (await words(rep)).count("#1 已冻结")
        task = await boss.last()
        await sends(rep, photo(), text="1 会议纪要")
        half = await words(rep)
        await sends(rep, photo("red"), text="1 需求匹配表")

        assert frozen == 1
        assert "#1 冻结了，帮李雷一把" in task
        assert "已解冻" not in half
        assert "凭证到齐，自动" in await words(rep)
        assert "#1 已解冻" in await words(boss)


async def test_thaw_that_ran_out_while_stopped_freezes_again_as_of_its_end_r_gate_2(url: str, tmp_path: Path) -> None:
    async def thawed(house: House) -> None:
        _, boss = await in_gate_3(house)
        await house.later("48h")
        await boss.says("解冻 1 客户流程慢")

    async with stopped(url, tmp_path, thawed, hours=30) as house:
        rep, boss = house.person("李雷"), house.person("王芳")
        with house.bot.store.snapshot() as conn:
            tx = tx_of(conn, house.bot.store)
            deal, first = tx.deals.get(1), tx.evidence.freeze(1)

        assert deal
        assert first
        assert deal.frozen_at == first.until
        assert "#1 已冻结" in await rep.last()
        assert "1 次（最多 2 次" in await boss.last()
        await boss.says("解冻 1 客户流程慢")
        assert await boss.last() == "#1 已解冻 24 小时"


async def test_lead_warning_due_while_stopped_comes_late_r_lead_24h(url: str, tmp_path: Path) -> None:
    async def held(house: House) -> None:
        await greeting(house, "李雷")
        await with_lead(house)

    async with stopped(url, tmp_path, held, hours=30) as house:
        rep = house.person("李雷")
        warned = await since_help(rep)
        await house.later("18h")

        assert len(warned) == 1
        assert "24 小时没联系" in warned[0]
        assert "回公海了" in await rep.last()
        assert state_of(house) == ["pool"]


async def test_lead_warning_gives_way_to_a_recycling_that_is_due_too_r_lead_48h(url: str, tmp_path: Path) -> None:
    async def held(house: House) -> None:
        await greeting(house, "李雷", "王芳", "林静")
        await with_lead(house)

    async with stopped(url, tmp_path, held, hours=49) as house:
        told = await since_help(house.person("李雷"))
        counted = await ldr(house)
        await house.later("58h")  # over the weekend, to the slots of the others
        theirs = [await house.person(name).last() for name in ("王芳", "林静")]
        with house.bot.store.snapshot() as conn:
            ended = tx_of(conn, house.bot.store).leads.assignments_of([1])[1][0].ended_at

        assert len(told) == 1
        assert "回公海了" in told[0]
        assert counted == (1, 1)
        assert ended == THURSDAY - HOUR + timedelta(milliseconds=1) + 48 * HOUR
        assert "the recycling is due too" in looked(house, "R-LEAD-24H")
        for words_told in theirs:
            assert "1 条线索 回公海了" in words_told


async def cold(house: House) -> None:
    """9 of 41 cycles went cold, and the rule will look in two hours."""
    await greeting(house, "张伟")
    await bind(house, "总监群", "director;marketing_lead")
    await given(house, [one for who in W47 for one in cycles(*who)], at=house.clock.business() + 2 * HOUR)


async def test_of_the_repeats_missed_in_days_only_the_last_is_sent_r_alert_1(url: str, tmp_path: Path) -> None:
    async with stopped(url, tmp_path, week_in_alarm, hours=76) as house:
        group, director, marketing = house.group("总监群"), house.person("张伟"), house.person("林静")
        late = await alarms(director, group)
        also = await alarms(marketing, marketing.chat)
        await house.later("21h")
        next_day = await alarms(director, group)

        assert late[0].startswith("这张旧了")
        assert len(late) == len(also) == 2
        assert "LDR 21.95%，第 4 天还超线 没人点知道了" in late[1]
        assert looked(house, "R-TIME-6") == ["a later repeat is due too"]
        assert len(next_day) == 3
        assert "第 5 天还超线" in next_day[2]


async def test_alert_that_fires_while_stopped_for_days_is_told_once_with_the_last_figure_r_alert_1(
    url: str, tmp_path: Path
) -> None:
    async with stopped(url, tmp_path, cold, hours=76) as house:
        [told] = await alarms(house.person("张伟"), house.group("总监群"))

        assert "LDR 21.95%，第 4 天还超线 全公司 W47 暂计" in told
        assert "知道了" in told


async def test_alert_whose_calm_ended_while_stopped_is_resolved_and_not_repeated_r_alert_1(
    url: str, tmp_path: Path
) -> None:
    async def calm(house: House) -> None:
        await week_in_alarm(house)
        await given(house, cycles("m03", 0, 20, start=MONDAY + 3 * HOUR))
        await house.later("1m")

    async with stopped(url, tmp_path, calm, hours=30) as house:
        [card] = await alarms(house.person("张伟"), house.group("总监群"))

        assert "LDR 14.75%，回到线内" in card
        assert "超线共 6 小时" in card


@pytest.mark.parametrize("fired", [True, False], ids=["fired before", "fired meanwhile"])
async def test_alert_whose_week_ended_while_stopped_is_one_card_with_the_last_figure_r_alert_1(
    url: str, tmp_path: Path, fired: bool
) -> None:
    async with stopped(url, tmp_path, week_in_alarm if fired else cold, hours=200) as house:
        [card] = await alarms(house.person("张伟"), house.group("总监群"))

        assert "LDR 21.95%，W47 定数 不再重发" in card


async def asked(house: House) -> None:
    """李雷 has asked for a discount on Thursday 09:10; 王芳, 张伟 and 郑晴 can be reached."""
    await greeting(house, "王芳", "张伟", "郑晴")
    await house.person("李雷").says("录单 华东医疗 彩超 90万")
    await house.person("李雷").says(ASK)


@pytest.mark.parametrize(
    ("hours", "told"),
    [(40, (["sent"], [], [])), (50, ([], ["sent"], [])), (80, ([], [], ["sent", "sent"]))],
    ids=["nudge", "overdue", "escalated"],
)
async def test_request_whose_limits_passed_while_stopped_is_told_by_the_strongest_r_apr_4_r_esc(
    url: str, tmp_path: Path, hours: int, told: tuple[list[str], ...]
) -> None:
    async with stopped(url, tmp_path, asked, hours=hours) as house:
        boss, director, ops = (house.person(name) for name in ("王芳", "张伟", "郑晴"))

        assert tuple(ledger(house, kind) for kind in ("nudge", "overdue", "escalated")) == told
        assert ("11-21 到期" in await boss.last()) is (hours == 40)
        assert (f"等了 {72 if hours == 80 else 48} 小时" in await director.last()) is (hours >= 50)
        assert ("等了 72 小时" in await ops.last()) is (hours == 80)
        await house.later("100h")
        assert [len(ledger(house, kind)) for kind in ("nudge", "overdue", "escalated")] == [
            int(hours == 40), int(hours <= 50), 2 if hours == 80 else 1,
        ]  # fmt: skip


async def test_review_that_went_up_while_stopped_is_not_nudged_r_evd_5(url: str, tmp_path: Path) -> None:
    async def sent(house: House) -> None:
        rep, _ = await in_gate_3(house)
        await greeting(house, "张伟")
        await sends(rep, photo(), text="1 会议纪要")

    async with stopped(url, tmp_path, sent, hours=50) as house:
        boss, director = house.person("王芳"), house.person("张伟")

        assert (await words(boss)).count("请看一眼：会议纪要") == 1
        assert (await words(director)).count("请看一眼：会议纪要") == 1
        assert "it goes up now" in looked(house, "R-TIME-6")
