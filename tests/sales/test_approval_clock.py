"""The clock of a step, to the microsecond; told once each; a pause adds no time. R-APR-4, R-ESC."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from sales.approval_clock import escalate, follow, nudge, overdue, pause, resume
from sales.approval_trail import ESCALATE, NUDGE, OVERDUE, Case, Request
from sales.decision import CancelTimer, Decision, Looked, StartTimer
from tests.support import facts
from tests.support.facts import MICROSECOND, NOW
from tests.support.requests import BOSS, LIMIT, PEOPLE, case, request

Rule = Callable[..., Decision]
HOURS = {nudge: 36, overdue: 48, escalate: 72}
RULES = pytest.mark.parametrize(("rule", "level"), [(nudge, 1), (overdue, 2), (escalate, 3)])


def due(rule: Rule) -> datetime:
    return NOW + timedelta(hours=HOURS[rule])


def told(rule: Rule, found: Case, *, now: datetime) -> Decision:
    """The rule on time: nothing stronger is due."""
    return rule(found, now=now) if rule is escalate else rule(found, now=now, due_until=now)


def why(decision: Decision) -> str:
    assert decision == Decision(looked=decision.looked)
    return decision.looked[0].why


def saved(decision: Decision) -> Request:
    [found] = decision.saves
    assert isinstance(found, Request)
    return found


@RULES
def test_each_is_told_at_its_instant_and_once_r_apr_4(rule: Rule, level: int) -> None:
    decision = told(rule, case(told=level - 1), now=due(rule))

    assert saved(decision) == request(told=level)
    assert decision.redraws == ("request:7",)
    assert why(told(rule, case(told=level), now=due(rule))) == "told already"
    assert why(told(rule, case(told=level - 1), now=due(rule) - MICROSECOND)) == "its clock was started anew"
    assert told(rule, case(told=level - 1), now=due(rule) + MICROSECOND).saves


@RULES
@pytest.mark.parametrize("state", ["returned", "approved", "rejected", "withdrawn", "unneeded"])
def test_nothing_is_told_of_what_is_not_open_r_why(rule: Rule, level: int, state: str) -> None:
    assert told(rule, case(state=state), now=due(rule)) == Decision(
        looked=(Looked("R-APR-4", "request:7", f"the request is {state}"),)
    )
    assert why(told(rule, case(paused_at=NOW), now=due(rule))) == "its clock stands still"


def audiences(decision: Decision) -> list[tuple[str, str]]:
    return [(notice.kind, notice.audience) for notice in decision.notices]


def test_who_is_told_of_what_r_apr_4_r_esc() -> None:
    assert audiences(told(nudge, case(), now=due(nudge))) == [("approval.nudge", "member:m02")]
    assert audiences(told(overdue, case(), now=due(overdue))) == [("approval.overdue", "superior:m02")]
    assert audiences(escalate(case(told=2), now=due(escalate))) == [("approval.escalated", "ops")]
    above = replace(BOSS, id="m00", name="李总")
    people = [person for person in PEOPLE if person.id != "m01"] + [replace(BOSS, superior_id="m00"), above]
    third = escalate(case(told=2, people=people), now=due(escalate))
    assert audiences(third) == [("approval.escalated", "member:m00"), ("approval.escalated", "ops")]


def test_the_stronger_one_speaks_when_it_is_due_too_r_time_6() -> None:
    late = (Looked("R-TIME-6", "request:7", "the stronger one is due too"),)

    for rule, stronger in ((nudge, overdue), (overdue, escalate)):
        assert rule(case(), now=due(rule), due_until=due(stronger)) == Decision(looked=late)
        assert rule(case(), now=due(rule), due_until=due(stronger) - MICROSECOND).notices


def test_who_was_not_told_of_overdue_is_told_with_the_next_above_r_time_6_r_esc() -> None:
    assert audiences(escalate(case(told=1), now=due(escalate))) == [
        ("approval.escalated", "superior:m02"), ("approval.escalated", "ops"),
    ]  # fmt: skip
    assert audiences(escalate(case(holders=()), now=due(escalate))) == [("approval.escalated", "ops")]


def test_seat_without_anybody_is_told_to_ops_r_apr_6() -> None:
    empty: Case = case(holders=())

    assert audiences(told(nudge, empty, now=due(nudge))) == [("approval.nudge", "ops")]
    assert audiences(told(overdue, empty, now=due(overdue))) == [("approval.overdue", "ops")]
    assert audiences(escalate(case(told=2, holders=("m99",)), now=due(escalate))) == [("approval.escalated", "ops")]


def test_pause_adds_no_time_r_apr_4() -> None:
    stopped = pause(request(), NOW + timedelta(hours=10))
    paused = saved(stopped)
    going = resume(replace(paused, version=2), NOW + timedelta(hours=15))

    assert stopped.timers == tuple(CancelTimer(name, "request:7") for name in (NUDGE, OVERDUE, ESCALATE))
    assert paused == request(paused_at=NOW + timedelta(hours=10))
    moved = timedelta(hours=5)
    assert saved(going) == request(opened_at=NOW + moved, due_at=NOW + LIMIT + moved, version=2)
    assert going.timers == (
        StartTimer(NUDGE, "request:7", NOW + timedelta(hours=41)),
        StartTimer(OVERDUE, "request:7", NOW + timedelta(hours=53)),
        StartTimer(ESCALATE, "request:7", NOW + timedelta(hours=77)),
    )


def test_what_was_told_is_not_started_again_r_apr_4() -> None:
    paused = saved(pause(request(told=2), NOW + timedelta(hours=50)))

    going = resume(paused, NOW + timedelta(hours=51))

    assert going.timers == (StartTimer(ESCALATE, "request:7", NOW + timedelta(hours=73)),)


def test_pause_and_resume_twice_change_nothing_r_apr_4() -> None:
    for found in (request(paused_at=NOW), request(state="returned"), request(state="approved")):
        assert pause(found, NOW) == Decision()
    for found in (request(), request(state="returned")):
        assert resume(found, NOW) == Decision()


def test_open_requests_stand_still_with_their_frozen_deal_and_go_on_with_it_r_gate_2() -> None:
    given = facts.deal(9, version=3)
    asked = request(state="open")
    frozen = replace(given, frozen_at=NOW)

    stopped = follow([asked], deal=given, decision=Decision(saves=(frozen,)), now=NOW)
    going = follow([replace(asked, paused_at=NOW)], deal=frozen, decision=Decision(saves=(given,)), now=NOW)

    assert stopped == pause(asked, NOW)
    assert going == resume(replace(asked, paused_at=NOW), NOW)


def test_requests_go_on_when_nothing_about_the_freezing_changed_r_gate_2() -> None:
    given = facts.deal(9, version=3)

    assert follow([request(state="open")], deal=given, decision=Decision(saves=(given,)), now=NOW) == Decision()
    assert follow([request(state="open")], deal=given, decision=Decision(), now=NOW) == Decision()
