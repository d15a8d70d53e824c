"""WeCom as one of the simulator's vendors."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiohttp import web

from simulator.chats import Chat
from simulator.company import Person
from simulator.faults import Faults
from simulator.messages import Message
from simulator.vendor import Due, Happening, Json, Parts, Press, Refused, Said, Upload
from simulator.wecom import routes
from simulator.wecom.aibot.commands import COMMANDS
from simulator.wecom.aibot.ear import WEBHOOK, Ear
from simulator.wecom.aibot.socket import HUB, Hub
from simulator.wecom.aibot.urls import Posting
from simulator.wecom.faults import WecomFaults
from simulator.wecom.http import WECOM
from simulator.wecom.line import Keys, Line
from simulator.wecom.people import happening, pressing, saying
from simulator.wecom.people.hand import Hand
from simulator.wecom.platform import NAME, Wecom
from simulator.wecom.sender import Sender

APP, BOT = "wecom/app", "wecom/bot"


class WecomVendor:
    """The self-built app, its groups, group robots and the smart bot, and what people do in the client.

    The mode says how the smart bot hears: by callback (webhook), over its socket (socket), or over its socket
    while it is connected (both). The app hears by callback in every mode; in socket no URL is checked at the start.
    """

    name = NAME

    def __init__(self, parts: Parts) -> None:
        options, app = parts.options, parts.company.wecom
        faults = WecomFaults()
        self.faults: Faults = faults
        self.wecom = Wecom(parts, faults)
        app_keys = Keys(app.token, app.aes_key, app.corp_id, app.agent_id)
        self.lines = {
            APP: Line(app_keys, parts.clock, parts.calls, options.url_of(APP)),
            BOT: Line(Keys(app.bot_token, app.bot_aes_key, ""), parts.clock, parts.calls, options.url_of(BOT)),
        }
        self.sender = Sender(self.wecom, options.retry_scale)
        self.hub = Hub(self.wecom, COMMANDS)
        mode = options.modes.get(NAME, WEBHOOK)
        self.hub.open = mode != WEBHOOK
        ear = Ear(mode, self.hub, Posting(self.wecom, self.sender, self.lines[BOT]))
        self.hand = Hand(self.wecom, self.sender, self.lines[APP], self.lines[BOT], ear)
        self.wecom.callback_url = self.lines[APP].url
        self._verifies = options.verify_on_start and options.posts(NAME)
        self._tasks: list[asyncio.Task[object]] = []

    def add_routes(self, app: web.Application) -> None:
        """Serve the open API and the smart bot's socket."""
        app[WECOM], app[HUB] = self.wecom, self.hub
        routes.add_routes(app)
        app.on_shutdown.append(self._hang_up)

    async def _hang_up(self, _: web.Application) -> None:
        await self.hub.close()

    async def start(self) -> None:
        """Open the lines to the bot and deliver from now on."""
        for line in self.lines.values():
            await line.start()
        self._tasks = [asyncio.create_task(self.sender.run())]
        if self._verifies:
            self._tasks.extend(asyncio.create_task(line.verify()) for line in self.lines.values())

    async def stop(self) -> None:
        """End all deliveries."""
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self.sender.stop()
        for line in self.lines.values():
            await line.stop()

    def reset(self) -> None:
        """No repetition, code or count is left."""
        self.sender.clear()
        self.wecom.reset()

    def account(self, person: Person) -> Json:
        """The person's userid."""
        return {"userid": person.userid}

    async def say(self, person: Person, chat: Chat, said: Said) -> Json:
        """The person writes a text."""
        return await saying.say(self.hand, person, chat, said)

    async def upload(self, person: Person, chat: Chat, upload: Upload) -> Json:
        """The person sends a file."""
        return await saying.upload(self.hand, person, chat, upload)

    async def click(self, person: Person, item: Message, press: Press) -> Json:
        """One press on a card."""
        return await pressing.click(self.hand, person, item, press)

    async def submit(self, person: Person, item: Message, press: Press) -> Json:
        """The questions of a card, answered and sent: its one button."""
        return await pressing.click(self.hand, person, item, press)

    async def happen(self, what: Happening) -> Json:
        """Opening a chat, the menu, members, recalls, raw callbacks."""
        return await happening.happen(self.hand, what)

    def next_due(self) -> Due | None:
        """The next repeated callback."""
        due = self.sender.next_due()
        return None if due is None else Due(due, self.sender.next_label())

    async def settle(self) -> None:
        """Try every repetition due by now."""
        await self.sender.settle()

    def callbacks(self) -> dict[str, str]:
        """The app's URL and the smart bot's."""
        return {name: line.url for name, line in self.lines.items()}

    def point(self, name: str, url: str) -> None:
        """Post there from now on."""
        self._line(name).url = url
        self.wecom.callback_url = self.lines[APP].url

    async def verify(self, name: str) -> Json:
        """Ask for the echo, as the console does when the URL is saved."""
        return await self._line(name).verify()

    def revoke(self) -> None:
        """Every access token is unknown."""
        self.wecom.tokens.revoke()

    def _line(self, name: str) -> Line:
        if name not in self.lines:
            raise Refused(f"没有这个回调：{name}", 404)
        return self.lines[name]
