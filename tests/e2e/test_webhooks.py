"""A group that can only be written to: bound by an admin in a direct chat, its key sealed, told by its webhook."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from sqlalchemy import text

from bot.commands.demo_company import COMPANY
from tests.support.cold import W47, cycles, given
from tests.support.house import House, open_house, words_of
from tests.support.stores import sqlite_url

GROUP = "华东一组群（企业微信）"


def key() -> str:
    groups = orjson.loads(COMPANY.read_bytes())["groups"]
    return str(next(group["hook"] for group in groups if group["name"] == GROUP))


async def told(house: House) -> list[str]:
    found = await house.get(f"/sim/messages?chat={house.group(GROUP)}")
    return [words_of(message) for message in found["messages"]]


async def test_group_is_bound_by_its_webhook_and_gets_the_alert_R_PPL_3_R_ALERT_1(tmp_path: Path) -> None:
    async with open_house(sqlite_url(tmp_path), tmp_path, platforms=("wecom",)) as house:
        admin = house.person("刘洋")
        await admin.says("帮助")
        url = f"{house.simulator}/wecom/cgi-bin/webhook/send?key={key()}"

        await admin.says(f"群机器人 华东一组群 {url} 绑定 总监")
        assert "华东一组群" in "\n".join([words_of(m) for m in await admin.sees()])
        await admin.clicks("确认")
        await given(house, [entity for who in W47 for entity in cycles(*who)])
        await house.later("1m")

        assert any("LDR 21.95%，过了 20% 线" in words for words in await told(house))
        assert all("李雷" not in words for words in await told(house))
        with house.bot.store.snapshot() as conn:
            kept = conn.execute(text("SELECT sealed FROM hooks")).scalar()
            everything = str(conn.execute(text("SELECT * FROM audit")).all())
        assert kept
        assert key() not in str(kept)
        assert key() not in everything


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("群机器人", "说清群名、机器人网址、绑什么"),
        ("群机器人 华东一组群 https://x.example/short 绑定 总监", "说清群名、机器人网址、绑什么"),
        (f"群机器人 华东一组群 {'k' * 30} 绑定 没有这个角色", "说清群名、机器人网址、绑什么"),
    ],
)
async def test_what_is_missing_is_said_R_PPL_3(line: str, answer: str, tmp_path: Path) -> None:
    async with open_house(sqlite_url(tmp_path), tmp_path, platforms=("wecom",)) as house:
        admin = house.person("刘洋")
        await admin.says(line)

        assert answer in await admin.last()


async def test_where_groups_have_no_webhooks_the_way_in_is_told_R_PPL_3(house: House) -> None:
    admin = house.person("刘洋")
    await admin.says(f"群机器人 华东一组群 {'k' * 30} 绑定 总监")

    assert "这个平台不用群机器人网址" in await admin.last()
