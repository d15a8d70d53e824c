"""Ask the platform's directory who an unknown account is, so that members are bound by their mobile. R-PPL-4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.platforms.base import Platform


async def run(platform: Platform, args: Mapping[str, Any]) -> Mapping[str, Any]:
    """Mobile and name of the account; empty where the directory says nothing."""
    person = await platform.directory.person(str(args["account"]))
    if person is None:
        return {}
    return {"mobile": person.mobile, "name": person.name}
