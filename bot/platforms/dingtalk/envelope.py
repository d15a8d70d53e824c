"""From a verified body to the inbox row: which event it is, whose, where and when. Text is not looked at here.

The same bodies come over HTTP and over Stream, so both read them here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
import structlog

from bot.platforms.dingtalk.content import text
from bot.platforms.dingtalk.keys import DingtalkKeys
from bot.platforms.dingtalk.tracks import DIRECT, shows_in_group
from bot.platforms.kinds import Meter
from storage.inbox import Inbound

CLICK_MS = 1200
"""A click is answered within 2 s, less 0.8 s."""
OVER_QUOTA = "20001"
GONE_GROUP = "chat_disband"
GONE_PEOPLE = "user_leave_org"

MOST_PEOPLE = 200

_ID_CHARS = 256
_CREDENTIAL = "sessionWebhook"
_FREE_EVENTS = ("user_", "org_", "label_", "check_")
"""Changes of contacts, and checks of the address, do not count against the month."""
_Json = dict[str, Any]

log = structlog.get_logger()


class Reader:
    """Makes inbox rows for one app, and counts what the vendor counts. None: nothing to store."""

    def __init__(self, keys: DingtalkKeys, meter: Meter) -> None:
        self._prefix = f"dingtalk:{keys.app_key}:"
        self._meter = meter

    def message(self, body: _Json, received_at: int) -> Inbound | None:
        """A robot message. Who is not of the organisation has no staff id, and gets no answer: there is no address."""
        if str(body.get("errorCode", "")) == OVER_QUOTA:
            log.error("dingtalk.over_quota", reason=text(body, "errorMessage")[:200])
            return None
        self._meter.count("stream")
        who, what, cid = text(body, "senderStaffId"), text(body, "msgId"), text(body, "conversationId")
        where = cid if is_group(body) else DIRECT + who
        if not _sane(who) or _is_foreign(body):
            log.warning(
                "dingtalk.sender_unknown", hint="an outsider, or the robot is not published", group=is_group(body)
            )
            return None
        if not (_sane(what) and _sane(where)):
            return None
        kept = dict(body)
        kept.pop(_CREDENTIAL, None)
        return self._row(what, "message", who, where, kept, instant(body.get("createAt")), received_at)

    def click(self, body: _Json, unique: str, received_at: int) -> Inbound | None:
        """A press on a card of ours. The card's own id says where it stands; `unique` tells two presses apart."""
        who, track = text(body, "userId"), text(body, "outTrackId")
        if not (_sane(who) and _sane(track)):
            return None
        where = text(body, "spaceId") if shows_in_group(track) else DIRECT + who
        if not _sane(unique):
            unique = hashlib.sha256(unique.encode(errors="replace")).hexdigest()
        return self._row(unique, "click", who, where if _sane(where) else "", body, 0, received_at)

    def event(
        self, kind: str, fields: Mapping[str, Any], unique: str, born: object, received_at: int
    ) -> Inbound | None:
        """An organisation event; of these the end of a group and people who left concern the product."""
        if kind and not kind.startswith(_FREE_EVENTS):
            self._meter.count("stream")
        lowered = {key.lower(): value for key, value in fields.items()}
        where, gone = text(lowered, "openconversationid"), _accounts(lowered.get("userid"))
        if not (kind == GONE_GROUP and _sane(where)) and not (kind == GONE_PEOPLE and gone):
            return None
        if not _sane(unique):
            unique = hashlib.sha256(orjson.dumps(lowered, option=orjson.OPT_SORT_KEYS)).hexdigest()
        body = {"EventType": kind, "userId": gone}
        return self._row(unique, "chat", "", where if _sane(where) else "", body, instant(born), received_at)

    def _row(self, unique: str, kind: str, who: str, where: str, body: _Json, when: int, received_at: int) -> Inbound:
        return Inbound(
            id=self._prefix + unique,
            lane=f"in:dingtalk:{who}:{where}",
            kind=kind,
            platform="dingtalk",
            account=who,
            chat=where,
            payload=orjson.dumps(body),
            occurred_at=min(when, received_at) if when else received_at,
            received_at=received_at,
            answer_within_ms=CLICK_MS if kind == "click" else 0,
        )


def _accounts(given: object) -> list[str]:
    """One account or several, as the vendor writes both."""
    found = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    return [each for each in found if isinstance(each, str) and _sane(each)][:MOST_PEOPLE]


def is_group(body: Mapping[str, Any]) -> bool:
    """True for a message in a group."""
    return str(body.get("conversationType", "")) == "2"


def instant(value: object) -> int:
    """UTC microseconds of a time in milliseconds, a number or its digits; else 0."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not (value.isascii() and value.isdigit() and len(value) == 13):
        return 0
    return int(value) * 1000


def _is_foreign(body: Mapping[str, Any]) -> bool:
    """True when the sender belongs to another organisation than the robot."""
    theirs, ours = text(body, "senderCorpId"), text(body, "chatbotCorpId")
    return bool(theirs and ours and theirs != ours)


def _sane(name: str) -> bool:
    """True for what can be an id: short, printable, without blanks."""
    return 0 < len(name) <= _ID_CHARS and name.isascii() and name.isprintable() and " " not in name
