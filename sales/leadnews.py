"""Who is told of warned and recycled leads, and for how long news is gathered into one list. R-MERGE, R-TIME-3."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sales.calendar import next_slot
from sales.decision import StartTimer, Urgency
from sales.policy import Policy

TELL_TIMER = "leads.tell"
AT_ONCE = Urgency.NOW
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Part:
    """One side that is told: how urgently, and by which rule."""

    urgency: Urgency
    rule: str


PARTS: Mapping[str, Part] = {
    "warned.holder": Part(Urgency.NOW, "R-LEAD-24H"),
    "warned.superior": Part(Urgency.TODAY, "R-LEAD-24H"),
    "recycled.holder": Part(Urgency.NOW, "R-LEAD-48H"),
    "recycled.superior": Part(Urgency.TODAY, "R-LEAD-48H"),
    "recycled.marketing": Part(Urgency.TODAY, "R-LEAD-48H"),
}


def windows_of(
    kind: str, *, holder_id: str, superior_id: str, open_now: Collection[str], now: datetime, policy: Policy
) -> tuple[StartTimer, ...]:
    """The timer of the window that opens now for each side, unless one is among the subjects `open_now`.

    What is told at once is gathered for 20 s, the rest until its slot: marketing's until the day's last.
    """
    sides = {"holder": f"member:{holder_id}", "marketing": "marketing_lead"}
    sides["superior"] = f"member:{superior_id}" if superior_id else f"superior:{holder_id}"
    opened = (now - _EPOCH) // timedelta(microseconds=1)
    windows = []
    for part, message in PARTS.items():
        if part.partition(".")[0] != kind:
            continue
        side = part_of(part)
        prefix = f"{part}|{sides[side]}|"
        if any(subject.startswith(prefix) for subject in open_now):
            continue
        if message.urgency is AT_ONCE:
            due = now + policy.lead_news_window
        else:
            due = next_slot(now + timedelta(microseconds=1), policy, last=side == "marketing")
        windows.append(StartTimer(TELL_TIMER, f"{prefix}{opened}", due))
    return tuple(windows)


def about(subject: str) -> tuple[str, str, int]:
    """Part, audience and opening instant (UTC microseconds) of a window's subject."""
    part, audience, opened = subject.split("|")
    return part, audience, int(opened)


def part_of(part: str) -> str:
    """holder, superior or marketing."""
    return part.partition(".")[2]
