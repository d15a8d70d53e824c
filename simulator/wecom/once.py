"""The duplicate check: the identical request is not delivered again within its interval."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from simulator.clock import Clock
from simulator.wecom.errors import ApiError

DEFAULT_SECONDS = 1800
MAX_SECONDS = 4 * 3600
KEPT = 20000


class Once:
    """Remembers delivered requests by what they said.

    Machine time, because a retry after a broken connection comes in seconds: a business clock moved
    by two days in between must not make a second message.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._delivered: dict[str, float] = {}

    def seen(self, body: dict[str, Any]) -> bool:
        """True when the identical request was delivered within its interval; always False without the check."""
        if not _wanted(body):
            return False
        seconds, when = _seconds(body), self._delivered.get(_print(body))
        return when is not None and self._clock.machine() - when < seconds

    def remember(self, body: dict[str, Any]) -> None:
        """The request was delivered now."""
        if not _wanted(body):
            return
        if len(self._delivered) >= KEPT:
            del self._delivered[next(iter(self._delivered))]
        self._delivered[_print(body)] = self._clock.machine()

    def clear(self) -> None:
        """Forget all."""
        self._delivered.clear()


def _wanted(body: dict[str, Any]) -> bool:
    return body.get("enable_duplicate_check") in (1, True, "1")


def _seconds(body: dict[str, Any]) -> int:
    value = body.get("duplicate_check_interval", DEFAULT_SECONDS)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= MAX_SECONDS:
        raise ApiError(40058, f"duplicate_check_interval must be 1 to {MAX_SECONDS}")
    return value


def _print(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
