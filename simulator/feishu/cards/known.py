"""What the platform knows outside a card and compares the card with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """Which image keys and people exist, and how many tables a card may hold."""

    image: Callable[[str], bool]
    person: Callable[[str], bool]
    max_tables: int = 3
