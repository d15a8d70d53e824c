"""How a platform joins the product, and what it is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.platforms.base import Platform
from bot.platforms.pace import Limits, Pace
from config.settings import PlatformSettings


class Meter(Protocol):
    """Counts calls against a monthly quota that a company has bought. R-QUOTA."""

    def count(self, what: str, calls: int = 1) -> None:
        """So many more calls of this kind were made."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every platform is given.

    Clocks (business microseconds, machine seconds), the address of our own pages, a 32-byte key for a purpose derived
    from the key file, a pacer for the vendor's limits, the meter of its monthly quota, and the secret key of a group
    webhook by its id (empty when there is none).
    """

    business_us: Callable[[], int]
    machine: Callable[[], float]
    derived: Callable[[str], bytes]
    pacer: Callable[[Limits], Pace]
    meter: Meter
    hook_key: Callable[[str], Awaitable[str]]
    public_url: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """One kind of chat that a platform has, by an id such a chat could have; `direct`: with one person."""

    chat: str
    direct: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """A platform's name, its settings (`DEALDESK_<NAME>__...`), what builds it from them, the kinds of chat it has by
    name, which is how gallery and contract tests find them, and how many calls of each metered kind a month holds
    (R-QUOTA; none: no quota)."""

    name: str
    settings: type[PlatformSettings]
    build: Callable[[Any, Surroundings], Platform]
    chats: Mapping[str, Example]
    monthly: Mapping[str, int] = field(default_factory=dict)
    webhooks: bool = False
    """Its groups have webhooks that can be written to."""
