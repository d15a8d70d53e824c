"""What has happened in the demo when its URL is printed: a request, a photo, and the alarm of ten past nine.

All of it by the road everybody takes: people of the simulator type and send, and its clock moves on.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import aiohttp

from bot.commands.demo_company import bind_people
from bot.main import Bot

OPENS = datetime(2026, 11, 19, 9, 10, tzinfo=timezone(timedelta(hours=8)))
"""The instant people see first. One cycle ripens shortly before, and LDR is over its line."""

SAMPLES = Path(__file__).resolve().parents[2] / "simulator" / "page" / "samples"
REP = "李雷"
PHOTO = ("meeting-minutes.jpg", "#17 会议纪要")
REQUEST = "申请 折扣 9 让12% 对手报80万，客户三台一起签"


async def prepare(url: str, bot: Bot) -> None:
    """Bring the company to its first screen through the simulator at this URL."""
    async with aiohttp.ClientSession(url, raise_for_status=True) as http:
        async with http.get("/sim/state") as answer:
            await bind_people(bot, (await answer.json())["people"])
        await _send(http, *PHOTO)
        await _quiet(http)
        await http.post("/sim/say", json={"user": REP, "text": REQUEST})
        await _quiet(http)
        await http.post("/sim/clock", json={"to": OPENS.isoformat()})


async def _quiet(http: aiohttp.ClientSession) -> None:
    """Returns when the bot has nothing left to do: a clock only moves on then, be it by nothing."""
    await http.post("/sim/clock", json={"advance": "0s"})


async def _send(http: aiohttp.ClientSession, name: str, text: str) -> None:
    form = aiohttp.FormData({"user": REP, "text": text})
    form.add_field("file", (SAMPLES / name).read_bytes(), filename=name, content_type="image/jpeg")
    await http.post("/sim/upload", data=form)
