"""LDR to the last digit: every edge of R-MET-2 as a table, and any history against an oracle that counts by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.chats import GroupView
from sales.errors import Refusal
from sales.leads import Assignment, TeamMove, cycles_of, team_at
from sales.metrics import (
    NO_VALUE,
    LeadCycleFact,
    Measure,
    Period,
    default_scope,
    earlier_week,
    group_scope,
    group_sees,
    in_scope,
    is_scope,
    ldr,
    may_see,
    month_of,
    parse_period,
    week_of,
)
from sales.people import Member
from tests.support.facts import MICROSECOND, POLICY, member

HOUR = timedelta(hours=1)
W47 = parse_period("2026-W47", POLICY)
START = datetime(2026, 11, 16, 1, 12, tzinfo=UTC)
RIPE = START + 48 * HOUR


def held(
    assignment_id: str, member_id: str, at: datetime, ended_at: datetime | None = None, why: str = ""
) -> Assignment:
    """One assignment of lead 1."""
    return Assignment(assignment_id, 1, member_id, at, ended_at, why)


def facts_of(assignments: list[Assignment], reached: list[datetime]) -> list[LeadCycleFact]:
    """What LDR gets of one lead whose holders are all in one team."""
    return [
        LeadCycleFact(
            "L1", c.holding.id, c.start, c.holding.member_id, "华东", c.is_touched(reached), c.is_invalid
        )
        for c in cycles_of(assignments)
    ]  # fmt: skip


def measured(assignments: list[Assignment], reached: list[datetime], scope: str = "company", **more: Any) -> str:
    """LDR of week 47 as untouched/cycles."""
    measure = ldr(
        facts_of(assignments, reached), scope=scope, period=more.get("period", W47), as_of=more.get("as_of", W47.end)
    )
    return f"{measure.numerator}/{measure.denominator}"


REASSIGNED = [held("a", "m03", START, START + 10 * HOUR, "reassigned"), held("b", "m04", START + 10 * HOUR)]
NEXT_CYCLE = [held("a", "m03", START, START + 10 * HOUR, "returned"), held("b", "m04", START + 20 * HOUR)]

EDGES: tuple[tuple[str, list[Assignment], list[datetime], dict[str, Any], str], ...] = (
    ("no touch", [held("a", "m03", START)], [], {}, "1/1"),
    ("touched at the start", [held("a", "m03", START)], [START], {}, "0/1"),
    ("touched before the start", [held("a", "m03", START)], [START - MICROSECOND], {}, "1/1"),
    ("touched at 48 h", [held("a", "m03", START)], [RIPE], {}, "0/1"),
    ("touched after 48 h", [held("a", "m03", START)], [RIPE + MICROSECOND], {}, "1/1"),
    ("ripe at the evaluation", [held("a", "m03", START)], [], {"as_of": RIPE}, "1/1"),
    ("not ripe yet", [held("a", "m03", START)], [], {"as_of": RIPE - MICROSECOND}, "0/0"),
    ("touched and not ripe yet", [held("a", "m03", START)], [START], {"as_of": RIPE - MICROSECOND}, "0/0"),
    ("ended early", [held("a", "m03", START, START + HOUR, "returned")], [], {}, "1/1"),
    ("touched after it ended, within 48 h", [held("a", "m03", START, START + HOUR, "returned")], [RIPE], {}, "0/1"),
    ("converted", [held("a", "m03", START, START + HOUR, "converted")], [START], {}, "0/1"),
    ("converted without a touch", [held("a", "m03", START, START + HOUR, "converted")], [], {}, "1/1"),
    ("confirmed invalid", [held("a", "m03", START, START + HOUR, "invalid")], [], {}, "0/0"),
    ("confirmed invalid, touched", [held("a", "m03", START, START + HOUR, "invalid")], [START], {}, "0/0"),
    ("invalid without an instant", [held("a", "m03", START, None, "invalid")], [], {}, "0/0"),
    ("begins with the week", [held("a", "m03", W47.start)], [], {}, "1/1"),
    ("begins before the week", [held("a", "m03", W47.start - MICROSECOND)], [], {}, "0/0"),
    ("begins with the next week", [held("a", "m03", W47.end)], [], {"as_of": W47.end + 99 * HOUR}, "0/0"),
    ("reassigned is one cycle", REASSIGNED, [], {}, "1/1"),
    ("whoever held it last answers", REASSIGNED, [], {"scope": "member:m04"}, "1/1"),
    ("who held it first does not", REASSIGNED, [], {"scope": "member:m03"}, "0/0"),
    ("48 h run from the first assignment", REASSIGNED, [RIPE + MICROSECOND], {}, "1/1"),
    ("returned, then a second cycle", NEXT_CYCLE, [], {}, "2/2"),
    ("touch of the second cycle counts there only", NEXT_CYCLE, [START + 20 * HOUR], {}, "1/2"),
    ("touch just before the second cycle", NEXT_CYCLE, [START + 20 * HOUR - MICROSECOND], {}, "1/2"),
    ("one touch in each", NEXT_CYCLE, [START + HOUR, START + 21 * HOUR], {}, "0/2"),
    (
        "reassigned, then invalid",
        [REASSIGNED[0], held("b", "m04", START + 10 * HOUR, START + 11 * HOUR, "invalid")],
        [], {}, "0/0",
    ),
    (
        "invalid, then a new cycle",
        [held("a", "m03", START, START + HOUR, "invalid"), held("b", "m04", START + 2 * HOUR)],
        [], {}, "1/1",
    ),
    (
        "reassigned and never taken up",
        [held("a", "m03", START, START + HOUR, "reassigned")], [], {"scope": "member:m03"}, "1/1",
    ),
    (
        "reassigned at 48 h",
        [held("a", "m03", START, RIPE, "reassigned"), held("b", "m04", RIPE)], [], {"scope": "member:m04"}, "1/1",
    ),
    (
        "reassigned after 48 h",
        [held("a", "m03", START, RIPE + MICROSECOND, "reassigned"), held("b", "m04", RIPE + MICROSECOND)],
        [], {"scope": "member:m03"}, "1/1",
    ),
    (
        "reassigned in the same instant",
        [held("b", "m04", START), held("a", "m03", START, START, "reassigned")], [], {"scope": "member:m04"}, "1/1",
    ),
    (
        "a cycle of no length is not touched by the next one's touch",
        [held("a", "m03", START, START, "returned"), held("b", "m04", START)], [START], {"scope": "member:m03"}, "1/1",
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("assignments", "reached", "more", "expected"), [e[1:] for e in EDGES], ids=[e[0] for e in EDGES]
)
def test_ldr_at_its_edges_r_met_2(
    assignments: list[Assignment], reached: list[datetime], more: dict[str, Any], expected: str
) -> None:
    assert measured(assignments, reached, **more) == expected
    assert measured(assignments[::-1], reached[::-1], **more) == expected


_hours = st.integers(0, 240).map(lambda n: W47.start + (n - 60) * HOUR)
_nudge = st.sampled_from((timedelta(0), MICROSECOND, -MICROSECOND))
_instant = st.builds(lambda at, nudge: at + nudge, _hours, _nudge)
_why = st.sampled_from(("reassigned", "recycled", "returned", "converted", "invalid"))
_row = st.tuples(st.integers(0, 4), _instant, st.integers(0, 100), _why, st.sampled_from(("m03", "m04", "m05")))
_TEAM = {"m03": "华东/一组", "m04": "华东/二组", "m05": "华东"}


def _history(rows: list[tuple[int, datetime, int, str, str]]) -> dict[int, list[tuple[Any, ...]]]:
    """Non-overlapping assignments per lead as (id, member, start, end, reason); the last one may be open."""
    leads: dict[int, list[tuple[Any, ...]]] = {}
    for n, (lead, at, hours, why, who) in enumerate(sorted(rows, key=lambda row: row[1])):
        mine = leads.setdefault(lead, [])
        if mine and mine[-1][3] > at:
            mine[-1] = (*mine[-1][:3], at, mine[-1][4])
        if mine and mine[-1][2] == at:
            continue
        mine.append((f"a{n}", who, at, at + hours * HOUR, why))
    return leads


def _by_hand(
    leads: dict[int, list[tuple[Any, ...]]], touches: list[tuple[int, datetime]], scope: str, as_of: datetime
) -> tuple[int, int]:
    """Walks through each lead's rows in time, as one would with pencil and paper."""
    untouched = total = 0
    for lead, rows in leads.items():
        at = 0
        while at < len(rows):
            end = at
            while rows[end][4] == "reassigned" and end + 1 < len(rows):
                end += 1
            start = rows[at][2]
            limit = start + timedelta(days=2)
            who = rows[at][1]
            for row in rows[at : end + 1]:
                if row[2] <= limit:
                    who = row[1]
            team = _TEAM[who]
            inside = scope == "company" or scope == f"member:{who}" or (
                scope.startswith("team:") and (team + "/").startswith(scope[5:] + "/")
            )  # fmt: skip
            if W47.start <= start < W47.end and limit <= as_of and rows[end][4] != "invalid" and inside:
                total += 1
                ceiling = rows[end + 1][2] if end + 1 < len(rows) else None
                hits = [t for who_, t in touches if who_ == lead and start <= t <= limit]
                if not [t for t in hits if ceiling is None or t < ceiling]:
                    untouched += 1
            at = end + 1
    return untouched, total


@given(
    st.lists(_row, max_size=12),
    st.lists(st.tuples(st.integers(0, 4), _instant), max_size=8),
    st.sampled_from(("company", "team:华东", "team:华东/一组", "member:m04", "team:华")),
    _instant,
)
def test_ldr_of_any_history_is_what_counting_by_hand_says_r_met_2(
    rows: list[tuple[int, datetime, int, str, str]],
    touches: list[tuple[int, datetime]],
    scope: str,
    as_of: datetime,
) -> None:
    leads = _history(rows)
    facts = []
    for lead, mine in leads.items():
        reached = [at for who, at in touches if who == lead]
        assignments = [Assignment(name, lead, who, at, end, why) for name, who, at, end, why in mine]
        facts += [
            replace(fact, lead=str(lead), team=_TEAM[fact.member_id])
            for fact in facts_of(assignments, reached)
        ]  # fmt: skip

    measure = ldr(facts, scope=scope, period=W47, as_of=as_of)

    assert (measure.numerator, measure.denominator) == _by_hand(leads, touches, scope, as_of)
    assert sum(not fact.touched for fact in measure.facts) == measure.numerator
    assert len(measure.facts) == measure.denominator


def measure(numerator: int, denominator: int, *, provisional: bool = False) -> Measure:
    """An LDR of the week."""
    return Measure("LDR", "company", W47, numerator, denominator, provisional)


@pytest.mark.parametrize(
    ("numerator", "denominator", "printed"),
    [(9, 41, "21.95"), (0, 3, "0.00"), (3, 3, "100.00"), (1, 3, "33.33"), (2, 3, "66.67"), (1, 800, "0.13"),
     (1, 1600, "0.06"), (20001, 100000, "20.00"), (1, 32, "3.13")],
)  # fmt: skip
def test_value_is_printed_half_up_to_two_places_r_met_0(numerator: int, denominator: int, printed: str) -> None:
    assert measure(numerator, denominator).percent_text() == printed


def test_no_denominator_is_no_value_r_none() -> None:
    empty = measure(0, 0)

    assert empty.value is NO_VALUE
    assert empty.percent_text() == "—"
    assert empty.state(POLICY) == "none"


@pytest.mark.parametrize(
    ("numerator", "denominator", "provisional", "state"),
    [(12, 100, False, "healthy"), (12001, 100000, False, "warn"), (20, 100, False, "warn"),
     (20001, 100000, False, "alarm"), (5, 19, True, "warn"), (5, 20, True, "alarm"), (5, 19, False, "alarm"),
     (4, 20, True, "warn"), (0, 1, True, "healthy")],
)  # fmt: skip
def test_state_compares_the_exact_fraction_r_met_0(
    numerator: int, denominator: int, provisional: bool, state: str
) -> None:
    assert measure(numerator, denominator, provisional=provisional).state(POLICY) == state


def test_thresholds_are_settings_r_adm_2() -> None:
    assert measure(19, 100).state(replace(POLICY, ldr_alarm_percent=Decimal("18.5"))) == "alarm"
    assert measure(1, 3).value == Fraction(100, 3)


def test_value_is_provisional_until_the_last_cycle_is_ripe_r_met_0() -> None:
    last = W47.end + 48 * HOUR

    assert ldr([], scope="company", period=W47, as_of=last - MICROSECOND).provisional
    assert not ldr([], scope="company", period=W47, as_of=last).provisional


def test_periods_are_tenant_weeks_and_months_r_time_1() -> None:
    monday = datetime(2026, 11, 15, 16, tzinfo=UTC)

    assert Period("2026-W47", monday, monday + timedelta(weeks=1)) == W47
    assert week_of(monday, POLICY) == W47
    assert week_of(monday - MICROSECOND, POLICY).name == "2026-W46"
    assert earlier_week(W47, 47, POLICY).name == "2025-W52"
    assert month_of(monday, POLICY) == parse_period("2026-11", POLICY)
    assert parse_period("2026-12", POLICY).end == datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert parse_period(" 2026-w53 ", POLICY).end == datetime(2027, 1, 3, 16, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "2026-W54", "2025-W53", "2026-13", "2026-00", "W47", "1900-01", "2026-11-19"])
def test_unknown_period_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Refusal, match="2026-W47"):
        parse_period(text, POLICY)


def test_scopes_are_the_company_a_subtree_or_one_member() -> None:
    assert [is_scope(s) for s in ("company", "team:华东", "member:m03", "team:", "华东", "all:x")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip
    assert in_scope("team:华东", member_id="m03", team="华东/一组")
    assert not in_scope("team:华东", member_id="m03", team="华东北")
    assert not in_scope("team:", member_id="m03", team="华东")
    assert not in_scope("nothing", member_id="m03", team="华东")


@pytest.mark.parametrize(
    ("viewer", "own", "seen"),
    [
        (member("m03"), "member:m03", [True, False, False, False, False]),
        (member("m01", "supervisor", team="华东"), "team:华东", [True, True, True, False, False]),
        (member("m01", "supervisor", team=""), "member:m01", [False, False, False, False, False]),
        (member("m01", "director"), "company", [True] * 5),
        (member("m12", "marketing"), "company", [True] * 5),
        (member("m03", "director", state="left"), "company", [False] * 5),
    ],
)
def test_who_may_see_which_figures_r_ppl_2(viewer: Member, own: str, seen: list[bool]) -> None:
    asked = (
        ("member:m03", "华东/一组"),
        ("member:m04", "华东/二组"),
        ("team:华东", "华东"),
        ("team:华南", "华南"),
        ("company", ""),
    )

    assert default_scope(viewer) == own
    assert [may_see(viewer, scope, team=team) for scope, team in asked] == seen


@pytest.mark.parametrize(
    ("view", "own", "seen"),
    [
        (GroupView(team="华东"), "team:华东", [False, True, False, False, False]),
        (GroupView(teams=True), "company", [True, True, True, True, False]),
        (GroupView(), "company", [True, False, False, False, False]),
    ],
)
def test_what_a_group_sees_is_sums_and_never_a_person_r_ppl_3(view: GroupView, own: str, seen: list[bool]) -> None:
    asked = ("company", "team:华东", "team:华东/一组", "team:华南", "member:m03")

    assert group_scope(view) == own
    assert [group_sees(view, scope) for scope in asked] == seen


def test_later_moves_change_no_team_of_an_instant_r_met_0() -> None:
    moves = [TeamMove("2", "m03", "华南", RIPE), TeamMove("1", "m03", "华北", START)]

    found = [team_at(moves, at, now_in="华东") for at in (START - MICROSECOND, START, RIPE - MICROSECOND, RIPE)]

    assert found == ["华北", "华南", "华南", "华东"]
