"""The action inside a button, and the values a form sends back."""

from __future__ import annotations

import re
from typing import Any

import orjson

from cards.blocks import Action

_ZONED_DATE = re.compile(r"(\d{4}-\d\d-\d\d|\d\d:\d\d) [+-]\d{4}", re.ASCII)


def action_value(action: Action) -> dict[str, Any]:
    """An action as a callback value; it must be an object, a string makes the client refuse the click."""
    return {"a": action.name, "s": action.subject, "t": action.stamp, "v": dict(action.args)}


def read_action(value: object, name: object) -> Action:
    """The action of a click. A form submit may come without a value: then the button's name carries it.

    Unreadable parts are empty, and an action too long for a button is none of ours.
    """
    given = _object(value)
    if given is None and isinstance(name, str):
        given = _object(name) or {"a": name}
    given = given or {}
    args = given.get("v")
    pairs = args.items() if isinstance(args, dict) else ()
    try:
        return Action(
            name=_text(given.get("a")),
            subject=_text(given.get("s")),
            stamp=_text(given.get("t")),
            args={key: item for key, item in pairs if isinstance(key, str) and isinstance(item, str)},
        )
    except ValueError:
        return Action(name="")


def form_values(action: dict[str, Any]) -> dict[str, str]:
    """What was filled in or picked, as strings: a form's fields, and `option`, `options`, `input`, `checked`.

    Several choices are joined by commas. A date or a time alone loses its zone: it means what the person saw.
    """
    values: dict[str, str] = {}
    form = action.get("form_value")
    if isinstance(form, dict):
        values.update((key, text(item)) for key, item in form.items() if isinstance(key, str))
    for given, key in (("option", "option"), ("options", "options"), ("input_value", "input"), ("checked", "checked")):
        if action.get(given) is not None:
            values.setdefault(key, text(action[given]))
    return values


def text(value: object) -> str:
    """A form value as a string; an object, which no component sends, is nothing."""
    match value:
        case str():
            dated = _ZONED_DATE.fullmatch(value)
            return dated[1] if dated else value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case list():
            return ",".join(filter(None, (text(item) for item in value if not isinstance(item, list))))
    return ""


def _object(value: object) -> dict[str, Any] | None:
    """The value as an object, also when it came as the JSON text of one; None when it is neither."""
    if isinstance(value, str) and value.startswith("{"):
        try:
            value = orjson.loads(value)
        except ValueError:
            return None
    return value if isinstance(value, dict) and value else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
