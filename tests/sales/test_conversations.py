"""Forms on their way: whose answer a text is, how long they are kept. R-HOLD."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sales.conversations import Conversation, ask, drop, finish, is_answerable, is_kept
from sales.decision import Audit, Decision
from tests.support.facts import MICROSECOND, NOW, POLICY

FORM = Conversation(
    id=4, member_id="m03", platform="feishu", chat="oc_1", form="deal", subject="", ask="product", asked_at=NOW,
    answers={"customer": "华东医疗"}, version=2,
)  # fmt: skip


@pytest.mark.parametrize(
    ("state", "after", "answerable"),
    [
        ("open", timedelta(minutes=30), True),
        ("open", timedelta(minutes=30) + MICROSECOND, False),
        ("parked", timedelta(0), False),
        ("done", timedelta(0), False),
    ],
)
def test_answer_belongs_to_the_open_form_for_thirty_minutes_r_hold(
    state: str, after: timedelta, answerable: bool
) -> None:
    assert is_answerable(replace(FORM, state=state), now=NOW + after) is answerable


@pytest.mark.parametrize(
    ("state", "after", "kept"),
    [
        ("open", timedelta(days=7), True),
        ("parked", timedelta(days=7), True),
        ("parked", timedelta(days=7) + MICROSECOND, False),
        ("dropped", timedelta(0), False),
    ],
)
def test_form_is_kept_as_a_draft_for_seven_days_r_hold(state: str, after: timedelta, kept: bool) -> None:
    assert is_kept(replace(FORM, state=state), now=NOW + after, policy=POLICY) is kept


def test_asked_form_is_open_from_now_on_and_its_card_follows_r_hold() -> None:
    parked = replace(FORM, state="parked")

    assert ask(parked, now=NOW + MICROSECOND) == Decision(
        saves=(replace(FORM, asked_at=NOW + MICROSECOND),), redraws=("form:4",)
    )


def test_new_form_has_no_card_to_redraw_r_hold() -> None:
    assert ask(replace(FORM, version=0), now=NOW).redraws == ()


def test_finished_and_dropped_forms_say_so_on_their_cards_r_hold() -> None:
    assert finish(FORM) == Decision(saves=(replace(FORM, state="done"),), redraws=("form:4",))
    assert drop(FORM) == Decision(
        saves=(replace(FORM, state="dropped"),),
        audits=(Audit("form.drop", "form:4", after={"form": "deal"}),),
        redraws=("form:4",),
    )
