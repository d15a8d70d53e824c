"""A vendor of paper: keeps what people do, delivers nothing, and lets a test put messages into its chats."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from simulator.chats import Chat
from simulator.company import Person
from simulator.faults import Faults
from simulator.messages import Message
from simulator.vendor import Due, Happening, Parts, Press, Refused, Said, Upload

Json = dict[str, Any]


class PaperVendor:
    """Stands in for a vendor where a test looks at the page alone."""

    def __init__(self, name: str, parts: Parts) -> None:
        self.name = name
        self.faults = Faults()
        self.done: list[tuple[str, str, Any]] = []
        self._parts = parts
        self._urls = {name: parts.options.url_of(name)}

    def post(self, chat: Chat, msg_type: str, *, card: Json | None = None, text: str = "", **more: Any) -> Message:
        """A message of the bot stands in the chat."""
        name = self._parts.company.bot_name
        return self._keep(chat, ("bot", "bot", name), msg_type, card=card, text=text, **more)

    def add_routes(self, app: web.Application) -> None:
        """It has no API."""

    async def start(self) -> None:
        """Nothing to open."""

    async def stop(self) -> None:
        """Nothing to end."""

    def reset(self) -> None:
        """Forget what people did."""
        self.done.clear()

    def account(self, person: Person) -> Json:
        return {"userid": person.userid}

    async def say(self, person: Person, chat: Chat, said: Said) -> Json:
        self.done.append(("say", person.id, said.text))
        item = self._keep(chat, ("user", person.id, person.name), "text", text=said.text)
        return {"message_id": item.message_id, "delivered": None}

    async def upload(self, person: Person, chat: Chat, upload: Upload) -> Json:
        self.done.append(("upload", person.id, upload.blob.name))
        item = self._keep(chat, ("user", person.id, person.name), upload.kind, blob=upload.blob)
        return {"message_id": item.message_id, "delivered": None}

    async def click(self, person: Person, item: Message, press: Press) -> Json:
        if press.button == "refused":
            raise Refused("这里点不动", 409)
        self.done.append(("click", person.id, (press.button, dict(press.values or {}))))
        return {"status": 200, "ms": 1.0, "code": 0, "toast": None}

    async def submit(self, person: Person, item: Message, press: Press) -> Json:
        self.done.append(("submit", person.id, (press.button, dict(press.values or {}))))
        return {"status": 200, "ms": 1.0, "code": 0, "toast": None}

    async def happen(self, happening: Happening) -> Json:
        who = happening.person.id if happening.person else ""
        self.done.append((happening.kind, who, happening.key))
        return {"delivered": None}

    def next_due(self) -> Due | None:
        return None

    async def settle(self) -> None:
        """Nothing is ever due."""

    def callbacks(self) -> dict[str, str]:
        return self._urls

    def point(self, name: str, url: str) -> None:
        self._urls[name] = url

    async def verify(self, name: str) -> Json:
        return {"ok": False, "status": 0, "ms": 0.0, "code": 0}

    def revoke(self) -> None:
        """It has no tokens."""

    def _keep(self, chat: Chat, sender: tuple[str, str, str], msg_type: str, **more: Any) -> Message:
        parts = self._parts
        kind, key, name = sender
        now = parts.clock.now_ms()
        item = Message(
            message_id=parts.ids.new(self.name),
            chat_id=chat.id,
            seq=parts.world.next_seq(),
            sender_kind=kind,
            sender_id=key,
            sender_name=name,
            msg_type=msg_type,
            content="{}",
            created_ms=now,
            updated_ms=now,
            **more,
        )
        parts.world.post(item)
        return item
