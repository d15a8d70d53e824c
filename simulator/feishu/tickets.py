"""Delayed-update tokens: one per click, alive for 30 minutes, good for two updates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator.clock import Clock
from simulator.feishu.errors import ApiError

LIFE = timedelta(minutes=30)
USES = 2
KEPT = 20000
_FORMAT = re.compile(r"c-[0-9a-f]{40}")


@dataclass(slots=True)
class Ticket:
    """The right to update the clicked card later."""

    message_id: str
    given: datetime
    answered: bool = False
    uses: int = 0


class Tickets:
    """All tokens given with clicks; the oldest are forgotten when there are very many."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tickets: dict[str, Ticket] = {}

    def give(self, token: str, message_id: str) -> None:
        """A click on this message carries this token."""
        if len(self._tickets) >= KEPT:
            del self._tickets[next(iter(self._tickets))]
        self._tickets[token] = Ticket(message_id, self._clock.now())

    def answered(self, token: str) -> None:
        """The click is over: the token may be used from now on."""
        if token in self._tickets:
            self._tickets[token].answered = True

    def check(self, token: str) -> Ticket:
        """The usable ticket of this token; refuses unknown, early, old and used-up ones."""
        ticket = self._tickets.get(token) if _FORMAT.fullmatch(token) else None
        if ticket is None:
            raise ApiError(300020)
        if not ticket.answered:
            raise ApiError(11310)
        if self._clock.now() - ticket.given >= LIFE:
            raise ApiError(300030)
        if ticket.uses >= USES:
            raise ApiError(300040)
        return ticket

    def clear(self) -> None:
        """Forget all."""
        self._tickets.clear()
