"""Response codes: the right to change one sent card once, within 72 hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator.clock import Clock
from simulator.ids import Ids
from simulator.wecom.errors import ApiError

LIFE = timedelta(hours=72)
ANSWER_LIFE = timedelta(hours=1)
KEPT = 20000


@dataclass(slots=True)
class Code:
    """One code, for the message it was given with."""

    message_id: str
    given: datetime
    used: bool = False


class Codes:
    """All codes of one kind; life follows business time. The oldest are forgotten when there are very many."""

    def __init__(self, clock: Clock, ids: Ids, life: timedelta = LIFE) -> None:
        self._clock = clock
        self._ids = ids
        self._life = life
        self._codes: dict[str, Code] = {}

    def give(self, message_id: str, *, old: bool = False) -> str:
        """A fresh code for this message; with `old` one that has just run out."""
        if len(self._codes) >= KEPT:
            del self._codes[next(iter(self._codes))]
        code = self._ids.new("", length=48)
        self._codes[code] = Code(message_id, self._clock.now() - (self._life if old else timedelta(0)))
        return code

    def find(self, code: object) -> Code:
        """The usable code; unknown, used and expired ones are refused alike."""
        found = self._codes.get(code) if isinstance(code, str) else None
        if found is None or found.used or self._clock.now() - found.given >= self._life:
            raise ApiError(40058, "invalid response_code")
        return found

    def clear(self) -> None:
        """Forget all."""
        self._codes.clear()
