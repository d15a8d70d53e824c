"""The company's chats while the simulator runs: who is where, what was said, what was uploaded."""

from __future__ import annotations

from simulator.chats import FACES, Chat, direct_id, first_chats
from simulator.clock import Clock
from simulator.company import Company, Person
from simulator.feed import Feed
from simulator.ids import Ids
from simulator.messages import Blob, Message


class World:
    """Holds all chats, messages and uploads; every change is told to the watchers."""

    def __init__(self, company: Company, clock: Clock, feed: Feed, ids: Ids) -> None:
        self.company = company
        self.clock = clock
        self.feed = feed
        self.ids = ids
        self._seq = 0
        self.chats: dict[str, Chat] = {}
        self.messages: dict[str, Message] = {}
        self.blobs: dict[str, Blob] = {}
        self.unread_urgents: dict[str, int] = {}
        self.reset()

    def reset(self) -> None:
        """The company as it was at the start; new ids go on where they were."""
        self.messages.clear()
        self.blobs.clear()
        self.unread_urgents.clear()
        self.chats = {chat.id: chat for chat in first_chats(self.company)}
        self.feed.publish("reset")

    def p2p(self, person: Person, platform: str = "feishu", face: str = "") -> Chat:
        """The person's chat with the bot on a platform that is on; `face` chooses where there are two."""
        return self.chats[direct_id(platform, face or FACES[platform][0], person.id)]

    def of(self, platform: str) -> list[Chat]:
        """All chats of one platform."""
        return [chat for chat in self.chats.values() if chat.platform == platform]

    def person(self, person_id: str) -> Person | None:
        """The person with this id of ours (m01, m02, ...)."""
        return self.company.find(person_id, ("id",))

    def next_seq(self) -> int:
        """Numbers all messages of all chats in the order they were said."""
        self._seq += 1
        return self._seq

    def post(self, message: Message) -> None:
        """The message stands in its chat."""
        self.messages[message.message_id] = message
        self.chats[message.chat_id].messages.append(message)
        if self.feed.watched:
            self.feed.publish("message", message=message.view())
            if message.sender_kind == "bot":
                self.feed.publish("typing", chat=message.chat_id, on=False)

    def changed(self, message: Message) -> None:
        """The message shows new content from now on."""
        message.updated_ms = self.clock.now_ms()
        if self.feed.watched:
            self.feed.publish("update", message=message.view())

    def recall(self, message: Message) -> None:
        """The message is gone for everybody."""
        message.recalled = True
        message.updated_ms = self.clock.now_ms()
        if self.feed.watched:
            self.feed.publish("recall", message=message.view())

    def show_error(self, chat_id: str, message: Message | None, code: int | str, text: str) -> None:
        """A red line with the vendor's code stands under the message."""
        if message is not None:
            message.errors.append({"code": code, "text": text})
        message_id = message.message_id if message else None
        self.feed.publish("error", chat=chat_id, message_id=message_id, code=code, text=text)

    def add_blob(self, *, kind: str, name: str, mime: str, data: bytes, owner: str, key: str = "") -> Blob:
        """Keep an upload under its key, a fresh one when none is given."""
        prefix = "img_v3_" if kind == "image" else "file_v3_"
        blob = Blob(key or self.ids.new(prefix), kind, name, mime, data, owner)
        self.blobs[blob.key] = blob
        return blob
