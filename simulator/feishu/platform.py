"""All parts of the simulated Feishu in one object, given to every API function."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.calls import CallLog
from simulator.chats import Chat
from simulator.clock import Clock
from simulator.company import Company, Person
from simulator.faults import Faults
from simulator.feed import Feed
from simulator.feishu.cards.known import Known
from simulator.feishu.errors import ApiError
from simulator.feishu.limits import Limits
from simulator.feishu.once import Once
from simulator.feishu.signin import SignIn
from simulator.feishu.socket import Sockets
from simulator.feishu.tickets import Tickets
from simulator.feishu.tokens import Tokens
from simulator.ids import Ids
from simulator.messages import Message
from simulator.world import World


@dataclass(slots=True)
class Feishu:
    """The platform's state; business rules live in the modules that use it."""

    company: Company
    clock: Clock
    ids: Ids
    feed: Feed
    world: World
    calls: CallLog
    faults: Faults
    max_tables: int
    tokens: Tokens = field(init=False)
    limits: Limits = field(init=False)
    once: Once = field(init=False)
    tickets: Tickets = field(init=False)
    signin: SignIn = field(init=False)
    sockets: Sockets = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = Tokens(self.clock, self.ids)
        self.limits = Limits(self.clock)
        self.once = Once(self.clock)
        self.tickets = Tickets(self.clock)
        self.signin = SignIn(self.clock, self.ids)
        self.sockets = Sockets(self.clock, self.calls, self.ids)

    def reset(self) -> None:
        """Forget counts, repeated requests and tickets; tokens given to the bot stay valid."""
        self.limits.clear()
        self.once.clear()
        self.tickets.clear()
        self.faults.clear()

    @property
    def known(self) -> Known:
        """What cards are compared with."""
        return Known(self._has_image, self._has_person, self.max_tables)

    def person(self, id_type: str, value: str) -> Person | None:
        """The person with this id of the given type."""
        if id_type not in ("open_id", "union_id", "user_id", "email"):
            raise ApiError(99992402, f"id type {id_type} is invalid")
        return self.company.find(value, (id_type,))

    def own_message(self, message_id: str, *, otherwise: int) -> Message:
        """A message the bot sent; refuses others with the code `otherwise`."""
        message = self.message(message_id)
        if message.sender_kind != "bot":
            raise ApiError(otherwise)
        return message

    def message(self, message_id: str) -> Message:
        """A message the bot can see."""
        message = self.world.messages.get(message_id)
        if message is None:
            raise ApiError(230001, "invalid message_id")
        if not self.world.chats[message.chat_id].bot_in:
            raise ApiError(230002)
        return message

    def chat(self, chat_id: str, *, otherwise: int = 230002) -> Chat:
        """A chat the bot is in; refuses others with the code `otherwise`."""
        chat = self.world.chats.get(chat_id)
        if chat is None or chat.platform != "feishu" or not chat.bot_in:
            raise ApiError(otherwise)
        return chat

    def _has_image(self, key: str) -> bool:
        blob = self.world.blobs.get(key)
        return blob is not None and blob.kind == "image" and blob.owner == "bot"

    def _has_person(self, open_id: str) -> bool:
        return self.company.find(open_id, ("open_id", "union_id", "user_id")) is not None
