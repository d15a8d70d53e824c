"""The demo's first screen: what each column shows when the URL is printed, made by the road everybody takes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.commands import first_screen
from bot.commands.demo import HISTORY, MASTER, START
from tests.support.house import House, open_house, words_of
from tests.support.stores import sqlite_url


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[House]:
    """The demo company at its first screen."""
    kinds = (*MASTER, *HISTORY)
    async with open_house(sqlite_url(tmp_path), tmp_path, kinds=kinds, start=START) as house:
        await first_screen.prepare(house.simulator, house.bot)
        yield house


async def test_supervisor_has_one_request_and_one_paper_to_decide_on_r_apr_1_r_evd_5(opened: House) -> None:
    paper, request = await opened.person("王芳").sees()

    assert "请看一眼：会议纪要" in words_of(paper)
    assert paper["created_at"] < request["created_at"]
    assert "李雷申请 8.8 折（让 12%）" in words_of(request)
    assert "#9 宁波博仁医疗 彩超 · 第 7 阶段" in words_of(request)


async def test_director_s_group_has_the_alarm_with_its_picture_r_met_2_r_alert_2(opened: House) -> None:
    [alarm] = await opened.person("张伟").sees(chat=opened.group("总监群"))

    words = words_of(alarm)
    assert "LDR 21.95%，过了 20% 线" in words
    assert "9/41" in words
    assert ["36.36%（4/11）" in words, "20.00%（4/20）" in words, "10.00%（1/10）" in words] == [True] * 3
    assert any(part.get("tag") == "img" for part in alarm["card"]["body"]["elements"])
    assert "2026-11-19T09:08" < alarm["created_at"] < "2026-11-19T09:10"


async def test_clock_stands_at_ten_past_nine_and_half_past_one_comes_next(opened: House) -> None:
    clock = await opened.get("/sim/clock")

    assert clock["now"].startswith("2026-11-19T09:10")
    due = datetime.fromisoformat(clock["next_due"]["at"])
    assert due.replace(microsecond=0) == datetime.fromisoformat("2026-11-19T13:30:00+08:00")


async def test_team_group_has_heard_nothing_and_nothing_went_wrong_r_ppl_3(opened: House) -> None:
    assert await opened.person("王芳").sees(chat=opened.group("华东一组群")) == []
    calls = (await opened.get("/sim/calls?limit=500"))["calls"]
    assert {call["status"] for call in calls} == {200}
    for group in ("总监群", "华东一组群"):
        found = await opened.get(f"/sim/messages?chat={opened.group(group)}")
        assert [message["errors"] for message in found["messages"] if message["errors"]] == []
