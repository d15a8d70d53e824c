"""What the vendor accepts as card data: texts only, keys and values of limited length."""

from __future__ import annotations

from typing import Any

from simulator.dingtalk.errors import ApiError, invalid

MAX_KEY = 100
MAX_VALUE = 1024
MAX_JSON_CHARS = 3000
JSON_VARIABLES = ("form", "sys_full_json_obj", "config", "buttons")

Params = dict[str, str]


def param_map(holder: Any, where: str, *, strict: bool) -> Params:
    """The cardParamMap inside `holder`; empty when the holder is missing.

    Only texts are values. Strict mode holds texts to the documented 1 KB; variables that carry JSON may
    have 3,000 characters, about where public bots report blank cards.
    """
    if holder is None:
        return {}
    found = holder.get("cardParamMap", {}) if isinstance(holder, dict) else None
    if not isinstance(found, dict):
        raise invalid(where, f"{where}.cardParamMap must be an object")
    for key, value in found.items():
        _check(key, value, where, strict)
    return dict(found)


def private_maps(holder: Any, *, strict: bool) -> dict[str, Params]:
    """The cardParamMap of every user in privateData; strict mode holds one user's data to 1 KB."""
    if holder is None:
        return {}
    if not isinstance(holder, dict):
        raise invalid("privateData", "privateData must be an object by user")
    maps = {user: param_map(part, f"privateData.{user}", strict=strict) for user, part in holder.items()}
    for user, params in maps.items():
        plain = sum(len(value.encode()) for key, value in params.items() if key not in JSON_VARIABLES)
        if strict and plain > MAX_VALUE:
            raise invalid("privateData", f"privateData.{user} holds more than {MAX_VALUE} bytes")
    return maps


def _check(key: str, value: Any, where: str, strict: bool) -> None:
    if not isinstance(value, str):
        raise ApiError("MissingStringValue", f"{where}.cardParamMap.{key} is not a string")
    if len(key.encode()) > MAX_KEY:
        raise invalid(where, f"a key holds more than {MAX_KEY} bytes")
    if not strict:
        return
    size, limit = (len(value), MAX_JSON_CHARS) if key in JSON_VARIABLES else (len(value.encode()), MAX_VALUE)
    if size > limit:
        raise invalid(where, f"the value of {key} is too long")
