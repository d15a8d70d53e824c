"""Every field type of the form component, as filled by a person."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.dingtalk.cards.fields import NotPossible, filled, read_fields

OPTIONS = [{"value": "1", "text": "一"}, {"value": "2", "text": "二"}, {"value": "3", "text": "三"}]


def form(**field: Any) -> Any:
    return read_fields(json.dumps({"fields": [{"name": "f", "label": "字段", **field}]}))


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("TEXT", "华东", "华东"),
        ("TEXT_AREA", "一\n二", "一\n二"),
        ("TEXT_ARRAY", ["a", "b"], ["a", "b"]),
        ("NUMBER", "12", 12),
        ("NUMBER", "-1.5", -1.5),
        ("NUMBER", 3, 3),
        ("DATE", "2026-11-22", "2026-11-22"),
        ("TIME", "09:30", "09:30"),
        ("DATETIME", "2026-11-22 09:30", "2026-11-22 09:30"),
        ("CHECKBOX", True, True),
        ("SWITCH", "否", False),
        ("SELECT", "三", {"index": 2, "value": "3"}),
        ("SELECT", "1", {"index": 0, "value": "1"}),
        ("MULTI_SELECT", ["二", "3"], {"index": [1, 2], "value": ["2", "3"]}),
        ("CHECKBOX_GROUP", "二", "2"),
        ("MULTI_CHECKBOX_GROUP", ["一", "三"], ["1", "3"]),
        ("MULTI_CHECKBOX_GROUP", "一", ["1"]),
    ],
)
def test_shapes(kind: str, typed: Any, value: Any) -> None:
    assert filled(form(type=kind, options=OPTIONS), {"字段": typed}) == {"f": value}


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("NUMBER", "1e3"),
        ("NUMBER", "一"),
        ("DATE", "22.11.2026"),
        ("TIME", "9"),
        ("SELECT", "四"),
        ("SELECT", ["一", "二"]),
        ("CHECKBOX_GROUP", ["一", "二"]),
        ("MULTI_SELECT", ["一", "四"]),
    ],
)
def test_what_the_client_does_not_let_in(kind: str, typed: Any) -> None:
    with pytest.raises(NotPossible, match="字段"):
        filled(form(type=kind, options=OPTIONS), {"f": typed})


def test_blank_is_a_missing_key_and_a_default_stays() -> None:
    assert filled(form(type="TEXT"), {}) == {}
    assert filled(form(type="TEXT", defaultValue="x"), {"f": ""}) == {"f": "x"}
    default = {"index": 1, "value": "2"}
    assert filled(form(type="SELECT", options=OPTIONS, defaultValue=default), {}) == {"f": default}


def test_hidden_and_read_only_fields_cannot_be_typed() -> None:
    for flag in ("hidden", "readOnly"):
        with pytest.raises(NotPossible, match="不能填"):
            filled(form(type="TEXT", **{flag: True}), {"f": "x"})


@settings(deadline=None)
@given(st.text(max_size=50) | st.recursive(st.none() | st.integers(), st.lists, max_leaves=5).map(json.dumps))
def test_any_text_is_a_form_or_not_possible(text: str) -> None:
    with pytest.raises(NotPossible):
        read_fields(text)
