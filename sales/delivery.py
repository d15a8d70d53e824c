"""When a message may be sent: the four classes, quiet hours, slots and the spread. R-TIME-3."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sales.calendar import next_slot, quiet_until
from sales.decision import Urgency
from sales.policy import Policy


@dataclass(frozen=True, slots=True)
class Schedule:
    """`at` is the earliest instant of sending, None for never pushed; `held` says in a word why it waits. R-WHY."""

    at: datetime | None
    held: str = ""


def opens_at(urgency: Urgency, *, now: datetime, critical: bool = False, policy: Policy) -> Schedule:
    """The instant from which a message planned at `now` may go out, before the receiver's spread. R-TIME-3.

    Answers go at once, always. *now* waits for the end of quiet hours unless critical. *today* waits for the next
    slot of a workday. *list* is never pushed.
    """
    if urgency is Urgency.ANSWER:
        return Schedule(now)
    if urgency is Urgency.LIST:
        return Schedule(None, "list")
    if urgency is Urgency.NOW:
        end = None if critical else quiet_until(now, policy)
        return Schedule(now) if end is None else Schedule(end, "quiet hours")
    return Schedule(next_slot(now, policy), "slot")


def spread(receiver: str, policy: Policy) -> timedelta:
    """The receiver's own fixed share of the minutes after a slot: the same person always gets the same. R-TIME-3."""
    first, last = policy.spread_minutes
    share = int.from_bytes(hashlib.sha256(receiver.encode("utf-8", "replace")).digest()[:4], "big")
    return timedelta(seconds=first * 60 + share % ((last - first) * 60 + 1))
