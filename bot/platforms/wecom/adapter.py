"""WeCom as a platform: the ten questions, each handed to the file that answers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Any

import orjson

from bot.platforms.base import (
    Accept,
    Address,
    Directory,
    Download,
    Person,
    Platform,
    Route,
    Sent,
    Shown,
    Socket,
)
from bot.platforms.pace import Pace
from bot.platforms.wecom.caps import capabilities
from bot.platforms.wecom.chats import BOT
from bot.platforms.wecom.clicks import redrawn
from bot.platforms.wecom.client import Client
from bot.platforms.wecom.crypto import Envelope
from bot.platforms.wecom.envelope import Reader
from bot.platforms.wecom.keys import WecomKeys
from bot.platforms.wecom.line import Line
from bot.platforms.wecom.media import Media
from bot.platforms.wecom.messages import Messages
from bot.platforms.wecom.parse import parse
from bot.platforms.wecom.people import People
from bot.platforms.wecom.render import render
from bot.platforms.wecom.wire import AppCallback, BotCallback
from cards.blocks import Card
from cards.fit import Capabilities
from handlers.events import Event
from storage.inbox import Inbound


async def no_hooks(_: str) -> str:
    """No webhook is bound."""
    return ""


class Wecom(Platform):
    """The adapter for one company's app and smart bot. It reads no clock: microseconds and seconds are given."""

    name = "wecom"

    def __init__(
        self,
        keys: WecomKeys,
        *,
        business_us: Callable[[], int],
        machine: Callable[[], float],
        pace: Pace,
        hook_key: Callable[[str], Awaitable[str]] = no_hooks,
    ) -> None:
        self._keys = keys
        self._business_us = business_us
        self._client = Client(keys, machine=machine, pace=pace)
        self._people = People(keys, self._client)
        self._media = Media(keys, self._client)
        self._reader = Reader(keys)
        self._app = Envelope(keys.token, keys.aes_key, keys.corp_id) if keys.app_hears else None
        self._bot = Envelope(keys.bot_token, keys.bot_aes_key, "") if keys.bot_by_webhook else None
        self._line = self._new_line(machine) if keys.bot_by_socket else None
        self._messages = Messages(keys, self._client, self._media, self._line, hook_key)

    def _new_line(self, machine: Callable[[], float]) -> Line:
        return Line(
            self._keys,
            self._client,
            self._reader,
            business_us=self._business_us,
            machine=machine,
            account_of=self._people.account_of,
        )

    async def start(self) -> None:
        """Opens the shared session; the vendor is not asked anything."""
        await self._client.start()

    async def stop(self) -> None:
        """Closes the session."""
        await self._client.stop()

    def listen(self, accept: Accept) -> Iterable[Route]:
        """An address for the app and one for the smart bot, each where its keys are there."""
        routes: list[Route] = []
        if self._app:
            app = AppCallback(self._app, business_us=self._business_us, accept=accept, reader=self._reader)
            routes += [("GET", "/callback/wecom/app", app.verify), ("POST", "/callback/wecom/app", app.handle)]
        if self._bot:
            bot = BotCallback(
                self._bot,
                business_us=self._business_us,
                accept=accept,
                reader=self._reader,
                own=self._keys.public_url,
                account_of=self._people.account_of,
                say=self._messages.say_back,
            )
            routes += [("GET", "/callback/wecom/bot", bot.verify), ("POST", "/callback/wecom/bot", bot.handle)]
        return routes

    def sockets(self, accept: Accept) -> Iterable[Socket]:
        """The smart bot's, which lives in one process only."""
        if self._line is None:
            return ()
        return (Socket("wecom", partial(self._line.run, accept), exclusive=True, chats=BOT),)

    def parse(self, inbound: Inbound) -> Event | None:
        """The stored payload as an event; never raises on what WeCom, or anybody, may have put into it."""
        return parse(inbound.payload)

    def answer(self, *, toast: str, card: Card | None) -> bytes:
        """The card as a smart bot's answer to a click; an app answers nothing, and a sentence is no answer."""
        answer = redrawn(card, {}, own=self._keys.public_url)
        return orjson.dumps(answer) if answer else b""

    def capabilities(self, chat: str, *, direct: bool) -> Capabilities:
        """By the kind of chat: the app's, the smart bot's, a group the app made, a webhook."""
        return capabilities(self._keys, chat, direct=direct)

    def render(self, card: Card, chat: str = "") -> Mapping[str, Any]:
        """`msgtype` and its object, with the pictures that go before and what can take the place of a pressed card."""
        return render(card, chat, own=self._keys.public_url, clicks=self._keys.app_hears)

    async def send(self, to: Address, message: Mapping[str, Any], *, key: str) -> Sent:
        """To one person the same key makes one message for four hours."""
        return await self._messages.send(to, message, key=key)

    async def update(self, shown: Shown, message: Mapping[str, Any]) -> None:
        """Redraws a card in the app's chat once for each handle, within 72 hours."""
        await self._messages.update(shown, message)

    async def recall(self, message_id: str) -> None:
        """Takes back what the app sent to a person, for a day."""
        await self._messages.recall(message_id)

    async def upload(self, content: bytes, *, name: str, kind: str) -> str:
        """The media id of a picture (10 MB) or a file (20 MB), good for three days."""
        return await self._media.upload(content, name=name, kind=kind)

    async def download(self, message_id: str, key: str, *, kind: str) -> Download:
        """A file somebody sent, at most 30 MB."""
        return await self._media.download(key)

    @property
    def directory(self) -> Directory:
        """Who is who, as far as the app's visible range goes."""
        return self._people

    async def login(self, code: str) -> Person:
        """Who signed in on a page with this code."""
        return await self._people.login(code)
