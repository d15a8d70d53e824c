"""What DingTalk's error codes mean for us, as data (docs/platforms/dingtalk.md).

The new host answers a refusal with an HTTP status and a word, the old one with HTTP 200 and a number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
BLOCKED_WAIT = 300.0
TEXT_CHARS = 200


class Throttled(RetryLater):
    """Over a rate limit; such a call does not count against the month."""


class CardExists(Malformed):
    """The card of this outTrackId is there already: an earlier try got through."""


class NoCard(NotAllowed):
    """No card can be sent, because of the template or its permission; words still can."""


class NoPermission(NotAllowed):
    """The app was not given the permission for this call."""


class Unsafe(NotAllowed):
    """The vendor's moderation refuses the content."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Try again after so many seconds; `throttled`: by a rate limit, of the whole app or of one chat."""

    after: float
    throttled: bool = False
    whole_app: bool = False


Meaning = Wait | type[PlatformError]

WORDS: tuple[tuple[str, Meaning], ...] = (
    ("InvalidAuthentication", TokenExpired),
    ("accesstoken.expired", TokenExpired),
    ("invalidClientIdOrSecret", NotAllowed),
    ("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", Wait(1.2, throttled=True, whole_app=True)),
    ("Forbidden.AccessDenied.QpmLimitForAppkeyAndApi", Wait(60.0, throttled=True, whole_app=True)),
    ("Forbidden.AccessDenied.QpsLimitForApi", Wait(FAULT_WAIT, throttled=True, whole_app=True)),
    ("Forbidden.AccessDenied.AccessTokenPermissionDenied", NoPermission),
    ("Forbidden.AccessDenied.", NotAllowed),  # monthly quota, outbound address
    *((word, Wait(60.0, throttled=True)) for word in ("send.too.fast", "too.many.group", "too.many.people")),
    ("send.byToken.tooFast", Wait(600.0, throttled=True)),
    ("system.", Wait(FAULT_WAIT)),
    ("ServiceUnavailable", Wait(FAULT_WAIT)),
    ("param.cardAlreadyExist", CardExists),
    ("param.cardNotExist", Gone),
    ("param.templateNotExist", NoCard),
    ("param.templateUnpublished", NoCard),
    *((word, Unsafe) for word in ("param.contentUnsafe", "contain.notAllowed.", "contain.unsafe.url")),
    *((word, Gone) for word in ("robot.oto.notExist", "chatbotId.notAllow.sendOTO", "staffId.notExisted")),
    *((word, Gone) for word in ("group.disbanded", "bot.stopped", "invalid.openConversationId", "session.")),
    ("invalidParameter.robotCode.downloadCode", Gone),
    ("invalidParameter.robotCode.auth", NotAllowed),
    *((word, Malformed) for word in ("invalidParameter.", "miss.param.", "param.", "MissingStringValue")),
)
"""The beginning of a code, and what it means; the first that fits counts."""

_NUMBERS: Mapping[Meaning, tuple[int, ...]] = {
    TokenExpired: (40014, 42001, 40001),
    Wait(1.2, throttled=True, whole_app=True): (90018,),
    Wait(FAULT_WAIT, throttled=True, whole_app=True): (90002,),
    Wait(60.0, throttled=True): (130101,),
    Wait(600.0, throttled=True): (410100,),
    Wait(FAULT_WAIT): (-1, 15),
    NoPermission: (60011,),
    NotAllowed: (90020, 60020, 40089, 310000, 400102),
    Gone: (400013, 400106, 400101, 300005, 60121, 33012, 40078, 60003),
    Unsafe: tuple(range(430101, 430110)),
    TooLarge: (40006, 40009),
    Malformed: (40035, 43004, 400105, 40104),
}
NUMBERS: Mapping[int, Meaning] = {code: meaning for meaning, codes in _NUMBERS.items() for code in codes}
"""Every number we know and the reaction to it."""

_SUB_CODES: Mapping[int, Meaning] = {40014: TokenExpired, 60011: NoPermission}
_SECRETS = re.compile(r"(?:access_token|ticket|session|appsecret|clientSecret)=?\S*|[0-9a-f]{32}", re.IGNORECASE)


def read_error(status: int, body: object) -> PlatformError:
    """The error in an answer that is no success: decided by its code, then by the HTTP status."""
    given = body if isinstance(body, dict) else {}
    told = _told(status, given)
    if given.get("punish") or given.get("source") == "x5" or (status == 403 and not given):
        # The guard before the API, which blocks an address for five minutes, speaks HTML or a JSON of its own.
        return Throttled(told, after=BLOCKED_WAIT, whole_app=True)
    number = as_number(given.get("errcode"))
    meaning = _by_number(number, given) or _by_word(given.get("code"))
    if isinstance(meaning, Wait):
        kind = Throttled if meaning.throttled else RetryLater
        return kind(told, after=meaning.after, code=number, whole_app=meaning.whole_app, unknown=not meaning.throttled)
    if meaning is not None:
        return meaning(told, code=number)
    return _by_status(told, status, number)


def as_number(value: object) -> int:
    """A code that is a number or its digits; 0 for any other."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?\d{1,9}", value, re.ASCII) else 0


def fault(text: str, *, unknown: bool = True) -> RetryLater:
    """A broken, silent or unreachable platform."""
    return RetryLater(text, after=FAULT_WAIT, unknown=unknown)


def _by_number(number: int, given: Mapping[str, Any]) -> Meaning | None:
    if number == 88:
        return _SUB_CODES.get(as_number(given.get("sub_code")), Wait(FAULT_WAIT))
    return NUMBERS.get(number)


def _by_word(given: object) -> Meaning | None:
    code = given if isinstance(given, str) else ""
    return next((meaning for start, meaning in WORDS if code.startswith(start)), None)


def _by_status(told: str, status: int, code: int) -> PlatformError:
    if status == 401:
        return TokenExpired(told, code=code)
    if status == 429:
        return Throttled(told, after=1.2, code=code, whole_app=True)
    if status == 413:
        return TooLarge(told, code=code)
    if status >= 500 or status == 408 or (status < 400 and not code):
        return RetryLater(told, after=FAULT_WAIT, code=code, unknown=True)
    return NotAllowed(told, code=code) if status == 403 else Malformed(told, code=code)


def _told(status: int, given: Mapping[str, Any]) -> str:
    """What an operator reads: status, code, text, the permissions that are missing. No secret."""
    code = given.get("code") or given.get("errcode") or ""
    sub = f"/{given['sub_code']}" if given.get("sub_code") else ""
    words = given.get("message") or given.get("errmsg") or given.get("sub_msg") or ""
    detail = given.get("accessdenieddetail")
    scopes = detail.get("requiredScopes") if isinstance(detail, dict) else None
    parts = [f"dingtalk {status}", f"{code}{sub}"[:TEXT_CHARS], str(words)[:TEXT_CHARS]]
    if isinstance(scopes, list):
        parts.append(f"missing permissions: {', '.join(map(str, scopes))}"[:TEXT_CHARS])
    return _SECRETS.sub("…", " · ".join(part for part in parts if part))
