"""Every published payload of every platform at the running bot, over the wire and twice: no 5xx, no poison row.

What each payload means, forged ones and odd fields are told per platform: `test_feishu_payloads.py` here,
`tests/bot/platforms/{wecom,dingtalk}/test_payloads.py`.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.commands.demo_company import COMPANY
from bot.platforms.registry import KINDS
from storage import inbox
from tests.support.house import House, open_house
from tests.support.stores import sqlite_url

PAYLOADS = Path(__file__).resolve().parents[2].parent / "shared" / "payloads"
INBOUND = PAYLOADS / "inbound"
KEYS = json.loads(COMPANY.read_bytes())
FRAGMENTS = ("card_action_fragment", "event_v2_body", "card_related")
"""Parts of payloads: the tests per platform parse them, nobody posts them."""

Json = dict[str, Any]

pytestmark = pytest.mark.skipif(not INBOUND.exists(), reason="the published payloads are not beside this checkout")


def rows(platform: str) -> list[Json]:
    return [row for row in json.loads((INBOUND / "index.json").read_text("utf-8")) if row["platform"] == platform]


def feishu(raw: str) -> Json:
    """Under our app's token and id, as the vendor would send it to us."""
    body: Json = json.loads(raw)
    if isinstance(body.get("header"), dict):
        body["header"] |= {"token": KEYS["feishu"]["verification_token"], "app_id": KEYS["feishu"]["app_id"]}
    if "token" in body:
        body["token"] = KEYS["feishu"]["verification_token"]
    if "uuid" in body and isinstance(body["event"], dict):
        body["event"]["app_id"] = KEYS["feishu"]["app_id"]
    return {"platform": "feishu", "event": body}


_AGENT = re.compile(r"(<AgentID>)\s*(?:<!\[CDATA\[)?\d+(?:\]\]>)?\s*(</AgentID>)")


def wecom(raw: str) -> Json:
    """XML to our app, JSON to our smart bot."""
    if raw.lstrip().startswith("<"):
        xml = _AGENT.sub(rf"\g<1>{KEYS['wecom']['agent_id']}\g<2>", raw)
        return {"platform": "wecom", "name": "wecom/app", "event": {"xml": xml}}
    return {"platform": "wecom", "name": "wecom/bot", "event": json.loads(raw)}


def dingtalk(raw: str) -> Json:
    """To the address, or the topic, for what it is."""
    return {"platform": "dingtalk", "event": json.loads(raw)}


@dataclass(frozen=True)
class Door:
    """A way in; `posted` is how a payload is handed to the simulator, which seals and signs it."""

    platform: str
    mode: str
    posted: Callable[[str], Json]

    def __str__(self) -> str:
        return f"{self.platform}-{self.mode}"


DOORS = (
    Door("feishu", "webhook", feishu),
    Door("feishu", "socket", feishu),
    Door("wecom", "webhook", wecom),
    Door("dingtalk", "webhook", dingtalk),
    Door("dingtalk", "socket", dingtalk),
)


def stored(house: House) -> int:
    """Events from outside that were taken in; what follows from them is not counted."""
    with house.bot.store.snapshot() as conn:
        query = "SELECT count(*) FROM inbox WHERE kind IN ('message', 'click', 'chat')"
        return int(conn.execute(text(query)).scalar_one())


def most_rows(row: Json) -> int:
    """How many rows two deliveries of a payload may make: DingTalk's clicks have no id, two of them are two presses."""
    if row["platform"] == "dingtalk" and row["kind"] == "card_action":
        return 2
    return int(row["expect"] == "act" or row["kind"] == "stream_frame")


@pytest.mark.parametrize("platform", KINDS)
def test_every_file_of_the_folder_is_told_of_by_the_index(platform: str) -> None:
    files = {str(file.relative_to(PAYLOADS)) for file in (INBOUND / platform).iterdir()}

    assert {row["file"] for row in rows(platform)} == files
    assert files


def test_every_platform_has_a_door() -> None:
    assert {door.platform for door in DOORS} == set(KINDS)


@pytest.mark.parametrize("door", DOORS, ids=str)
async def test_every_payload_is_acted_on_or_quietly_acknowledged_once(door: Door, tmp_path: Path) -> None:
    async with open_house(
        sqlite_url(tmp_path), tmp_path, platforms=(door.platform,), modes={door.platform: door.mode}
    ) as house:
        faults: list[object] = []
        for row in rows(door.platform):
            if row["kind"] in FRAGMENTS:
                continue
            before = await asyncio.to_thread(stored, house)
            raw = (PAYLOADS / row["file"]).read_text("utf-8")
            delivered = (await house.post("/sim/deliver", {**door.posted(raw), "twice": True}))["delivered"]
            taken = await asyncio.to_thread(stored, house) - before
            if taken > most_rows(row) or [one["status"] for one in delivered] != [200, 200]:
                faults.append((row["file"], taken, delivered))
        await house.quiet()

        assert faults == []
        with house.bot.store.snapshot() as conn:
            assert inbox.dead(conn) == []
        rep = house.person("李雷", door.platform)
        await rep.says("帮助")
        assert "录单" in await rep.last()
