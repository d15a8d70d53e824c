"""DingTalk as a platform: the ten questions, each handed to the file that answers it."""

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
from bot.platforms.dingtalk.answers import click_answer
from bot.platforms.dingtalk.caps import capabilities
from bot.platforms.dingtalk.client import Asked, Client
from bot.platforms.dingtalk.content import text
from bot.platforms.dingtalk.envelope import Reader
from bot.platforms.dingtalk.files import Files
from bot.platforms.dingtalk.keys import DingtalkKeys
from bot.platforms.dingtalk.messages import Messages
from bot.platforms.dingtalk.parse import parse
from bot.platforms.dingtalk.people import People
from bot.platforms.dingtalk.pushes import Pushes
from bot.platforms.dingtalk.render import render
from bot.platforms.dingtalk.stream import Stream
from bot.platforms.dingtalk.tracks import DIRECT, track_id
from bot.platforms.dingtalk.wire import Callbacks
from bot.platforms.kinds import Meter
from bot.platforms.pace import Pace
from cards.blocks import Card
from cards.fit import Capabilities
from handlers.events import Event
from storage.inbox import Inbound

ASK_AGAIN = (1.0, 5.0, 15.0, 60.0)
"""Seconds between tries to register the address for clicks; the last is repeated."""

log = structlog.get_logger()


class Dingtalk(Platform):
    """The adapter for one app with a robot. It reads no clock: business microseconds and machine seconds are given."""

    name = "dingtalk"

    def __init__(
        self,
        keys: DingtalkKeys,
        *,
        business_us: Callable[[], int],
        machine: Callable[[], float],
        pace: Pace,
        meter: Meter,
    ) -> None:
        self._keys = keys
        self._business_us = business_us
        self._client = Client(keys, machine=machine, pace=pace, meter=meter)
        self._reader = Reader(keys, meter)
        self._messages = Messages(keys, self._client)
        self._files = Files(keys, self._client)
        self._people = People(self._client)
        self._registering: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Opens the shared session and, where clicks come over HTTP, begins to say where to."""
        await self._client.start()
        if self._keys.socket or self._registering is not None:
            return
        if self._keys.hears_clicks:
            self._registering = asyncio.create_task(self._register())
        else:
            log.error("dingtalk.no_public_url", hint="set DEALDESK_PUBLIC_URL, or buttons cannot be shown")

    async def stop(self) -> None:
        """Ends the registration and closes the session."""
        if self._registering is not None:
            self._registering.cancel()
            await asyncio.gather(self._registering, return_exceptions=True)
            self._registering = None
        await self._client.stop()

    def listen(self, accept: Accept) -> Iterable[Route]:
        """Robot messages, clicks and events; no route when they come over Stream."""
        if self._keys.socket:
            return ()
        callbacks = Callbacks(
            self._keys, self._reader, business_us=self._business_us, accept=accept, render=self.render
        )
        return tuple(callbacks.routes())

    def sockets(self, accept: Accept) -> Iterable[Socket]:
        """The Stream connection; every process may hold one."""
        if not self._keys.socket:
            return ()
        pushes = Pushes(self._reader, business_us=self._business_us, accept=accept, render=self.render)
        return (Socket("dingtalk-stream", Stream(self._keys, self._client, pushes).run),)

    def parse(self, inbound: Inbound) -> Event | None:
        """The stored payload as an event; never raises on what DingTalk, or anybody, may have put into it."""
        return parse(inbound)

    def answer(self, *, toast: str, card: Card | None) -> bytes:
        """The pressed card as it is now; a toast has no place in the answer."""
        track = track_id("", "shared", group=False)
        return orjson.dumps(click_answer(card, track, DIRECT, self.render))

    def capabilities(self, chat: str, *, direct: bool) -> Capabilities:
        """Fewer in a group, where the bot hears only what mentions it."""
        in_group = bool(chat) and not chat.startswith(DIRECT)
        return capabilities(
            direct=direct and not in_group,
            form=bool(self._keys.form_template_id),
            clicks=self._keys.hears_clicks,
        )

    def render(self, card: Card, chat: str = "") -> Mapping[str, Any]:
        """What to send, in the shapes a later redraw may need too."""
        direct = not chat or chat.startswith(DIRECT)
        mention = self.capabilities(chat, direct=direct).mention
        return render(card, own=self._keys.public_url, form=bool(self._keys.form_template_id), mention=mention)

    async def send(self, to: Address, message: Mapping[str, Any], *, key: str) -> Sent:
        """For cards the same key makes one message, for ever; for words it does not."""
        return await self._messages.send(to, message, key=key)

    async def update(self, shown: Shown, message: Mapping[str, Any]) -> None:
        """Redraws our own card."""
        await self._messages.update(shown, message)

    async def recall(self, message_id: str) -> None:
        """Takes words back, within a day."""
        await self._messages.recall(message_id)

    async def upload(self, content: bytes, *, name: str, kind: str) -> str:
        """The media id of a file, at most 20 MB."""
        return await self._files.upload(content, name=name, kind=kind)

    async def download(self, message_id: str, key: str, *, kind: str) -> Download:
        """A file somebody sent, at most 30 MB."""
        return await self._files.download(key)

    @property
    def directory(self) -> Directory:
        """Who is who, as far as the app's contact range goes."""
        return self._people

    async def login(self, code: str) -> Person:
        """Who signed in on a page with this code."""
        return await self._people.login(code)

    async def _register(self) -> None:
        """Tells the vendor where clicks go, until it agrees: without force an older address would stay."""
        url = f"{self._keys.public_url.rstrip('/')}/callback/dingtalk/card"
        asked = Asked(
            "POST",
            "/v1.0/card/callbacks/register",
            {
                "callbackRouteKey": self._keys.route_key,
                "callbackUrl": url,
                "apiSecret": self._keys.card_secret,
                "forceUpdate": True,
            },
        )
        tries = 0
        while True:
            try:
                taken = text((await self._client.call(asked)).get("result"), "callbackUrl")
                if taken in ("", url):
                    return
                log.error("dingtalk.clicks_go_elsewhere", registered=taken)
            except PlatformError as error:
                log.warning("dingtalk.clicks_not_registered", error=type(error).__name__, reason=str(error))
            pause = ASK_AGAIN[min(tries, len(ASK_AGAIN) - 1)]
            tries += 1
            await asyncio.sleep(pause)
