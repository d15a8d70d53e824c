"""A lead's cycle as it runs, its edges to the microsecond. R-LEAD-24H, -48H, -POOL, -INV, R-TIME-5."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.cycles import claim, confirm_invalid, give_back, held_at, recycle, touch, warn
from sales.decision import Decision, StartTimer
from sales.errors import Refusal
from sales.leadnews import about, part_of, windows_of
from sales.leads import Assignment, Lead, Touch, called, cycle_named, cycle_subject, mask_phone
from tests.support.facts import MICROSECOND, NOW, POLICY, member

HOUR = timedelta(hours=1)
DEADLINE = NOW + 48 * HOUR
DUE = DEADLINE + MICROSECOND
LEAD = Lead(7, "id:L7", state="cycle", holder_id="m03", cycle_start=NOW, company="江南康复", version=1)
HELD = Assignment("a", 7, "m03", NOW, version=1)
GONE = replace(HELD, ended_at=DEADLINE, end_reason="recycled")
POOLED = replace(LEAD, state="pool", pooled_at=DUE)
EVALUATE = "alerts.evaluate"


def reached(at: Any, kind: str = "reached") -> Touch:
    return Touch("t", 7, "m03", at, kind)


def saved(decision: Decision, kind: type[Any]) -> Any:
    """The one entity of this class the decision saves."""
    [found] = [one for one in decision.saves if isinstance(one, kind)]
    return found


def timers(decision: Decision) -> dict[str, Any]:
    return {timer.name: timer.due for timer in decision.timers if isinstance(timer, StartTimer)}


def claimed(lead: Lead = POOLED, held: tuple[Assignment, ...] = (), **more: Any) -> Decision:
    given_: dict[str, Any] = {"taken": 0, "member": member("m03"), "day": "2026-11-19", "now": NOW, **more}
    return claim(lead, assignments=held, policy=POLICY, **given_)


def test_claim_begins_a_cycle_with_its_two_clocks_r_lead_pool() -> None:
    done = claimed()

    assert saved(done, Lead).holder_id == "m03"
    assert saved(done, Lead).sales_id == "S7"
    assert saved(done, Assignment).assigned_at == NOW
    assert timers(done) == {"lead.warn": NOW + 24 * HOUR + MICROSECOND, "lead.recycle": DUE}


@pytest.mark.parametrize(
    ("lead", "held", "more", "words"),
    [
        (LEAD, (), {"member": member("m04")}, "晚了一步"),
        (LEAD, (), {}, "已经在你手上了"),
        (POOLED, (), {"taken": 5}, "满了"),
        (POOLED, (replace(HELD, ended_at=NOW - timedelta(days=30)),), {}, "才能再领"),
    ],
)
def test_claim_is_refused_r_lead_pool(
    lead: Lead, held: tuple[Assignment, ...], more: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refusal, match=words):
        claimed(lead, held, **more)


def test_own_lead_may_be_claimed_after_30_days_and_others_at_once_r_lead_pool() -> None:
    over = replace(HELD, ended_at=NOW - timedelta(days=30) - MICROSECOND)

    assert claimed(POOLED, (over, replace(GONE, member_id="m04"), HELD), taken=4).saves


@pytest.mark.parametrize(
    ("lead", "start", "expected"),
    [
        (LEAD, NOW, True),
        (replace(LEAD, state="pool"), NOW, False),
        (LEAD, NOW - MICROSECOND, False),
        (replace(LEAD, touched_at=NOW), NOW, False),
        (replace(LEAD, warned_at=NOW), NOW, False),
        (replace(LEAD, warned_at=NOW - MICROSECOND), NOW, True),
    ],
)
def test_warned_once_when_nobody_tried_r_lead_24h(lead: Lead, start: Any, expected: bool) -> None:
    done = warn(lead, start, now=NOW + 24 * HOUR)

    assert bool(done.saves) is expected
    assert bool(done.looked) is not expected


@pytest.mark.parametrize(
    ("lead", "held", "expected"),
    [
        (LEAD, (HELD,), True),
        (replace(LEAD, touched_at=NOW), (HELD,), True),
        (replace(LEAD, reached_at=DEADLINE), (HELD,), False),
        (replace(LEAD, reached_at=DUE), (HELD,), True),
        (POOLED, (GONE,), False),
        (LEAD, (), False),
        (replace(LEAD, cycle_start=NOW + HOUR), (HELD,), False),
    ],
)
def test_recycled_unless_reached_in_time_and_ldr_is_looked_at_r_lead_48h(
    lead: Lead, held: tuple[Assignment, ...], expected: bool
) -> None:
    done = recycle(lead, NOW, assignments=held, now=DUE)

    assert timers(done) == {EVALUATE: DUE}
    assert bool(done.saves) is expected
    if expected:
        assert saved(done, Lead).state == "pool"
        assert saved(done, Assignment).ended_at == DEADLINE


def touched(lead: Lead, held: tuple[Assignment, ...], done: Touch, now: Any) -> Decision:
    return touch(lead, assignments=held, done=done, now=now, policy=POLICY)


def test_either_kind_stops_the_warning_and_only_reached_the_recycling_r_touch() -> None:
    first = saved(touched(LEAD, (HELD,), reached(NOW + HOUR, "dialled"), NOW + HOUR), Lead)
    second = saved(touched(first, (HELD,), reached(NOW + 2 * HOUR), NOW + 2 * HOUR), Lead)
    third = saved(touched(second, (HELD,), reached(NOW + 3 * HOUR), NOW + 3 * HOUR), Lead)

    assert (first.touched_at, first.reached_at) == (NOW + HOUR, None)
    assert (second.touched_at, second.reached_at) == (NOW + HOUR, NOW + 2 * HOUR)
    assert third == second


@pytest.mark.parametrize(
    ("at", "now", "lead", "held", "undone", "evaluated"),
    [
        (DEADLINE, DUE, POOLED, GONE, True, True),
        (DEADLINE, DEADLINE + 24 * HOUR, POOLED, GONE, True, True),
        (DEADLINE, DEADLINE + 24 * HOUR + MICROSECOND, POOLED, GONE, False, True),
        (NOW, DUE, replace(POOLED, state="cycle", holder_id="m04", cycle_start=DUE), GONE, False, True),
        (NOW, NOW + HOUR, LEAD, HELD, False, False),
        (NOW, DUE, LEAD, HELD, False, True),
        (NOW, DUE, POOLED, replace(GONE, end_reason="returned"), False, True),
    ],
)
def test_touch_from_before_the_deadline_undoes_within_24_h_unless_claimed_r_time_5(
    at: Any, now: Any, lead: Lead, held: Assignment, undone: bool, evaluated: bool
) -> None:
    done = touched(lead, (held,), reached(at), now)

    assert bool(done.notices) is undone
    assert (EVALUATE in timers(done)) is evaluated
    assert saved(done, Touch).at == at
    if undone:
        assert (saved(done, Lead).state, saved(done, Lead).holder_id) == ("cycle", "m03")
        assert (saved(done, Assignment).ended_at, saved(done, Assignment).end_reason) == (None, "")


@pytest.mark.parametrize(
    ("lead", "held", "at", "words"),
    [(POOLED, (GONE,), DUE, "领取 7"), (LEAD, (HELD,), NOW - MICROSECOND, "还没派"), (LEAD, (), NOW, "还没派")],
)
def test_touch_outside_a_cycle_is_refused_r_touch(
    lead: Lead, held: tuple[Assignment, ...], at: Any, words: str
) -> None:
    with pytest.raises(Refusal, match=words):
        touched(lead, held, reached(at), DUE)


def test_a_dialled_call_undoes_nothing_r_touch() -> None:
    assert not touched(POOLED, (GONE,), reached(NOW, "dialled"), DUE).notices


@pytest.mark.parametrize("invalid", [False, True])
def test_return_ends_the_cycle_and_a_wrong_number_asks_marketing_r_lead_inv(invalid: bool) -> None:
    done = give_back(LEAD, assignments=(HELD,), reason="太远", invalid=invalid, member=member(), now=NOW + HOUR)

    assert saved(done, Lead).state == "pool"
    assert saved(done, Assignment).end_reason == "returned"
    assert [notice.audience for notice in done.notices] == (["marketing_lead"] if invalid else [])


def test_return_of_a_lead_nobody_holds_is_refused() -> None:
    with pytest.raises(Refusal, match="不用退"):
        give_back(POOLED, assignments=(GONE,), reason="", invalid=False, member=member(), now=NOW)


@pytest.mark.parametrize(
    ("after", "reason", "evaluated"),
    [(timedelta(days=7), "invalid", True), (timedelta(days=7) + MICROSECOND, "returned", False)],
)
def test_confirmed_within_7_days_leaves_ldr_later_not_r_lead_inv(
    after: timedelta, reason: str, evaluated: bool
) -> None:
    asked = replace(HELD, ended_at=NOW + HOUR, end_reason="returned", claims_invalid=True)

    done = confirm_invalid(POOLED, assignments=(asked, HELD), now=NOW + HOUR + after, policy=POLICY)

    assert saved(done, Assignment).end_reason == reason
    assert (EVALUATE in timers(done)) is evaluated
    assert saved(done, Lead).state == "invalid"


def test_confirming_a_lead_somebody_claimed_since_changes_only_the_metric_r_lead_inv() -> None:
    asked = replace(HELD, ended_at=None, end_reason="returned", claims_invalid=True)

    done = confirm_invalid(LEAD, assignments=(asked,), now=NOW + HOUR, policy=POLICY)

    assert saved(done, Lead) == LEAD
    with pytest.raises(Refusal, match="没有等你确认的"):
        confirm_invalid(LEAD, assignments=(HELD,), now=NOW, policy=POLICY)


def test_held_at_an_instant_counts_both_ends() -> None:
    found = [held_at((GONE,), who, at) for who, at in (
        ("m03", NOW), ("m03", DEADLINE), ("m03", DUE), ("m03", NOW - MICROSECOND), ("m04", NOW))]  # fmt: skip

    assert found == [True, True, False, False, False]
    assert held_at((HELD,), "m03", DUE)


def test_news_is_gathered_per_side_until_its_instant_r_merge() -> None:
    def opening(kind: str, superior_id: str, *open_now: str) -> tuple[StartTimer, ...]:
        return windows_of(
            kind, holder_id="m03", superior_id=superior_id, open_now=open_now, now=NOW, policy=POLICY
        )  # fmt: skip

    due = {
        part_of(about(timer.subject)[0]): (about(timer.subject)[1], timer.due - NOW)
        for timer in opening("recycled", "m02")
    }
    holder, superior = opening("warned", "")

    assert due["holder"] == ("member:m03", timedelta(seconds=20))
    assert due["superior"][0] == "member:m02"
    assert due["superior"][1] < due["marketing"][1]
    assert due["marketing"][0] == "marketing_lead"
    assert "|superior:m03|" in superior.subject
    assert "|member:m03|" in holder.subject
    assert opening("warned", "", holder.subject) == (superior,)
    assert opening("warned", "m02", holder.subject, superior.subject)[0].subject.startswith(
        "warned.superior|member:m02|"
    )


@given(st.integers(1, 10**9), st.datetimes(timezones=st.just(NOW.tzinfo)))
def test_subject_of_a_cycle_names_it_exactly(lead_id: int, start: Any) -> None:
    assert cycle_named(cycle_subject(lead_id, start)) == (lead_id, start)


@pytest.mark.parametrize(
    ("phone", "shown"), [("13800005521", "138****5521"), ("12345678", "123****5678"), ("1234567", "****67"), ("", "")]
)
def test_phone_is_masked_r_priv(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


def test_lead_is_called_by_what_is_known_of_it() -> None:
    assert [called(lead) for lead in (LEAD, Lead(1, name="刘主任"), Lead(1, "id:L1"), Lead(1))] == [
        "江南康复", "刘主任", "L1", "线索",
    ]  # fmt: skip
