"""Form components: the fields a card declares, and what a person's filling becomes on the wire."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from simulator.words import words

TEXTS = words("TEXT TEXT_AREA")
DATES = {"DATE": r"\d{4}-\d\d-\d\d", "TIME": r"\d\d:\d\d", "DATETIME": r"\d{4}-\d\d-\d\d \d\d:\d\d"}
TICKS = words("CHECKBOX SWITCH")
CHOICES = words("SELECT MULTI_SELECT CHECKBOX_GROUP MULTI_CHECKBOX_GROUP")
TYPES = TEXTS | TICKS | CHOICES | words("NUMBER TEXT_ARRAY") | frozenset(DATES)
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


class NotPossible(Exception):
    """The client shows no such form or does not let the person do this; the text is Chinese."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form as the card declares it."""

    name: str
    label: str
    kind: str
    hidden: bool
    required: bool
    read_only: bool
    default: Any
    options: tuple[tuple[str, str], ...]


def read_fields(text: str) -> list[Field]:
    """The fields of a `form` variable; NotPossible when a client could not show them."""
    try:
        rows = json.loads(text)["fields"]
        fields = [_field(row) for row in rows] if isinstance(rows, list) else []
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotPossible("表单数据看不懂") from error
    if not isinstance(rows, list):
        raise NotPossible("表单数据看不懂")
    wrong = next((f for f in fields if f.kind not in TYPES or (f.kind in CHOICES and not f.options)), None)
    if wrong is not None:
        raise NotPossible(f"表单里的「{wrong.label}」显示不了")
    return fields


def _field(row: dict[str, Any]) -> Field:
    name = str(row["name"])
    return Field(
        name=name,
        label=str(row.get("label") or name),
        kind=str(row["type"]),
        hidden=row.get("hidden") is True,
        required=row.get("required") is True,
        read_only=row.get("readOnly") is True,
        default=row.get("defaultValue"),
        options=tuple((str(option["value"]), str(option["text"])) for option in row.get("options") or ()),
    )


def filled(fields: list[Field], typed: dict[str, Any]) -> dict[str, Any]:
    """The form's values as the callback carries them; what was left blank is a missing key."""
    unknown = next((key for key in typed if not any(key in (f.name, f.label) for f in fields)), None)
    if unknown is not None:
        raise NotPossible(f"表单里没有：{unknown}")
    values: dict[str, Any] = {}
    for field in fields:
        value = _value(field, typed.get(field.name, typed.get(field.label)))
        if value is not None:
            values[field.name] = value
        elif field.required and not field.hidden:
            raise NotPossible(f"请填写：{field.label}")
    return values


def _value(field: Field, typed: Any) -> Any:
    if typed is None or typed == "" or typed == []:
        return field.default
    if field.hidden or field.read_only:
        raise NotPossible(f"{field.label} 不能填")
    if field.kind in TICKS:
        return typed in (True, "true", "是")
    if field.kind == "NUMBER":
        return _number(field, str(typed))
    if field.kind in DATES:
        if not re.fullmatch(DATES[field.kind], str(typed)):
            raise NotPossible(f"{field.label} 的格式不对")
        return str(typed)
    if field.kind in CHOICES:
        return _choice(field, typed if isinstance(typed, list) else [typed])
    return [str(one) for one in typed] if isinstance(typed, list) else str(typed)


def _number(field: Field, typed: str) -> int | float:
    if not _NUMBER.fullmatch(typed):
        raise NotPossible(f"{field.label} 要填数字")
    return float(typed) if "." in typed else int(typed)


def _choice(field: Field, typed: list[Any]) -> Any:
    places = [i for one in typed for i, option in enumerate(field.options) if str(one) in option]
    if len(places) != len(typed):
        raise NotPossible(f"{field.label} 没有这个选项")
    values = [field.options[place][0] for place in places]
    if field.kind == "MULTI_SELECT":
        return {"index": places, "value": values}
    if field.kind == "MULTI_CHECKBOX_GROUP":
        return values
    if len(values) != 1:
        raise NotPossible(f"{field.label} 只能选一个")
    return {"index": places[0], "value": values[0]} if field.kind == "SELECT" else values[0]
