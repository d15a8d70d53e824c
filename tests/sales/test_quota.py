"""What a short month cuts, step by step. R-QUOTA."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.decision import Urgency
from sales.quota import STEPS, cuts_message, cuts_redraw, step_of, words_of

ALLOWED = {"api": 5000, "stream": 3000}


@pytest.mark.parametrize(
    ("used", "step"),
    [
        ({}, 0),
        ({"api": 3999}, 0),
        ({"api": 4000}, 1),
        ({"api": 4499}, 1),
        ({"api": 4500}, 2),
        ({"api": 4750}, 3),
        ({"api": 4999}, 3),
        ({"api": 5000}, 4),
        ({"api": 9000}, 4),
        ({"api": 10, "stream": 2400}, 1),
        ({"other": 99_999}, 0),
    ],
)
def test_steps_are_80_90_95_and_all_of_the_fullest_allowance_R_QUOTA(used: dict[str, int], step: int) -> None:
    assert step_of(used, ALLOWED) == step


def test_without_an_allowance_nothing_is_ever_short_R_QUOTA() -> None:
    assert step_of({"api": 10**9}, {}) == 0
    assert step_of({"api": 10**9}, {"api": 0}) == 0


def test_redraws_of_who_cannot_act_go_first_the_final_state_stays_R_QUOTA() -> None:
    assert not cuts_redraw(0, can_act=False, final=False)
    assert cuts_redraw(1, can_act=False, final=False)
    assert not cuts_redraw(1, can_act=True, final=False)
    assert not cuts_redraw(3, can_act=False, final=True)
    assert cuts_redraw(4, can_act=True, final=True)


@pytest.mark.parametrize(
    ("step", "urgency", "card", "cut"),
    [
        (1, Urgency.LIST, "deals", False),
        (2, Urgency.LIST, "deals", True),
        (2, Urgency.TODAY, "leads", False),
        (3, Urgency.TODAY, "leads", True),
        (3, Urgency.NOW, "lead", True),
        (3, Urgency.NOW, "approval", False),
        (3, Urgency.NOW, "alert", False),
        (3, Urgency.ANSWER, "words", False),
        (4, Urgency.ANSWER, "words", True),
        (4, Urgency.NOW, "approval", True),
    ],
)
def test_messages_go_by_class_then_all_but_answers_decisions_and_alarms_R_QUOTA(
    step: int, urgency: Urgency, card: str, cut: bool
) -> None:
    assert cuts_message(step, urgency=urgency, card=card) is cut


@given(st.sampled_from(Urgency), st.sampled_from(["words", "approval", "deals", "lead"]))
def test_what_is_cut_stays_cut_when_the_month_gets_shorter_R_QUOTA(urgency: Urgency, card: str) -> None:
    cut = [cuts_message(step, urgency=urgency, card=card) for step in range(len(STEPS) + 1)]

    assert cut == sorted(cut)
    assert not cut[0]
    assert cut[-1]


@pytest.mark.parametrize("step", range(1, len(STEPS) + 1))
def test_admins_read_what_is_cut_and_where_to_look_R_QUOTA(step: int) -> None:
    text = words_of("钉钉", step)

    assert text.startswith("钉钉 这个月的调用额度用")
    assert text.endswith("看用量说「诊断」。")
