"""A quick entry that asked back keeps what was understood. R-HOLD, R-QE-1, R-QE-3, R-QE-4, R-CUS-5."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sales.customers import Match, Near
from sales.drafts import (
    answer_amount,
    choose_amount,
    is_answerable,
    is_kept,
    kept,
    next_question,
    rename_customer,
    with_customer,
)
from sales.errors import Refusal
from tests.support.facts import MICROSECOND, NOW, POLICY, customer, draft

HALF_AN_HOUR = timedelta(minutes=30)
A_WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("away", "state", "answerable"),
    [
        (timedelta(0), "open", True),
        (HALF_AN_HOUR, "open", True),
        (HALF_AN_HOUR + MICROSECOND, "open", False),
        (timedelta(0), "parked", False),
        (timedelta(0), "done", False),
    ],
)
def test_typed_answer_belongs_to_the_question_for_half_an_hour_r_hold(
    away: timedelta, state: str, answerable: bool
) -> None:
    assert is_answerable(draft(state=state), now=NOW + away, policy=POLICY) is answerable


@pytest.mark.parametrize(
    ("away", "state", "still"),
    [
        (A_WEEK, "open", True),
        (A_WEEK, "parked", True),
        (A_WEEK + MICROSECOND, "open", False),
        (A_WEEK + MICROSECOND, "parked", False),
        (timedelta(0), "done", False),
        (timedelta(0), "dropped", False),
    ],
)
def test_draft_is_kept_for_seven_days_r_hold(away: timedelta, state: str, still: bool) -> None:
    assert is_kept(draft(state=state), now=NOW + away, policy=POLICY) is still


def test_known_customer_is_taken_with_its_own_name_r_cus_5() -> None:
    found = with_customer(draft(customer="华东", near=(4,)), Match("known", known=customer(7)))

    assert (found.customer_id, found.customer, found.near, found.new_customer) == (7, "华东医疗", (), False)


def test_nobody_near_is_a_new_customer_r_cus_5() -> None:
    found = with_customer(draft(near=(4,)), Match("new"))

    assert (found.customer_id, found.near, found.new_customer) == (0, (), True)


def test_near_names_are_offered_r_cus_5() -> None:
    near = tuple(Near(customer(n), 80.0, visible=True) for n in (4, 2))

    assert with_customer(draft(), Match("ask", near=near)).near == (4, 2)


def test_verdict_known_without_a_customer_asks_r_cus_5() -> None:
    assert with_customer(draft(), Match("known")).near == ()


@pytest.mark.parametrize(
    ("changed", "ask"),
    [
        ({"customer": "", "product": "", "amount_fen": None}, "customer"),
        ({"product": "", "amount_fen": None}, "product"),
        ({"amount_fen": None}, "customer"),
        ({"amount_fen": None, "customer_id": 1}, "amount"),
        ({"amount_fen": None, "new_customer": True}, "amount"),
        ({"customer_id": 1}, ""),
        ({"new_customer": True, "ask": "amount"}, ""),
    ],
)
def test_one_open_fact_is_asked_at_a_time_r_qe_1(changed: dict[str, Any], ask: str) -> None:
    assert next_question(draft(**changed)).ask == ask


@pytest.mark.parametrize(
    ("text", "fen", "choices"), [("120万", 120_000_000, ()), ("35万-40万", None, (35_000_000, 40_000_000))]
)
def test_typed_amount_is_taken_or_offered_again_r_qe_4(text: str, fen: int | None, choices: tuple[int, ...]) -> None:
    answered = answer_amount(draft(amount_fen=None, ask="amount"), text, policy=POLICY)

    assert (answered.amount_fen, answered.amounts) == (fen, choices)


def test_answer_without_an_amount_is_refused_and_keeps_the_rest_r_hold_r_qe_4() -> None:
    with pytest.raises(Refusal) as caught:
        answer_amount(draft(amount_fen=None, ask="amount"), "明天再说", policy=POLICY)

    assert (caught.value.rule, caught.value.text) == (
        "R-QE-4", "这个数没看懂，回个数就行，如 120万。华东医疗 · CT机 我记着。",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["瑞康", " 华东医疗 ", "长" * 40])
def test_typed_name_replaces_the_one_that_was_asked_r_hold(name: str) -> None:
    renamed = rename_customer(draft(new_customer=True), name)

    assert (renamed.customer, renamed.near, renamed.new_customer) == (name.strip(), (), False)


@pytest.mark.parametrize("name", ["华", "", "长" * 41, "今天，开会", "是谁？", "好的。", "a?b", "好!", "两\n行"])
def test_sentence_is_hardly_a_customer_r_hold_r_cus_5(name: str) -> None:
    with pytest.raises(Refusal, match="这不像客户名") as caught:
        rename_customer(draft(), name)

    assert caught.value.rule == "R-CUS-5"


@pytest.mark.parametrize(("name", "taken"), [("华东医疗器材", True), ("瑞康医院", True), ("下午开会", False)])
def test_name_beside_candidates_is_near_to_them_or_an_organisation_r_cus_5(name: str, taken: bool) -> None:
    asked = draft(customer="华东医疗器械", near=(1, 2), ask="customer")

    if taken:
        assert rename_customer(asked, name).customer == name
    else:
        with pytest.raises(Refusal, match="没对上。回 1 到 2 选一家"):
            rename_customer(asked, name)


def test_offered_reading_is_taken_r_qe_3() -> None:
    asked = draft(ask="amount", amount_fen=None, amounts=(35, 40), why="range")

    assert choose_amount(asked, 40) == replace(asked, amount_fen=40, amounts=(), why="")


@pytest.mark.parametrize(("ask", "fen"), [("amount", 41), ("customer", 40), ("amount", -1)])
def test_amount_that_was_not_offered_is_refused_r_qe_3(ask: str, fen: int) -> None:
    with pytest.raises(Refusal) as caught:
        choose_amount(draft(ask=ask, amount_fen=None, amounts=(35, 40)), fen)

    assert caught.value.rule == "R-QE-3"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "华东医疗 · CT机 · 120.00 万"),
        ({"amount_fen": None}, "华东医疗 · CT机"),
        ({"customer": "", "amount_fen": None}, "CT机"),
        ({"customer": "", "product": "", "amount_fen": None}, ""),
    ],
)
def test_what_was_understood_is_repeated_r_hold(changed: dict[str, Any], words: str) -> None:
    assert kept(draft(**changed)) == words
