"""How instants are written: 11-20 周五 15:20, and only the clock for today. ux.md 1."""

from __future__ import annotations

from datetime import datetime

from sales.calendar import local
from sales.policy import Policy

_DAYS = "一二三四五六日"


def day_clock(instant: datetime, policy: Policy) -> str:
    """11-20 周五 15:20"""
    here = local(instant, policy)
    return f"{here:%m-%d} 周{_DAYS[here.weekday()]} {here:%H:%M}"


def clock(instant: datetime, policy: Policy) -> str:
    """15:20"""
    return f"{local(instant, policy):%H:%M}"
