"""What has happened in the demo when its URL is printed: a photo, a request, and the alarm of ten past nine.

All of it by the road everybody takes: people of the simulator type and send, each where they live, and its clock
moves on.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime, timedelta, timezone
from pathlib import Path

import aiohttp
import orjson

from bot.commands.demo_company import bind_people
from bot.main import Bot

OPENS = datetime(2026, 11, 19, 9, 10, tzinfo=timezone(timedelta(hours=8)))
"""The instant people see first. One cycle ripens shortly before, and LDR is over its line."""

SAMPLES = Path(__file__).resolve().parents[2] / "simulator" / "page" / "samples"
REP = "李雷"
PAPER = "传凭证 17 会议纪要"
PHOTO = "meeting-minutes.jpg"
REQUEST = "申请 折扣 9 让12% 对手报80万，客户三台一起签"
LONGEST_NOTICE = 1 << 20


async def prepare(url: str, bot: Bot) -> None:
    """Bring the company to its first screen through the simulator at this URL, whatever was said there before."""
    async with aiohttp.ClientSession(url, raise_for_status=True) as http:
        await http.post("/sim/reset", json={})
        async with http.get("/sim/state") as answer:
            await bind_people(bot, (await answer.json())["people"])
        await _say(http, PAPER)
        await _send(http, PHOTO)
        await _say(http, REQUEST)
        await http.post("/sim/clock", json={"to": OPENS.isoformat()})


async def start_over_asked(url: str) -> None:
    """Returns once somebody at this page asked for the whole company anew."""
    endless = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(url, timeout=endless, read_bufsize=LONGEST_NOTICE) as http:
        while True:
            with contextlib.suppress(aiohttp.ClientError, ValueError):
                async with http.get("/sim/events") as events:
                    async for line in events.content:
                        if line.startswith(b"data:") and orjson.loads(line[5:]).get("type") == "start_over":
                            return
            await asyncio.sleep(1)  # the stream broke off: open it again


async def _say(http: aiohttp.ClientSession, text: str) -> None:
    await http.post("/sim/say", json={"user": REP, "text": text})
    await _quiet(http)


async def _send(http: aiohttp.ClientSession, name: str) -> None:
    form = aiohttp.FormData({"user": REP})
    form.add_field("file", (SAMPLES / name).read_bytes(), filename=name, content_type="image/jpeg")
    await http.post("/sim/upload", data=form)
    await _quiet(http)


async def _quiet(http: aiohttp.ClientSession) -> None:
    """Returns when the bot has nothing left to do: a clock only moves on then, be it by nothing."""
    await http.post("/sim/clock", json={"advance": "0s"})
