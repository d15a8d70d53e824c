"""Customers are found by name and never doubled silently; peeks are counted. R-CUS-2, R-CUS-5."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.customers import MOST_CANDIDATES, Match, Near, Peek, count_peeks, match
from sales.decision import Decision, Notice, Urgency
from tests.support.facts import POLICY, customer


def near(customer_id: int, score: float, *, visible: bool = True) -> Near:
    return Near(customer(customer_id), score, visible)


def verdict(*found: Near) -> Match:
    return match(found, near_score=75)


def test_nothing_near_is_a_new_customer_r_cus_5() -> None:
    assert verdict() == Match("new")
    assert verdict(near(1, 74.99)) == Match("new")


def test_same_name_of_one_visible_customer_is_that_customer_r_cus_5_r_cus_2() -> None:
    assert verdict(near(1, 100), near(2, 99)) == Match("known", known=customer(1))


def test_same_name_outside_ones_sight_is_asked_r_cus_5() -> None:
    hidden = near(1, 100, visible=False)

    assert verdict(hidden) == Match("ask", near=(hidden,))


def test_same_name_twice_is_asked_r_cus_5() -> None:
    assert verdict(near(2, 100), near(1, 100)) == Match("ask", near=(near(1, 100), near(2, 100)))


@pytest.mark.parametrize("score", [75.0, 99.99])
def test_near_name_is_asked_from_75_on_r_cus_5(score: float) -> None:
    assert verdict(near(1, score)) == Match("ask", near=(near(1, score),))


def test_the_nearest_three_are_offered_r_cus_5() -> None:
    found = verdict(near(5, 80), near(4, 90), near(3, 90), near(2, 76), near(1, 80))

    assert [n.customer.id for n in found.near] == [3, 4, 1]
    assert MOST_CANDIDATES == 3


@given(st.lists(st.builds(near, st.integers(1, 9), st.floats(0, 100), visible=st.booleans()), max_size=8))
def test_a_doubtful_name_never_becomes_a_customer_unasked_r_cus_5(found: list[Near]) -> None:
    decided = verdict(*found)

    same = [n for n in found if n.score >= 100]
    assert (decided.verdict == "known") == (len(same) == 1 and same[0].visible)
    assert (decided.verdict == "new") == all(n.score < 75 for n in found)
    assert len(decided.near) <= MOST_CANDIDATES


@pytest.mark.parametrize(
    ("before", "shown", "told"),
    [(0, 1, False), (9, 1, False), (10, 1, True), (8, 3, True), (11, 1, False), (0, 11, True)],
)
def test_superior_is_told_the_first_time_over_ten_a_day_r_cus_5(before: int, shown: int, told: bool) -> None:
    decision = count_peeks(Peek("m03:2026-11-19", "m03", before, 1), shown, policy=POLICY)

    notice = Notice("customers.peeked", "superior:m03", "peeks", "m03:2026-11-19", Urgency.TODAY, "R-CUS-5")
    assert decision == Decision(
        saves=(Peek("m03:2026-11-19", "m03", before + shown, 1),), notices=(notice,) if told else ()
    )
