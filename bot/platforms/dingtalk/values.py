"""The action inside a button's id, and what a click sends back (docs/platforms/dingtalk.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import orjson

from cards.blocks import Action

PREFIX = "dd"
DO = "_do"
"""The form field that carries the action, or lets one of several be chosen."""
OPTION = "option"

_RESERVED = re.compile(r"[%/=\x00-\x20\x7f]")
_Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pressed:
    """A click's action and the values sent with it, as strings."""

    action: Action
    values: Mapping[str, str] = field(default_factory=dict)


def button_id(action: Action, option: str = "") -> str:
    """An action as an id. It ends with a slash, because some clients add digits to ids; `option` is a menu's pick."""
    parts = [PREFIX, *map(_quoted, (action.name, action.subject, action.stamp))]
    parts += [f"{_quoted(key)}={_quoted(value)}" for key, value in action.args.items()]
    parts += [f"?={_quoted(option)}"] if option else []
    return "/".join(parts) + "/"


def read_id(given: object) -> Pressed | None:
    """The action of an id of ours; None for any other id, and for one that no button of ours can have."""
    if not isinstance(given, str) or not given.startswith(PREFIX + "/"):
        return None
    _, *parts, _ = given.split("/")
    if len(parts) < 3 or not parts[0]:
        return None
    name, subject, stamp, *pairs = parts
    args = {unquote(key): unquote(value) for key, _, value in (pair.partition("=") for pair in pairs)}
    picked = args.pop("?", None)
    try:
        action = Action(unquote(name), unquote(subject), unquote(stamp), args)
    except ValueError:
        return None
    return Pressed(action, {} if picked is None else {OPTION: picked})


def read_click(body: Mapping[str, Any]) -> Pressed | None:
    """What was pressed or submitted, in any of the forms the vendor sends; None when it is no button of ours."""
    given = _object(body.get("content")) or _object(body.get("value"))
    private = _object(given.get("cardPrivateData"))
    params = _object(private.get("params")) or _object(given.get("params"))
    if form := _object(params.get("form")):
        return _submitted(form)
    ids = private.get("actionIds") or given.get("actionIds")
    return next(filter(None, map(read_id, _ids(params, ids))), None)


def text(value: object) -> str:
    """A form's value as a string; of a choice its value, of several choices all, joined by commas."""
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, list):
        return ",".join(filter(None, map(_scalar, value)))
    return _scalar(value)


def _scalar(value: object) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
    return ""


def _submitted(form: _Json) -> Pressed | None:
    pressed = read_id(text(form.get(DO)))
    if pressed is None:
        return None
    values = {key: text(value) for key, value in form.items() if key != DO}
    return Pressed(pressed.action, {**pressed.values, **values})


def _ids(params: _Json, action_ids: object) -> Iterator[object]:
    yield params.get("id")
    yield params.get("action")
    yield from action_ids if isinstance(action_ids, list) else ()


def _object(value: object) -> _Json:
    """The value as an object, also when it came as the JSON text of one; empty when it is neither."""
    if isinstance(value, str) and value.startswith("{"):
        try:
            value = orjson.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


def _quoted(part: str) -> str:
    return _RESERVED.sub(lambda found: f"%{ord(found[0]):02X}", part)
