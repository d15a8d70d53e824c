"""From a verified body to the inbox row: which event it is, whose, where and when. Text is not looked at here."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, Literal

import orjson

from bot.platforms.callbacks import Refused
from bot.platforms.feishu.keys import FeishuKeys
from storage.inbox import Inbound

CLICK_MS = 2200
"""A click is answered within 3 s, less 0.8 s."""
DONE = b"{}"

Proof = Literal["signed", "legacy", "token", "socket"]
"""How the sender proved itself: signature, the old cards' signature, only the token inside the body, or being at the
other end of a connection that we opened with the app's secret."""

_MICROSECONDS = {10: 1_000_000, 13: 1_000, 16: 1}
_ID_CHARS = 128

CHAT_EVENTS = frozenset(
    {
        "im.chat.access_event.bot_p2p_chat_entered_v1",
        "im.chat.member.bot.added_v1",
        "im.chat.member.bot.deleted_v1",
        "im.chat.disbanded_v1",
        "application.bot.menu_v6",
    }
)
_NEEDS_CHAT = CHAT_EVENTS - {"application.bot.menu_v6"}
_NEEDS_PERSON = frozenset({"im.chat.access_event.bot_p2p_chat_entered_v1", "application.bot.menu_v6"})


class Unnamed(Exception):
    """A click names its person by user_id only; `Reader.remember` tells whose it is."""

    def __init__(self, user_id: str) -> None:
        super().__init__("open_id missing")
        self.user_id = user_id


class Reader:
    """Reads decrypted bodies for one app. `read` gives an inbox row, or the answer when nothing is to be stored."""

    def __init__(self, keys: FeishuKeys) -> None:
        self._app_id = keys.app_id
        self._token = keys.verification_token.encode()
        self._tenant = keys.tenant_key
        self._prefix = f"feishu:{keys.app_id}:"
        self._open_ids: dict[str, str] = {}

    def remember(self, user_id: str, open_id: str) -> None:
        """From now on clicks of this user_id are read as the open_id's."""
        self._open_ids[user_id] = open_id

    def read(self, body: dict[str, Any], raw: bytes, proof: Proof, received_at: int) -> Inbound | bytes:
        """The row to store, or the immediate answer.

        Raises Refused where the token or app is not ours, Unnamed for a click whose person must be looked up.
        """
        if body.get("type") == "url_verification":
            return self._challenge(body)
        if "schema" in body:
            return self._event(body, raw, proof, received_at)
        if "uuid" in body:
            return self._old_event(body, raw, proof, received_at)
        if "open_message_id" in body:
            return self._old_click(body, raw, proof, received_at)
        raise Refused(400, "unknown form")

    def _challenge(self, body: dict[str, Any]) -> bytes:
        self._check_token(text(body, "token") or text(body.get("header"), "token"))
        challenge = body.get("challenge")
        if not isinstance(challenge, str):
            raise Refused(400, "challenge missing")
        return orjson.dumps({"challenge": challenge})

    def _event(self, body: dict[str, Any], raw: bytes, proof: Proof, received_at: int) -> Inbound | bytes:
        header = body.get("header")
        if not isinstance(header, dict):
            raise Refused(400, "header missing")
        if proof == "legacy":
            raise Refused(401, "signature")
        if proof != "socket":
            self._check_token(text(header, "token"))
        if header.get("app_id") != self._app_id:
            raise Refused(403, "other app")
        self._check_tenant(header.get("tenant_key"))
        kind, event = header.get("event_type"), body.get("event")
        if not isinstance(event, dict):
            return DONE
        if kind == "im.message.receive_v1":
            return self._message(header, event, raw, received_at)
        if kind == "card.action.trigger":
            return self._click(body, header, event, raw, received_at)
        if isinstance(kind, str) and kind in CHAT_EVENTS:
            return self._chat(kind, header, event, raw, received_at)
        return DONE

    def _message(self, header: dict[str, Any], event: dict[str, Any], raw: bytes, received_at: int) -> Inbound | bytes:
        sender, message = event.get("sender"), event.get("message")
        if not isinstance(sender, dict) or not isinstance(message, dict):
            return DONE
        if sender.get("sender_type") != "user":
            return DONE
        who, where = text(sender.get("sender_id"), "open_id"), text(message, "chat_id")
        what = text(message, "message_id")
        if not (_sane(who) and _sane(where) and _sane(what)):
            return DONE
        when = instant(message.get("create_time")) or instant(header.get("create_time"))
        return self._row(what, "message", who, where, raw, when, received_at)

    def _click(
        self, body: dict[str, Any], header: dict[str, Any], event: dict[str, Any], raw: bytes, received_at: int
    ) -> Inbound | bytes:
        where = clicked_place(body, "open_chat_id")
        if not isinstance(event.get("action"), dict) or (where and not _sane(where)):
            return DONE
        if not _sane(who := self._clicker(event.get("operator"))):
            return DONE
        unique = self._unique(text(header, "event_id"), raw)
        return self._row(unique, "click", who, where, raw, instant(header.get("create_time")), received_at)

    def _clicker(self, operator: object) -> str:
        who, user_id = text(operator, "open_id"), text(operator, "user_id")
        if who or not _sane(user_id):
            return who
        if user_id not in self._open_ids:
            raise Unnamed(user_id)
        return self._open_ids[user_id]

    def _chat(
        self, kind: str, header: dict[str, Any], event: dict[str, Any], raw: bytes, received_at: int
    ) -> Inbound | bytes:
        if kind == "application.bot.menu_v6":
            operator = event.get("operator")
            who = text(operator.get("operator_id"), "open_id") if isinstance(operator, dict) else ""
        else:
            who = text(event.get("operator_id"), "open_id")
        where = text(event, "chat_id") if kind in _NEEDS_CHAT else ""
        if (kind in _NEEDS_CHAT and not _sane(where)) or (kind in _NEEDS_PERSON and not _sane(who)):
            return DONE
        unique = self._unique(text(header, "event_id"), raw)
        account = who if _sane(who) else ""
        return self._row(unique, "chat", account, where, raw, instant(header.get("create_time")), received_at)

    def _old_event(self, body: dict[str, Any], raw: bytes, proof: Proof, received_at: int) -> Inbound | bytes:
        """Of the first generation only the first opening of a direct chat is of interest."""
        if proof == "legacy":
            raise Refused(401, "signature")
        if proof != "socket":
            self._check_token(text(body, "token"))
        event = body.get("event")
        if not isinstance(event, dict) or event.get("type") != "p2p_chat_create":
            return DONE
        if event.get("app_id") != self._app_id:
            raise Refused(403, "other app")
        self._check_tenant(event.get("tenant_key"))
        who = text(event.get("user"), "open_id") or text(event.get("operator"), "open_id")
        where = text(event, "chat_id")
        if not (_sane(who) and _sane(where)):
            return DONE
        unique = self._unique(text(body, "uuid"), raw)
        when = instant(text(body, "ts").partition(".")[0])
        return self._row(unique, "chat", who, where, raw, when, received_at)

    def _old_click(self, body: dict[str, Any], raw: bytes, proof: Proof, received_at: int) -> Inbound | bytes:
        """A flat card callback: it carries no verification token, so only a signature proves it. HTTP only."""
        if proof not in ("legacy", "signed"):
            raise Refused(401, "signature")
        self._check_tenant(body.get("tenant_key"))
        where = text(body, "open_chat_id")
        if not isinstance(body.get("action"), dict) or (where and not _sane(where)):
            return DONE
        if not _sane(who := self._clicker(body)):
            return DONE
        return self._row(self._unique("", raw), "click", who, where, raw, 0, received_at)

    def _row(self, unique: str, kind: str, who: str, where: str, raw: bytes, when: int, received_at: int) -> Inbound:
        return Inbound(
            id=self._prefix + unique,
            lane=f"in:feishu:{who}:{where}",
            kind=kind,
            platform="feishu",
            account=who,
            chat=where,
            payload=raw,
            occurred_at=min(when, received_at) if when else received_at,
            received_at=received_at,
            answer_within_ms=CLICK_MS if kind == "click" else 0,
        )

    def _unique(self, given: str, raw: bytes) -> str:
        return given if _sane(given) else hashlib.sha256(raw).hexdigest()

    def _check_token(self, given: str) -> None:
        if not self._token or not hmac.compare_digest(given.encode(), self._token):
            raise Refused(403, "verification token")

    def _check_tenant(self, given: object) -> None:
        if self._tenant and given != self._tenant:
            raise Refused(403, "other tenant")


def text(holder: object, key: str) -> str:
    """The string under the key; empty when the holder is no object or the value no string."""
    value = holder.get(key) if isinstance(holder, dict) else None
    return value if isinstance(value, str) else ""


def clicked_place(body: dict[str, Any], key: str) -> str:
    """`open_message_id` or `open_chat_id` of a click: in the context, which may stand beside the event, or above it."""
    event = body.get("event")
    inside = event if isinstance(event, dict) else {}
    return text(inside.get("context"), key) or text(body.get("context"), key) or text(inside, key)


def instant(value: object) -> int:
    """UTC microseconds of a decimal time in seconds, milliseconds or microseconds, told apart by length; else 0."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not (value.isascii() and value.isdigit()):
        return 0
    return int(value) * factor if (factor := _MICROSECONDS.get(len(value))) else 0


def _sane(name: str) -> bool:
    """True for what can be an id: short, printable, without blanks."""
    return 0 < len(name) <= _ID_CHARS and name.isascii() and name.isprintable() and " " not in name
