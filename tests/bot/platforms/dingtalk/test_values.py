"""Actions in button ids, and every form in which a click brings them back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.dingtalk.values import Pressed, button_id, read_click, read_id, text
from cards.blocks import Action

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@st.composite
def actions(draw: st.DrawFn) -> Action:
    name = draw(words.filter(bool))
    keys = draw(st.dictionaries(words.filter(lambda key: key and key != "?"), words, max_size=3))
    return Action(name, draw(words), draw(words), keys)


UNDO = Action("deal.undo", "deal:17", "b5d7", {"n": "1"})
ID = button_id(UNDO)


def test_id_is_short_and_readable() -> None:
    assert ID == "dd/deal.undo/deal:17/b5d7/n=1/"


@given(actions(), words)
def test_id_brings_its_action_back(action: Action, option: str) -> None:
    pressed = read_id(button_id(action, option))

    assert pressed == Pressed(action, {"option": option} if option else {})


@given(actions(), st.integers(0, 999))
def test_digits_behind_an_id_change_nothing(action: Action, digits: int) -> None:
    assert read_id(f"{button_id(action)}{digits}") == Pressed(action)


@pytest.mark.parametrize(
    "given", [None, 1, "", "dd", "dd/", "dd//", "dd/a/", "dd///x/", "accept", "xx/a/b/c/", {}, ["dd"]]
)
def test_any_other_id_is_none_of_ours(given: object) -> None:
    assert read_id(given) is None


def test_id_too_long_for_a_button_is_none_of_ours() -> None:
    assert read_id("dd/deal.undo/" + "x" * 600 + "/ab/") is None


@given(st.text(max_size=60))
def test_any_text_is_an_action_or_none(given: str) -> None:
    assert isinstance(read_id(given), Pressed | None)
    assert isinstance(read_id("dd/" + given), Pressed | None)


def private(**data: Any) -> dict[str, Any]:
    return {"content": json.dumps({"cardPrivateData": data})}


@pytest.mark.parametrize(
    "body",
    [
        private(actionIds=["layout_node"], params={"id": ID}),
        private(actionIds=["layout_node"], params={"id": f"{ID}2"}),
        private(actionIds=["1"], params={"action": ID}),
        private(actionIds=[ID]),
        private(params={"action": ID}),
        private(params={"id": 7, "action": ID}),
        {"value": json.dumps({"cardPrivateData": {"params": {"id": ID}}})},
        {"value": json.dumps({"cardPrivateData": {"actionIds": ["x"]}, "params": {"action": ID}})},
        {"content": {"cardPrivateData": {"params": {"id": ID}}}},
        {"content": "", "value": {"cardPrivateData": json.dumps({"params": json.dumps({"id": ID})})}},
        {**private(params={"id": ID}), "value": json.dumps({"cardPrivateData": {"params": {"id": "dd/other/a/b/"}}})},
    ],
)
def test_press_is_found_in_every_form_the_vendor_sends(body: dict[str, Any]) -> None:
    assert read_click(body) == Pressed(UNDO)


def test_submitted_form_has_values_and_the_action_of_its_button() -> None:
    form = {"_do": ID, "reason": "毛利不够", "amount": 120000, "ok": True, "stage": {"index": 2, "value": "3"}}

    assert read_click(private(actionIds=["form"], params={"form": form})) == Pressed(
        UNDO, {"reason": "毛利不够", "amount": "120000", "ok": "true", "stage": "3"}
    )


def test_action_may_be_chosen_in_the_form() -> None:
    form = {"_do": {"index": 0, "value": ID}}

    assert read_click(private(params={"form": form, "current_form": "{}"})) == Pressed(UNDO)


@pytest.mark.parametrize("form", [{"reason": "x"}, {"_do": "accept"}, {"_do": None}])
def test_form_without_an_action_of_ours_is_nothing(form: dict[str, Any]) -> None:
    assert read_click(private(params={"form": form})) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("s1", "s1"),
        ({"index": 2, "value": "3"}, "3"),
        ({"index": [1, 2], "value": ["2", "3"]}, "2,3"),
        (["a", "b"], "a,b"),
        (False, "false"),
        (12.5, "12.5"),
        (None, ""),
        ({"value": {"value": "deep"}}, ""),
        ([["a"]], ""),
    ],
)
def test_value_as_text(value: object, expected: str) -> None:
    assert text(value) == expected
