"""The five jobs, told once, on every platform in every mode: a deal, its proof, a request, an alarm, a setting.

The story knows no platform: people type, send files and press what they see.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.cold import W47, cycles, given
from tests.support.files import photo, sends
from tests.support.house import House, Person, open_house, words_of
from tests.support.stores import sqlite_url


@dataclass(frozen=True)
class Place:
    """Where the story is told: a platform, how its events come, and which of WeCom's two faces people talk to."""

    platform: str
    mode: str
    face: str = "app"

    def __str__(self) -> str:
        return "-".join((self.platform, self.mode, *(("bot",) if self.face == "bot" else ())))


PLACES = (
    Place("feishu", "webhook"),
    Place("feishu", "socket"),
    Place("wecom", "webhook"),
    Place("wecom", "socket", "bot"),
    Place("dingtalk", "webhook"),
    Place("dingtalk", "socket"),
)


@dataclass
class Stage:
    """The house at one place, and its people there."""

    house: House
    place: Place

    def person(self, name: str) -> Person:
        return self.house.person(name, self.place.platform, self.place.face)


async def heard(person: Person) -> str:
    """Everything the bot has in the person's chat as it stands now."""
    return "\n".join(words_of(message) for message in await person.sees())


def number_in(words: str) -> str:
    """The number of the newest request."""
    return re.findall(r"ZK-\d{8}-\d{4}", words)[-1]


async def refusals(stage: Stage) -> list[object]:
    """What the vendor refused, by its own log and in the chats."""
    calls = (await stage.house.get("/sim/calls?limit=1000"))["calls"]
    return [call for call in calls if call["code"] or call["status"] >= 400]


@pytest.fixture(params=PLACES, ids=str)
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    place: Place = request.param
    kinds = ("teams", "members", "customers")
    async with open_house(
        sqlite_url(tmp_path), tmp_path, kinds=kinds, platforms=(place.platform,), modes={place.platform: place.mode}
    ) as house:
        told = Stage(house, place)
        for name in ("李雷", "王芳", "张伟", "刘洋"):
            await told.person(name).says("帮助")
        yield told


async def test_the_five_jobs_R_QE_1_R_GATE_1_R_APR_3_R_ALERT_1_R_ADM_1(stage: Stage) -> None:
    rep, boss, director, admin = (stage.person(name) for name in ("李雷", "王芳", "张伟", "刘洋"))

    await rep.says("录单 华东医疗 CT机 120万")
    assert "已录单 #1 华东医疗" in await heard(rep)
    assert "120.00 万" in await heard(rep)

    await rep.says("推进 1")
    await rep.says("推进 1")
    await rep.says("推进 1")
    assert "#1 还不能进第 4 阶段" in await heard(rep)
    await rep.says("传凭证 1 会议纪要")
    await sends(rep, photo("white"))
    assert "会议纪要 待主管看" in await heard(rep)
    assert "请看一眼：会议纪要" in await heard(boss)
    await boss.clicks("通过")
    assert "会议纪要：通过" in await heard(boss)
    assert "第 3 关 1/2" in await heard(rep)

    await rep.says("申请 折扣 1 让12% 对手报 80 万")
    assert "李雷申请 8.8 折（让 12%）" in await heard(boss)
    await boss.clicks("同意")
    assert "李雷申请 8.8 折（让 12%）" in await heard(director)
    await director.clicks("同意")
    assert "已同意：8.8 折（让 12%）" in await heard(director)
    assert "已同意" in await heard(rep)

    await given(stage.house, [entity for who in W47 for entity in cycles(*who)])
    await stage.house.later("1m")
    assert "LDR 21.95%，过了 20% 线" in await heard(director)
    await director.clicks("知道了")
    assert "张伟在处理" in await heard(director)

    await admin.says("配置 LDR 预警线 25")
    assert "改 LDR 预警线，确认吗" in await heard(admin)
    await admin.clicks("确认")
    assert "LDR 预警线改为 25%" in await heard(admin)
    assert await refusals(stage) == []


async def test_a_decision_with_a_reason_and_everything_by_typing_alone_R_APR_3_R_HOLD(stage: Stage) -> None:
    rep, boss = stage.person("李雷"), stage.person("王芳")
    await rep.says("录单 华东医疗 CT机 120万")
    await rep.says("申请 折扣 1 让5% 老客户")
    number = number_in(await heard(boss))

    await boss.says(f"驳回 {number} 毛利不够")

    assert "没同意" in await heard(boss)
    assert "毛利不够" in await heard(rep)
    await rep.says("撤销")
    assert await refusals(stage) == []


async def test_a_late_press_is_told_and_nobody_decides_their_own_R_APR_3(stage: Stage) -> None:
    rep, boss = stage.person("李雷"), stage.person("王芳")
    await rep.says("录单 华东医疗 CT机 120万")
    await rep.says("申请 折扣 1 让5% 老客户")
    number = number_in(await heard(boss))

    await rep.says(f"同意 {number}")
    assert "李雷申请 9.5 折（让 5%）" in await heard(boss)
    await boss.clicks("同意")
    assert "已同意：9.5 折（让 5%）" in await heard(boss)
    await boss.says(f"驳回 {number} 想想还是不行")

    assert "你 09:10 已同意" in await boss.last()
    assert "已同意：9.5 折（让 5%）" in await heard(boss)
