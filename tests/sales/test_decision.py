"""A decision is data: two of them added are both effects, the first one first. R-AUD, R-WHY, R-TIME-3."""

from __future__ import annotations

from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from sales.decision import NOTHING, Audit, CancelTimer, Decision, Looked, Reply, StartTimer, Urgency, say
from sales.errors import NotVisible, Refusal
from tests.support.facts import NOW

PARTS = st.lists(st.integers(), max_size=2).map(tuple)
DECISIONS = st.builds(Decision, **{field.name: PARTS for field in fields(Decision)})  # type: ignore[arg-type]


@given(DECISIONS, DECISIONS)
def test_sum_holds_every_part_of_both_in_order(first: Decision, second: Decision) -> None:
    both = first + second

    for field in fields(Decision):
        assert getattr(both, field.name) == getattr(first, field.name) + getattr(second, field.name)


@given(DECISIONS, DECISIONS, DECISIONS)
def test_adding_up_needs_no_brackets(a: Decision, b: Decision, c: Decision) -> None:
    assert (a + b) + c == a + (b + c)


@given(DECISIONS)
def test_nothing_changes_nothing(decision: Decision) -> None:
    assert NOTHING + decision == decision + NOTHING == decision


def test_audit_timers_and_lookings_keep_their_order_r_aud_r_why() -> None:
    first = Decision(
        audits=(Audit("a", "x"),), timers=(StartTimer("t", "x", NOW),), looked=(Looked("R-UNDO", "x", "w"),)
    )
    second = Decision(audits=(Audit("b", "x"),), timers=(CancelTimer("t", "x"),))

    assert [audit.action for audit in (first + second).audits] == ["a", "b"]
    assert [type(order) for order in (first + second).timers] == [StartTimer, CancelTimer]
    assert (first + second).looked == first.looked


def test_most_urgent_class_comes_first_r_time_3() -> None:
    assert sorted(Urgency) == [Urgency.ANSWER, Urgency.NOW, Urgency.TODAY, Urgency.LIST]


def test_a_sentence_is_the_card_of_words() -> None:
    assert say("好", toast="短", private=False) == Reply(card="words", args={"text": "好"}, toast="短", private=False)
    assert say("好").private


def test_refusal_carries_its_rule_and_what_the_person_reads_r_ppl_2() -> None:
    refusal = NotVisible("R-PPL-2", "看不了", "帮助")

    assert isinstance(refusal, Refusal)
    assert (refusal.rule, refusal.text, refusal.hint, str(refusal)) == ("R-PPL-2", "看不了", "帮助", "看不了")
    assert Refusal("R-HOLD", "没看懂").hint == ""
