"""Forms through the simulator: the same three facts as a card and as questions one by one. R-QE-1, R-HOLD."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.house import House, button_of, open_house, words_of
from tests.support.stores import sqlite_url


async def fills(house: House, who: str, values: dict[str, str]) -> dict[str, object]:
    """Submit the newest form card."""
    person = house.person(who)
    done = await house.post("/sim/submit", {"user": person.id, "chat": person.chat, "values": values})
    await house.quiet()
    return dict(done)


async def test_word_alone_gives_a_form_and_its_submit_is_the_deal_R_QE_1(house: House) -> None:
    rep = house.person("李雷")
    await rep.says("录单")
    assert "录一单" in await rep.last()

    await fills(house, "李雷", {"customer": "华东医疗", "product": "CT机", "amount": "120万"})

    shown = [words_of(message) for message in await rep.sees()]
    assert "办好了" in shown[0]
    assert "已录单 #1 华东医疗" in shown[1]
    assert "¥1,200,000.00" in shown[1]


async def test_form_is_answered_one_by_one_R_QE_1(house: House) -> None:
    rep = house.person("李雷")
    await rep.says("录单")
    await rep.says("华东医疗")
    assert "什么产品" in await rep.last()
    await rep.says("CT机")
    assert "预计多少钱" in await rep.last()
    await rep.says("120万")

    assert "已录单 #1 华东医疗" in await rep.last()


async def test_wrong_answer_keeps_the_rest_and_asks_again_R_HOLD(house: House) -> None:
    rep = house.person("李雷")
    await rep.says("录单")

    done = await fills(house, "李雷", {"customer": "华东医疗", "product": "CT机", "amount": "很多"})
    assert done["toast"]["content"].startswith("没看懂这个金额")  # type: ignore[index]
    assert "华东医疗" in await rep.last()
    await rep.says("也许吧")
    assert "没看懂这个金额" in await rep.last()
    await rep.says("120万")

    assert "已录单 #1 华东医疗" in await rep.last()


async def test_doubtful_amount_of_a_form_is_asked_as_for_a_line_R_QE_3(house: House) -> None:
    rep = house.person("李雷")
    await rep.says("录单")
    await fills(house, "李雷", {"customer": "华东医疗", "product": "CT机", "amount": "一百二"})

    assert "金额是哪个" in await rep.last()


async def test_cancelled_form_is_gone_and_its_card_says_so_R_HOLD(house: House) -> None:
    rep = house.person("李雷")
    await rep.says("录单")
    await rep.says("取消")
    assert "不办了" in words_of((await rep.sees())[0])

    await rep.says("华东医疗")
    assert "没看懂" in await rep.last()


async def test_idle_form_becomes_a_draft_and_goes_on_later_R_HOLD(house: House) -> None:
    rep = house.person("李雷")
    await rep.says("录单")
    await rep.says("华东医疗")
    await house.later("31m")

    await rep.says("CT机")
    assert "已录单" not in await rep.last()
    await rep.says("继续")
    assert "什么产品" in await rep.last()
    await rep.says("CT机")
    await rep.says("120万")

    assert "已录单 #1 华东医疗" in await rep.last()


async def test_whole_line_while_a_form_is_open_is_a_deal_of_its_own_R_HOLD(house: House) -> None:
    rep = house.person("李雷")
    await rep.says("录单")
    await rep.says("录单 华东医疗 CT机 120万")

    assert "已录单 #1 华东医疗" in await rep.last()


async def test_form_of_somebody_else_cannot_be_sent_by_a_forwarded_card_R_PPL_2(house: House) -> None:
    rep, other = house.person("李雷"), house.person("韩梅梅")
    await rep.says("录单")
    message = (await rep.sees())[-1]

    await house.raw_click(other, message["message_id"], button_of(message, "录单"), event_id="forwarded")
    await fills(house, "李雷", {"customer": "华东医疗", "product": "CT机", "amount": "120万"})
    await rep.says("我的商机")

    assert "1 条" in await rep.last()
    assert [words_of(message) for message in await other.sees()] == ["这张卡你现在点不了。"]


async def test_finished_form_sent_again_makes_no_second_deal_R_HOLD(house: House) -> None:
    rep = house.person("李雷")
    await rep.says("录单")
    message = (await rep.sees())[-1]
    button = button_of(message, "录单")
    await fills(house, "李雷", {"customer": "华东医疗", "product": "CT机", "amount": "120万"})

    await house.raw_click(rep, message["message_id"], button, event_id="late")
    await rep.says("我的商机")

    assert "1 条" in await rep.last()


@pytest.mark.parametrize("person", ["林静"])
async def test_form_is_not_for_who_may_not_log_deals_R_PPL_1(tmp_path: Path, person: str) -> None:
    async with open_house(sqlite_url(tmp_path), tmp_path) as house:
        other = house.person(person)
        await other.says("录单")

        assert "录单" in await other.last()
        assert "录一单" not in await other.last()
