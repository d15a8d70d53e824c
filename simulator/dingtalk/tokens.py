"""The app's access token: one for both hosts, the same one while it lives."""

from __future__ import annotations

from simulator.clock import Clock
from simulator.ids import Ids

LIFE_SECONDS = 7200


class Tokens:
    """Life follows machine time: moving the business clock makes no token older."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._token = ""
        self._end = 0.0

    def give(self) -> tuple[str, int]:
        """The living token, its life extended, or a fresh one; and the seconds it lives."""
        now = self._clock.machine()
        if now >= self._end:
            self._token = self._ids.new("", length=32)
        self._end = now + LIFE_SECONDS
        return self._token, LIFE_SECONDS

    def valid(self, token: str | None) -> bool:
        """False for a missing, unknown, revoked or expired token."""
        return bool(token) and token == self._token and self._clock.machine() < self._end

    def revoke(self) -> None:
        """The token given so far is dead at once."""
        self._token, self._end = "", 0.0
