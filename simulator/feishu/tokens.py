"""Access tokens of the app and of people, with their life and overlap."""

from __future__ import annotations

from simulator.clock import Clock
from simulator.feishu.errors import ApiError
from simulator.ids import Ids

LIFE_SECONDS = 7200
OVERLAP_SECONDS = 1800


class Tokens:
    """Tenant tokens: the same one while 30 minutes remain, then a new one beside it.

    Life follows machine time: moving the business clock makes no token older.
    """

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._tenant: dict[str, float] = {}
        self._people: dict[str, tuple[str, float]] = {}

    def tenant_token(self) -> tuple[str, int]:
        """A valid token and the seconds it still lives."""
        now = self._clock.machine()
        self._tenant = {token: end for token, end in self._tenant.items() if end > now}
        for token, end in self._tenant.items():
            if end - now >= OVERLAP_SECONDS:
                return token, int(end - now)
        token = self._ids.new("t-g1", length=38)
        self._tenant[token] = now + LIFE_SECONDS
        return token, LIFE_SECONDS

    def person_token(self, open_id: str) -> tuple[str, int]:
        """A fresh token that acts for this person."""
        token = self._ids.new("u-", length=38)
        self._people[token] = (open_id, self._clock.machine() + LIFE_SECONDS)
        return token, LIFE_SECONDS

    def check_tenant(self, authorization: str | None) -> None:
        """Refuses a missing, unknown, revoked or expired token."""
        token = _bearer(authorization)
        if self._tenant.get(token, 0.0) <= self._clock.machine():
            raise ApiError(99991663)

    def person_of(self, authorization: str | None) -> str:
        """The open_id a person's token acts for."""
        open_id, end = self._people.get(_bearer(authorization), ("", 0.0))
        if end <= self._clock.machine():
            raise ApiError(99991668)
        return open_id

    def revoke(self) -> None:
        """Every token given so far is dead at once."""
        self._tenant.clear()
        self._people.clear()


def _bearer(authorization: str | None) -> str:
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise ApiError(99991661)
    return token.strip()
