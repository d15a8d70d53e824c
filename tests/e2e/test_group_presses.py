"""What a press on a group's card leads to is shown to who pressed, alone; the card changes for all. R-PPL-3."""

from __future__ import annotations

from pathlib import Path

from sales.chats import Chat
from tests.support.cold import W47, cycles, given
from tests.support.house import open_house, words_of
from tests.support.stores import sqlite_url

GROUP = "总监群（钉钉）"


async def test_what_leads_to_another_press_is_shown_to_the_presser_alone_R_ALERT_5(tmp_path: Path) -> None:
    async with open_house(sqlite_url(tmp_path), tmp_path, platforms=("dingtalk",)) as house:
        director, boss = house.person("张伟"), house.person("王芳")
        for person in (director, boss):
            await person.says("帮助")
        group = house.group(GROUP)
        bound = Chat(f"dingtalk:{group}", "dingtalk", group, GROUP, bound_to="director")
        await given(house, [bound, *(entity for who in W47 for entity in cycles(*who))])
        await house.later("1m")
        before = len(await director.sees(chat=group))

        await director.clicks("静默", chat=group)
        assert "4 小时" in await director.last()
        assert len(await director.sees(chat=group)) == before
        await director.clicks("4 小时")

        shown = await director.sees(chat=group)
        assert len(shown) == before
        assert "静默到" in words_of(shown[-1])
        assert "4 小时" not in "".join([words_of(m) for m in await boss.sees()])
