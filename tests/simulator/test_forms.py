"""What a filled form sends, component by component."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.feishu.cards.controls import Control, controls, find, pressable
from simulator.feishu.cards.forms import NotPossible, action_part, form_values, initial

PEOPLE = {"李雷": "ou_lei", "王芳": "ou_fang"}
OPTIONS = [
    {"text": {"tag": "plain_text", "content": "初访"}, "value": "S1"},
    {"text": {"tag": "plain_text", "content": "报价"}, "value": "S2"},
]


def field(tag: str, **more: Any) -> Control:
    return Control({"tag": tag, "name": "f", **more}, "字段", {"tag": "form", "name": "form"})


def value(control: Control, given: Any) -> Any:
    return form_values([control], {"f": given}, PEOPLE.get).get("f")


@pytest.mark.parametrize(
    ("control", "given", "sent"),
    [
        (field("input"), 12, "12"),
        (field("select_static", options=OPTIONS), "报价", "S2"),
        (field("multi_select_static", options=OPTIONS), ["初访", "S2"], ["S1", "S2"]),
        (field("multi_select_static", options=OPTIONS), "S1", ["S1"]),
        (field("select_person"), "王芳", "ou_fang"),
        (field("select_person", options=[{"value": "ou_lei"}]), "李雷", "ou_lei"),
        (field("multi_select_person"), ["李雷"], ["ou_lei"]),
        (field("date_picker"), "2026-12-01", "2026-12-01 +0800"),
        (field("picker_time"), "09:30 +0800", "09:30 +0800"),
        (field("checker"), True, True),
    ],
)
def test_value_is_spelt_as_the_vendor_does(control: Control, given: Any, sent: Any) -> None:
    assert value(control, given) == sent


@pytest.mark.parametrize(
    ("control", "sent"),
    [
        (field("input"), {"f": ""}),
        (field("input", default_value="旧"), {"f": "旧"}),
        (field("select_static", options=OPTIONS), {}),
        (field("select_static", options=OPTIONS, initial_option="S2"), {"f": "S2"}),
        (field("select_static", options=OPTIONS, initial_index=1), {"f": "S1"}),
        (field("multi_select_static", options=OPTIONS, selected_values=["S1"]), {"f": ["S1"]}),
        (field("picker_datetime", initial_datetime="2026-12-01 07:07"), {"f": "2026-12-01 07:07 +0800"}),
        (field("checker"), {"f": False}),
    ],
)
def test_untouched_field_sends_what_it_showed(control: Control, sent: Any) -> None:
    assert form_values([control], {}, PEOPLE.get) == sent


@pytest.mark.parametrize(
    ("control", "given"),
    [
        (field("select_static", options=OPTIONS), "赢单"),
        (field("select_person"), "无此人"),
        (field("select_person", options=[{"value": "ou_lei"}]), "王芳"),
        (field("input", max_length=2), "三个字"),
    ],
)
def test_value_not_offered_is_refused(control: Control, given: Any) -> None:
    with pytest.raises(NotPossible):
        value(control, given)


def test_required_field_is_asked_for() -> None:
    with pytest.raises(NotPossible, match="请填写：字段"):
        form_values([field("input", required=True)], {"f": ""}, PEOPLE.get)


def test_action_part_outside_a_form() -> None:
    assert action_part(field("button"), None, PEOPLE.get) == {}
    assert action_part(field("checker", checked=True), None, PEOPLE.get) == {"checked": False}
    assert action_part(field("overflow", options=OPTIONS), "报价", PEOPLE.get) == {"option": "S2"}
    many = field("multi_select_static", options=OPTIONS)
    assert action_part(many, ["S1"], PEOPLE.get) == {"options": ["S1"]}
    with pytest.raises(NotPossible):
        action_part(many, None, PEOPLE.get)
    assert initial(field("overflow")) is None


def test_controls_are_found_by_label_name_number_and_part(deal_card: Any) -> None:
    found = controls(deal_card)
    assert [c.label for c in found] == ["客户", "阶段", "close", "提交", "同意", "驳回"]
    usable = pressable(deal_card)
    assert [c.label for c in usable] == ["提交", "同意", "驳回"]
    assert find(usable, "同意") is find(usable, 1) is find(usable, "意")
    assert find(usable, "deal_submit") is usable[0]
    assert find(usable, "没有") is find(usable, 9) is None
    assert usable[0].is_submit
    assert not usable[1].is_submit
