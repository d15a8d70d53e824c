"""What WeCom's error codes mean for us, as data (docs/platforms/wecom.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.platforms.base import (
    Gone,
    Malformed,
    NotAllowed,
    PlatformError,
    RetryLater,
    TokenExpired,
    TooLarge,
)

FAULT_WAIT = 2.0
TEXT_CHARS = 200


@dataclass(frozen=True, slots=True)
class Wait:
    """Try again after so many seconds; `whole_app`: not only this chat."""

    after: float
    whole_app: bool = False


_LATER: Mapping[int, Wait] = {
    -1: Wait(FAULT_WAIT),
    6000: Wait(1.0),
    45009: Wait(60.0, whole_app=True),
    45033: Wait(1.0, whole_app=True),
}

_FINAL: Mapping[type[PlatformError], tuple[int, ...]] = {
    TokenExpired: (40001, 40014, 42001),
    NotAllowed: (
        *(40013, 40056, 40091, 301002),  # credentials; a token of another app
        *(48002, 48004, 48006),  # no right to the API
        *(50001, 50003, 60020),  # trusted domain, app stopped, caller's address not listed
        *(60011, 60021, 50002, 92000),  # outside the visible range
        *(93004, 93008, 93001, 93006),  # a smart bot that may not speak there
    ),
    Gone: (
        *(40003, 46004, 60111, 81013, 82001),  # nobody to send to
        *(40007, 40029, 42022),  # media older than three days, sign-in code wrong or used
        *(40050, 86001, 86003, 86008),  # group unknown or not ours
        *(93000, 846605, 846608),  # webhook removed, socket message no longer answerable
        *(42014, 42015, 42016),  # the card is another app's, or unknown
    ),
    TooLarge: (40006, 40009, 45001, 45002, 301016, 301017, 830002),
    Malformed: (
        *(40004, 40005, 40008, 40011, 40031, 40032, 40033, 40035, 40039, 40054, 40055, 40058, 40063, 40123),
        *(41001, 41002, 41004, 41010, 41011, 41016, 41033, 42017, 42018, 42019, 44001, 44004, 45008, 45034),
        *(82002, 82003, 86004, 86005, 86006, 86007, 86101, *range(86201, 86208), 86215, 86216, 86217, 86220),
    ),
}

CODES: Mapping[int, Wait | type[PlatformError]] = {
    **_LATER,
    **{code: kind for kind, codes in _FINAL.items() for code in codes},
}
"""Every code we know and the reaction to it."""

_SECRETS = re.compile(r"\b(access_token|corpsecret|secret|key|response_code)=[^\s&,]+", re.IGNORECASE)


def read_error(status: int, body: Mapping[str, object] | None) -> PlatformError:
    """The error in an answer that is no success: decided by its code, then by the HTTP status."""
    given = (body or {}).get("errcode")
    code = given if type(given) is int else 0
    words = _SECRETS.sub(r"\1=…", str((body or {}).get("errmsg", "")))[:TEXT_CHARS]
    told = f"wecom {status}/{code} · {words}"
    meaning = CODES.get(code)
    if isinstance(meaning, Wait):
        return RetryLater(told, after=meaning.after, code=code, whole_app=meaning.whole_app)
    if meaning is not None:
        return meaning(told, code=code)
    return Malformed(told, code=code) if code else _by_status(told, status)


def fault(text: str, *, unknown: bool = True) -> RetryLater:
    """A broken, silent or unreachable platform."""
    return RetryLater(text, after=FAULT_WAIT, unknown=unknown)


def _by_status(told: str, status: int) -> PlatformError:
    if status == 429:
        return RetryLater(told, after=1.0, whole_app=True)
    if status == 413:
        return TooLarge(told)
    if status in (401, 403):
        return NotAllowed(told)
    if status in (400, 404, 405):
        return Malformed(told)
    return RetryLater(told, after=FAULT_WAIT, unknown=True)
