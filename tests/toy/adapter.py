"""The toy's adapter: direct chats, words and buttons; no files, no pages, no socket."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import aiohttp
from aiohttp import web

from bot.platforms import base
from bot.platforms.kinds import Example, Kind, Surroundings
from cards.blocks import Card
from cards.fit import Capabilities
from config.settings import PlatformSettings
from handlers.events import Event, Said
from storage.inbox import Inbound
from tests.toy.wire import error_of, message_of, read

CAPS = Capabilities(inputs=False, menus=0, confirms=False, buttons=3, pictures="none", files_in=False, answer="none")


class ToySettings(PlatformSettings):
    """`DEALDESK_TOY__API_BASE` and `__SECRET`."""

    api_base: str
    secret: str


class Toy(base.Platform):
    """The adapter, and its own directory: it knows one person at a time."""

    name = "toy"

    def __init__(self, settings: ToySettings, around: Surroundings) -> None:
        self._settings, self._now, self._pace = settings, around.business_us, around.pacer({"app": ((50, 1.0),)})

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(headers={"X-Secret": self._settings.secret})

    async def stop(self) -> None:
        await self._session.close()

    def listen(self, accept: base.Accept) -> Iterable[base.Route]:
        async def hear(request: web.Request) -> web.Response:
            if request.headers.get("X-Secret") != self._settings.secret:
                return web.Response(status=401)
            raw, now = await request.read(), self._now()
            if found := read(raw):
                event, who, happened = found
                kind, lane = "message" if isinstance(happened, Said) else "click", f"in:toy:{who}:toy:{who}"
                await accept(Inbound(f"toy:1:{event}", lane, kind, "toy", who, f"toy:{who}", raw, now, now, 0))
            return web.Response()

        return [("POST", "/callback/toy", hear)]

    def sockets(self, accept: base.Accept) -> Iterable[base.Socket]:
        return ()

    def parse(self, inbound: Inbound) -> Event | None:
        found = read(inbound.payload)
        return found[2] if found else None

    def answer(self, *, toast: str, card: Card | None) -> bytes:
        return b""

    def capabilities(self, chat: str, *, direct: bool) -> Capabilities:
        return CAPS

    def render(self, card: Card, chat: str = "") -> Mapping[str, Any]:
        return message_of(card)

    async def send(self, to: base.Address, message: Mapping[str, Any], *, key: str) -> base.Sent:
        chat = to.chat or f"toy:{to.account}"
        return base.Sent((await self._call("POST", "/messages", {**message, "chat": chat, "key": key}))["id"], chat)

    async def update(self, shown: base.Shown, message: Mapping[str, Any]) -> None:
        await self._call("PUT", f"/messages/{shown.message_id}", message)

    @property
    def directory(self) -> base.Directory:
        return self

    async def person(self, account: str) -> base.Person | None:
        return base.Person(account, mobile=(await self._call("GET", f"/people/{account}"))["mobile"])

    async def _nobody(self, *_: object) -> Any:
        return {}

    async def _cannot(self, *_: object, **__: object) -> Any:
        raise base.NotAllowed("the toy cannot do this")

    accounts_of = groups = members = _nobody
    recall = upload = download = login = _cannot

    async def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        await self._pace.wait(("app", ""))
        try:
            async with self._session.request(method, self._settings.api_base + path, json=body) as response:
                if response.status != 200:
                    raise error_of(response.status)
                return await response.json()
        except aiohttp.ClientError as error:
            raise base.RetryLater(f"toy: {type(error).__name__}", after=0.2, unknown=True) from None


KIND = Kind("toy", ToySettings, Toy, {"direct": Example("toy:m03", True)})
