"""The breaker over 48 hours of moved time, also when the process was down at the due instant. R-GATE-2, R-TIME-5."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.support.facts import tx_of
from tests.support.files import photo, sends
from tests.support.house import House, Person, open_house, words_of
from tests.support.stores import sqlite_url


async def in_gate_3(house: House) -> tuple[Person, Person]:
    """李雷's deal #1 came to gate 3 at 09:10 on Thursday; its superior is there."""
    rep, boss = house.person("李雷"), house.person("王芳")
    await boss.says("帮助")
    await rep.says("录单 华东医疗 CT机 120万")
    await rep.says("推进 1")
    await rep.says("推进 1")
    return rep, boss


async def words(who: Person) -> str:
    """Everything the bot said to a person."""
    return "\n".join(words_of(message) for message in await who.sees())


async def frozen(house: House) -> tuple[Person, Person]:
    """The same, 48 hours later."""
    rep, boss = await in_gate_3(house)
    await house.later("48h")
    return rep, boss


async def test_gate_freezes_at_48_hours_and_not_before_R_GATE_2(house: House) -> None:
    rep, boss = await in_gate_3(house)
    await house.later("47h")
    await house.later("59m")
    assert "已冻结" not in await words(rep)

    await house.later("1m")

    assert "#1 已冻结 第 3 关到期没凭证" in await rep.last()
    assert "#1 冻结了，帮李雷一把" in await boss.last()
    assert "¥" not in await boss.last()
    await rep.says("推进 1")
    assert "#1 冻结着" in await rep.last()


async def test_evidence_for_both_thaws_by_itself_R_GATE_2(house: House) -> None:
    rep, boss = await frozen(house)

    await sends(rep, photo(), text="1 会议纪要")
    assert "已解冻" not in await words(rep)
    await sends(rep, photo("red"), text="1 需求匹配表")

    assert "#1 已解冻" in await words(rep)
    assert "凭证到齐，自动" in await words(rep)
    assert "#1 已解冻" in await words(boss)


async def test_evidence_waiting_for_review_keeps_the_gate_open_R_EVD_3(house: House) -> None:
    rep, _ = await in_gate_3(house)
    await sends(rep, photo(), text="1 会议纪要")
    await sends(rep, photo("red"), text="1 需求匹配表")

    await house.later("48h")

    assert "已冻结" not in await words(rep)


async def test_superior_thaws_twice_for_24_hours_and_the_third_is_refused_R_GATE_2(house: House) -> None:
    rep, boss = await frozen(house)
    await rep.says("解冻 1 客户流程慢")
    assert "用不了" in await rep.last()

    for day in (1, 2):
        await boss.says(f"解冻 1 客户流程慢，第 {day} 次")
        assert await boss.last() == "#1 已解冻 24 小时"
        assert "#1 已解冻" in await words(rep)
        await house.later("24h")
        assert "#1 冻结了，帮李雷一把" in await boss.last()

    assert "2 次（最多 2 次" in await boss.last()
    await boss.says("解冻 1 再来一次")
    assert "手动解冻满 2 次了，只等凭证" in await boss.last()


async def test_thaw_by_the_card_of_the_task_R_GATE_2(house: House) -> None:
    _, boss = await frozen(house)
    task = (await boss.sees())[-1]["message_id"]

    await house.post(
        "/sim/click", {"user": boss.id, "button": "解冻", "message_id": task, "option": "关键人出差"}
    )  # fmt: skip
    await house.quiet()

    assert "理由 关键人出差" in await words(boss)


async def test_never_ones_own_deal_R_GATE_2(house: House) -> None:
    boss, director = house.person("王芳"), house.person("张伟")
    await director.says("帮助")
    await boss.says("录单 华东医疗 CT机 120万")
    await boss.says("推进 1")
    await boss.says("推进 1")
    await house.later("48h")

    await boss.says("解冻 1 客户流程慢")

    assert "自己的商机要上级来解冻" in await words(boss)
    assert "#1 冻结了，帮王芳一把" in await director.last()


async def test_lost_deal_does_not_freeze(house: House) -> None:
    rep, _ = await in_gate_3(house)
    await rep.says("流失 1 预算砍了")

    await house.later("48h")

    assert "已冻结" not in await words(rep)


async def test_review_is_nudged_after_24_hours_and_goes_up_after_48_R_EVD_5(house: House) -> None:
    rep, boss = await in_gate_3(house)
    director = house.person("张伟")
    await director.says("帮助")
    await sends(rep, photo(), text="1 会议纪要")
    first = len(await boss.sees())

    await house.later("24h")
    assert len(await boss.sees()) == first + 1
    assert "请看一眼" not in await words(director)
    await house.later("24h")
    assert "请看一眼：会议纪要" in await words(director)

    await director.says("凭证通过 1")
    assert await director.last() == "已通过"
    assert "会议纪要 通过" in await words(rep)


async def test_process_that_was_down_at_due_freezes_as_of_due_when_it_is_back_R_TIME_6(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    async with open_house(url, tmp_path) as house:
        await in_gate_3(house)

    async with open_house(url, tmp_path, kinds=()) as house:
        await _back_after(house, hours=60)
        with house.bot.store.snapshot() as conn:
            tx = tx_of(conn, house.bot.store)
            deal, standing = tx.deals.get(1), tx.evidence.open_freeze(1)

    assert deal is not None
    assert deal.entered_at is not None
    assert deal.frozen_at == deal.entered_at + timedelta(hours=48)
    assert standing is not None
    assert standing.asked == "m02"


async def test_thaw_that_ran_out_while_the_process_was_down_freezes_again_R_TIME_6_R_GATE_2(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    async with open_house(url, tmp_path) as house:
        _, boss = await frozen(house)
        await boss.says("解冻 1 客户流程慢")

    async with open_house(url, tmp_path, kinds=()) as house:
        await _back_after(house, hours=80)
        with house.bot.store.snapshot() as conn:
            tx = tx_of(conn, house.bot.store)
            deal, first, second = tx.deals.get(1), tx.evidence.freeze(1), tx.evidence.open_freeze(1)

    assert deal is not None
    assert first is not None
    assert second is not None
    assert deal.frozen_at == second.frozen_at == first.until


async def _back_after(house: House, *, hours: int) -> None:
    """The process is up again this long after Thursday 09:10."""
    house.clock.move_to(house.clock.business_us() + hours * 3_600_000_000)
    await house.bot.ticker.tick()
    await house.quiet()
