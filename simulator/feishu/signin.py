"""Sign-in codes of the web pages: five minutes, one use, bound to app, redirect and PKCE."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from simulator.clock import Clock
from simulator.feishu.errors import ApiError
from simulator.ids import Ids

LIFE_SECONDS = 300.0


@dataclass(slots=True)
class Code:
    """One authorization code."""

    open_id: str
    redirect_uri: str
    challenge: str
    method: str
    given: float
    used: bool = False


class SignIn:
    """Gives codes to browsers and takes them back from the bot."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._codes: dict[str, Code] = {}

    def give(self, open_id: str, *, redirect_uri: str, challenge: str, method: str) -> str:
        """A fresh code for this person."""
        code = self._ids.new("", length=40)
        self._codes[code] = Code(open_id, redirect_uri, challenge, method, self._clock.machine())
        return code

    def take(self, code: str, *, redirect_uri: str | None, verifier: str | None) -> str:
        """The open_id behind a code, which is used up by this."""
        found = self._codes.get(code)
        if found is None:
            raise ApiError(20003)
        if found.used:
            raise ApiError(20065)
        if self._clock.machine() - found.given >= LIFE_SECONDS:
            raise ApiError(20004)
        if redirect_uri is not None and redirect_uri != found.redirect_uri:
            raise ApiError(20003, "redirect_uri does not match")
        if found.challenge and _challenge(verifier or "", found.method) != found.challenge:
            raise ApiError(20049)
        found.used = True
        return found.open_id


def _challenge(verifier: str, method: str) -> str:
    if method != "S256":
        return verifier
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
