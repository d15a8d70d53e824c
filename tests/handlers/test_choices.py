"""A list's button without a choice, presses that lead to another press, senders nobody names. R-HOLD."""

from __future__ import annotations

from pathlib import Path

import pytest

from handlers.context import ACTIONS, CHOOSE_FIRST, OLD_CARD, PICKS
from tests.e2e.test_evidence import in_gate_3
from tests.support.files import photo, sends
from tests.support.house import House, open_house, words_of
from tests.support.stores import sqlite_url


def test_every_list_is_an_action_that_exists() -> None:
    assert set(ACTIONS) >= PICKS
    assert {"review.back", "freeze.thaw", "approval.more", "alert.silence"} <= PICKS


async def reviewing(house: House) -> None:
    rep, _ = await in_gate_3(house)
    await rep.says("传凭证 1 会议纪要")
    await sends(rep, photo("white"))


@pytest.mark.parametrize("platform", ["wecom", "dingtalk"])
async def test_where_a_card_holds_no_list_its_choices_come_as_buttons(platform: str, tmp_path: Path) -> None:
    async with open_house(sqlite_url(tmp_path), tmp_path, platforms=(platform,)) as house:
        await house.person("王芳").says("帮助")
        await reviewing(house)
        boss, rep = house.person("王芳"), house.person("李雷")

        if platform == "wecom":
            await boss.clicks("退回")
            assert CHOOSE_FIRST in await boss.last()
            await house.post("/sim/click", {"user": boss.id, "chat": boss.chat, "button": "退回", "option": "看不清"})
            await house.quiet()
        else:
            await boss.clicks("退回")
            assert "看不清" in await boss.last()
            await boss.clicks("看不清")

        assert "看不清" in "\n".join([words_of(m) for m in await rep.sees()])


async def test_choices_of_a_card_nobody_knows_are_refused_politely(house: House) -> None:
    rep = house.person("李雷")
    await rep.says("录单 华东医疗 CT机 120万")
    old = {"a": "choose", "s": "deal:1", "t": "x", "d": {"do": "deal.lose"}}

    await house.raw_click(rep, "om_nobody", old, event_id="evt-choose-1")

    assert OLD_CARD in await rep.last() or len(await rep.sees()) == 1
