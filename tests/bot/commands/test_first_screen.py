"""The demo's first screen: what each column shows when the URL is printed, made by the road everybody takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.commands import first_screen
from bot.commands.demo import HISTORY, MASTER, START
from bot.commands.demo_company import PLATFORMS
from tests.support.house import House, open_house, words_of
from tests.support.stores import sqlite_url

GROUP = "总监群（钉钉）"


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[House]:
    """The demo company at its first screen: 李雷 on WeCom, 王芳 on Feishu, 张伟 on DingTalk."""
    kinds = (*MASTER, *HISTORY)
    async with open_house(sqlite_url(tmp_path), tmp_path, kinds=kinds, start=START, platforms=PLATFORMS) as house:
        await first_screen.prepare(house.simulator, house.bot)
        yield house


async def test_columns_are_three_people_on_three_platforms(opened: House) -> None:
    state = await opened.get("/sim/state")

    assert [(one["person"], one["platform"], one["chat"]) for one in state["columns"]] == [
        ("m03", "wecom", None),
        ("m02", "feishu", None),
        ("m01", "dingtalk", opened.group(GROUP)),
    ]


async def test_rep_on_wecom_sent_a_paper_and_a_request_and_has_a_line_to_try_r_apr_1_r_evd_5(opened: House) -> None:
    told = [words_of(message) for message in await opened.person("李雷").sees()]

    assert ["会议纪要 待主管看" in words for words in told].count(True) == 1
    assert "8.8 折（让 12%）已送王芳" in told[-1]
    first = opened.state["guide"][0]["steps"][0]
    assert (first["person"], first["say"]) == ("m03", "录单 华东医疗 CT机 120万")


async def test_supervisor_on_feishu_has_one_paper_and_one_request_to_decide_on_r_apr_1_r_evd_5(opened: House) -> None:
    paper, request = await opened.person("王芳").sees()

    assert "请看一眼：会议纪要" in words_of(paper)
    assert any(part.get("tag") == "img" for part in paper["card"]["body"]["elements"])
    assert paper["created_at"] < request["created_at"]
    assert "李雷申请 8.8 折（让 12%）" in words_of(request)
    assert "#9 宁波博仁医疗 彩超 · 第 7 阶段" in words_of(request)


async def test_director_s_group_on_dingtalk_has_the_trend_and_the_alarm_r_met_2_r_alert_2(opened: House) -> None:
    trend, alarm = await opened.person("张伟").sees(chat=opened.group(GROUP))

    assert trend["image_url"]
    words = words_of(alarm)
    assert "LDR 21.95%，过了 20% 线" in words
    assert "9/41" in words
    assert ["36.36%（4/11）" in words, "20.00%（4/20）" in words, "10.00%（1/10）" in words] == [True] * 3
    assert "知道了" in words
    assert "2026-11-19T09:08" < alarm["created_at"] < "2026-11-19T09:10"
    assert await opened.person("张伟").sees() == []


async def test_clock_stands_at_ten_past_nine_and_half_past_one_comes_next(opened: House) -> None:
    clock = await opened.get("/sim/clock")

    assert clock["now"].startswith("2026-11-19T09:10")
    due = datetime.fromisoformat(clock["next_due"]["at"])
    assert due.replace(microsecond=0) == datetime.fromisoformat("2026-11-19T13:30:00+08:00")


async def test_team_group_has_heard_nothing_and_no_vendor_refused_anything_r_ppl_3(opened: House) -> None:
    for group in ("华东一组群", "华东一组群（企业微信）"):
        assert await opened.person("王芳").sees(chat=opened.group(group)) == []
    calls = (await opened.get("/sim/calls?limit=500"))["calls"]
    assert {call["platform"] for call in calls} == set(PLATFORMS)
    assert [call["path"] for call in calls if call["status"] != 200 or call["code"]] == []
    for chat in opened.state["chats"]:
        found = await opened.get(f"/sim/messages?chat={chat['id']}")
        assert [message["errors"] for message in found["messages"] if message["errors"]] == []


async def test_who_asks_the_page_to_start_over_is_heard(opened: House) -> None:
    asked = asyncio.create_task(first_screen.start_over_asked(opened.simulator))

    async with asyncio.timeout(10):
        while not asked.done():  # until the stream stands nobody hears it
            await opened.post("/sim/reset", {"start_over": True})

    assert asked.exception() is None
