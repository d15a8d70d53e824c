"""The LDR alert, told by time: fires once, repeats, is acknowledged, silenced, resolved, closed. R-ALERT-1, -2, -5."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.cold import MONDAY, bind, cycles, given, week_in_alarm
from tests.support.house import House, Person, button_of, open_house, words_of
from tests.support.stores import postgres_url, sqlite_url


async def alarms(person: Person, chat: str) -> list[str]:
    """The words of the alert cards in a chat as they stand now, with those that point to a newer one. R-MERGE."""
    shown = [words_of(message) for message in await person.sees(chat=chat)]
    return [words for words in shown if words.startswith(("LDR", "这张旧了，看下面那张"))]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_alert_fires_once_in_the_group_and_to_marketing_r_alert_1_r_alert_2(tmp_path: Path, kind: str) -> None:
    url = sqlite_url(tmp_path) if kind == "sqlite" else postgres_url()
    async with open_house(url, tmp_path) as house:
        group = await week_in_alarm(house)
        director, marketing = house.person("张伟"), house.person("林静")

        [told] = await alarms(director, group)
        await given(house, [])
        await house.later("1h")

        assert "LDR 21.95%，过了 20% 线" in told
        assert "全公司 W47 暂计" in told
        assert "9/41 条没人碰" in told
        assert "华南组 36.36%（4/11）" in told
        assert "周三定数" in told
        assert len(await alarms(director, group)) == 1
        assert len(await alarms(marketing, marketing.chat)) == 1
        assert await alarms(director, director.chat) == []


async def test_group_card_carries_the_trend_as_a_picture_and_names_nobody_r_ppl_3(house: House) -> None:
    group = await week_in_alarm(house)

    card = (await house.person("张伟").sees(chat=group))[-1]

    assert "img_key" in str(card["card"])
    for name in ("李雷", "赵敏", "钱芸"):
        assert name not in str(card["card"])


async def test_alert_repeats_after_24_hours_and_not_once_acknowledged_r_alert_1_r_alert_5(house: House) -> None:
    group = await week_in_alarm(house)
    director = house.person("张伟")

    await house.later("24h")
    twice = await alarms(director, group)
    await director.clicks("知道了", chat=group)
    await house.later("24h")

    assert len(twice) == 2
    assert twice[0].startswith("这张旧了")
    assert "第 2 天还超线" in twice[1]
    known = await alarms(director, group)
    assert len(known) == 2
    assert "张伟在处理" in known[1]


async def test_what_is_said_after_knowing_stands_on_the_cards_r_alert_5(house: House) -> None:
    group = await week_in_alarm(house)
    director, marketing = house.person("张伟"), house.person("林静")

    await director.clicks("知道了", chat=group)
    asked = await director.last()
    await director.says("让周强今天清华南 4 条")

    assert "要说一句吗" in asked
    assert "让周强今天清华南 4 条" in (await alarms(director, group))[0]
    assert "让周强今天清华南 4 条" in (await alarms(marketing, marketing.chat))[0]


async def test_only_who_was_told_may_acknowledge_r_alert_5(house: House) -> None:
    group = await week_in_alarm(house)
    rep = house.person("李雷")
    await rep.says("帮助")
    card = (await house.person("张伟").sees(chat=group))[-1]
    await house.raw_click(rep, "om_forwarded", button_of(card, "知道了"), event_id="forwarded")

    assert "过了 20% 线" in (await alarms(house.person("张伟"), group))[0]


async def test_silence_stops_cards_until_it_is_over_r_alert_5(house: House) -> None:
    group = await week_in_alarm(house)
    director = house.person("张伟")
    await pick(house, director, group, "静默", "1d")

    silent = (await alarms(director, group))[0]
    await house.later("23h")
    still = await alarms(director, group)
    await house.later("2h")

    assert "LDR 静默到" in silent
    assert "张伟 · 1 天" in silent
    assert len(still) == 1
    assert "还超线" in (await alarms(director, group))[-1]


async def test_alert_resolves_after_six_hours_back_in_line_and_stays_quiet_r_alert_1(house: House) -> None:
    group = await week_in_alarm(house)
    director = house.person("张伟")
    await given(house, cycles("m03", 0, 20, start=MONDAY + timedelta(hours=3)))
    await house.later("5h")
    before = (await alarms(director, group))[0]
    await house.later("2h")

    after = await alarms(director, group)
    assert "过了 20% 线" in before
    assert "LDR 14.75%，回到线内" in after[0]
    assert "超线共 6 小时" in after[0]
    await given(house, cycles("m03", 20, 20, start=MONDAY + timedelta(hours=4)))
    await house.later("26h")
    assert len(await alarms(director, group)) == 1


async def test_final_judgement_closes_the_firing_r_alert_1(house: House) -> None:
    group = await week_in_alarm(house)
    director = house.person("张伟")
    await director.clicks("知道了", chat=group)

    await house.later("168h")

    assert "W47 定数" in (await alarms(director, group))[0]
    with house.bot.store.snapshot() as conn:
        assert conn.execute(text("SELECT state FROM alerts")).all() == [("closed",)]


async def test_a_small_week_is_told_at_the_final_judgement_only_r_alert_1(house: House) -> None:
    await bind(house, "总监群", "director")
    group, director = house.group("总监群"), house.person("张伟")
    await given(house, cycles("m03", 3, 5))
    await house.later("100h")
    running = await alarms(director, group)
    await house.later("48h")

    assert running == []
    [told] = await alarms(director, group)
    assert "LDR 60.00%，过了 20% 线" in told
    assert "W47 定数" in told


async def test_fewer_than_five_cycles_are_never_told_r_alert_1(house: House) -> None:
    await given(house, cycles("m03", 4, 4))
    await house.later("168h")

    with house.bot.store.snapshot() as conn:
        assert conn.execute(text("SELECT count(*) FROM alerts")).scalar_one() == 0


async def test_without_a_bound_group_the_directors_are_told_in_person_r_ppl_1(house: House) -> None:
    director = house.person("张伟")
    await given(house, [e for who in (("m03", 4, 20), ("m07", 5, 20)) for e in cycles(*who)])

    await house.later("1m")

    assert "LDR 22.50%" in await director.last()


async def test_details_go_from_company_to_leads_in_the_direct_chat_r_drill_r_ppl_3(house: House) -> None:
    group = await week_in_alarm(house)
    director = house.person("张伟")

    await director.clicks("看明细", chat=group)
    company = await director.last()
    await pick(house, director, director.chat, "往下看", "team:销售部/华南组")
    team = await director.last()
    await pick(house, director, director.chat, "往下看", "member:m07")

    assert "全公司 LDR 21.95%" in company
    assert "华南组 36.36%（4/11）" in company
    assert "赵敏 36.36%（4/11）" in team
    leads = await director.last()
    assert "赵敏 LDR 36.36%" in leads
    assert "没人碰" in leads
    assert len(await alarms(director, group)) == 1


async def test_repeat_due_while_the_bot_was_down_comes_once_r_time_5(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    async with open_house(url, tmp_path) as house:
        group = await week_in_alarm(house)
        house.clock.move_to(house.clock.business_us() + 26 * 3600 * 1_000_000)

        await house.bot.ticker.tick()
        await house.quiet()

        assert len(await alarms(house.person("张伟"), group)) == 2


async def test_of_two_who_know_at_once_the_first_counts_r_alert_5(house: House) -> None:
    group = await week_in_alarm(house)
    director, marketing = house.person("张伟"), house.person("林静")
    await marketing.says("帮助")
    cards = [(await director.sees(chat=group))[-1], (await marketing.sees())[0]]

    await asyncio.gather(
        *(
            house.raw_click(person, card["message_id"], button_of(card, "知道了"), event_id=f"known-{n}")
            for n, (person, card) in enumerate(zip((director, marketing), cards, strict=True))
        )
    )

    with house.bot.store.snapshot() as conn:
        entries = conn.execute(text("SELECT who FROM audit WHERE action = 'alert.acknowledge'")).all()
        [(state, who)] = conn.execute(text("SELECT state, acknowledged_by FROM alerts")).all()
    assert state == "acknowledged"
    assert entries == [(who,)]


async def test_silence_is_ended_by_hand_and_an_old_choice_does_nothing_r_alert_5(house: House) -> None:
    group = await week_in_alarm(house)
    director = house.person("张伟")
    await pick(house, director, group, "静默", "1w")

    await director.clicks("取消静默", chat=group)

    assert "过了 20% 线" in (await alarms(director, group))[0]
    await house.later("25h")
    assert len(await alarms(director, group)) == 2


async def pick(house: House, person: Person, chat: str, menu: str, value: str) -> None:
    """Choose from a menu of the newest card that has it."""
    await house.post("/sim/click", {"user": person.id, "button": menu, "chat": chat, "option": value})
    await house.quiet()
