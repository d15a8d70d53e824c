"""Things to fill in, as the JSON the form of a card template reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from bot.platforms.dingtalk.caps import JSON_BYTES
from bot.platforms.dingtalk.plain import clean, one_line
from bot.platforms.dingtalk.values import DO, button_id
from cards.blocks import Input, Inputs

AREA_CHARS = 60
"""What may be longer than this gets more than one line."""
DECIDE = "怎么办"
OWN = ("form", "form_status", "form_btn_text")
OWN_BYTES = 1000
"""The vendor holds what a card keeps for one person to 1 KB."""

Field = dict[str, Any]


def form_value(inputs: Inputs) -> str:
    """The `form` variable; empty when it would be too long for the client, or has nothing to send it.

    One button is the form's own. Of several, one is chosen in the form, because a form can be sent in one way only.
    """
    fields = [*map(_field, inputs.items), *_sending(inputs)]
    value = orjson.dumps({"fields": fields}).decode()
    return value if inputs.buttons and len(value.encode()) <= JSON_BYTES else ""


def own_params(params: Mapping[str, str]) -> dict[str, str]:
    """What the template keeps for each person: written for everybody only, a submitted form would stay as it was."""
    own = {key: params[key] for key in OWN if key in params}
    if sum(map(len, (value.encode() for value in own.values()))) > OWN_BYTES:
        del own["form"]
    return own


def _sending(inputs: Inputs) -> list[Field]:
    keys = [(button_id(button.action), one_line(button.label)) for button in inputs.buttons]
    if len(keys) == 1:
        return [{"name": DO, "type": "TEXT", "hidden": True, "defaultValue": keys[0][0]}]
    options = [{"value": key, "text": label} for key, label in keys]
    return [{"name": DO, "label": DECIDE, "type": "SELECT", "required": True, "options": options}]


def _field(item: Input) -> Field:
    field: Field = {"name": item.name, "label": one_line(item.label), "required": item.required}
    if item.choices:
        values = [value for value, _ in item.choices]
        field |= {
            "type": "SELECT",
            "options": [{"value": value, "text": one_line(word)} for value, word in item.choices],
        }
        if item.value in values:
            field["defaultValue"] = {"index": values.index(item.value), "value": item.value}
        return field
    field |= {"type": "TEXT_AREA" if item.most > AREA_CHARS else "TEXT", "placeholder": one_line(item.example)}
    if item.value:
        field["defaultValue"] = clean(item.value)
    return field
