"""Lead cycles for alerts: begun, reached or left cold, and the evaluation that looks at them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sales.alerts import EVALUATE, LDR
from sales.chats import Chat
from sales.decision import StartTimer
from sales.leads import Assignment, Lead, Touch
from storage import entities, timers
from storage.engine import Connection
from tests.support.house import House

MONDAY = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
"""Monday 09:00 of W47 in Shanghai; what begins then is ripe on Wednesday at 09:00."""

_NUMBERS = count(1)

W47 = (("m03", 4, 20), ("m07", 4, 11), ("m10", 1, 10))
"""Holder, cycles left cold, cycles: 9/41, as on K16a."""


def cycles(holder: str, cold: int, counted: int, *, start: datetime = MONDAY) -> list[Any]:
    """Leads with one cycle each, a minute after the other; the cold ones were never reached."""
    made: list[Any] = []
    for n in range(counted):
        number, at = 900_000 + next(_NUMBERS), start + timedelta(minutes=n)
        made.append(Lead(id=number, external_id=f"id:L{number}", state="cycle", holder_id=holder, cycle_start=at))
        made.append(Assignment(f"as{number}", number, holder, at))
        if n >= cold:
            made.append(Touch(f"to{number}", number, holder, at + timedelta(hours=1)))
    return made


async def given(house: House, found: Sequence[Any], *, at: datetime | None = None) -> None:
    """Store these and have the alert looked at now, or at this instant."""

    def write(conn: Connection) -> None:
        for entity in found:
            entities.save(conn, entity)
        timers.apply(conn, [StartTimer(EVALUATE, LDR, at or house.clock.business())], policy_version=1)

    await house.bot.writer.run(write)


async def bind(house: House, group: str, bound_to: str) -> None:
    """The group is bound, as an admin would."""
    chat = house.group(group)
    await given(house, [Chat(f"feishu:{chat}", "feishu", chat, group, bound_to=bound_to)])


async def week_in_alarm(house: House) -> str:
    """9 of 41 cycles of W47 went cold; the chat of the directors' group, which was told; 张伟 is bound."""
    await house.person("张伟").says("帮助")
    await bind(house, "总监群", "director;marketing_lead")
    await given(house, [entity for who in W47 for entity in cycles(*who)])
    await house.later("1m")
    return house.group("总监群")
