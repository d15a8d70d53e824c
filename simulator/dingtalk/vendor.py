"""DingTalk as the control API and the page see it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from aiohttp import web

from simulator.chats import Chat
from simulator.company import Person
from simulator.dingtalk import payloads
from simulator.dingtalk.clicks import Clicks
from simulator.dingtalk.delivery import Deliveries
from simulator.dingtalk.line import Line
from simulator.dingtalk.people import union_id
from simulator.dingtalk.platform import NAME, Dingtalk, Route
from simulator.dingtalk.pressing import Pressing
from simulator.dingtalk.routes import add_routes
from simulator.dingtalk.stream import Gateway
from simulator.dingtalk.writing import Writing
from simulator.faults import Faults
from simulator.messages import Message
from simulator.vendor import Due, Happening, Parts, Press, Refused, Said, Upload

Json = dict[str, Any]
ROBOT, CARD, EVENT = "dingtalk/robot", "dingtalk/card", "dingtalk/event"


class DingtalkVendor:
    """Puts the parts together."""

    name = NAME

    def __init__(self, parts: Parts) -> None:
        self.dingtalk = Dingtalk(parts)
        self.gateway = Gateway(self.dingtalk)
        self.line = Line(self.dingtalk)
        self.deliveries = Deliveries(self.dingtalk, self.gateway, self.line)
        self.writing = Writing(self.dingtalk, self.deliveries)
        self.clicks = Clicks(self.dingtalk, self.gateway, self.line)
        self.pressing = Pressing(self.dingtalk, self.clicks, self.writing)
        self._running: asyncio.Task[None] | None = None

    @property
    def faults(self) -> Faults:
        """The faults still to come."""
        return self.dingtalk.faults

    def add_routes(self, app: web.Application) -> None:
        """Serve both API hosts and the Stream endpoint."""
        add_routes(app, self.dingtalk, self.gateway)
        app.on_shutdown.append(self._close_streams)

    async def start(self) -> None:
        """Open the client towards the bot."""
        await self.line.start()
        self._running = asyncio.create_task(self.deliveries.run())

    async def stop(self) -> None:
        """End everything under way."""
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running
        await self.deliveries.stop()
        await self.gateway.close()
        await self.line.stop()

    def reset(self) -> None:
        """Forget cards, sessions, limits and repeats; connections and tokens stay."""
        self.deliveries.clear()
        self.dingtalk.reset()

    def account(self, person: Person) -> Json:
        """The person's ids."""
        return {"userid": person.userid, "unionid": union_id(person)}

    async def say(self, person: Person, chat: Chat, said: Said) -> Json:
        """A text stands in the chat and goes to the bot where it hears it."""
        return await self.writing.say(person, chat, said)

    async def upload(self, person: Person, chat: Chat, upload: Upload) -> Json:
        """A file stands in the chat and goes to the bot where it can."""
        return await self.writing.upload(person, chat, upload)

    async def click(self, person: Person, item: Message, press: Press) -> Json:
        """One press."""
        return await self.pressing.click(person, item, press)

    async def submit(self, person: Person, item: Message, press: Press) -> Json:
        """A form, filled and sent."""
        return await self.pressing.submit(person, item, press)

    async def happen(self, happening: Happening) -> Json:
        """Members, recalls and raw events; DingTalk has no menu and tells of no opened chat."""
        if happening.kind == "recall" and happening.message is not None:
            self.dingtalk.parts.world.recall(happening.message)
            return {"delivered": None}
        if happening.kind == "members":
            return await self._members(happening)
        if happening.kind == "deliver" and happening.event is not None:
            event = happening.event
            if "eventType" in event:
                event = {"eventId": self.dingtalk.parts.ids.new("", length=32), **event}
            return {"delivered": [await self._raw(event, happening.chat_id) for _ in range(happening.times)]}
        raise Refused("钉钉没有这种事")

    async def _members(self, happening: Happening) -> Json:
        chat, operator, people = happening.chat, happening.person, list(happening.people)
        if chat is None or operator is None:
            raise Refused("要说明谁、在哪个群")
        if happening.bot:
            chat.bot_in = happening.added  # no event tells the bot
            return {"chat": chat.view(), "delivered": None}
        for person in people:
            if happening.added and person.id not in chat.members:
                chat.members.append(person.id)
            elif not happening.added and person.id in chat.members:
                chat.members.remove(person.id)
        event = payloads.members_changed(self.dingtalk, chat, operator, people, added=happening.added)
        outcome = await self.deliveries.event(event, chat.id)
        return {"chat": chat.view(), "delivered": outcome.view()}

    async def _raw(self, event: Json, chat_id: str) -> Json:
        if payloads.event_type(event):
            return (await self.deliveries.event(event, chat_id)).view()
        if "outTrackId" in event:
            routes = list(self.dingtalk.card_routes.values())
            kind = "HTTP" if routes else "STREAM"
            return (await self.clicks.push(kind, routes[-1] if routes else None, event)).view()
        return (await self.deliveries.message(event, chat_id)).view()

    def next_due(self) -> Due | None:
        """The next repeat of an event."""
        return self.deliveries.next_due()

    async def settle(self) -> None:
        """Try every repeat due by now."""
        await self.deliveries.settle()

    def callbacks(self) -> dict[str, str]:
        """The URLs of the console, and the newest one registered for cards."""
        routes = list(self.dingtalk.card_routes.values())
        return {ROBOT: self.line.robot_url, EVENT: self.line.event_url, CARD: routes[-1].url if routes else ""}

    def point(self, name: str, url: str) -> None:
        """From now on this callback goes to the URL; for cards that of every registered key."""
        if name == ROBOT:
            self.line.robot_url = url
        elif name == EVENT:
            self.line.event_url = url
        elif name == CARD:
            routes = self.dingtalk.card_routes
            routes.update({key: Route(url, route.secret) for key, route in routes.items()})
        else:
            raise Refused(f"没有这个回调：{name}", 404)

    async def verify(self, name: str) -> Json:
        """What the console does when a URL is saved: only the event URL is tried, with check_url."""
        if name != EVENT:
            return {"ok": True, "status": 0, "ms": 0.0, "code": 0}
        outcome = await self.line.event({"EventType": "check_url"})
        return {"ok": outcome.code == 0, **outcome.view()}

    def revoke(self) -> None:
        """The access token given so far is dead."""
        self.dingtalk.tokens.revoke()

    async def _close_streams(self, _: web.Application) -> None:
        await self.gateway.close()
