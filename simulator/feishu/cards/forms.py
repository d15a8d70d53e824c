"""Turns what a person filled in or picked into the values the vendor would send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.feishu.cards import schema
from simulator.feishu.cards.controls import Control

FindPerson = Callable[[str], str | None]
ZONE_SUFFIX = " +0800"
_DATES = {
    "date_picker": "initial_date",
    "picker_time": "initial_time",
    "picker_datetime": "initial_datetime",
}


class NotPossible(ValueError):
    """The person could not do this in the client; the text says why, in Chinese."""


def form_values(fields: list[Control], filled: dict[str, Any], person: FindPerson) -> dict[str, Any]:
    """All values of a form as one submit sends them.

    `filled` may use names or labels. An empty text field is sent as an empty text, other empty
    fields are left out. Refuses what the client refuses: unknown fields, missing required ones.
    """
    left = dict(filled)
    values: dict[str, Any] = {}
    for field in fields:
        name = str(field.element["name"])
        given = left.pop(name, left.pop(field.label, None))
        value = initial(field) if given is None else chosen(field, given, person)
        if field.element.get("required") and value in (None, "", []):
            raise NotPossible(f"请填写：{field.label or name}")
        if value not in (None, []):
            values[name] = value
        elif field.tag == "input":
            values[name] = ""
    if left:
        raise NotPossible(f"表单里没有：{'、'.join(left)}")
    return values


def initial(field: Control) -> Any:
    """What the field holds before anyone touches it, in the spelling of a submit."""
    element = field.element
    if field.tag == "input":
        return element.get("default_value")
    if field.tag == "checker":
        return bool(element.get("checked", False))
    if field.tag in _DATES:
        date = element.get(_DATES[field.tag])
        return f"{date}{ZONE_SUFFIX}" if date else None
    if field.tag.startswith("multi_"):
        return element.get("selected_values")
    index = element.get("initial_index")
    if isinstance(index, int) and 1 <= index <= len(element.get("options", [])):
        return element["options"][index - 1]["value"]
    return element.get("initial_option")


def chosen(field: Control, given: Any, person: FindPerson) -> Any:
    """The value for what the person typed or picked; refuses what the component does not offer."""
    if field.tag == "input":
        return _typed(field, given)
    if field.tag == "checker":
        return bool(given)
    if field.tag in _DATES:
        text = str(given)
        return text if not text or text.endswith(ZONE_SUFFIX) else f"{text}{ZONE_SUFFIX}"
    if field.tag.startswith("multi_") or field.element.get("multi_select"):
        many = given if isinstance(given, list) else [given]
        return [_picked(field, one, person) for one in many]
    return _picked(field, given, person)


def action_part(field: Control, given: Any, person: FindPerson) -> dict[str, Any]:
    """The part of a callback's action that a component outside a form adds."""
    if field.tag in ("button", "interactive_container"):
        return {}
    if field.tag == "checker":
        return {"checked": not field.element.get("checked", False) if given is None else bool(given)}
    if given is None:
        raise NotPossible("要说明选了什么：option")
    value = chosen(field, given, person)
    if field.tag == "input":
        return {"input_value": value}
    return {"options": value} if isinstance(value, list) else {"option": value}


def _typed(field: Control, given: Any) -> str:
    text = str(given)
    limit = field.element.get("max_length", 1000)
    if len(text) > limit:
        raise NotPossible(f"{field.label}最多 {limit} 个字")
    return text


def _picked(field: Control, given: Any, person: FindPerson) -> str:
    options = field.element.get("options", [])
    if field.tag.endswith("_person"):
        open_id = person(str(given))
        if open_id is None or (options and open_id not in [o.get("value") for o in options]):
            raise NotPossible(f"选不到这个人：{given}")
        return open_id
    for option in options:
        if given in (option.get("value"), option.get("text", {}).get("content")):
            return str(option["value"])
    raise NotPossible(f"没有这个选项：{given}")


def form_fields(card_controls: list[Control], form_name: str) -> list[Control]:
    """The fields of one form."""
    return [c for c in card_controls if c.form and c.form["name"] == form_name and c.tag in schema.FIELDS]
