"""Stories of leads with the moved clock: warned, recycled, undone, claimed; also after a downtime. R-LEAD-24H, -48H."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from bot.commands.demo_company import COMPANY
from bot.commands.ordering import _inbound, _worked_off
from sales.imports import check_rows
from storage.types import to_us
from tests.support.house import THURSDAY, House, Person, button_of, open_house, words_of
from tests.support.stores import postgres_url, sqlite_url

HOUR = timedelta(hours=1)
LEADS = ("lead_id", "company", "name", "phone", "product")
HELD = ("assignment_id", "lead_id", "member_id", "assigned_at", "ended_at", "end_reason")


async def imported(house: House, kind: str, columns: tuple[str, ...], *rows: tuple[str, ...]) -> dict[str, Any]:
    """Rows through the real import, inside the running bot."""
    good, refused = check_rows(kind, columns, rows)
    assert not refused
    for row in good:
        assert row.values
    args = {
        "kind": kind, "file": "f" * 64, "chunk": 0, "by": "cli:test",
        "rows": [{"key": row.key, "values": dict(row.values)} for row in good],
    }  # fmt: skip
    order = _inbound("import", args, house.clock.business_us())
    await house.bot.writer.receive(order)
    house.bot.wakeup.wake("inbox")
    counts = await _worked_off(house.bot, order)
    await house.quiet()
    return counts


async def with_lead(house: House, *, hours_ago: float = 1, count: int = 1) -> None:
    """Leads of 李雷, assigned so long before Thursday 09:10 and one second apart."""
    rows = [(f"L{n}", f"江南康复医院{n}", "刘主任", f"1380000{n:04d}", "DR") for n in range(1, count + 1)]
    start = THURSDAY - timedelta(hours=hours_ago)
    held = [
        (f"A{n}", f"L{n}", "m03", (start + timedelta(milliseconds=n)).isoformat(), "", "") for n in range(1, count + 1)
    ]
    await imported(house, "leads", LEADS, *rows)
    await imported(house, "assignments", HELD, *held)


async def greeted(house: House, *names: str) -> list[Person]:
    """People whose direct chats the bot knows."""
    people = [house.person(name) for name in names]
    for who in people:
        await who.says("帮助")
    return people


async def ldr(house: House) -> tuple[int, int]:
    """LDR of the company this week, as of the bot's clock."""
    with house.bot.store.snapshot() as conn:
        tx = house.bot.outbox._drawer.tx(conn)
        from sales.metrics import week_of

        measure = tx.leads.ldr("company", week_of(tx.now, tx.policy), as_of=tx.now)
    return measure.numerator, measure.denominator


def state_of(house: House) -> list[str]:
    """States of all leads, by number."""
    with house.bot.store.snapshot() as conn:
        return [row[0] for row in conn.execute(text("SELECT state FROM leads ORDER BY id"))]


@pytest.fixture(params=["sqlite", "postgresql"])
async def either(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """The house on each store."""
    url = sqlite_url(tmp_path) if request.param == "sqlite" else postgres_url()
    async with open_house(url, tmp_path) as opened:
        yield opened


async def test_lead_is_warned_at_24_h_and_recycled_at_48_h_both_sides_told_r_lead_24h_r_lead_48h(either: House) -> None:
    rep, boss = await greeted(either, "李雷", "王芳")
    await with_lead(either)

    await either.later("24h")
    warned = await rep.last()
    card = words_of((await rep.sees())[-1])
    await either.later("5h")
    bosses = await boss.last()
    await either.later("24h")

    assert "24 小时没联系" in warned
    assert "138****0001" in card
    assert "13800000001" not in card
    assert "1 条线索 24 小时没联系" in bosses
    assert "李雷" in bosses
    assert "回公海了" in await rep.last()
    assert state_of(either) == ["pool"]
    assert await ldr(either) == (1, 1)


async def test_import_is_silent_and_closes_what_is_past_48_h_r_imp(house: House) -> None:
    rep, boss = await greeted(house, "李雷", "王芳")
    before = [len(await who.sees()) for who in (rep, boss)]

    await with_lead(house, hours_ago=50, count=3)
    first = await ldr(house)
    again = await imported(house, "assignments", HELD, ("A1", "L1", "m03", (THURSDAY - 50 * HOUR).isoformat(), "", ""))
    await house.later("1h")

    assert state_of(house) == ["pool"] * 3
    assert first == (3, 3)
    assert again["added"] == 0
    assert [len(await who.sees()) for who in (rep, boss)] == before


async def test_reached_in_time_stays_with_its_holder_r_touch(house: House) -> None:
    [rep] = await greeted(house, "李雷")
    await with_lead(house)
    await rep.says("没接 1")
    dialled = await rep.last()
    await house.later("40h")
    await rep.says("1 接通了")

    await house.later("24h")

    assert "第 1 次没接" in dialled
    assert state_of(house) == ["cycle"]
    assert await ldr(house) == (0, 1)


async def test_buttons_of_the_lead_card_say_what_came_of_the_call(house: House) -> None:
    [rep] = await greeted(house, "李雷")
    await with_lead(house)
    await rep.says("我的线索")
    listed = await rep.last()
    await rep.clicks("看 #1")
    card = (await rep.sees())[-1]

    await rep.clicks("接通了", message_id=card["message_id"])

    assert "我的线索 1 条" in listed
    assert "48 小时作战包" in words_of(card)
    assert "接通了" in words_of(next(m for m in await rep.sees() if m["message_id"] == card["message_id"]))


async def test_late_touch_from_before_the_deadline_undoes_the_recycling_r_time_5(either: House) -> None:
    rep, boss = await greeted(either, "李雷", "王芳")
    await with_lead(either)
    await rep.says("我的线索")
    await rep.clicks("看 #1")
    card = (await rep.sees())[-1]
    pressed = button_of(card, "接通了")
    in_time = either.clock.business_us()
    await either.later("49h")
    assert state_of(either) == ["pool"]
    assert await ldr(either) == (1, 1)

    await late_click(either, rep, card["message_id"], pressed, at=in_time)
    changed = await ldr(either)
    await either.later("48h")  # over the weekend, to the supervisor's slot

    assert state_of(either) == ["cycle"]
    assert changed == (0, 1)
    assert any("还你了" in words_of(m) for m in await rep.sees())
    assert any("还你了" in words_of(m) for m in await boss.sees())


async def late_click(house: House, who: Person, message_id: str, button: dict[str, Any], *, at: int) -> None:
    """A click that happened at `at` (UTC microseconds) and only arrives now."""
    app = orjson.loads(COMPANY.read_bytes())["feishu"]
    person = next(p for p in house.state["people"] if p["id"] == who.id)
    header = {
        "event_id": "late-1", "token": app["verification_token"], "event_type": "card.action.trigger",
        "app_id": app["app_id"], "tenant_key": app["tenant_key"], "create_time": str(at),
    }  # fmt: skip
    event = {
        "operator": {"open_id": person["open_id"]}, "token": "c-" + "1" * 40, "host": "im_message",
        "action": {"tag": "button", "value": button},
        "context": {"open_message_id": message_id, "open_chat_id": who.chat},
    }  # fmt: skip
    await house.post("/sim/deliver", {"event": {"schema": "2.0", "header": header, "event": event}})
    await house.quiet()


async def test_down_at_both_instants_the_warning_is_superseded_and_the_recycling_told_r_time_6(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    async with open_house(url, tmp_path) as house:
        [rep] = await greeted(house, "李雷")
        await with_lead(house)
        ticker = house.bot.ticker
        async with ticker._moving:  # no tick: as good as down
            house.clock.move_to(to_us(THURSDAY + 50 * HOUR))
        for _ in range(2):  # what was due, then what that made due
            await ticker.tick()
            await house.quiet()

        told = [words_of(m) for m in await rep.sees()]

    assert not any("24 小时没联系" in words for words in told)
    assert "回公海了" in told[-1]


async def test_many_leads_due_in_one_second_are_one_card_per_chat_r_merge(house: House) -> None:
    rep, boss = await greeted(house, "李雷", "王芳")
    await with_lead(house, count=40)
    before = [len(await who.sees()) for who in (rep, boss)]

    await house.later("24h")
    await house.later("5h")

    assert [len(await who.sees()) - was for who, was in zip((rep, boss), before, strict=True)] == [1, 1]
    assert "40 条线索 24 小时没联系" in await rep.last()
    assert "40 条线索 24 小时没联系" in await boss.last()


async def test_claiming_is_first_come_first_served_and_not_ones_own_r_lead_pool(house: House) -> None:
    rep, other, third = await greeted(house, "李雷", "韩梅梅", "陈宇")
    await with_lead(house, hours_ago=50, count=7)

    await rep.says("领取 1")
    own = await rep.last()
    await other.says("公海")
    pool = await other.last()
    await other.says("领取 1")
    await third.says("领取 1")
    late = await third.last()
    for n in range(2, 7):
        await other.says(f"领取 {n}")

    assert "回公海的" in own
    assert "公海 7 条" in pool
    assert "今天还能领 5 条" in pool
    assert "晚了一步" in late
    assert "满了" in await other.last()
    assert state_of(house) == ["cycle"] * 5 + ["pool"] * 2


async def test_wrong_number_counts_until_marketing_confirms_r_lead_inv(house: House) -> None:
    rep, marketing = await greeted(house, "李雷", "林静")
    await with_lead(house)
    await rep.says("号码错 1")
    await house.later("49h")
    counted = await ldr(house)

    await marketing.clicks("确认无效")

    assert counted == (1, 1)
    assert await ldr(house) == (0, 0)
    assert state_of(house) == ["invalid"]


async def test_whole_number_only_for_who_holds_the_lead_r_priv(house: House) -> None:
    rep, other = await greeted(house, "李雷", "赵敏")
    await with_lead(house)

    await rep.says("号码 1")
    await other.says("号码 1")

    assert "13800000001" in await rep.last()
    assert "看不了" in await other.last()
    with house.bot.store.snapshot() as conn:
        stored = conn.execute(text("SELECT phone FROM leads")).scalar_one()
    assert "1380000" not in stored


async def test_ldr_in_chat_goes_down_to_the_facts_by_sight_r_drill_r_ppl_2(house: House) -> None:
    director, rep = await greeted(house, "张伟", "李雷")
    await with_lead(house, hours_ago=50, count=2)

    await director.says("LDR 本周")
    company = await director.last()
    await rep.says("LDR 本周 华南组")
    refused = await rep.last()
    await rep.says("LDR")

    assert "LDR 100.00%" in company
    assert "华东一组" in company
    assert "看不了" in refused
    assert "没人碰" in await rep.last()
