"""Who is known, who may see what, and what a group gets. R-PPL."""

from __future__ import annotations

import csv

from sqlalchemy import text

from bot.commands.demo import SEED
from tests.support.cold import W47, bind, cycles, given
from tests.support.house import House, button_of, words_of


async def test_member_is_bound_by_mobile_with_the_first_line_R_PPL_4(house: House) -> None:
    rep = house.person("韩梅梅")

    await rep.says("录单 芜湖弘康 彩超 260万")

    assert "已录单 #1 芜湖弘康" in await rep.last()
    assert len(await house.calls("/contact/v3/users")) == 1
    await rep.says("我的商机")
    assert len(await house.calls("/contact/v3/users")) == 1


async def test_numbers_of_members_are_never_stored_in_clear_R_PRIV(house: House) -> None:
    with (SEED / "members.csv").open(encoding="utf-8") as file:
        numbers = [row["mobile"] for row in csv.DictReader(file) if row["mobile"]]

    with house.bot.store.snapshot() as conn:
        stored = str(conn.execute(text("SELECT mobile, mobile_key FROM members")).all())

    assert len(numbers) > 10
    assert [number for number in numbers if number in stored] == []


async def test_member_who_never_wrote_presses_a_group_card_is_bound_and_it_counts_R_PPL_4(house: House) -> None:
    """The directory is asked once; the click is handled as of its instant, the answer goes to the person alone."""
    director = house.person("张伟")
    await bind(house, "总监群", "director;marketing_lead")
    await given(house, [entity for who in W47 for entity in cycles(*who)])
    await house.later("1m")
    group = house.group("总监群")
    before = len(await director.sees(chat=group))

    pressed = await director.clicks("知道了", chat=group)
    again = await director.clicks("看明细", chat=group)

    assert pressed["toast"]["content"] == "正在认人，是同事就接着办。"
    assert "张伟在处理" in words_of((await director.sees(chat=group))[-1])
    assert len(await director.sees(chat=group)) == before
    assert words_of((await director.sees())[0]) == "知道了，不再重发"
    assert again["toast"]["content"] == "细节发你单聊了。"
    assert len(await house.calls("/contact/v3/users/ou")) == 1


async def test_stranger_who_presses_a_card_changes_nothing_and_is_told_so_R_PPL_4(house: House) -> None:
    await bind(house, "总监群", "director;marketing_lead")
    await given(house, [entity for who in W47 for entity in cycles(*who)])
    await house.later("1m")
    stranger, group = house.person("张三"), house.group("总监群")
    card = (await house.person("张伟").sees(chat=group))[-1]

    await house.raw_click(stranger, card["message_id"], button_of(card, "知道了"), event_id="stranger-1")

    assert "过了 20% 线" in words_of((await house.person("张伟").sees(chat=group))[-1])
    assert await stranger.sees() == []


async def test_stranger_is_refused_once_a_day_and_changes_nothing_R_PPL_4(house: House) -> None:
    stranger = house.person("张三")

    await stranger.says("录单 华东医疗 CT机 120万")
    await stranger.says("我的商机")

    messages = await stranger.sees()
    assert len(messages) == 1
    assert "还没认出您" in words_of(messages[0])
    assert "启明" not in words_of(messages[0])
    await house.later("24h")
    await stranger.says("你好")
    assert len(await stranger.sees()) == 2


async def test_admin_binds_a_stranger_by_code_R_PPL_4(house: House) -> None:
    stranger, admin = house.person("张三"), house.person("刘洋")
    await stranger.says("你好")
    code = words_of((await stranger.sees())[0]).split("把绑定码 ")[1][:4]

    await house.person("李雷").says(f"绑定 {code} 冯磊")
    assert "你的角色还用不了" in await house.person("李雷").last()
    await admin.says(f"绑定 {code} 冯磊")
    assert "绑好了：冯磊" in await admin.last()

    await stranger.says("录单 北方心血管中心 DR 65万")
    assert "已录单 #1" in await stranger.last()


async def test_sight_rep_own_supervisor_team_director_tree_R_PPL_2(house: House) -> None:
    await house.person("李雷").says("录单 华东医疗 CT机 120万")

    for name, seen in [("李雷", True), ("王芳", True), ("张伟", True), ("韩梅梅", False), ("周强", False)]:
        person = house.person(name)
        await person.says("商机 1")
        assert ("华东医疗" in await person.last()) is seen, name
        if not seen:
            assert await person.last() == "这条你现在看不了。要看，找负责人授权。"
    await house.person("刘洋").says("商机 1")
    assert "你的角色还用不了" in await house.person("刘洋").last()


async def test_a_forwarded_card_does_nothing_for_others_R_PPL_2(house: House) -> None:
    rep, other = house.person("李雷"), house.person("韩梅梅")
    await rep.says("录单 华东医疗 CT机 一百二")
    await other.says("帮助")
    asked = (await rep.sees())[-1]

    await house.raw_click(other, asked["message_id"], button_of(asked, "120.00 万"), event_id="forwarded-1")
    assert "金额是哪个" in await rep.last()
    await rep.clicks("120.00 万")
    deal = (await rep.sees())[-1]
    await house.raw_click(other, deal["message_id"], button_of(deal, "撤销"), event_id="forwarded-2")
    assert "已录单 #1" in await rep.last()


async def test_an_old_button_is_refused_politely_and_the_card_comes_anew_R_HOLD(house: House) -> None:
    rep = house.person("李雷")
    await rep.says("录单 华东医疗 CT机 一百二")
    asked = (await rep.sees())[-1]
    old = button_of(asked, "120.00 万")
    await rep.clicks("都不是")

    await house.raw_click(rep, asked["message_id"], old, event_id="old")

    assert "还差金额" in await rep.last()
    await rep.says("我的商机")
    assert "还没有商机" in await rep.last()


async def test_group_gets_a_pointer_and_the_person_the_card_R_PPL_3(house: House) -> None:
    rep, group = house.person("李雷"), house.group("华东一组群")
    await rep.says("帮助")

    await rep.says("@销售助手 录单 华东医疗 CT机 120万", chat=group)

    assert await rep.last(chat=group) == "细节发你单聊了。"
    assert "已录单 #1" in await rep.last()


async def test_silent_in_a_group_unless_mentioned(house: House) -> None:
    rep, group = house.person("李雷"), house.group("华东一组群")

    await rep.says("录单 华东医疗 CT机 120万", chat=group)

    assert await rep.sees(chat=group) == []
    assert await rep.sees() == []
