"""Ids in the vendor's shapes.

People and chats get ids that are the same in every run; messages and events get ids that differ
from run to run, because the product rightly ignores an id it has seen before.
"""

from __future__ import annotations

import hashlib
import secrets


def stable(prefix: str, *parts: str, length: int = 32) -> str:
    """The same id for the same parts, in every run and on every computer."""
    return prefix + hashlib.sha256("/".join((prefix, *parts)).encode()).hexdigest()[:length]


class Ids:
    """A source of fresh ids; with a seed the whole series repeats."""

    def __init__(self, seed: str | None = None) -> None:
        self._seed = seed or secrets.token_hex(8)
        self._next = 0

    def new(self, prefix: str, length: int = 32) -> str:
        """An id never given before by this source."""
        self._next += 1
        return stable(prefix, self._seed, str(self._next), length=length)
