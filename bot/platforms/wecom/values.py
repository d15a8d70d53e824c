"""The action inside a button's key, and what was picked when it was pressed."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from cards.blocks import Action

NOTHING = "-"
"""The list entry that stands for "nothing chosen": the vendor counts the first as picked when nobody touches it."""
OPTION_BYTES = 128
KEY_BYTES = 1024

_SEPARATOR = "\x1f"


def action_key(action: Action, place: int, *, picks: str = "") -> str:
    """An action as a button's key, unique on its card by `place`; `picks` names the list whose choice it carries.

    Base64, because keys travel in CDATA, where no escape exists; at most 1024 bytes, as an action has at most 512.
    """
    parts = [picks, action.name, action.subject, action.stamp]
    for name, value in action.args.items():
        parts += (name, value)
    packed = _SEPARATOR.join(part.replace(_SEPARATOR, " ") for part in parts).encode(errors="replace")
    return f"{place}.{base64.urlsafe_b64encode(packed).decode().rstrip('=')}"


def read_key(key: str) -> tuple[Action, str]:
    """The action of a key and the list it picks from. What is no key of ours is an action of that name."""
    place, dot, packed = key.partition(".")
    if not dot or not place.isdigit():
        return _named(key), ""
    try:
        raw = binascii.a2b_base64(packed.translate(_URL_SAFE) + "=" * (-len(packed) % 4), strict_mode=True)
        picks, name, subject, stamp, *rest = raw.decode().split(_SEPARATOR)
        args = dict(zip(rest[::2], rest[1::2], strict=True))
        return Action(name=name, subject=subject, stamp=stamp, args=args), picks
    except ValueError:
        return _named(key), ""


def picked(action: Action, picks: str, chosen: Mapping[str, str]) -> dict[str, str]:
    """The values of a click: for a button beside a list the one choice, for a form every list's by name.

    A list left on "nothing chosen" has no value.
    """
    values = {name: value for name, value in chosen.items() if value and value != NOTHING}
    if picks == "*":
        return values
    return {"option": values[picks]} if picks in values else {}


def is_option(value: str) -> bool:
    """True for what can be the id of a list entry."""
    return 0 < len(value.encode(errors="replace")) <= OPTION_BYTES and value != NOTHING and value.isprintable()


def fields_of(given: object) -> dict[str, Any]:
    """An object, or the JSON text of one, with its keys in one spelling: `TaskId`, `task_id`, `taskid` are the same."""
    if isinstance(given, str):
        try:
            given = orjson.loads(given)
        except ValueError:
            return {}
    return {name.replace("_", "").lower(): item for name, item in given.items()} if isinstance(given, dict) else {}


def chosen_in(given: object) -> dict[str, str]:
    """Question to choice, several joined by commas, from any of the shapes in which the smart bot tells them."""
    return {question: ",".join(options) for question, options in _selections(given) if question}


def _selections(given: object) -> Iterator[tuple[str, list[str]]]:
    if isinstance(given, list):
        for item in given:
            yield from _selections(item)
        return
    known = fields_of(given)
    if "questionkey" in known:
        options = known.get("optionids", known.get("selectedid", known.get("optionid")))
        yield _text(known["questionkey"]), _options(options)
        return
    for name in ("selecteditem", "selecteditems", "selectlist", "checkbox", "buttonselection", "responsedata"):
        if name in known:
            yield from _selections(known[name])


def _options(given: object) -> list[str]:
    if isinstance(given, dict):
        given = fields_of(given).get("optionid")
    found = given if isinstance(given, list) else [given]
    return [item for item in found if isinstance(item, str)]


def _named(key: str) -> Action:
    name = key.encode(errors="replace")[:256].decode(errors="ignore")
    return Action(name=name)


def _text(given: object) -> str:
    return given if isinstance(given, str) else ""


_URL_SAFE = str.maketrans("-_", "+/")
