"""Feishu as a platform: the ten questions, each handed to the file that answers it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
import structlog

from bot.platforms.base import (
    Accept,
    Address,
    Directory,
    Download,
    Person,
    Platform,
    PlatformError,
    Route,
    Sent,
    Shown,
    Socket,
)
from bot.platforms.feishu.arrivals import Arrivals
from bot.platforms.feishu.caps import CHAT
from bot.platforms.feishu.client import Client
from bot.platforms.feishu.keys import FeishuKeys
from bot.platforms.feishu.messages import Messages
from bot.platforms.feishu.parse import parse
from bot.platforms.feishu.people import People
from bot.platforms.feishu.plain import one_line
from bot.platforms.feishu.render import card_json, render
from bot.platforms.feishu.socket import LongConnection
from bot.platforms.feishu.wire import Callback
from bot.platforms.pace import Pace
from cards.blocks import Card, is_words
from cards.fit import Capabilities
from cards.plain import plain_text
from handlers.events import Event
from storage.inbox import Inbound

NEUTRAL = "收到，正在办"
TOAST_CHARS = 100
ASK_AGAIN = (1.0, 5.0, 15.0, 60.0)
"""Seconds between tries to learn the bot's own id; the last is repeated."""

log = structlog.get_logger()


class Feishu(Platform):
    """The adapter for one self-built app. It reads no clock: business microseconds and machine seconds are given."""

    name = "feishu"

    def __init__(
        self, keys: FeishuKeys, *, business_us: Callable[[], int], machine: Callable[[], float], pace: Pace
    ) -> None:
        self._keys = keys
        self._business_us = business_us
        self._machine = machine
        self._client = Client(keys, machine=machine, pace=pace)
        self._messages = Messages(self._client)
        self._people = People(keys, self._client)
        self._bot_open_id = ""
        self._learning: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Opens the shared session and begins to ask, in the background, who the bot is."""
        await self._client.start()
        if self._learning is None:
            self._learning = asyncio.create_task(self._learn_bot())

    async def stop(self) -> None:
        """Ends the background question and closes the session."""
        if self._learning is not None:
            self._learning.cancel()
            await asyncio.gather(self._learning, return_exceptions=True)
            self._learning = None
        await self._client.stop()

    def listen(self, accept: Accept) -> Iterable[Route]:
        """The one request URL, for events and for card callbacks; none in socket mode."""
        if self._keys.socket:
            return ()
        callback = Callback(self._keys, self._arrivals(accept), business_us=self._business_us)
        return (("POST", "/callback/feishu", callback.handle),)

    def sockets(self, accept: Accept) -> Iterable[Socket]:
        """The long connection, in socket mode. Each process may have its own: any of them gets an event."""
        if not self._keys.socket:
            return ()
        line = LongConnection(
            self._keys, self._client, self._arrivals(accept), business_us=self._business_us, machine=self._machine
        )
        return (Socket(f"feishu:{self._keys.app_id}", line.run),)

    def parse(self, inbound: Inbound) -> Event | None:
        """The stored payload as an event; never raises on what Feishu, or anybody, may have put into it."""
        return parse(inbound.payload, self._bot_open_id)

    def answer(self, *, toast: str, card: Card | None) -> bytes:
        """A toast, and the card where the setting allows it; a card of words alone becomes the toast."""
        if card is not None and is_words(card):
            toast, card = toast or plain_text(card), None
        body: dict[str, Any] = {}
        if card is None and not toast:
            toast = NEUTRAL
        if shown := one_line(toast)[:TOAST_CHARS]:
            body["toast"] = {"type": "info", "content": shown}
        if card is not None and self._keys.card_in_answer:
            body["card"] = {"type": "raw", "data": card_json(card)}
        return orjson.dumps(body)

    def capabilities(self, chat: str, *, direct: bool) -> Capabilities:
        """The same for a direct chat and a group."""
        return CHAT

    def render(self, card: Card, chat: str = "") -> Mapping[str, Any]:
        """`content` is the JSON text that the vendor's calls want."""
        return render(card, own=self._keys.public_url)

    async def send(self, to: Address, message: Mapping[str, Any], *, key: str) -> Sent:
        """For an hour the same key makes one message."""
        return await self._messages.send(to, message, key=key)

    async def update(self, shown: Shown, message: Mapping[str, Any]) -> None:
        """Redraws our own message, for 14 days."""
        await self._messages.update(shown.message_id, message)

    async def recall(self, message_id: str) -> None:
        """Takes our own message back."""
        await self._messages.recall(message_id)

    async def upload(self, content: bytes, *, name: str, kind: str) -> str:
        """The key of an image (10 MB) or a file (30 MB)."""
        return await self._messages.upload(content, name=name, kind=kind)

    async def download(self, message_id: str, key: str, *, kind: str) -> Download:
        """A file somebody sent, at most 30 MB."""
        return await self._messages.download(message_id, key, kind=kind)

    @property
    def directory(self) -> Directory:
        """Who is who, as far as the app's contact range goes."""
        return self._people

    async def login(self, code: str) -> Person:
        """Who signed in on a page with this code."""
        return await self._people.login(code)

    def _arrivals(self, accept: Accept) -> Arrivals:
        return Arrivals(
            self._keys,
            accept=accept,
            answer=lambda toast, card: self.answer(toast=toast, card=card),
            open_id_of=self._people.open_id_of,
        )

    async def _learn_bot(self) -> None:
        """Asks until it is answered: with the id, a mention of another bot is told from one of ours."""
        tries = 0
        while not self._bot_open_id:
            try:
                self._bot_open_id = await self._people.bot_open_id()
            except PlatformError as error:
                pause = ASK_AGAIN[min(tries, len(ASK_AGAIN) - 1)]
                tries += 1
                log.warning("feishu.bot_unknown", error=type(error).__name__, code=error.code, again_in=pause)
                await asyncio.sleep(pause)
