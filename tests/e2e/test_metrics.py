"""LDR asked for in a group: the group gets its own sums, never a person; what is more goes to the asker. R-PPL-3."""

from __future__ import annotations

from tests.support.cold import bind, cycles, given
from tests.support.house import House, Person

PEOPLE = ("李雷", "韩梅梅", "陈宇", "赵敏")
HINT = "细节发你单聊了。"


async def cold_week(house: House) -> tuple[Person, Person]:
    """Two teams with cycles gone cold this week, three by one rep of 华东一组; that rep and the director are known."""
    rep, director = house.person("李雷"), house.person("张伟")
    for who in (rep, director):
        await who.says("帮助")
    found = [*cycles("m03", 3, 4), *cycles("m04", 0, 6), *cycles("m07", 2, 10)]
    await given(house, found)
    return rep, director


async def asks(who: Person, line: str, group: str) -> tuple[str, str]:
    """What the group and the asker's direct chat show last, after the line was said in the group to the bot."""
    await who.says(line, chat=group, mention_bot=True)
    return await who.last(chat=group), await who.last()


async def test_team_group_gets_the_teams_sum_and_no_person_r_ppl_3_r_met_2(house: House) -> None:
    rep, _ = await cold_week(house)
    await bind(house, "华东一组群", "team:销售部/华东一组")

    told, direct = await asks(rep, "LDR 本周", house.group("华东一组群"))

    assert "LDR 30.00%" in told
    assert "3/10 条没人碰" in told
    assert "华东一组 W47 暂计" in told
    assert "看明细" not in told
    for name in PEOPLE:
        assert name not in told
    assert "30.00%" not in direct


async def test_week_before_without_cycles_has_no_value_in_the_group_r_none(house: House) -> None:
    rep, _ = await cold_week(house)
    await bind(house, "华东一组群", "team:销售部/华东一组")

    told, _ = await asks(rep, "LDR 上周", house.group("华东一组群"))

    assert "LDR —" in told
    assert "W46" in told


async def test_team_group_asking_for_another_scope_is_answered_in_the_direct_chat_r_ppl_3(house: House) -> None:
    rep, _ = await cold_week(house)
    await bind(house, "华东一组群", "team:销售部/华东一组")
    group = house.group("华东一组群")

    other = await asks(rep, "LDR 本周 华南组", group)
    own = await asks(rep, "LDR 本周 李雷", group)

    assert other[0] == HINT
    assert "看不了" in other[1]
    assert own[0] == HINT
    assert "LDR 75.00%" in own[1]


async def test_group_of_directors_gets_its_teams_apart_and_goes_down_in_the_direct_chat_r_drill(house: House) -> None:
    _, director = await cold_week(house)
    await bind(house, "总监群", "director;marketing_lead")
    group = house.group("总监群")

    told, _ = await asks(director, "LDR 本周", group)
    pick = {"user": director.id, "button": "看明细", "chat": group, "option": "team:销售部/华东一组"}
    await house.post("/sim/click", pick)
    await house.quiet()

    assert "LDR 25.00%" in told
    assert "华东一组 30.00%（3/10）" in told
    assert "华南组 20.00%（2/10）" in told
    for name in PEOPLE:
        assert name not in told
    assert await director.last(chat=group) == told
    assert "李雷" in await director.last()


async def test_unbound_group_gets_a_pointer_and_the_asker_the_card_r_ppl_3(house: House) -> None:
    rep, _ = await cold_week(house)

    told, direct = await asks(rep, "LDR 本周", house.group("华东一组群"))

    assert told == HINT
    assert "LDR 75.00%" in direct
