"""Short-lived keys: sessionWebhooks, download codes, login codes, and what a send can be asked about."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from simulator.clock import Clock
from simulator.dingtalk.errors import ApiError
from simulator.ids import Ids

SESSION_LIFE = timedelta(seconds=5402)
DOWNLOAD_LIFE = timedelta(hours=2)
SEND_LIFE = timedelta(hours=24)
LOGIN_SECONDS = 300.0
KEPT = 20000


@dataclass(frozen=True, slots=True)
class Download:
    """One uploaded file that the bot may fetch."""

    blob_key: str
    end: datetime


@dataclass(slots=True)
class Send:
    """One robot send: its message per userid, or one under an empty key for a group."""

    messages: dict[str, str]
    end: datetime
    chat_id: str = ""


@dataclass(slots=True)
class Sessions:
    """All keys given out; life follows business time, that of login codes machine time. The oldest are forgotten."""

    clock: Clock
    ids: Ids
    webhooks: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    downloads: dict[str, Download] = field(default_factory=dict)
    sends: dict[str, Send] = field(default_factory=dict)
    logins: dict[str, tuple[str, float]] = field(default_factory=dict)

    def open_webhook(self, chat_id: str) -> tuple[str, int]:
        """A fresh session of this chat, and its end in milliseconds since 1970."""
        session, end = self.ids.new("", length=32), self.clock.now() + SESSION_LIFE
        _keep(self.webhooks, session, (chat_id, end))
        return session, int(end.timestamp() * 1000)

    def webhook_chat(self, session: str) -> str:
        """The chat of a living session."""
        chat_id, end = self.webhooks.get(session, ("", None))
        if end is None:
            raise ApiError(300005, "session 不存在")
        if self.clock.now() >= end:
            raise ApiError(300005, "session 已过期")
        return chat_id

    def give_download(self, blob_key: str) -> str:
        """A code for the bytes of a message."""
        code = self.ids.new("mIof", length=64)
        _keep(self.downloads, code, Download(blob_key, self.clock.now() + DOWNLOAD_LIFE))
        return code

    def download(self, code: object) -> str:
        """The blob behind a living code."""
        found = self.downloads.get(str(code))
        if found is None or self.clock.now() >= found.end:
            raise ApiError("invalidParameter.robotCode.downloadCode")
        return found.blob_key

    def sent(self, messages: dict[str, str], chat_id: str = "") -> str:
        """Remember one send; the answer is its processQueryKey."""
        key = self.ids.new("", length=40) + "="
        _keep(self.sends, key, Send(messages, self.clock.now() + SEND_LIFE, chat_id))
        return key

    def send(self, key: object) -> Send | None:
        """A send of the last 24 hours."""
        found = self.sends.get(str(key))
        return found if found is not None and self.clock.now() < found.end else None

    def key_of(self, message_id: str) -> str | None:
        """The processQueryKey a message was sent under."""
        return next((key for key, send in self.sends.items() if message_id in send.messages.values()), None)

    def give_login(self, userid: str) -> str:
        """A login code of this person, as a page inside the client gets it."""
        code = self.ids.new("", length=32)
        self.logins[code] = (userid, self.clock.machine() + LOGIN_SECONDS)
        return code

    def login(self, code: object) -> str:
        """The userid behind a code, which is used up by this; empty for unknown and old ones."""
        userid, end = self.logins.pop(str(code), ("", 0.0))
        return userid if self.clock.machine() < end else ""

    def clear(self) -> None:
        """Forget all."""
        self.webhooks.clear()
        self.downloads.clear()
        self.sends.clear()


def _keep(keys: dict[str, Any], key: str, value: Any) -> None:
    if len(keys) >= KEPT:
        del keys[next(iter(keys))]
    keys[key] = value
