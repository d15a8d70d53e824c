"""What Feishu's error codes mean for us, as data (docs/platforms/feishu.md 8)."""

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

RESET_HEADER = "x-ogw-ratelimit-reset"
LONGEST_WAIT = 300.0
FAULT_WAIT = 2.0
TEXT_CHARS = 200


@dataclass(frozen=True, slots=True)
class Wait:
    """Try again after so many seconds; `whole_app`: not only this chat; `unknown`: it may have been accepted."""

    after: float
    whole_app: bool = False
    unknown: bool = False


_LATER: Mapping[int, Wait] = {
    99991400: Wait(1.0, whole_app=True),
    230020: Wait(1.0),
    11232: Wait(30.0, whole_app=True),
    11233: Wait(5.0),
    11247: Wait(10.0, whole_app=True),
    1000004: Wait(5.0, whole_app=True),
    1000005: Wait(5.0, whole_app=True),
    **dict.fromkeys((2200, 5000, 1500, 1551, 1642, 300000, 20050), Wait(FAULT_WAIT, unknown=True)),
    **dict.fromkeys((18121, 230049), Wait(2.0, unknown=True)),
    **dict.fromkeys((232096, 232019), Wait(FAULT_WAIT)),
    **dict.fromkeys((1, 1000040343), Wait(FAULT_WAIT)),  # long connection: busy
}

_FINAL: Mapping[type[PlatformError], tuple[int, ...]] = {
    TokenExpired: (
        *(99991661, 99991663, 99991664, 99991665, 99991668, 99991671, 99991677),
        *(20005, 20013),
    ),
    NotAllowed: (
        *(10003, 10014, 10015, 20002, 20010, 99991543, 99991662, 99991673),  # credentials, app not in use
        *(99991672, 99991676, 99991679, 230027),  # scope missing
        *(99991401, 99991403),  # address list, monthly quota
        *(230006, 232025, 11205, 234007),  # bot ability off
        *(230009, 230026, 230018, 230035, 11235),  # recall window, group settings
        *(230022, 230028, 11248, 11312),  # content audit
        *(230023, 230024, 230052, 230054, 230072, 230075),  # urgents, message type, edits
        *(40004, 41050, 234038),  # contact range, restricted resource
        *(403, 514, 1000040344, 1000040350),  # long connection: credentials, too many of them
    ),
    Gone: (
        *(230002, 10030, 232011, 234004),  # the bot is not in the chat
        *(230011, 230110, 200000, 230031, 230019),  # the message is recalled, deleted, too old; topic missing
        *(230013, 11225, 230029, 230053, 230034, *range(99992351, 99992365)),  # the person is out of reach
        *(232009, 11237, 10004, 10029, 11206, 11231),  # group dissolved, unknown
        *(234003, 234040, 300020, 300030, 300040),  # resource or update token gone
        *(20003, 20004, 20065),  # sign-in code unknown, expired, used
    ),
    TooLarge: (230025, 19036, 100000, 200860, 234006, 234037, 234039, 300305),
    Malformed: (
        *(99991201, 99991301, 99992402, 9499, 230001, 232001, 234001, 10001, 10002),
        *(230017, 230055, 230071, 230099, 11246, 11311, 18054),
        *(300301, 300302, 300303, 300307, 234010, 234011, 234043, 20024, 20049),
    ),
}

CODES: Mapping[int, Wait | type[PlatformError]] = {
    **_LATER,
    **{code: kind for kind, codes in _FINAL.items() for code in codes},
}
"""Every code we know and the reaction to it."""

_INNER = re.compile(r"ErrCode:\s*(\d{1,9})")
_SECRETS = re.compile(r"\b(?:[tua]-[\w.-]{6,}|eyJ[\w.-]{8,})")
_LOCKED = "card action is lock"
_OVER = ("exceeds the limit", "over limit")


def read_error(status: int, body: object, headers: Mapping[str, str]) -> PlatformError:
    """The error in an answer that is no success: decided by its code, then by the HTTP status."""
    envelope = body if isinstance(body, dict) else {}
    given = envelope.get("code")
    code = given if type(given) is int else 0
    told = _told(status, code, envelope, headers)
    if code == 230099:
        return _card_error(told, str(envelope.get("msg", "")))
    meaning = CODES.get(code)
    if isinstance(meaning, Wait):
        return _later(told, meaning, code, headers)
    if meaning is not None:
        return meaning(told, code=code)
    return _by_status(told, status, code, headers)


def fault(text: str, *, unknown: bool = True) -> RetryLater:
    """A broken, silent or unreachable platform."""
    return RetryLater(text, after=FAULT_WAIT, unknown=unknown)


def _later(told: str, wait: Wait, code: int, headers: Mapping[str, str]) -> RetryLater:
    after = _reset(headers) or wait.after
    return RetryLater(told, after=after, code=code, unknown=wait.unknown, whole_app=wait.whole_app)


def _card_error(told: str, text: str) -> PlatformError:
    """A refused card; the reason is an inner code in the text. A card locked by its own click is free again soon."""
    inner = _INNER.search(text)
    if inner and inner[1] == "11310" and _LOCKED in text:
        return RetryLater(told, after=1.0, code=230099)
    if inner and (inner[1] == "300305" or (inner[1] == "11310" and any(word in text for word in _OVER))):
        return TooLarge(told, code=230099)
    return Malformed(told, code=230099)


def _by_status(told: str, status: int, code: int, headers: Mapping[str, str]) -> PlatformError:
    if status == 429:
        return RetryLater(told, after=_reset(headers) or 1.0, code=code, whole_app=True)
    if status == 413:
        return TooLarge(told, code=code)
    if status >= 500 or status == 408 or not code:
        return RetryLater(told, after=FAULT_WAIT, code=code, unknown=True)
    if status == 403:
        return NotAllowed(told, code=code)
    return Malformed(told, code=code)


def _reset(headers: Mapping[str, str]) -> float:
    """Seconds until the limit is lifted; 0 when the answer does not say."""
    given = headers.get(RESET_HEADER, "").strip()
    if not given.isascii() or not given.isdigit() or len(given) > 9:
        return 0.0
    return min(float(given), LONGEST_WAIT)


def _told(status: int, code: int, envelope: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    """What an operator reads: code, text, the scopes that are missing, the vendor's support id. No secret."""
    error = envelope.get("error")
    missing = error.get("permission_violations") if isinstance(error, dict) else None
    scopes = [
        str(item.get("subject")) for item in (missing if isinstance(missing, list) else ()) if isinstance(item, dict)
    ]
    parts = [f"feishu {status}/{code}", str(envelope.get("msg", ""))[:TEXT_CHARS]]
    parts += [f"missing scopes: {', '.join(scopes)[:TEXT_CHARS]}"] if scopes else []
    parts += [f"log id {headers['X-Tt-Logid'][:64]}"] if "X-Tt-Logid" in headers else []
    return _SECRETS.sub("…", " · ".join(part for part in parts if part))
