"""Sign-in codes of the web pages: five minutes, one use."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.clock import Clock
from simulator.ids import Ids
from simulator.wecom.errors import ApiError

LIFE_SECONDS = 300.0


@dataclass(slots=True)
class Code:
    """One authorization code."""

    userid: str
    given: float
    used: bool = False


class SignIn:
    """Gives codes to browsers and takes them back from the bot; life follows machine time."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._codes: dict[str, Code] = {}

    def give(self, userid: str) -> str:
        """A fresh code for this person."""
        code = self._ids.new("", length=43)
        self._codes[code] = Code(userid, self._clock.machine())
        return code

    def take(self, code: str) -> str:
        """The userid behind a code, which is used up by this."""
        found = self._codes.get(code)
        if found is None or self._clock.machine() - found.given >= LIFE_SECONDS:
            raise ApiError(40029)
        if found.used:
            raise ApiError(42022)
        found.used = True
        return found.userid

    def clear(self) -> None:
        """Forget all."""
        self._codes.clear()
