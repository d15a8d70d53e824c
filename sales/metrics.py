"""Metrics as exact fractions, each with the facts that add up to it. R-MET-0, R-MET-2, R-NONE, R-DRILL."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import floor
from typing import Any, Literal

from sales.calendar import day_of, midnight
from sales.chats import WHOLE_COMPANY, GroupView
from sales.errors import Refusal
from sales.leads import LIMIT
from sales.people import Member, in_subtree
from sales.policy import Policy

State = Literal["none", "healthy", "warn", "alarm"]

COMPANY = "company"
DASH = "—"


@dataclass(frozen=True, slots=True)
class Period:
    """A named stretch of time, half-open. R-TIME-1."""

    name: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class NoValue:
    """What a ratio without a denominator is: shown as —, never 0, never an alert. R-NONE."""


NO_VALUE = NoValue()


def percent_text(numerator: int, denominator: int) -> str:
    """Per cent rounded half up to 2 places, such as 21.95; — without a denominator. R-MET-0, R-NONE."""
    if not denominator:
        return DASH
    hundredths = floor(Fraction(numerator * 10_000, denominator) + Fraction(1, 2))
    return f"{hundredths // 100}.{hundredths % 100:02d}"


@dataclass(frozen=True, slots=True)
class LeadCycleFact:
    """One cycle as LDR counts it: who held the lead last before its 48 h ended, in which team, touched or not.

    `lead` is what files call the lead, `assignment` the holder's one; `invalid` is confirmed by marketing. R-MET-2.
    """

    lead: str
    assignment: str
    start: datetime
    member_id: str
    team: str
    touched: bool
    invalid: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """One metric of one scope and period; `facts` are what was counted, so that they add up exactly. R-DRILL.

    `provisional` while facts of the period may still come in. R-MET-0.
    """

    metric: str
    scope: str
    period: Period
    numerator: int
    denominator: int
    provisional: bool
    facts: tuple[Any, ...] = ()

    @property
    def value(self) -> Fraction | NoValue:
        """Per cent, exactly; no value without a denominator. R-NONE."""
        return Fraction(self.numerator * 100, self.denominator) if self.denominator else NO_VALUE

    def percent_text(self) -> str:
        """The value rounded half up to 2 places, such as 21.95; — when there is none. R-MET-0."""
        return percent_text(self.numerator, self.denominator)

    def state(self, policy: Policy) -> State:
        """Where the exact fraction stands: healthy, alarm, or warn between them. R-MET-0, R-MET-2."""
        value = self.value
        if isinstance(value, NoValue):
            return "none"
        enough = not self.provisional or self.denominator >= policy.ldr_cycles_running
        if value > Fraction(policy.ldr_alarm_percent) and enough:
            return "alarm"
        return "healthy" if value <= Fraction(policy.ldr_healthy_to) else "warn"


def week_of(instant: datetime, policy: Policy) -> Period:
    """The week an instant lies in, Monday 00:00 to the next, named 2026-W47. R-TIME-1."""
    return _week(day_of(instant, policy), policy)


def month_of(instant: datetime, policy: Policy) -> Period:
    """The calendar month an instant lies in, named 2026-11. R-TIME-1."""
    return _month(day_of(instant, policy), policy)


def earlier_week(period: Period, back: int, policy: Policy) -> Period:
    """The week that many weeks before this one."""
    return _week(day_of(period.start, policy) - timedelta(weeks=back), policy)


def parse_period(text: str, policy: Policy) -> Period:
    """The period of a name such as 2026-W47 or 2026-11. Raises Refusal for anything else."""
    week = re.fullmatch(r"(\d{4})-[Ww](\d{1,2})", text.strip(), re.ASCII)
    month = re.fullmatch(r"(\d{4})-(\d{1,2})", text.strip(), re.ASCII)
    try:
        if week and 1990 <= int(week[1]) <= 2100:
            return _week(date.fromisocalendar(int(week[1]), int(week[2]), 1), policy)
        if month and 1990 <= int(month[1]) <= 2100:
            return _month(date(int(month[1]), int(month[2]), 1), policy)
    except ValueError:
        pass
    raise Refusal("R-TIME-1", f"没看懂「{text[:20]}」是哪段时间，写成 2026-W47（周）或 2026-11（月）。")


def is_scope(scope: str) -> bool:
    """True for `company`, `team:PATH` and `member:ID`."""
    kind, _, name = scope.partition(":")
    return scope == COMPANY or (kind in ("team", "member") and bool(name))


def default_scope(viewer: Member) -> str:
    """The widest scope that is the viewer's own. R-PPL-2."""
    if WHOLE_COMPANY & set(viewer.roles):
        return COMPANY
    if "supervisor" in viewer.roles and viewer.team:
        return f"team:{viewer.team}"
    return f"member:{viewer.id}"


def may_see(viewer: Member, scope: str, *, team: str) -> bool:
    """May the viewer see lead metrics of this scope, whose team is `team`? Names are for who leads them. R-PPL-2.

    A rep sees the own ones, a supervisor the subtree, a director and marketing every team.
    """
    if viewer.state == "left":
        return False
    if scope == f"member:{viewer.id}" or WHOLE_COMPANY & set(viewer.roles):
        return True
    return "supervisor" in viewer.roles and bool(viewer.team and team) and in_subtree(team, viewer.team)


def group_scope(view: GroupView) -> str:
    """What a group asks about when it names nothing: its team, else the company. R-PPL-3."""
    return f"team:{view.team}" if view.team else COMPANY


def group_sees(view: GroupView, scope: str) -> bool:
    """May the sum of this scope stand in the group? Its own always, a team where teams are told apart. R-PPL-3."""
    return scope == group_scope(view) or (view.teams and scope.startswith("team:"))


def in_scope(scope: str, *, member_id: str, team: str) -> bool:
    """True when a fact of this holder and team belongs to `company`, `team:PATH` (its subtree) or `member:ID`."""
    kind, _, name = scope.partition(":")
    if kind == "member":
        return member_id == name
    return scope == COMPANY or (kind == "team" and bool(name) and in_subtree(team, name))


def ldr(facts: Iterable[LeadCycleFact], *, scope: str, period: Period, as_of: datetime) -> Measure:
    """LDR 线索热力衰减: cycles untouched at 48 h among those begun in the period and ripe at `as_of`. R-MET-2.

    Ripe: start + 48 h is at or before `as_of`. Confirmed invalid ones are left out. R-LEAD-INV.
    """
    counted = tuple(
        sorted(
            (
                fact
                for fact in facts
                if period.start <= fact.start < period.end
                and fact.start + LIMIT <= as_of
                and not fact.invalid
                and in_scope(scope, member_id=fact.member_id, team=fact.team)
            ),
            key=lambda fact: (fact.start, fact.lead, fact.assignment),
        )
    )
    untouched = sum(not fact.touched for fact in counted)
    return Measure("LDR", scope, period, untouched, len(counted), as_of < period.end + LIMIT, counted)


def _week(day: date, policy: Policy) -> Period:
    year, week, weekday = day.isocalendar()
    monday = day - timedelta(days=weekday - 1)
    end = midnight(monday + timedelta(weeks=1), policy)
    return Period(f"{year}-W{week:02d}", midnight(monday, policy), end)


def _month(day: date, policy: Policy) -> Period:
    first = day.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return Period(f"{first:%Y-%m}", midnight(first, policy), midnight(following, policy))
