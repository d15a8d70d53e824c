"""An admin changes a setting, two at once, goes back; a group is bound. R-ADM-1, R-ADM-2, R-PPL-3."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.cold import MONDAY, cycles, given
from tests.support.house import House, Person, button_of, open_house
from tests.support.stores import postgres_url, sqlite_url


async def admin_of(house: House) -> Person:
    """刘洋, whose direct chat is known."""
    admin = house.person("刘洋")
    await admin.says("帮助")
    return admin


async def test_threshold_is_shown_before_and_after_confirmed_and_in_force_r_adm_1(house: House) -> None:
    admin = await admin_of(house)

    await admin.says("配置 LDR 预警线 25")
    asked = await admin.last()
    await admin.clicks("确认")
    done = await admin.last()

    assert "改 LDR 预警线，确认吗" in asked
    assert "单周 LDR > 20%" in asked
    assert "单周 LDR > 25%" in asked
    assert "—（没有可重放的数据）" in asked
    assert "LDR 预警线改为 25%" in done
    assert "配置 v2 已生效" in done
    await admin.says("配置")
    assert "LDR 预警线：单周 LDR > 25%" in await admin.last()


async def test_a_natural_line_is_understood_and_history_and_rollback_work_r_adm_2(house: House) -> None:
    admin = await admin_of(house)
    await admin.says("把LDR预警线改成18")
    await admin.clicks("确认")

    await admin.says("配置 历史")
    history = await admin.last()
    await admin.says("配置 回滚 1")
    asked = await admin.last()
    await admin.clicks("确认")

    assert "刘洋 LDR 预警线 18%" in history
    assert "回滚到 v1，确认吗" in asked
    assert "已回滚：LDR 预警线 20%" in await admin.last()
    assert "内容同 v1" in await admin.last()


@pytest.mark.parametrize("value", ["200", "abc", "0", "-5", "20.001", ""])
async def test_a_threshold_that_makes_no_sense_is_refused_with_an_example_r_adm_1(house: House, value: str) -> None:
    admin = await admin_of(house)

    await admin.says(f"配置 LDR 预警线 {value}")

    assert "配置 LDR 预警线 18" in await admin.last()
    assert "确认吗" not in await admin.last()


async def test_nobody_but_an_admin_sets_anything_r_ppl_1(house: House) -> None:
    rep = house.person("李雷")

    await rep.says("配置 LDR 预警线 25")
    typed = await rep.last()
    await rep.says("把LDR预警线改成18")

    assert "你的角色还用不了" in typed
    assert "你的角色还用不了" in await rep.last()


async def test_a_proposal_is_confirmed_by_the_same_admin_only_and_once_r_adm_1(house: House) -> None:
    admin = await admin_of(house)
    await admin.says("配置 LDR 预警线 25")
    card = (await admin.sees())[-1]
    confirm = button_of(card, "确认")

    rep = house.person("李雷")
    await rep.says("帮助")
    await house.raw_click(rep, card["message_id"], confirm, event_id="stranger")
    assert await versions(house) == []
    await house.raw_click(admin, card["message_id"], confirm, event_id="first")
    await house.raw_click(admin, card["message_id"], confirm, event_id="second")

    assert await versions(house) == [2]


async def test_a_dropped_proposal_changes_nothing_r_adm_1(house: House) -> None:
    admin = await admin_of(house)
    await admin.says("配置 LDR 预警线 25")

    await admin.clicks("先不改")

    assert "先不改" in await admin.last()
    assert await versions(house) == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_of_two_admins_at_once_one_wins_and_the_other_is_told_r_adm_2(tmp_path: Path, kind: str) -> None:
    url = sqlite_url(tmp_path) if kind == "sqlite" else postgres_url()
    async with open_house(url, tmp_path) as house:
        await make_admin(house, "郑晴")
        admins = [await admin_of(house), house.person("郑晴")]
        await admins[0].says("配置 LDR 预警线 25")
        await admins[1].says("配置 LDR 预警线 18")
        cards = [(await admin.sees())[-1] for admin in admins]

        await asyncio.gather(
            *(
                house.raw_click(admin, card["message_id"], button_of(card, "确认"), event_id=f"at-once-{n}")
                for n, (admin, card) in enumerate(zip(admins, cards, strict=True))
            )
        )

        said = [await admin.last() for admin in admins]
        won = [n for n in (0, 1) if "配置 v2 已生效" in said[n]]
        assert len(won) == 1
        loser = said[1 - won[0]]
        assert "配置 v2 → v3" in loser
        assert f"单周 LDR > {(25, 18)[won[0]]}%" in loser
        assert await versions(house) == [2]


async def test_a_group_is_bound_by_an_admin_and_forgotten_when_the_bot_leaves_r_ppl_3(house: House) -> None:
    admin, group = await admin_of(house), house.group("总监群")
    await house.post("/sim/members", {"chat": group, "remove": "bot"})
    await house.post("/sim/members", {"chat": group, "add": "bot"})
    await house.post("/sim/members", {"chat": group, "add": admin.id})

    await admin.says("@销售助手 群 绑定 总监、市场负责人", chat=group)
    asked = await admin.last(chat=group)
    await admin.clicks("确认", chat=group)

    assert "总监群换绑定，确认吗" in asked
    assert "绑给 总监、市场负责人" in await admin.last(chat=group)
    assert bound_to(house) == ["director;marketing_lead"]
    await house.post("/sim/members", {"chat": group, "remove": "bot"})
    await house.quiet()
    assert bound_to(house) == [""]


async def make_admin(house: House, name: str) -> None:
    """One more admin."""
    await house.person(name).says("帮助")
    with house.bot.store.snapshot() as conn:
        found = conn.execute(text("SELECT id FROM members WHERE name = :n"), {"n": name}).scalar_one()
    await house.bot.writer.run(
        lambda conn: conn.execute(text("UPDATE members SET roles = '[\"admin\"]' WHERE id = :i"), {"i": found})
    )


async def versions(house: House) -> list[int]:
    """The stored versions."""
    with house.bot.store.snapshot() as conn:
        return [row[0] for row in conn.execute(text("SELECT id FROM config_versions ORDER BY id"))]


def bound_to(house: House) -> list[str]:
    """What the known groups are bound to."""
    with house.bot.store.snapshot() as conn:
        return [row[0] for row in conn.execute(text("SELECT bound_to FROM chats ORDER BY id"))]


async def test_trial_replays_what_was_and_the_alert_follows_the_setting_r_adm_1_r_adm_2(house: House) -> None:
    admin = await admin_of(house)
    await house.person("张伟").says("帮助")
    await given(house, [*cycles("m03", 4, 21), *cycles("m03", 1, 5, start=MONDAY - timedelta(days=40))])
    await house.later("1m")
    quiet = await house.person("张伟").last()

    await admin.says("配置 LDR 预警线 19")
    asked = await admin.last()
    await admin.clicks("确认")
    await given(house, [])
    await house.later("1m")

    assert "过了" not in quiet
    assert "只有 43 天数据：0 → 2 次" in asked
    assert "影响 张伟、林静" in asked
    assert "LDR 19.05%，过了 19% 线" in await house.person("张伟").last()


async def test_group_words_that_name_nothing_are_answered_with_how_r_ppl_3(house: House) -> None:
    admin, group = await admin_of(house), house.group("总监群")
    await house.post("/sim/members", {"chat": group, "add": admin.id})
    await admin.says("群")
    assert "我还没进过群" in await admin.last()

    await admin.says("@销售助手 群", chat=group)
    assert "这个群现在：没绑定" in await admin.last(chat=group)
    await admin.says("@销售助手 群 绑定 火星组", chat=group)
    assert "不是团队也不是角色" in await admin.last()
    await admin.says("@销售助手 群 绑定 华东一组", chat=group)
    await admin.clicks("先不改", chat=group)
    assert bound_to(house) == [""]

    await admin.says("群")
    assert "没绑定" in await admin.last()
    await admin.says("@销售助手 群 解绑", chat=group)
    assert "不用改" in await admin.last(chat=group)


async def test_only_admins_bind_a_group_r_ppl_1(house: House) -> None:
    boss, group = house.person("王芳"), house.group("华东一组群")

    await boss.says("@销售助手 群 绑定 华东一组", chat=group)

    assert "你的角色还用不了" in await boss.last()
    assert bound_to(house) == []


async def test_history_button_and_rollback_button_ask_again_r_adm_2(house: House) -> None:
    admin = await admin_of(house)
    await admin.says("配置 预警重发 12")
    await admin.clicks("确认")

    await admin.clicks("回滚")
    asked = await admin.last()
    await admin.says("配置")
    await admin.clicks("看历史")

    assert "回滚到 v1，确认吗" in asked
    assert "预警重发 12 小时" in await admin.last()
    assert await versions(house) == [2]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("配置 时区 UTC", "两位管理员"),
        ("配置 回滚 9", "没有 v9 这一版"),
        ("配置 回滚 1", "不用回滚"),
        ("配置 回滚", "第几版"),
        ("配置 随便 3", "还不能在这里改"),
        ("配置 LDR 预警线 20", "现在就是 20%"),
        ("配置 历史", "配置还没改过"),
    ],
)
async def test_what_cannot_be_set_says_what_can_r_adm_1(house: House, line: str, said: str) -> None:
    admin = await admin_of(house)

    await admin.says(line)

    assert said in await admin.last()
