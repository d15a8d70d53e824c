"""A metric asked for in chat: value with its fraction, and one level down on a click, to the facts. R-DRILL, R-NONE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cards.blocks import Action, Buttons, Card, Fields, Headline, Menu, Text, Title
from cards.when import day_clock
from sales.chats import GroupView
from sales.metrics import (
    COMPANY,
    LeadCycleFact,
    Measure,
    NoValue,
    Period,
    State,
    group_sees,
    ldr,
    may_see,
    parse_period,
)
from sales.people import Member
from storage.tx import Tx

ROWS = 6
CHOICES = 10
TONES: Mapping[State, str] = {"none": "grey", "healthy": "green", "warn": "orange", "alarm": "red"}
WORDS: Mapping[State, str] = {"none": "没有数", "healthy": "健康", "warn": "偏高", "alarm": "超线"}


@dataclass(frozen=True, slots=True)
class MetricCard:
    """One level: the measure, its scope in words, and the parts (scope, name, measure) or facts that add up to it.

    A group whose teams may not be told apart gets neither. R-PPL-3.
    """

    measure: Measure
    where: str
    state: State
    parts: tuple[tuple[str, str, Measure], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """LDR of a scope the viewer, or the group the card stands in, may see, as it is now. R-PPL-2, R-PPL-3."""
    scope = str(args.get("scope", COMPANY))
    period = parse_period(str(args.get("period", "")), tx.policy)
    if group := str(args.get("group", "")):
        view = tx.chats.group_view(*group.split(":", 1))
        return _for_group(tx, view, scope, period) if view and group_sees(view, scope) else None
    if viewer is None or not may_see(viewer, scope, team=tx.people.team_of(scope)):
        return None
    measure = tx.leads.ldr(scope, period, as_of=tx.now)
    return draw(
        MetricCard(measure, _named(tx, scope), measure.state(tx.policy), _parts(tx, measure), _facts(tx, measure))
    )


def _for_group(tx: Tx, view: GroupView, scope: str, period: Period) -> Card:
    """Sums of teams where the group may tell them apart, else the one sum; never a person. R-PPL-3."""
    measure = tx.leads.ldr(scope, period, as_of=tx.now)
    parts = _parts(tx, measure) if view.teams and scope == COMPANY else ()
    return draw(MetricCard(measure, _named(tx, scope), measure.state(tx.policy), parts))


def draw(data: MetricCard) -> Card:
    """The ratio always with its fraction; — with the reason where there is none. ux.md 0."""
    measure = data.measure
    tag = f"{data.where} {measure.period.name[5:]}" + (" 暂计" if measure.provisional else "")
    if isinstance(measure.value, NoValue):
        return (Title("LDR —", "grey", tag), Text("这段时间没有满 48 小时的线索，所以没有线索衰减（LDR）。"))
    rows = [
        (name, f"{part.percent_text()}%（{part.numerator}/{part.denominator}）") for _, name, part in data.parts[:ROWS]
    ]
    shown = tuple(rows) if data.parts else data.facts[:ROWS]
    fields = (Fields(shown),) if shown else ()
    left = max(len(data.parts), len(data.facts)) - ROWS
    more = (Text(f"还有 {left} 条"),) if left > 0 else ()
    choices = tuple((scope, name) for scope, name, _ in data.parts[:CHOICES])
    action = Action("metric.open", args={"period": measure.period.name})
    line = f"LDR {measure.period.name} {choices[0][1]}" if choices else ""
    drill = (Buttons((Menu("看明细", action, choices, line=line),)),) if choices else ()
    return (
        Title(f"LDR {measure.percent_text()}% {WORDS[data.state]}", TONES[data.state], tag),  # type: ignore[arg-type]
        Headline(f"{measure.numerator}/{measure.denominator} 条没人碰"),
        *fields,
        *more,
        *drill,
    )


def _parts(tx: Tx, measure: Measure) -> tuple[tuple[str, str, Measure], ...]:
    """One level down: the company's teams, a team's people; each fact is in exactly one part. R-DRILL."""
    if measure.scope.startswith("member:"):
        return ()
    parts = []
    for scope in sorted({_part_of(measure, fact) for fact in measure.facts}):
        mine = [fact for fact in measure.facts if _part_of(measure, fact) == scope]
        part = ldr(mine, scope=COMPANY, period=measure.period, as_of=tx.now)
        parts.append((scope, _named(tx, scope), part))
    parts.sort(key=lambda one: (-one[2].numerator / one[2].denominator, one[0]))
    return tuple(parts)


def _part_of(measure: Measure, fact: LeadCycleFact) -> str:
    return f"team:{fact.team}" if measure.scope == COMPANY else f"member:{fact.member_id}"


def _facts(tx: Tx, measure: Measure) -> tuple[tuple[str, str], ...]:
    if not measure.scope.startswith("member:"):
        return ()
    return tuple(
        (fact.lead[:8], f"{day_clock(fact.start, tx.policy)} 起 · {'说上话了' if fact.touched else '没人碰'}")
        for fact in sorted(measure.facts, key=lambda fact: fact.touched)
    )


def _named(tx: Tx, scope: str) -> str:
    kind, _, name = scope.partition(":")
    if kind == "member":
        member = tx.people.get(name)
        return member.name if member else name
    return name.rpartition("/")[2] or "没有组" if kind == "team" else "全公司"
