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
from dataclasses import dataclass, field
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
BREAK = "5xx"
BREAKS = (("/", "drop", 1), ("/", "html", 1), ("/", BREAK, 1_000_000))
"""Every call fails, in each way; so does opening a socket."""

Fault = tuple[str, str, int]

LINE = re.compile(r"录单 \S+ CT机 (\d+)万")
CARD = re.compile(r"已录单.*?(\d+)\.00 万", re.DOTALL)


@dataclass(frozen=True)
class Away:
    """Who goes away: `sends` are taken though nobody hears so, `comes` go wrong on their way to us.

    `cut` breaks a socket, `half` only in the middle of the outage. What a vendor cannot deliver and never repeats
    (WeCom's and DingTalk's sockets) was not said to us.
    """

    platform: str
    mode: str
    comes: tuple[Fault, ...]
    sends: tuple[Fault, ...] = ()
    cut: tuple[Fault, ...] = ()
    half: tuple[Fault, ...] = ()
    face: str = "app"

    def __str__(self) -> str:
        return f"{self.platform}-{self.mode}"


REPEATED: tuple[Fault, ...] = (("event", "drop_after", 2), ("event", "drop", 2))
ONCE: tuple[Fault, ...] = (("event", "duplicate", 2), ("event", "delay", 2))
FEISHU: tuple[Fault, ...] = (("POST /open-apis/im/v1/messages", "drop_after", 2),)
DINGTALK: tuple[Fault, ...] = (("POST /v1.0/card/instances/createAndDeliver", "drop_after", 2),)
PLACES = (
    Away("feishu", "webhook", REPEATED, FEISHU),
    Away("wecom", "webhook", REPEATED, (("POST /cgi-bin/message/send", "drop_after", 2),)),
    Away("dingtalk", "webhook", ONCE, DINGTALK),
    Away("feishu", "socket", REPEATED, FEISHU),
    Away("wecom", "socket", ONCE, cut=(("event", "drop_after", 1),), face="bot"),
    Away("dingtalk", "socket", ONCE, DINGTALK, half=(("stream", "abort", 1),)),
)


@dataclass
class Talk:
    """One conversation: a rep on one platform logs deals, told from each other by their amount in 万.

    `said` are the amounts that the vendor took on to deliver.
    """

    rep: Person
    name: str
    platform: str
    repeats: bool
    said: list[int] = field(default_factory=list)

    async def types(self) -> None:
        """Line after line, not waiting for answers."""
        for amount in range(101, 101 + LINES):
            line = f"录单 {CUSTOMERS[self.name]} CT机 {amount}万"
            typed = {"user": self.rep.id, "chat": self.rep.chat, "text": line, "wait": not self.repeats}
            told = (await self.rep.house.post("/sim/say", typed))["delivered"]
            if self.repeats or told["code"] == 0:
                self.said.append(amount)
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


async def goes_wrong(house: House, platform: str, faults: tuple[Fault, ...]) -> None:
    """These faults happen from now on, in this order."""
    for path, kind, count in faults:
        await house.post("/sim/faults", {"platform": platform, "path": path, "kind": kind, "count": count, "ms": 300})


async def is_away(house: House, away: Away, talks: list[Talk]) -> None:
    """The outage, while everybody types; at its end all that was to go wrong has."""
    await goes_wrong(house, away.platform, (*away.sends, *away.comes, *away.cut, *BREAKS))

    async def half() -> None:
        await asyncio.sleep(SECONDS / 2)
        await goes_wrong(house, away.platform, away.half)

    await asyncio.gather(half(), *(talk.types() for talk in talks))
    left = (await house.get("/sim/faults"))["faults"]
    assert [fault["kind"] for fault in left] == [BREAK]


async def settled(house: House, talks: list[Talk]) -> None:
    """The vendor is back; returns when every line was heard and nothing is left to do."""
    async with house.http.delete(house.simulator + "/sim/faults") as answer:
        assert answer.status == 200
    async with asyncio.timeout(PATIENCE):
        while not all(set(talk.said) <= set(talk.heard()) for talk in talks) or not await _is_idle(house):
            await asyncio.sleep(0.1)


async def _is_idle(house: House) -> bool:
    return await asyncio.to_thread(house.bot.ticker._is_drained)


@pytest.fixture(params=PLACES, ids=str)
def away(request: pytest.FixtureRequest) -> Away:
    found: Away = request.param
    return found


@pytest.fixture
async def talks(away: Away, tmp_path: Path) -> AsyncIterator[list[Talk]]:
    modes = {away.platform: away.mode}
    async with open_house(
        sqlite_url(tmp_path), tmp_path, platforms=PLATFORMS, modes=modes, retry_scale=RETRY_SCALE
    ) as house:
        opened = []
        for platform in PLATFORMS:
            mine = platform == away.platform
            for name in CUSTOMERS:
                rep = house.person(name, platform, away.face if mine else "app")
                opened.append(Talk(rep, name, platform, repeats=not mine or away.comes == REPEATED))
        for talk in opened:
            await talk.rep.says("帮助")
        yield opened


async def test_outage_loses_nothing_keeps_order_and_doubles_nothing(away: Away, talks: list[Talk]) -> None:
    house = talks[0].rep.house
    await is_away(house, away, talks)
    meanwhile = [len(await talk.answered()) for talk in talks]
    await settled(house, talks)

    for talk, then in zip(talks, meanwhile, strict=True):
        heard, answered = talk.heard(), await talk.answered()
        assert set(talk.said) <= set(heard), "lost on the way in"
        assert len(heard) == len(set(heard)), "doubled on the way in"
        assert talk.repeats or heard == sorted(heard), "out of order on the way in"
        assert list(dict.fromkeys(answered)) == heard, "lost, or out of order"
        double = {amount for amount, times in Counter(answered).items() if times > 1}
        assert double <= talk.may_be_double()
        if talk.platform == away.platform:
            assert heard, "nobody was heard"
            assert then <= 2, "there was no outage"
        else:
            assert heard == list(range(101, 101 + LINES))
            assert then > LINES // 2, "a neighbour felt the outage"
    with house.bot.store.snapshot() as conn:
        assert (inbox.dead(conn), outbox.dead(conn), broken(conn)) == ([], [], [])
