"""Every rule a card can break, and cards that break none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from simulator.feishu.cards.known import Known
from simulator.feishu.cards.validate import validate_card
from simulator.feishu.errors import CardRefused

Json = dict[str, Any]
KNOWN = Known(image=lambda key: key == "img_known", person=lambda key: key == "ou_known")


def text(content: str = "字") -> Json:
    return {"tag": "plain_text", "content": content}


def md(content: str = "字") -> Json:
    return {"tag": "markdown", "content": content}


def button(**more: Any) -> Json:
    return {"tag": "button", "text": text(), **more}


def form(*elements: Json, name: str = "f") -> Json:
    submit = button(name=f"{name}_go", form_action_type="submit")
    return {"tag": "form", "name": name, "elements": [*elements, submit]}


def table() -> Json:
    return {"tag": "table", "columns": [{"name": "a"}], "rows": [{"a": "1"}]}


def nested(depth: int) -> Json:
    element = md()
    for _ in range(depth):
        element = {"tag": "interactive_container", "elements": [element]}
    return element


def column(*elements: Json) -> Json:
    return {"tag": "column_set", "columns": [{"tag": "column", "elements": list(elements)}]}


def select(*values: str, **more: Any) -> Json:
    return {"tag": "select_static", "options": [{"text": text(), "value": v} for v in values], **more}


def image(key: str = "img_known") -> Json:
    return {"tag": "img", "img_key": key, "alt": text()}


CHART = {"tag": "chart", "chart_spec": {"type": "bar", "data": {"values": [{"x": None}]}}}
MD_TABLE = "| a | b |\n| --- | --- |\n| 1 | 2 |"

GOOD: dict[str, list[Json]] = {
    "empty": [],
    "texts": [md(), {"tag": "div", "text": {"tag": "lark_md", "content": "x"}}, {"tag": "hr"}],
    "containers": [nested(5), column(image(), CHART)],
    "tables": [table(), table(), md(MD_TABLE)],
    "form": [form({"tag": "input", "name": "a", "required": True}, select("1", name="b"), column(md()))],
    "values": [button(value={"a": 1}), button(behaviors=[{"type": "callback", "value": {"n": None}}])],
    "open url": [button(behaviors=[{"type": "open_url", "default_url": "https://a"}])],
    "people": [
        {"tag": "person", "user_id": "ou_known"},
        {"tag": "person_list", "persons": [{"id": "ou_known"}]},
        {"tag": "select_person", "options": [{"value": "ou_known"}]},
    ],
    "panel": [{"tag": "collapsible_panel", "header": {"title": md()}, "elements": [md()]}],
    "200 tags": [md() for _ in range(199)],
}

BAD: dict[str, tuple[list[Json], int, str]] = {
    "unknown tag": ([{"tag": "blink"}], 200621, "unknown tag"),
    "no tag": ([{"content": "x"}], 200621, "with a tag"),
    "unknown property": ([{**md(), "colour": "red"}], 200621, "unknown property in markdown"),
    "unknown inner property": ([button(confirm={"title": text(), "ok": 1})], 200621, "in confirm"),
    "null": ([{**md(), "text_size": None}], 200621, "null"),
    "removed action": ([{"tag": "action", "actions": []}], 200861, "no longer support"),
    "removed note": ([{"tag": "note", "elements": []}], 200861, "no longer support"),
    "201 tags": ([md() for _ in range(200)], 11310, "element exceeds the limit"),
    "4 tables": ([table() for _ in range(4)], 11310, "card table number over limit"),
    "markdown table counts": ([table(), table(), table(), md(MD_TABLE)], 11310, "table number"),
    "form without submit": ([{"tag": "form", "name": "f", "elements": [button()]}], 200621, "submit"),
    "form without name": ([{"tag": "form", "elements": []}], 200621, "form.name is required"),
    "form in column": ([column(form())], 200621, "form can only be placed at the root"),
    "table in column": ([column(table())], 200621, "table can only be placed at the root"),
    "table in form": ([form(table())], 200621, "table can only be placed at the root"),
    "form in form": ([form(form(name="g"))], 200621, "form can only be placed at the root"),
    "chart in form": ([form(column(CHART))], 200621, "chart can not be placed in a form"),
    "6 levels": ([nested(6)], 200621, "nest at most 5"),
    "column alone": ([{"tag": "column", "elements": []}], 200621, "only be placed in a column_set"),
    "text at root": ([text()], 200621, "at the root"),
    "element_id twice": ([{**md(), "element_id": "a"}, {**md(), "element_id": "a"}], 200621, "duplicated"),
    "element_id shape": ([{**md(), "element_id": "1a"}], 200621, "element_id is invalid"),
    "name twice": ([form(select("1", name="a"), select("1", name="a"))], 200621, "name is duplicated"),
    "unknown image": ([image("img_unknown")], 200570, "img_key"),
    "image without alt": ([{"tag": "img", "img_key": "img_known"}], 200621, "img.alt is required"),
    "unknown icon": ([button(icon={"tag": "custom_icon", "img_key": "x"})], 200570, "img_key"),
    "unknown person": ([{"tag": "person", "user_id": "ou_x"}], 100290, "user id"),
    "unknown option person": ([{"tag": "select_person", "options": [{"value": "x"}]}], 100290, "user id"),
    "chart spec": ([{"tag": "chart", "chart_spec": {"type": "bar"}}], 200550, "chart_spec"),
    "table rows": ([{**table(), "rows": [1]}], 200914, "rows"),
    "table row name": ([{**table(), "rows": [{"b": 1}]}], 200915, "no such column"),
    "table page": ([{**table(), "page_size": 11}], 200621, "page_size"),
    "button bare": ([{"tag": "button"}], 200621, "text or an icon"),
    "button type": ([button(type="huge")], 200621, "button.type is invalid"),
    "hex colour": ([{"tag": "column_set", "columns": [], "background_style": "#fff"}], 200621, "hex"),
    "behaviors object": ([button(behaviors={})], 200621, "must be a list"),
    "behavior type": ([button(behaviors=[{"type": "jump"}])], 200621, "behavior type"),
    "callback number": ([button(behaviors=[{"type": "callback", "value": 1}])], 200621, "callback value"),
    "open_url bare": ([button(behaviors=[{"type": "open_url"}])], 200621, "default_url"),
    "confirm without title": ([button(confirm={"text": text()})], 200621, "confirm.title"),
    "required outside": ([{"tag": "input", "required": True}], 200621, "only allowed in a form"),
    "submit outside": ([button(form_action_type="submit")], 200621, "only allowed in a form"),
    "input length": ([{"tag": "input", "max_length": 1001}], 200621, "max_length"),
    "input placeholder": ([{"tag": "input", "placeholder": text("x" * 101)}], 200621, "placeholder"),
    "input default": ([{"tag": "input", "max_length": 1, "default_value": "ab"}], 200621, "default_value"),
    "option twice": ([select("1", "1")], 200621, "unique"),
    "option number": ([{"tag": "select_static", "options": [{"value": 1}]}], 200621, "unique text"),
    "initial option": ([select("1", initial_option="2")], 200621, "initial_option"),
    "panel title": ([{"tag": "collapsible_panel", "header": {}, "elements": []}], 200621, "title"),
    "checker buttons": (
        [{"tag": "checker", "button_area": {"buttons": [button() for _ in range(4)]}}],
        200621,
        "at most 3",
    ),
    "combination": ([{"tag": "img_combination", "combination_mode": "double"}], 200621, "number of images"),
}


@pytest.mark.parametrize("name", GOOD)
def test_card_within_the_rules_passes(name: str, make_card: Callable[..., Json]) -> None:
    validate_card(make_card(*GOOD[name]), KNOWN)


def test_minimal_form_passes(make_card: Callable[..., Json]) -> None:
    customer = {"tag": "input", "name": "customer", "required": True, "max_length": 100, "label": text("客户")}
    amount = {"tag": "input", "name": "amount", "required": True, "placeholder": text("例如 120000")}
    stage = select("S1", "S2", name="stage", required=True, placeholder=text("阶段"))
    value = [{"type": "callback", "value": {"a": "deal.create", "v": 1, "n": "k7f2"}}]
    submit = button(name="deal_submit", type="primary", form_action_type="submit", behaviors=value)
    deal = {"tag": "form", "name": "deal_form", "elements": [customer, amount, stage, submit]}
    validate_card(make_card(deal, config={"update_multi": True}), KNOWN)


@pytest.mark.parametrize("name", BAD)
def test_card_against_a_rule_is_refused(name: str, make_card: Callable[..., Json]) -> None:
    elements, code, why = BAD[name]
    with pytest.raises(CardRefused) as refused:
        validate_card(make_card(*elements), KNOWN)
    assert refused.value.inner == code
    assert why in f"{refused.value.why} {refused.value.value}"


@pytest.mark.parametrize(
    ("root", "why"),
    [
        ({"elements": []}, "unknown property in card"),
        ({"config": {"wide_screen_mode": True}}, "unknown property in config"),
        ({"config": {"update_multi": False}}, "update_multi"),
        ({"config": {"width_mode": "wide"}}, "config.width_mode"),
        ({"config": {"summary": {"text": "x"}}}, "config.summary"),
        ({"schema": "3.0"}, "schema version"),
        ({"header": {"template": "blue"}}, "header.title"),
        ({"header": {"title": text(), "template": "pink"}}, "header.template"),
        ({"header": {"title": text(), "colour": "red"}}, "unknown property in header"),
        ({"header": {"title": text(), "text_tag_list": [text()] * 4}}, "at most 3"),
        ({"card_link": {"href": "x"}}, "card_link"),
        ({"body": {}}, "body.elements"),
        ({"body": {"elements": [], "gap": 1}}, "unknown property in body"),
    ],
)
def test_card_frame_against_a_rule_is_refused(root: Json, why: str, make_card: Callable[..., Json]) -> None:
    with pytest.raises(CardRefused) as refused:
        validate_card(make_card(**root), KNOWN)
    assert refused.value.inner == 200621
    assert why in refused.value.why


@pytest.mark.parametrize("card", [None, [], "x", {}])
def test_no_card_at_all_is_refused(card: Any) -> None:
    with pytest.raises(CardRefused):
        validate_card(card, KNOWN)


def test_old_generation_is_taken_as_it_is() -> None:
    validate_card({"elements": [{"tag": "note", "whatever": 1}]}, KNOWN)
