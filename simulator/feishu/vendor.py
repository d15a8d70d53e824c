"""Feishu as one of the simulator's vendors."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiohttp import web

from simulator.chats import Chat
from simulator.company import Person
from simulator.faults import Faults
from simulator.feishu import routes
from simulator.feishu.http import FEISHU
from simulator.feishu.line import Line
from simulator.feishu.people import happening, pressing, saying
from simulator.feishu.platform import Feishu
from simulator.feishu.sender import Sender
from simulator.messages import Message
from simulator.vendor import Due, Happening, Json, Parts, Press, Refused, Said, Upload

NAME = "feishu"


class FeishuVendor:
    """Feishu's open API, its events and card callbacks, and what people do in its client."""

    name = NAME

    def __init__(self, parts: Parts) -> None:
        options = parts.options
        self.faults = Faults("11232")
        self.feishu = Feishu(
            parts.company,
            parts.clock,
            parts.ids,
            parts.feed,
            parts.world,
            parts.calls,
            self.faults,
            options.max_tables,
        )
        self._posts = options.posts(NAME)
        deliver = None if self._posts else self.feishu.sockets.deliver
        self.line = Line(parts.company.app, parts.clock, parts.calls, options.url_of(NAME), deliver)
        self.sender = Sender(self.feishu, self.line, options.retry_scale)
        self._verifies = options.verify_on_start and self._posts
        self._tasks: list[asyncio.Task[object]] = []

    def add_routes(self, app: web.Application) -> None:
        """Serve the open API."""
        app[FEISHU] = self.feishu
        routes.add_routes(app)

    async def start(self) -> None:
        """Open the line to the bot and deliver from now on."""
        await self.line.start()
        self._tasks = [asyncio.create_task(self.sender.run())]
        if self._verifies:
            self._tasks.append(asyncio.create_task(self.sender.verify()))

    async def stop(self) -> None:
        """End all deliveries."""
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self.sender.stop()
        await self.line.stop()

    def reset(self) -> None:
        """No retry, ticket or count is left."""
        self.sender.clear()
        self.feishu.reset()

    def account(self, person: Person) -> Json:
        """The person's open_id."""
        return {"open_id": person.open_id}

    async def say(self, person: Person, chat: Chat, said: Said) -> Json:
        """The person writes a text, with `rich` as rich text."""
        return await saying.say(self.feishu, self.sender, person, chat, said)

    async def upload(self, person: Person, chat: Chat, upload: Upload) -> Json:
        """The person sends a file; a picture with a text is a rich text message holding it."""
        return await saying.upload(self.feishu, self.sender, person, chat, upload)

    async def click(self, person: Person, item: Message, press: Press) -> Json:
        """One press of a button, one pick in a list outside a form."""
        return await pressing.click(self.feishu, self.line, person, item, press)

    async def submit(self, person: Person, item: Message, press: Press) -> Json:
        """A form, filled and sent."""
        return await pressing.submit(self.feishu, self.line, person, item, press)

    async def happen(self, what: Happening) -> Json:
        """Opening a chat, menus, members, recalls, raw events."""
        return await happening.happen(self.feishu, self.sender, what)

    def next_due(self) -> Due | None:
        """The next repeated event."""
        due = self.sender.next_due()
        return None if due is None else Due(due, self.sender.next_label())

    async def settle(self) -> None:
        """Try every repetition due by now."""
        await self.sender.settle()

    def callbacks(self) -> dict[str, str]:
        """One URL for events and card callbacks."""
        return {NAME: self.line.url}

    def point(self, name: str, url: str) -> None:
        """Post there from now on."""
        self.line.url = url

    async def verify(self, name: str) -> Json:
        """Ask for the challenge back, as the console does; for the long connection it only wants one to be open."""
        if name != NAME:
            raise Refused(f"没有这个回调：{name}", 404)
        if not self._posts:
            return {"ok": bool(self.feishu.sockets.open), "status": 0, "ms": 0.0, "code": 0}
        return await self.sender.verify()

    def revoke(self) -> None:
        """Every access token is dead."""
        self.feishu.tokens.revoke()
