"""看明细: from the company to its teams, to a team's people, to a person's leads; each level adds up. R-DRILL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cards.blocks import Action, Block, Buttons, Card, Fields, Headline, Menu, Note, Title
from cards.stamp import stamp
from cards.when import day_clock
from sales.alerts import may_look
from sales.chats import is_group
from sales.metrics import COMPANY, LeadCycleFact, parse_period, percent_text
from sales.people import Member, in_subtree
from storage.tx import Tx

ROWS = 6
CHOICES = 10


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the way down. `rows` are scope, name, untouched and counted; `leads` are the last level's lines."""

    alert: int
    reading: int
    title: str
    tag: str
    rows: tuple[tuple[str, str, int, int], ...] = ()
    leads: tuple[str, ...] = ()
    untouched: int = 0
    counted: int = 0


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """The level of the scope in `args`, cut to what the viewer may see; never in a group. R-PPL-2, R-PPL-3."""
    alert = tx.alerts.get(int(subject.removeprefix("drill:")))
    if alert is None or viewer is None or is_group(viewer):
        return None
    number = min(int(args.get("reading", "0")), len(alert.readings) - 1)
    reading = alert.reading(number)
    period = parse_period(alert.period, tx.policy)
    facts: Sequence[LeadCycleFact] = tx.leads.ldr(COMPANY, period, as_of=reading.at).facts
    if not may_look(viewer):
        if "supervisor" not in viewer.roles or not viewer.team:
            return None
        facts = [fact for fact in facts if in_subtree(fact.team, viewer.team)]
    level = _level(tx, str(args.get("scope", COMPANY)), facts)
    tag = f"{alert.period[-3:]} · {day_clock(reading.at, tx.policy)}"
    return draw(Level(alert.id, number, level.title, tag, level.rows, level.leads, level.untouched, level.counted))


def _level(tx: Tx, scope: str, facts: Sequence[LeadCycleFact]) -> Level:
    kind, _, name = scope.partition(":")
    if kind == "team":
        facts = [fact for fact in facts if in_subtree(fact.team, name)]
        rows = _grouped(facts, lambda fact: f"member:{fact.member_id}", lambda key: _person(tx, key))
        return _sums(name.rpartition("/")[2], rows=rows, facts=facts)
    if kind == "member":
        facts = sorted((fact for fact in facts if fact.member_id == name), key=lambda fact: (fact.touched, fact.start))
        at = [(fact, day_clock(fact.start, tx.policy)) for fact in facts]
        leads = tuple(f"{fact.lead} · {start} · {'碰过' if fact.touched else '没人碰'}" for fact, start in at)
        return _sums(_person(tx, scope), leads=leads, facts=facts)
    rows = _grouped(facts, lambda fact: f"team:{fact.team}", lambda key: key.rpartition("/")[2] or "没有团队")
    return _sums("全公司", rows=rows, facts=facts)


def _grouped(
    facts: Sequence[LeadCycleFact], key: Callable[[LeadCycleFact], str], name: Callable[[str], str]
) -> tuple[tuple[str, str, int, int], ...]:
    """Sums by key, the most untouched first; they add up to the facts. R-DRILL."""
    sums: dict[str, tuple[int, int]] = {}
    for fact in facts:
        cold, counted = sums.get(key(fact), (0, 0))
        sums[key(fact)] = (cold + (not fact.touched), counted + 1)
    rows = [(scope, name(scope), cold, counted) for scope, (cold, counted) in sums.items()]
    return tuple(sorted(rows, key=lambda row: (-row[2], -row[3], row[0])))


def _sums(title: str, *, facts: Sequence[LeadCycleFact], rows: Any = (), leads: tuple[str, ...] = ()) -> Level:
    return Level(0, 0, title, "", rows, leads, sum(not fact.touched for fact in facts), len(facts))


def _person(tx: Tx, scope: str) -> str:
    member = tx.people.get(scope.removeprefix("member:"))
    return member.name if member else "已离开的同事"


def draw(level: Level) -> Card:
    """At most six rows; the rest is a choice or a count."""
    lines = level.leads or tuple(f"{name} {percent_text(n, d)}%（{n}/{d}）" for _, name, n, d in level.rows)
    percent = f"{percent_text(level.untouched, level.counted)}%" if level.counted else "—"
    blocks: list[Block] = [
        Title(f"{level.title} LDR {percent}", "blue", level.tag),
        Headline(f"{level.untouched}/{level.counted} 条没人碰"),
    ]
    if lines:
        blocks.append(Fields(tuple((str(n), line) for n, line in enumerate(lines[:ROWS], 1))))
    if left := len(lines) - ROWS if len(lines) > ROWS else 0:
        blocks.append(Note(f"还有 {left} 条" if level.leads else f"还有 {left} 行，在下面选"))
    if level.rows:
        action = Action("alert.drill", f"alert:{level.alert}", stamp("drill", level.alert),
                        {"reading": str(level.reading)})  # fmt: skip
        choices = tuple((scope, name) for scope, name, _, _ in level.rows[:CHOICES])
        blocks.append(Buttons((Menu("往下看", action, choices, line="LDR 本周"),)))
    return tuple(blocks)
