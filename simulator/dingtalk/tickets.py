"""Tickets of the Stream gateway: 90 seconds, one connection."""

from __future__ import annotations

from simulator.clock import Clock
from simulator.ids import Ids

LIFE_SECONDS = 90.0

Subscriptions = frozenset[tuple[str, str]]


class Tickets:
    """Life follows machine time."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._given: dict[str, tuple[float, Subscriptions]] = {}

    def give(self, subscriptions: Subscriptions, *, expired: bool = False) -> str:
        """A fresh ticket for one connection with these subscriptions; `expired` makes a dead one."""
        now = self._clock.machine()
        self._given = {key: one for key, one in self._given.items() if now - one[0] < LIFE_SECONDS}
        ticket = self._ids.new("", length=36)
        self._given[ticket] = (now - (LIFE_SECONDS if expired else 0.0), subscriptions)
        return ticket

    def take(self, ticket: str) -> Subscriptions | None:
        """What the connection subscribes to, once; None for an unknown, used or old ticket."""
        when, subscriptions = self._given.pop(ticket, (0.0, frozenset()))
        if not subscriptions or self._clock.machine() - when >= LIFE_SECONDS:
            return None
        return subscriptions
