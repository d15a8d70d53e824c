"""One object of a card with the way to it, read strictly."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simulator.wecom.errors import CardRefused

Json = dict[str, Any]
WEB = ("http://", "https://")


@dataclass(slots=True)
class Notes:
    """What was found in one card: things worth a warning, and every key used so far."""

    warnings: list[str] = field(default_factory=list)
    used: dict[str, set[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Node:
    """An object of the card; `path` names it in refusals and warnings."""

    value: Json
    path: str
    notes: Notes

    def at(self, name: str) -> str:
        """The way to a field."""
        return f"{self.path}.{name}" if self.path else name

    def has(self, name: str) -> bool:
        """True when the field is there at all."""
        return self.value.get(name) is not None

    def refuse(self, name: str, why: str) -> CardRefused:
        """The refusal of a field."""
        return CardRefused(self.at(name), why)

    def warn(self, name: str, why: str) -> None:
        """Remember something the vendor accepts but a reader will miss."""
        self.notes.warnings.append(f"{self.at(name)} {why}")

    def text(self, name: str, *, needed: bool = False, characters: int | None = None, size: int | None = None) -> str:
        """A text; longer than `characters` is only warned about, longer than `size` bytes is refused."""
        value = self.value.get(name, "")
        if value is None:
            value = ""
        if not isinstance(value, str):
            raise self.refuse(name, "must be a string")
        if needed and not value:
            raise self.refuse(name, "is required")
        if size is not None and len(value.encode()) > size:
            raise self.refuse(name, f"is longer than {size} bytes")
        if characters is not None and len(value) > characters:
            self.warn(name, f"has {len(value)} characters, more than {characters}: it is cut on display")
        return value

    def unique(self, name: str, among: str, size: int) -> str:
        """A needed text that occurs once `among` its like."""
        value = self.text(name, needed=True, size=size)
        seen = self.notes.used.setdefault(among, set())
        if value in seen:
            raise self.refuse(name, f"{value!r} is repeated")
        seen.add(value)
        return value

    def url(self, name: str, *, needed: bool = True) -> str:
        """A link with its scheme."""
        value = self.text(name, needed=needed)
        if value and not value.lower().startswith(WEB):
            raise self.refuse(name, "must begin with http:// or https://")
        return value

    def number(self, name: str, allowed: tuple[int, ...], default: int) -> int:
        """One of a few whole numbers; a number written as text is accepted with a warning."""
        value = self.value.get(name)
        if value is None:
            return default
        if isinstance(value, str) and value.isdecimal():
            self.warn(name, "is a string: wrong json format")
            value = int(value)
        if isinstance(value, bool) or value not in allowed:
            raise self.refuse(name, f"must be one of {', '.join(map(str, allowed))}")
        return int(value)

    def child(self, name: str) -> Node | None:
        """An object inside this one; None when it is missing."""
        value = self.value.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.refuse(name, "must be an object")
        return Node(value, self.at(name), self.notes)

    def children(self, name: str, *, at_least: int, at_most: int) -> list[Node]:
        """The objects of a list."""
        value = self.value.get(name)
        if value is None:
            value = []
        if not isinstance(value, list):
            raise self.refuse(name, "must be a list")
        if not at_least <= len(value) <= at_most:
            raise self.refuse(name, f"holds {len(value)} items, not {at_least} to {at_most}")
        for index, item in enumerate(value):
            if not isinstance(item, dict):
                raise self.refuse(f"{name}[{index}]", "must be an object")
        return [Node(item, f"{self.at(name)}[{index}]", self.notes) for index, item in enumerate(value)]
