"""Each platform in turn is away while people keep typing: nothing is lost, order is kept, nothing comes twice.

The outage lasts OUTAGE_SECONDS, 4 in the ordinary run; `OUTAGE_SECONDS=60 pytest tests/e2e/test_outages.py` is the
long one. Its time is machine time, which is never moved.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from handlers.events import Said
from storage import inbox, outbox
from storage.inbox import Inbound
from tests.support.house import House, Person, open_house, words_of
from tests.support.invariants import broken
from tests.support.stores import sqlite_url

SECONDS = float(os.environ.get("OUTAGE_SECONDS", "4"))
LINES = 20 if SECONDS >= 30 else 8
"""What one person types. With the help asked for at first it stays below the 25 a minute that WeCom gets from us."""
PAUSE = SECONDS / LINES
PATIENCE = 150.0
RETRY_SCALE = 30.0
"""The vendor's 15 s to the second delivery become half a second."""

CUSTOMERS = {"李雷": "苏州瑞康医疗", "韩梅梅": "芜湖镜湖医院", "陈宇": "合肥安和医院"}
PLATFORMS = ("feishu", "wecom", "dingtalk")
SEND = {
    "feishu": "POST /open-apis/im/v1/messages",
    "wecom": "POST /cgi-bin/message/send",
    "dingtalk": "POST /v1.0/card/instances/createAndDeliver",
}
DELIVERIES = {"feishu": ("drop_after", "drop"), "wecom": ("drop_after", "drop"), "dingtalk": ("duplicate", "delay")}
"""DingTalk never repeats what a person wrote, so none of that is dropped; it may come twice or late."""
BREAKS = ("drop", "html", "5xx")


LINE = re.compile(r"录单 \S+ CT机 (\d+)万")
CARD = re.compile(r"已录单.*?(\d+)\.00 万", re.DOTALL)


@dataclass(frozen=True)
class Talk:
    """One conversation: a rep on one platform logs deals, told from each other by their amount in 万."""

    rep: Person
    name: str
    platform: str

    @property
    def typed(self) -> list[int]:
        """The amounts in the order in which they are typed."""
        return [101 + n for n in range(LINES)]

    async def types(self) -> None:
        """Line after line, not waiting for answers."""
        for amount in self.typed:
            line = f"录单 {CUSTOMERS[self.name]} CT机 {amount}万"
            said = {"user": self.rep.id, "chat": self.rep.chat, "text": line, "wait": False}
            await self.rep.house.post("/sim/say", said)
            await asyncio.sleep(PAUSE)

    async def answered(self) -> list[int]:
        """The amounts on the cards in the chat, oldest first."""
        cards = [CARD.search(words_of(card)) for card in await self.rep.sees()]
        return [int(found[1]) for found in cards if found]

    def heard(self) -> list[int]:
        """The amounts in the order in which they reached the bot."""
        bot = self.rep.house.bot
        query = "SELECT * FROM inbox WHERE platform = :platform AND kind = 'message' ORDER BY seq"
        with bot.store.snapshot() as conn:
            stored = conn.execute(text(query), {"platform": self.platform}).all()
        rows = (Inbound("", "", "message", self.platform, "", "", bytes(row.payload), 0, 0, 0) for row in stored)
        events = (bot.platforms[self.platform].parse(row) for row in rows)
        lines = (event.text for event in events if isinstance(event, Said) and CUSTOMERS[self.name] in event.text)
        return [int(found[1]) for line in lines if (found := LINE.search(line))]

    def may_be_double(self) -> set[int]:
        """The amounts on cards of which the ledger says that the platform's answer was unknown."""
        query = """SELECT d.amount_fen FROM outbox o JOIN deals d ON o.subject = 'deal:' || d.id
            WHERE o.platform = :platform AND d.owner_id = :rep AND o.error LIKE '%double%'"""
        with self.rep.house.bot.store.snapshot() as conn:
            found = conn.execute(text(query), {"platform": self.platform, "rep": self.rep.id}).scalars()
            return {amount // 1_000_000 for amount in found}


async def goes_away(house: House, platform: str) -> None:
    """Calls fail in every way: the first sends are taken, but nobody says so; deliveries come late or twice."""
    faults: list[tuple[str, str, int]] = [(SEND[platform], "drop_after", 2)]
    faults += [("event", kind, 2) for kind in DELIVERIES[platform]]
    faults += [("/", kind, 1) for kind in BREAKS[:-1]] + [("/", BREAKS[-1], 1_000_000)]
    for path, kind, count in faults:
        await house.post("/sim/faults", {"platform": platform, "path": path, "kind": kind, "count": count, "ms": 300})


async def comes_back(house: House) -> None:
    """Nothing is wrong any more; what was to go wrong a few times has."""
    left = (await house.get("/sim/faults"))["faults"]
    assert [fault["kind"] for fault in left] == [BREAKS[-1]]
    async with house.http.delete(house.simulator + "/sim/faults") as answer:
        assert answer.status == 200


async def settled(house: House, talks: list[Talk]) -> None:
    """Returns when every line was heard and nothing is left to do."""
    async with asyncio.timeout(PATIENCE):
        while any(len(talk.heard()) < LINES for talk in talks) or not await _is_idle(house):
            await asyncio.sleep(0.1)


async def _is_idle(house: House) -> bool:
    return await asyncio.to_thread(house.bot.ticker._is_drained)


@pytest.fixture
async def talks(tmp_path: Path) -> AsyncIterator[list[Talk]]:
    async with open_house(sqlite_url(tmp_path), tmp_path, platforms=PLATFORMS, retry_scale=RETRY_SCALE) as house:
        opened = [Talk(house.person(name, platform), name, platform) for platform in PLATFORMS for name in CUSTOMERS]
        for talk in opened:
            await talk.rep.says("帮助")
        yield opened


@pytest.mark.parametrize("away", PLATFORMS)
async def test_outage_loses_nothing_keeps_order_and_doubles_nothing(away: str, talks: list[Talk]) -> None:
    house = talks[0].rep.house
    await goes_away(house, away)
    await asyncio.gather(*(talk.types() for talk in talks))

    meanwhile = [len(await talk.answered()) for talk in talks]
    await comes_back(house)
    await settled(house, talks)

    for talk, then in zip(talks, meanwhile, strict=True):
        heard, answered = talk.heard(), await talk.answered()
        assert sorted(heard) == talk.typed, "lost or doubled on the way in"
        assert list(dict.fromkeys(answered)) == heard, "lost, or out of order"
        double = {amount for amount, times in Counter(answered).items() if times > 1}
        assert double <= talk.may_be_double()
        if talk.platform == away:
            assert then <= 2, "there was no outage"
        else:
            assert heard == talk.typed
            assert then >= LINES - 2, "a neighbour felt the outage"
    with house.bot.store.snapshot() as conn:
        assert (inbox.dead(conn), outbox.dead(conn), broken(conn)) == ([], [], [])
