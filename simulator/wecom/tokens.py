"""The app's access token: the same one for two hours, unless it is taken back."""

from __future__ import annotations

from simulator.clock import Clock
from simulator.ids import Ids
from simulator.wecom.errors import ApiError

LIFE_SECONDS = 7200
KEPT_SECONDS = 86400.0


class Tokens:
    """Gives and checks tokens. Life follows machine time: moving the business clock ages none."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._ends: dict[str, float] = {}

    def give(self) -> tuple[str, int]:
        """The living token and the seconds it still lives."""
        now = self._clock.machine()
        self._ends = {token: end for token, end in self._ends.items() if end > now - KEPT_SECONDS}
        for token, end in self._ends.items():
            if end > now:
                return token, int(end - now)
        token = self._ids.new("", length=64) + self._ids.new("", length=64)
        self._ends[token] = now + LIFE_SECONDS
        return token, LIFE_SECONDS

    def check(self, token: str) -> None:
        """Refuses a missing, an unknown and an expired token, each with its own code."""
        if not token:
            raise ApiError(41001)
        end = self._ends.get(token)
        if end is None:
            raise ApiError(40014)
        if end <= self._clock.machine():
            raise ApiError(42001)

    def revoke(self) -> None:
        """Every token given so far is unknown at once."""
        self._ends.clear()
