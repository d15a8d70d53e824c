"""Messages: send, redraw, take back, in each kind of chat (docs/platforms/wecom.md)."""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import structlog

from bot.platforms.base import Address, Gone, Malformed, NotAllowed, PlatformError, RetryLater, Sent, Shown
from bot.platforms.wecom.caps import DUPLICATE_SECONDS
from bot.platforms.wecom.chats import APP, kind_of, name_of
from bot.platforms.wecom.client import Asked, Client
from bot.platforms.wecom.keys import WecomKeys
from bot.platforms.wecom.line import Line
from bot.platforms.wecom.media import Media
from bot.platforms.wecom.parse import BY_SOCKET, BY_URL
from bot.platforms.wecom.pictures import Pictures
from bot.platforms.wecom.render import calls_back, render, template
from cards.blocks import Card
from storage.inbox import Inbound

RECALLABLE = 5000
"""Cards of which the vendor's own message id is remembered; a card is known by its task."""

_TASK_ID = re.compile(r"[0-9A-Za-z_@-]{1,100}", re.ASCII)

log = structlog.get_logger()


class Messages:
    """What is said in chats: by the app, in its groups, through webhooks and by the smart bot."""

    def __init__(
        self,
        keys: WecomKeys,
        client: Client,
        media: Media,
        line: Line | None,
        hook_key: Callable[[str], Awaitable[str]],
    ) -> None:
        self._keys = keys
        self._client = client
        self._line = line
        self._pictures = Pictures(media, line)
        self._hook_key = hook_key
        self._vendor_ids: OrderedDict[str, str] = OrderedDict()

    async def send(self, to: Address, message: Mapping[str, Any], *, key: str) -> Sent:
        """Sends what goes before, then the message itself. To a person the same key makes one message for hours."""
        chat = to.chat or (to.account and APP + to.account.lower())
        if not name_of(chat):
            raise Malformed("wecom: nobody to send to")
        for place, media_id in enumerate(message.get("before", ())):
            await self._send_picture(to, chat, media_id, f"{key}-{place}")
        body = _addressed(message)
        task = ""
        if (drawn := body.get("template_card")) and calls_back(drawn):
            task = task_id(key)
            body["template_card"] = {**drawn, "task_id": task}
        return await self._send(to, chat, body, key, task=task)

    async def update(self, shown: Shown, message: Mapping[str, Any]) -> None:
        """Redraws our card in the app's chat, by a handle that is good for one redraw within 72 hours."""
        drawn = template(message)
        if kind_of(shown.chat) != "app" or not shown.handle or drawn is None:
            raise Gone("wecom: nothing redraws this message")
        account = shown.account.lower() or name_of(shown.chat)
        body = {
            "userids": [account],
            "agentid": self._keys.agent_id,
            "response_code": shown.handle.split()[-1],
            "template_card": drawn,
        }
        try:
            answer = await self._client.call(Asked("POST", "message/update_template_card", body=body))
        except (RetryLater, NotAllowed):
            raise
        except PlatformError as error:
            raise Gone(str(error), code=error.code) from error
        if account in (answer.get("invaliduser") or ()):
            raise Gone("wecom: the person has no such card")

    async def say_back(self, said: Card, click: Inbound, code: str) -> None:
        """Says a sentence in the smart bot's chat of a click, by the click's response code."""
        message = render(said, click.chat, own=self._keys.public_url)
        await self._as_bot(BY_URL + code if code else "", click.chat, _addressed(message))

    async def recall(self, message_id: str) -> None:
        """Takes back what the app sent, for a day."""
        body = {"msgid": self._vendor_ids.get(message_id, message_id)}
        await self._client.call(Asked("POST", "message/recall", body=body))

    async def _send_picture(self, to: Address, chat: str, media_id: str, key: str) -> None:
        """A picture goes first; one that is refused is no reason not to send its card. Raises RetryLater."""
        try:
            if picture := await self._pictures.message(media_id, kind_of(chat)):
                await self._send(replace(to, reply_to=""), chat, picture, key)
        except RetryLater:
            raise
        except PlatformError as error:
            self._pictures.forget(media_id)
            log.warning("wecom.picture_not_sent", reason=type(error).__name__, code=error.code)

    async def _send(self, to: Address, chat: str, body: dict[str, Any], key: str, *, task: str = "") -> Sent:
        match kind_of(chat):
            case "app":
                return await self._to_member(name_of(chat), body, key, task)
            case "appchat":
                asked = Asked("POST", "appchat/send", body={"chatid": name_of(chat), **body})
                await self._client.call(asked, about=(("chat", chat), ("app", "")))
            case "hook":
                await self._to_hook(chat, body)
            case "bot":
                await self._as_bot(to.reply_to, chat, body)
        return Sent(task or task_id(key), chat)

    async def _to_member(self, account: str, body: dict[str, Any], key: str, task: str) -> Sent:
        """The vendor compares whole requests for hours: by `request_id` a repeat is the same, a twin is another."""
        asked = {
            "touser": account,
            "agentid": self._keys.agent_id,
            **body,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": DUPLICATE_SECONDS,
            "request_id": task_id(key),
        }
        answer = await self._client.call(
            Asked("POST", "message/send", body=asked), about=(("member", account), ("app", ""))
        )
        if account in _named(answer, "invaliduser"):
            raise Gone("wecom: the person is not in the app's visible range")
        if account in _named(answer, "unlicenseduser"):
            raise NotAllowed("wecom: the person has no interface licence")
        vendor_id, handle = answer.get("msgid"), answer.get("response_code")
        vendor_id = vendor_id if isinstance(vendor_id, str) else ""
        if task and vendor_id:
            self._vendor_ids[task] = vendor_id
            if len(self._vendor_ids) > RECALLABLE:
                self._vendor_ids.popitem(last=False)
        message_id = task or vendor_id or task_id(key)
        return Sent(message_id, APP + account, handle if task and isinstance(handle, str) else "")

    async def _to_hook(self, chat: str, body: dict[str, Any]) -> None:
        if not (secret := await self._hook_key(name_of(chat))):
            raise Gone("wecom: the webhook is not known any more")
        asked = Asked("POST", "webhook/send", {"key": secret}, body, signed=False)
        await self._client.call(asked, about=(("hook", chat), ("app", "")))

    async def _as_bot(self, reply_to: str, chat: str, body: dict[str, Any]) -> None:
        if reply_to.startswith(BY_URL):
            await self._by_code(reply_to.removeprefix(BY_URL), chat, body)
            return
        if self._line is None:
            raise Gone("wecom: by webhook the smart bot speaks only in answer to a message")
        await self._client.pace.wait(("bot", chat))
        if reply_to.startswith(BY_SOCKET):
            try:
                await self._line.ask("aibot_respond_msg", body, request=reply_to.removeprefix(BY_SOCKET))
            except Gone:
                log.info("wecom.request_over")
            else:
                return
        await self._line.say(chat, body)

    async def _by_code(self, code: str, chat: str, body: dict[str, Any]) -> None:
        """The one message that a response code is good for, within the hour."""
        asked = Asked("POST", "aibot/response", {"response_code": code}, body, signed=False)
        try:
            await self._client.call(asked, about=(("bot", chat), ("app", "")))
        except Malformed as error:  # no code is documented for one that is used up
            raise Gone(str(error), code=error.code) from error


def task_id(key: str) -> str:
    """The key as the vendor's task id: itself where its letters allow, else a hash of it."""
    return key if _TASK_ID.fullmatch(key) else hashlib.sha256(key.encode(errors="replace")).hexdigest()


def _addressed(message: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a rendered message that is sent."""
    kind = message["msgtype"]
    return {"msgtype": kind, kind: message[kind]}


def _named(answer: Mapping[str, Any], field: str) -> list[str]:
    """The userids in a list that is one string."""
    given = answer.get(field)
    return [name.lower() for name in given.split("|") if name] if isinstance(given, str) else []
