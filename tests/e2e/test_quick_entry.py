"""The main job as people do it, through the simulator, over real HTTP."""

from __future__ import annotations

import pytest

from tests.support.house import House, button_of, words_of


async def test_line_becomes_deal_and_undo_takes_it_back_R_QE_1_R_UNDO(house: House) -> None:
    rep = house.person("李雷")

    await rep.says("录单 华东医疗 CT机 120万")
    assert "已录单 #1 华东医疗" in await rep.last()
    assert "120.00 万" in await rep.last()
    assert "¥1,200,000.00" in await rep.last()

    done = await rep.clicks("撤销")
    assert done["toast"]["content"] == "已撤销 #1 华东医疗。"
    assert "已撤销 #1 华东医疗" in await rep.last()
    assert len(await rep.sees()) == 1


async def test_doubtful_amount_is_asked_and_a_tap_saves_it_R_QE_3(house: House) -> None:
    rep = house.person("李雷")

    await rep.says("录单 华东医疗 CT机 一百二")
    assert "金额是哪个" in await rep.last()
    assert "¥120.00" in await rep.last()

    done = await rep.clicks("120.00 万")
    assert done["toast"]["content"] == "已录单 #1"
    messages = await rep.sees()
    assert len(messages) == 1
    assert "已录单 #1 华东医疗" in words_of(messages[0])


async def test_a_typed_answer_completes_the_entry_R_HOLD(house: House) -> None:
    rep = house.person("李雷")

    await rep.says("录单 华东医疗 CT机 大概120")
    await rep.says("130万")

    messages = [words_of(m) for m in await rep.sees()]
    assert "已录成 #1" in messages[0]
    assert "130.00 万" in messages[1]


async def test_a_second_tap_on_the_same_question_makes_no_second_deal_R_QE_3(house: House) -> None:
    rep = house.person("李雷")
    await rep.says("录单 华东医疗 CT机 35万-40万")
    message = (await rep.sees())[-1]
    button = button_of(message, "35.00 万")

    for event_id in ("tap-1", "tap-1", "tap-2"):
        await house.raw_click(rep, message["message_id"], button, event_id=event_id)

    await rep.says("我的商机")
    assert "1 条" in await rep.last()


async def test_missing_amount_keeps_the_rest_R_HOLD(house: House) -> None:
    rep = house.person("李雷")

    await rep.says("录单 华东医疗 CT机")
    assert "华东医疗 · CT机 记下了，还差金额" in await rep.last()
    await rep.says("随便")
    assert "华东医疗 · CT机" in await rep.last()
    await rep.says("120万")
    assert "已录单 #1" in await rep.last()


async def test_near_customer_is_asked_and_others_are_only_named_R_CUS_5(house: House) -> None:
    rep = house.person("李雷")

    await rep.says("录单 华东医疗器械 CT机 50万")
    asked = await rep.last()
    assert "是这家客户吗" in asked
    assert "华东医疗器材（无锡） · 陈宇" in asked

    foreign = await rep.clicks("是 2")
    assert "这是陈宇的客户" in foreign["toast"]["content"]
    mine = await rep.clicks("是 1")
    assert mine["toast"]["content"] == "已录单 #1"
    assert "华东医疗 · A 级 · 老客户" in await rep.last()


async def test_small_talk_never_answers_a_customer_question_R_HOLD(house: House) -> None:
    rep = house.person("李雷")
    await rep.says("录单 华东医疗器械 CT机 50万")

    await rep.says("刘洋好")
    assert "没对上" in await rep.last()
    await rep.says("1")
    assert "已录单 #1 华东医疗" in await rep.last()


async def test_cancel_and_resume_R_HOLD(house: House) -> None:
    rep = house.person("李雷")

    await rep.says("录单 华东医疗 CT机 大概120")
    await house.later("31m")
    await rep.says("120万")
    assert "没看懂" in await rep.last()
    await rep.says("继续")
    assert "金额" in await rep.last()
    await rep.says("取消")
    assert "不录了" in await rep.last()
    await rep.says("继续")
    assert "没有放着的草稿" in await rep.last()


async def test_undo_button_goes_after_ten_minutes_R_UNDO_R_TIME_5(house: House) -> None:
    rep = house.person("李雷")
    await rep.says("录单 华东医疗 CT机 120万")
    assert "前可撤销" in await rep.last()

    await house.later("48h")

    assert "前可撤销" not in await rep.last()
    await rep.says("撤销")
    assert "没有能撤的" in await rep.last()


async def test_undo_is_for_the_own_deal_of_this_chat_R_UNDO(house: House) -> None:
    await house.person("李雷").says("录单 华东医疗 CT机 120万")
    boss = house.person("王芳")

    await boss.says("撤销")
    assert "没有能撤的" in await boss.last()


@pytest.mark.parametrize("line", ["录单 华东医疗 CT机 0元", "录单 华东医疗 CT机 -5万", "录单 华东医疗 CT机 20亿"])
async def test_impossible_amounts_are_asked_not_saved_R_QE_4(house: House, line: str) -> None:
    rep = house.person("李雷")

    await rep.says(line)

    assert "录单 · 等你" in await rep.last()
    await rep.says("我的商机")
    assert "还没有商机" in await rep.last()


async def test_hostile_names_show_as_plain_text(house: House) -> None:
    rep = house.person("李雷")

    await rep.says("录单 客户：<at id=all></at>**坏**[点](http://x.y)公司 产品：CT机 金额：10万")

    card = (await rep.sees())[-1]["card"]
    tags = str(card)
    assert "lark_md" not in tags
    assert "'tag': 'markdown'" not in tags


async def test_same_line_delivered_four_times_is_one_deal(house: House) -> None:
    rep = house.person("李雷")
    await house.post("/sim/faults", {"path": "event", "kind": "duplicate", "count": 3})

    await rep.says("录单 华东医疗 CT机 120万")
    await rep.says("我的商机")

    assert "1 条" in await rep.last()


async def test_a_command_of_a_later_version_is_named(house: House) -> None:
    rep = house.person("李雷")

    await rep.says("报价 17")

    assert await rep.last() == "「报价」我还不会。现在能用的，说「帮助」看。"


async def test_unknown_words_get_the_nearest_things(house: House) -> None:
    rep = house.person("李雷")

    await rep.says("今天天气不错")

    assert "没看懂这句" in await rep.last()
    assert "录单 华东医疗 CT机 120万" in await rep.last()
