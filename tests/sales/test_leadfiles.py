"""Rows of leads, assignments and touches as history: what they leave behind, in whatever order they came. R-IMP."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sales.imports import check_rows, truth_of
from sales.leadfiles import assignment_of, clocks_of, ended_by_row, settled, touch_of, with_row
from sales.leads import Assignment, Lead, Touch, cycles_of
from tests.support.facts import MICROSECOND, NOW

HOUR = timedelta(hours=1)
LEAD = Lead(7, "id:L7", version=1)
OPEN = Assignment("a", 7, "m03", NOW)
DEADLINE = NOW + 48 * HOUR


def ended(why: str, after: timedelta = HOUR, **more: Any) -> Assignment:
    return replace(OPEN, ended_at=NOW + after, end_reason=why, **more)


@pytest.mark.parametrize(
    ("held", "touches", "now", "state"),
    [
        ([OPEN], [], DEADLINE, "cycle"),
        ([OPEN], [], DEADLINE + MICROSECOND, "pool"),
        ([OPEN], [Touch("t", 7, "m04", DEADLINE)], DEADLINE + HOUR, "cycle"),
        ([OPEN], [Touch("t", 7, "m04", DEADLINE + MICROSECOND)], DEADLINE + HOUR, "pool"),
        ([OPEN], [Touch("t", 7, "m04", NOW, "dialled")], DEADLINE + HOUR, "pool"),
        ([ended("recycled")], [], DEADLINE, "pool"),
        ([ended("returned")], [], DEADLINE, "pool"),
        ([ended("")], [], DEADLINE, "pool"),
        ([ended("converted")], [], DEADLINE, "converted"),
        ([ended("invalid")], [], DEADLINE, "invalid"),
        ([ended("reassigned")], [], DEADLINE, "new"),
        ([replace(OPEN, end_reason="returned")], [], DEADLINE, "pool"),
        ([], [], DEADLINE, "new"),
    ],
)
def test_lead_stands_as_its_history_leaves_it_r_imp(
    held: list[Assignment], touches: list[Touch], now: Any, state: str
) -> None:
    lead, _ = settled(LEAD, held, touches, now=now)

    assert lead.state == state


def test_open_cycle_past_48_h_is_closed_at_its_deadline_and_a_late_row_opens_it_again_r_imp() -> None:
    _, [closed] = settled(LEAD, [OPEN], [], now=DEADLINE + HOUR)
    lead, [opened] = settled(LEAD, [closed], [Touch("t", 7, "m03", NOW)], now=DEADLINE + HOUR)

    assert (closed.ended_at, closed.end_reason, closed.silent) == (DEADLINE, "recycled", True)
    assert opened == OPEN
    assert (lead.state, lead.reached_at, lead.sales_id) == ("cycle", NOW, "S7")


def test_open_assignment_before_the_next_cycle_ended_with_it() -> None:
    later = Assignment("b", 7, "m04", NOW + 10 * HOUR)

    _, [closed] = settled(LEAD, [later, OPEN], [], now=NOW + 11 * HOUR)

    assert (closed.id, closed.ended_at, closed.end_reason) == ("a", NOW + 10 * HOUR, "recycled")


def test_closed_lead_stays_closed() -> None:
    assert settled(replace(LEAD, state="closed"), [OPEN], [], now=NOW) == (replace(LEAD, state="closed"), [])


@pytest.mark.parametrize(
    ("now", "names"),
    [
        (NOW, ["lead.recycle", "lead.warn"]),
        (NOW + 24 * HOUR + MICROSECOND, ["lead.recycle"]),
        (DEADLINE, ["lead.recycle"]),
        (DEADLINE + MICROSECOND, []),
    ],
)
def test_no_clock_starts_that_is_already_due_r_imp(now: Any, names: list[str]) -> None:
    lead, _ = settled(LEAD, [OPEN], [], now=now)

    assert [timer.name for timer in clocks_of(lead, [OPEN], now=now)] == names
    assert all(timer.due > now for timer in clocks_of(lead, [OPEN], now=now))


def test_cycle_that_is_over_is_still_judged_at_48_h_r_met_2() -> None:
    lead, _ = settled(LEAD, [ended("returned")], [], now=NOW + 2 * HOUR)

    assert [t.name for t in clocks_of(lead, [ended("returned")], now=NOW + 2 * HOUR)] == ["lead.recycle"]


def test_known_row_takes_an_end_but_never_loses_one_r_qe_6() -> None:
    told = ended("returned")

    assert ended_by_row(OPEN, told) == told
    assert ended_by_row(ended("recycled", silent=True), told) == told
    assert ended_by_row(told, OPEN) == told
    assert ended_by_row(told, ended("converted")) == told


def test_ids_of_a_lead_never_change_and_free_fields_are_kept_r_lead_id() -> None:
    first = with_row(LEAD, {"market_id": "MK1", "company": "江南", "x_from": "expo", "x_empty": "", "phone": "138"})
    second = with_row(first, {"market_id": "MK2", "x_to": "1", "created_at": NOW.isoformat()})

    assert (second.market_id, second.company, second.phone, second.created_at) == ("MK1", "江南", "", NOW)
    assert second.extra == {"x_from": "expo", "x_to": "1"}
    assert with_row(LEAD, {}).market_id == "M7"


def test_rows_become_entities_with_their_free_fields() -> None:
    at = NOW.isoformat()
    held = assignment_of("id:A1", 7, {"lead_id": "L7", "member_id": "m03", "assigned_at": at, "x_a": "1"})
    done = touch_of("id:T1", 7, {"lead_id": "L7", "touched_at": at, "kind": "call", "verified": "是", "x_b": "2"})

    assert held == Assignment("id:A1", 7, "m03", NOW, extra={"x_a": "1"})
    assert done == Touch("id:T1", 7, "", NOW, "reached", "call", "import", True, {"x_b": "2"})


@pytest.mark.parametrize(
    ("kind", "values", "fault"),
    [
        ("leads", {"lead_id": "", "company": "", "created_at": NOW.isoformat()}, "没有一格能认出线索"),
        ("leads", {"lead_id": "L1", "created_at": "昨天"}, "created_at"),
        ("leads", {"lead_id": "L1"}, ""),
        ("assignments", {"lead_id": "L1", "member_id": "m", "assigned_at": "2026-11-19"}, "assigned_at"),
        ("assignments", {"lead_id": "L1", "member_id": "", "assigned_at": NOW.isoformat()}, "member_id"),
        (
            "assignments",
            {"lead_id": "L1", "member_id": "m", "assigned_at": NOW.isoformat(), "ended_at": (NOW - HOUR).isoformat()},
            "早",
        ),
        (
            "assignments",
            {"lead_id": "L1", "member_id": "m", "assigned_at": NOW.isoformat(), "end_reason": "lost"},
            "end_reason",
        ),
        ("touches", {"lead_id": "L1", "touched_at": NOW.isoformat(), "verified": "maybe"}, "verified"),
        ("touches", {"lead_id": "L1", "touched_at": "x"}, "touched_at"),
        ("touches", {"lead_id": "L1", "touched_at": NOW.isoformat(), "kind": "call"}, ""),
    ],
)
def test_row_that_cannot_be_used_is_refused_with_the_reason(kind: str, values: dict[str, str], fault: str) -> None:
    good, refused = check_rows(kind, tuple(values), [tuple(values.values())])

    assert bool(good) is not bool(fault)
    assert all(fault in row.reason for row in refused)


def test_yes_and_no_as_files_write_them() -> None:
    assert [truth_of(word) for word in ("TRUE", "1", "", "否", "maybe")] == [True, True, False, False, None]


_at = st.integers(0, 96).map(lambda hours: NOW + hours * HOUR)
_held = st.builds(
    lambda n, at, hours, why: Assignment(
        f"a{n}", 7, "m03", at, at + hours * HOUR if why != "open" else None, "" if why == "open" else why
    ),
    st.integers(0, 99), _at, st.integers(0, 60),
    st.sampled_from(("open", "reassigned", "recycled", "returned", "converted", "invalid")),
)  # fmt: skip


@example(
    [ended("reassigned", 60 * HOUR, id="b"), OPEN],
    [], NOW + 60 * HOUR,
)  # fmt: skip
@given(st.lists(_held, max_size=5, unique_by=lambda one: one.id), st.lists(_at, max_size=3), _at)
def test_silent_closing_changes_nothing_that_ldr_says_r_imp(held: list[Assignment], at: list[Any], now: Any) -> None:
    touches = [Touch(str(n), 7, "m03", one) for n, one in enumerate(at)]

    lead, closed = settled(LEAD, held, touches, now=now)
    after = [*{one.id: one for one in (*held, *closed)}.values()]
    again, nothing = settled(lead, after, touches, now=now)

    def counted(rows: list[Assignment]) -> list[tuple[Any, ...]]:
        return [(c.start, c.holding.id, c.is_invalid, c.is_touched(at)) for c in cycles_of(rows)]

    assert counted(after) == counted(held)
    assert (again, nothing) == (lead, [])
