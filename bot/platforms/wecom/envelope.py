"""From a verified message to the inbox row: whose it is, where and when. What was said is not looked at here."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from bot.platforms.callbacks import Refused
from bot.platforms.wecom.chats import APP, BOT_GROUP, BOT_PERSON, is_sane
from bot.platforms.wecom.keys import WecomKeys
from bot.platforms.wecom.xmltree import NotXml, Tree, read_xml, text
from storage.inbox import Inbound

CLICK_MS = 4200
"""A click on the smart bot's card is answered within 5 s, less 0.8 s."""

APP_MESSAGES = frozenset({"text", "image", "voice", "video", "location", "file"})
APP_CLICKS = frozenset({"template_card_event", "template_card_menu_event"})
APP_CHATS = frozenset({"click", "enter_agent"})
APP_ALARMS = frozenset({"inactive_alert", "close_inactive_agent", "low_active_alert", "low_active"})
"""The vendor is about to stop an app that nobody uses, or has done so."""
BOT_MESSAGES = frozenset({"text", "mixed", "image", "voice", "video", "file"})

_HIDDEN_ACCOUNT = re.compile(r"wo[\w-]{20,62}", re.ASCII)
"""How the vendor names people to a smart bot that no super administrator made."""
_USER_ID_CHARS = 64


class Unnamed(Exception):
    """A smart bot's message names its person by an id that must be looked up first."""

    def __init__(self, hidden: str) -> None:
        super().__init__("userid hidden")
        self.hidden = hidden


class Reader:
    """Reads decrypted messages of one company."""

    def __init__(self, keys: WecomKeys) -> None:
        self._agent_id = str(keys.agent_id)
        self._prefix = f"wecom:{keys.corp_id}:"
        self._accounts: dict[str, str] = {}

    def remember(self, hidden: str, account: str) -> None:
        """From now on messages of this hidden id are read as the account's."""
        self._accounts[hidden] = account

    def read_app(self, raw: bytes, received_at: int) -> Inbound | None:
        """The row to store, or None when there is nothing for us. Raises Refused for another app's message.

        Messages are told apart by MsgId, events by what they say: two clicks in one second differ in their card.
        """
        try:
            message = read_xml(raw)
        except NotXml as error:
            raise Refused(400, "not XML") from error
        if (agent := text(message, "AgentID").strip()) and agent != self._agent_id:
            raise Refused(403, "other app")
        if not (kind := _app_kind(message)):
            return None
        account = text(message, "FromUserName").strip().lower()
        if not _is_person(account):
            return None
        unique = text(message, "MsgId").strip()
        if kind != "message" or not (unique.isdigit() and is_sane(unique)):
            unique = hashlib.sha256(raw).hexdigest()
        return self._row(unique, kind, account, APP + account, raw, text(message, "CreateTime").strip(), received_at)

    def read_bot(self, body: dict[str, Any], raw: bytes, received_at: int, *, as_given: bool = False) -> Inbound | None:
        """The same for a message to the smart bot.

        Raises Unnamed for a person who must be looked up first, unless the hidden id is taken `as_given`.
        """
        if not (kind := _bot_kind(body)):
            return None
        account = self._account(string(body.get("from"), "userid").strip(), as_given=as_given)
        if not _is_person(account):
            return None
        group = string(body, "chatid") if body.get("chattype") == "group" else ""
        if body.get("chattype") == "group" and not is_sane(group):
            return None
        chat = BOT_GROUP + group if group else BOT_PERSON + account
        given = string(body, "msgid")
        unique = "bot:" + (given if is_sane(given) else hashlib.sha256(raw).hexdigest())
        created = body.get("create_time")
        return self._row(unique, kind, account, chat, raw, str(created), received_at, limit=CLICK_MS)

    def _account(self, given: str, *, as_given: bool) -> str:
        if _HIDDEN_ACCOUNT.fullmatch(given) and not as_given:
            if given not in self._accounts:
                raise Unnamed(given)
            return self._accounts[given]
        return given.lower()

    def _row(
        self,
        unique: str,
        kind: str,
        account: str,
        chat: str,
        raw: bytes,
        when: str,
        received_at: int,
        *,
        limit: int = 0,
    ) -> Inbound:
        said_at = instant(when)
        return Inbound(
            id=self._prefix + unique,
            lane=f"in:wecom:{account}:{chat}",
            kind=kind,
            platform="wecom",
            account=account,
            chat=chat,
            payload=raw,
            occurred_at=min(said_at, received_at) if said_at else received_at,
            received_at=received_at,
            answer_within_ms=limit if kind == "click" else 0,
        )


def app_event(message: Tree) -> str:
    """The name of an app event, which the vendor spells in several ways."""
    return text(message, "Event").strip().lower() if text(message, "MsgType").strip() == "event" else ""


def bot_event(body: dict[str, Any]) -> str:
    """The name of a smart bot's event."""
    return string(body.get("event"), "eventtype") if body.get("msgtype") == "event" else ""


def string(holder: object, key: str) -> str:
    """The string under the key; empty when the holder is no object or the value no string."""
    value = holder.get(key) if isinstance(holder, dict) else None
    return value if isinstance(value, str) else ""


def instant(seconds: str) -> int:
    """UTC microseconds of a time in whole seconds; 0 when it is none."""
    return int(seconds) * 1_000_000 if seconds.isascii() and seconds.isdigit() and len(seconds) == 10 else 0


def _app_kind(message: Tree) -> str:
    if text(message, "MsgType").strip() in APP_MESSAGES:
        return "message"
    event = app_event(message)
    return "click" if event in APP_CLICKS else "chat" if event in APP_CHATS else ""


def _bot_kind(body: dict[str, Any]) -> str:
    if string(body, "msgtype") in BOT_MESSAGES:
        return "message"
    return {"template_card_event": "click", "enter_chat": "chat"}.get(bot_event(body), "")


def _is_person(account: str) -> bool:
    return is_sane(account) and len(account) <= _USER_ID_CHARS and account != "sys"
