"""A dry run: what the LDR alert would have told over the last 90 days with another threshold. R-ADM-1, R-ALERT-3."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from sales.alerts import is_over
from sales.leads import LIMIT
from sales.metrics import LeadCycleFact, Period
from sales.policy import Policy

DAYS = 90
WHOLE_DAYS = 84
"""From twelve weeks of facts on, the run is called one of 90 days."""


def would_fire(facts: Sequence[LeadCycleFact], *, period: Period, as_of: datetime, policy: Policy) -> bool:
    """True when the company's alert fires for the period: at an instant at which cycles ripen, or finally. R-ALERT-1.

    Once is all: the same period does not fire again.
    """
    ripe = sorted(
        (fact.start + LIMIT, not fact.touched)
        for fact in facts
        if period.start <= fact.start < period.end and fact.start + LIMIT <= as_of and not fact.invalid
    )
    cold = counted = 0
    for _, together in groupby(ripe, key=lambda one: one[0]):
        for _, untouched in together:
            counted += 1
            cold += untouched
        if counted >= policy.ldr_cycles_running and is_over(cold, counted, policy=policy):
            return True
    final = as_of >= period.end + LIMIT
    return final and counted >= policy.ldr_cycles_final and is_over(cold, counted, policy=policy)


def trial_words(
    facts: Sequence[LeadCycleFact], *, weeks: Sequence[Period], now: datetime, before: Policy, after: Policy
) -> str:
    """近 90 天 3 → 6 次, or with less history how much there is, or that there is none. R-ADM-1, R-NONE."""
    if not facts:
        return "—（没有可重放的数据）"
    fired = [
        sum(would_fire(facts, period=week, as_of=now, policy=policy) for week in weeks) for policy in (before, after)
    ]
    days = (now - min(fact.start for fact in facts)) // timedelta(days=1)
    span = f"近 {DAYS} 天 " if days >= WHOLE_DAYS else f"只有 {max(days, 1)} 天数据："
    return f"{span}{fired[0]} → {fired[1]} 次"
