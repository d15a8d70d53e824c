"""Deals: opened from three facts, taken back within ten minutes, lost with a reason. R-QE-1, R-UNDO, R-STG-1."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sales.deals import UNDO_TIMER, can_undo, lose, missing_facts, open_deal, undo
from sales.decision import Audit, CancelTimer, Decision, StartTimer
from sales.errors import Refusal
from tests.support.facts import MICROSECOND, NOW, POLICY, customer, deal, draft, member

TEN_MINUTES = timedelta(minutes=10)
REP = member()
KNOWN = customer(1, version=3)


def opened(given: Any = None, customer_given: Any = KNOWN, **more: Any) -> Decision:
    return open_deal(
        given or draft(0), deal_id=17, customer=customer_given, member=REP, now=NOW, policy=POLICY, **more
    )  # fmt: skip


def undone(
    given: Any, *, others: int = 0, actor: Any = REP, away: timedelta = timedelta(0), owner: Any = KNOWN
) -> Decision:
    return undo(given, customer=owner, others=others, actor=actor, now=NOW + away, policy=POLICY)


SAVED = replace(deal(17), version=1)


def test_three_facts_make_a_deal_with_its_undo_clock_r_qe_1() -> None:
    after = {"customer": 1, "product": "CT机", "amount_fen": 120_000_000, "owner": "m03"}

    assert opened() == Decision(
        saves=(deal(17),),
        relies=(KNOWN,),
        audits=(Audit("deal.open", "deal:17", after=after, why="quick entry"),),
        timers=(StartTimer(UNDO_TIMER, "deal:17", NOW + TEN_MINUTES),),
    )


def test_new_customer_is_created_with_its_deal_r_qe_1() -> None:
    decision = opened(customer_given=customer(9))

    assert decision.saves == (customer(9, created_with=17), deal(17, customer_id=9))
    assert decision.relies == ()
    assert [audit.action for audit in decision.audits] == ["customer.create", "deal.open"]


def test_customer_that_came_with_another_deal_moves_a_version_so_that_its_undo_sees_this_one_r_undo() -> None:
    brought = customer(1, version=1, created_with=16)

    decision = opened(customer_given=brought)

    assert decision.saves == (brought, deal(17))
    assert decision.relies == ()


def test_question_that_led_to_the_deal_is_done_and_shows_it_r_hold() -> None:
    asked = draft(5, ask="amount", version=2)

    decision = opened(asked)

    assert decision.saves[-1] == replace(asked, state="done", deal_id=17, customer_id=1, ask="")
    assert decision.redraws == ("draft:5",)


@pytest.mark.parametrize("fen", [1, POLICY.amount_limit_fen])
def test_smallest_and_largest_amounts_are_saved_r_qe_3(fen: int) -> None:
    assert opened(draft(0, amount_fen=fen)).saves[0].amount_fen == fen


@pytest.mark.parametrize("fen", [None, -1, 0, POLICY.amount_limit_fen + 1])
def test_amounts_outside_the_limits_are_refused_r_qe_3(fen: int | None) -> None:
    with pytest.raises(Refusal) as caught:
        opened(draft(0, amount_fen=fen))

    assert caught.value.rule == "R-QE-3"


@pytest.mark.parametrize(
    ("away", "possible"),
    [(timedelta(0), True), (TEN_MINUTES - MICROSECOND, True), (TEN_MINUTES, True), (TEN_MINUTES + MICROSECOND, False)],
)
def test_undo_ends_a_microsecond_after_ten_minutes_r_undo_r_time_2(away: timedelta, possible: bool) -> None:
    assert can_undo(SAVED, now=NOW + away, policy=POLICY) is possible
    if possible:
        assert undone(SAVED, away=away).saves[0].state == "undone"
    else:
        with pytest.raises(Refusal, match="过了 10 分钟，#17 撤不了；不做了就说「流失 17 原因」。"):
            undone(SAVED, away=away)


@pytest.mark.parametrize("changed", [{"state": "lost"}, {"state": "won"}, {"version": 2}, {"chat": ""}])
def test_deal_that_was_changed_closed_or_imported_cannot_be_taken_back_r_undo(changed: dict[str, Any]) -> None:
    assert not can_undo(replace(SAVED, **changed), now=NOW, policy=POLICY)


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"logged_by": "m04"}, "#17 不是你录的，撤不了。"),
        ({"logged_by": "m04", "state": "undone"}, "#17 不是你录的，撤不了。"),
        ({"state": "undone", "version": 2}, "#17 已经撤销了，不用再点。"),
        ({"version": 2}, "#17 后来改过，撤不了；不做了就说「流失 17 原因」。"),
        ({"state": "won"}, "#17 后来改过，撤不了；不做了就说「流失 17 原因」。"),
        ({"chat": ""}, "过了 10 分钟，#17 撤不了；不做了就说「流失 17 原因」。"),
    ],
)
def test_undo_says_what_stands_in_the_way_and_offers_the_opposite_act_r_undo(
    changed: dict[str, Any], text: str
) -> None:
    with pytest.raises(Refusal) as caught:
        undone(replace(SAVED, **changed))

    assert (caught.value.rule, caught.value.text) == ("R-UNDO", text)


def test_supervisor_cannot_undo_what_the_rep_logged_r_undo() -> None:
    with pytest.raises(Refusal, match="#17 不是你录的"):
        undone(SAVED, actor=member("m01", "supervisor"))


def test_undo_is_a_new_audited_state_and_deletes_nothing_r_undo() -> None:
    assert undone(SAVED) == Decision(
        saves=(replace(SAVED, state="undone"),),
        relies=(KNOWN,),
        audits=(Audit("deal.undo", "deal:17", before={"state": "open"}, after={"state": "undone"}),),
        redraws=("deal:17",),
        timers=(CancelTimer(UNDO_TIMER, "deal:17"),),
    )


def test_customer_created_with_the_deal_goes_too_r_undo() -> None:
    fresh = customer(9, created_with=17, version=1)

    decision = undone(SAVED, owner=fresh)

    assert decision.saves == (replace(SAVED, state="undone"), replace(fresh, state="undone"))
    assert decision.relies == ()
    assert [audit.action for audit in decision.audits] == ["deal.undo", "customer.undo"]


@pytest.mark.parametrize(("others", "created_with"), [(1, 17), (0, 16), (0, 0)])
def test_customer_with_something_else_stays_r_undo(others: int, created_with: int) -> None:
    decision = undone(SAVED, others=others, owner=customer(9, created_with=created_with, version=1))

    assert decision.saves == (replace(SAVED, state="undone"),)


def test_deal_is_lost_with_a_reason_r_stg_1() -> None:
    decision = lose(SAVED, reason="预算砍了", now=NOW)

    assert decision.saves == (replace(SAVED, state="lost", lost_reason="预算砍了", closed_at=NOW),)
    assert decision.timers == (CancelTimer(UNDO_TIMER, "deal:17"),)


def test_long_reason_is_cut_r_stg_1() -> None:
    assert lose(SAVED, reason="长" * 300, now=NOW).saves[0].lost_reason == "长" * 200


@pytest.mark.parametrize(
    ("state", "reason", "text"),
    [
        ("open", "", "丢单要一句原因，如「流失 17 预算砍了」。"),
        ("lost", "预算", "#17 已经不在走了，不用再记。"),
        ("undone", "", "#17 已经不在走了，不用再记。"),
    ],
)
def test_losing_is_refused_without_reason_or_when_closed_r_stg_1(state: str, reason: str, text: str) -> None:
    with pytest.raises(Refusal) as caught:
        lose(replace(SAVED, state=state), reason=reason, now=NOW)

    assert (caught.value.rule, caught.value.text) == ("R-STG-1", text)


@pytest.mark.parametrize(
    ("changed", "key_people", "missing"),
    [
        ({}, 0, ("签约日", "预算", "关键人")),
        ({"close_on": "2026-12-31"}, 1, ("预算", "关键人")),
        ({"budget_fen": 0}, 2, ("签约日",)),
        ({"close_on": "2026-12-31", "budget_fen": 1}, 2, ()),
    ],
)
def test_what_is_missing_comes_most_valuable_first_r_qe_1(
    changed: dict[str, Any], key_people: int, missing: tuple[str, ...]
) -> None:
    assert missing_facts(replace(SAVED, **changed), key_people=key_people) == missing
