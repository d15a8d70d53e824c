"""All parts of the simulated WeCom in one object, given to every API function."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from simulator.calls import CallLog
from simulator.chats import Chat
from simulator.clock import Clock
from simulator.company import Company, Person, WecomApp
from simulator.feed import Feed
from simulator.ids import Ids
from simulator.messages import Blob, Message
from simulator.vendor import Parts
from simulator.wecom.botstate import BotState
from simulator.wecom.codes import ANSWER_LIFE, Codes
from simulator.wecom.directory import Directory
from simulator.wecom.faults import WecomFaults
from simulator.wecom.limits import Limits
from simulator.wecom.media import MediaStore
from simulator.wecom.once import Once
from simulator.wecom.signin import SignIn
from simulator.wecom.tokens import Tokens
from simulator.world import World

NAME = "wecom"
LOG = logging.getLogger("simulator.wecom")
WARNINGS = 500

Json = dict[str, Any]


@dataclass(slots=True)
class Sending:
    """One send of the app: its copy in every receiver's chat, and what its card was."""

    msgid: str
    task_id: str
    copies: dict[str, str]
    created_ms: int
    interactive: bool
    calls_back: bool


@dataclass(slots=True)
class Wecom:
    """The platform's state; business rules live in the modules that use it.

    `callback_url` tells whether the app has one: without it no card that calls back can be sent.
    `clear_userids` False: the smart bot sees encrypted ids, as when no super-administrator made it.
    `duplicate_task_id`: "silent" as on the real thing, or "error". `trusted_domain` "" means where the bot is.
    `base_url` is where this simulator is reached, for URLs it hands out. `picking`: who opened the album by the menu.
    """

    parts: Parts
    faults: WecomFaults
    clear_userids: bool = True
    duplicate_task_id: str = "silent"
    honour_passive_card_update: bool = False
    retry_on_status: bool = True
    trusted_domain: str = ""
    tokens: Tokens = field(init=False)
    limits: Limits = field(init=False)
    once: Once = field(init=False)
    codes: Codes = field(init=False)
    answer_codes: Codes = field(init=False)
    signin: SignIn = field(init=False)
    media: MediaStore = field(init=False)
    directory: Directory = field(init=False)
    menu: list[Json] = field(default_factory=list)
    sendings: dict[str, Sending] = field(default_factory=dict)
    tasks: dict[str, str] = field(default_factory=dict)
    message_of: dict[str, str] = field(default_factory=dict)
    blocked: dict[str, tuple[float, int]] = field(default_factory=dict)
    warnings: deque[str] = field(default_factory=lambda: deque(maxlen=WARNINGS))
    callback_url: str = ""
    base_url: str = ""
    bot: BotState = field(init=False)
    last_click: int = 0
    picking: dict[str, tuple[str, str]] = field(default_factory=dict)
    _msgid: int = field(init=False)

    def __post_init__(self) -> None:
        clock, ids = self.parts.clock, self.parts.ids
        self.tokens = Tokens(clock, ids)
        self.limits = Limits(clock)
        self.once = Once(clock)
        self.codes = Codes(clock, ids)
        self.answer_codes = Codes(clock, ids, ANSWER_LIFE)
        self.signin = SignIn(clock, ids)
        self.media = MediaStore(clock)
        self.directory = Directory(self.parts.company)
        self.bot = BotState(clock)
        self._msgid = int(ids.new("", length=15), 16)

    @property
    def app(self) -> WecomApp:
        """The credentials of the app and of the bot."""
        return self.parts.company.wecom

    @property
    def company(self) -> Company:
        """The people and groups."""
        return self.parts.company

    @property
    def clock(self) -> Clock:
        """The only clock."""
        return self.parts.clock

    @property
    def ids(self) -> Ids:
        """Fresh ids."""
        return self.parts.ids

    @property
    def feed(self) -> Feed:
        """What watchers see."""
        return self.parts.feed

    @property
    def world(self) -> World:
        """Chats, messages, uploads."""
        return self.parts.world

    @property
    def calls(self) -> CallLog:
        """The log of calls."""
        return self.parts.calls

    def reset(self) -> None:
        """As at the start; tokens given to the bot stay valid, and the menu it made stays."""
        for part in (self.limits, self.once, self.codes, self.answer_codes, self.media, self.signin, self.bot):
            part.clear()
        for kept in (self.sendings, self.tasks, self.message_of, self.blocked, self.warnings, self.picking):
            kept.clear()
        self.faults.clear()
        self.show_menu()

    def show_menu(self) -> None:
        """Every app chat shows the menu as it was made."""
        for person in self.company.people:
            self.app_chat(person).menu[:] = self.menu
        self.feed.publish("chats")

    def warn(self, text: str) -> None:
        """Something the vendor swallows and the bot's maker should know."""
        self.warnings.append(text)
        LOG.info("%s", text)

    def next_msgid(self) -> int:
        """Message ids grow and fit 64 bits; every run begins elsewhere."""
        self._msgid += 1
        return self._msgid

    def app_chat(self, person: Person) -> Chat:
        """The person's chat with the app."""
        return self.world.p2p(person, NAME, "app")

    def bot_chat(self, person: Person) -> Chat:
        """The person's chat with the smart bot."""
        return self.world.p2p(person, NAME, "bot")

    def visible(self, person: Person) -> bool:
        """True while the person is in the app's visible range."""
        return self.app_chat(person).bot_in

    def person(self, userid: Any) -> Person | None:
        """The visible person with this userid."""
        found = self.directory.person(userid)
        return found if found is not None and self.visible(found) else None

    def post(
        self,
        chat: Chat,
        msg_type: str,
        *,
        text: str = "",
        card: Json | None = None,
        blob: Blob | None = None,
        sender: Person | None = None,
        message_id: str = "",
        parent: Message | None = None,
    ) -> Message:
        """A message stands in the chat: the person's, or the bot's when there is no sender."""
        now = self.clock.now_ms()
        item = Message(
            message_id=message_id or self.ids.new("wm", length=40),
            chat_id=chat.id,
            seq=self.world.next_seq(),
            sender_kind="user" if sender else "bot",
            sender_id=sender.id if sender else "bot",
            sender_name=sender.name if sender else self.company.bot_name,
            msg_type=msg_type,
            content="",
            created_ms=now,
            updated_ms=now,
            text=text,
            card=card,
            blob=blob,
            parent_id=parent.message_id if parent else None,
            root_id=(parent.root_id or parent.message_id) if parent else None,
        )
        self.world.post(item)
        return item

    def redraw(self, item: Message, card: Json) -> None:
        """The message shows this card from now on, under the task it was sent with."""
        task_id = (item.card or {}).get("task_id")
        item.card = {**card, "task_id": task_id} if task_id else card
        item.updates += 1
        self.world.changed(item)
