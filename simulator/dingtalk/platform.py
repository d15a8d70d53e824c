"""All parts of the simulated DingTalk in one object, given to every API function."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.chats import Chat
from simulator.company import Company, DingtalkApp, Person
from simulator.dingtalk.cards.store import Cards
from simulator.dingtalk.cards.templates import Templates
from simulator.dingtalk.crypto import EventCrypto
from simulator.dingtalk.errors import ApiError, invalid
from simulator.dingtalk.faults import DingtalkFaults
from simulator.dingtalk.limits import Limits, Quota
from simulator.dingtalk.people import Directory
from simulator.dingtalk.sessions import Sessions
from simulator.dingtalk.tickets import Tickets
from simulator.dingtalk.tokens import Tokens
from simulator.ids import stable
from simulator.vendor import Parts

NAME = "dingtalk"
PREFIX, OLD_PREFIX = "/dingtalk", "/dingtalk-oapi"
HOOK_SECRET = "SECsimsecret"


@dataclass(frozen=True, slots=True)
class Route:
    """A registered card callback."""

    url: str
    secret: str


@dataclass(slots=True)
class Dingtalk:
    """The platform's state; business rules live in the modules that use it.

    `strict` holds card values to the documented size, `token_status` is the HTTP status of a refused token on
    the new host (tenants have been seen to get 400 or 401), `origin` is where the bot reaches this simulator.
    """

    parts: Parts
    strict: bool = True
    token_status: int = 400
    origin: str = ""
    faults: DingtalkFaults = field(default_factory=DingtalkFaults)
    cards: Cards = field(default_factory=Cards)
    card_routes: dict[str, Route] = field(default_factory=dict)
    hook_uuids: dict[str, str] = field(default_factory=dict)
    work_notices: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    app: DingtalkApp = field(init=False)
    directory: Directory = field(init=False)
    templates: Templates = field(init=False)
    tokens: Tokens = field(init=False)
    limits: Limits = field(init=False)
    quota: Quota = field(init=False)
    tickets: Tickets = field(init=False)
    sessions: Sessions = field(init=False)

    def __post_init__(self) -> None:
        clock, ids = self.parts.clock, self.parts.ids
        self.app = self.company.dingtalk
        self.directory = Directory(self.company)
        self.templates = Templates(self.app.form_template_id)
        self.tokens = Tokens(clock, ids)
        self.limits, self.quota = Limits(clock), Quota(clock)
        self.tickets, self.sessions = Tickets(clock, ids), Sessions(clock, ids)

    @property
    def company(self) -> Company:
        """The company of all vendors."""
        return self.parts.company

    @property
    def crypto(self) -> EventCrypto:
        """Seals organisation events for the app."""
        return EventCrypto(self.app.token, self.app.aes_key, self.app.app_key)

    def reset(self) -> None:
        """As at the start; the token given to the bot and its card callbacks stay."""
        self.limits.clear()
        self.quota.clear()
        self.sessions.clear()
        self.cards.clear()
        self.hook_uuids.clear()
        self.work_notices.clear()
        self.faults.clear()

    def group(self, conversation_id: object) -> Chat:
        """A group the bot is in."""
        chat = self.parts.world.chats.get(str(conversation_id))
        if chat is None or chat.platform != NAME or chat.kind != "group":
            raise ApiError("invalid.openConversationId")
        if not chat.bot_in:
            raise ApiError("bot.stopped")
        return chat

    def direct(self, userid: object) -> Chat | None:
        """The 1:1 chat of a person in the app's visible range; None for anyone else."""
        person = self.directory.person(userid)
        chat = self.parts.world.p2p(person, NAME) if person else None
        return chat if chat is not None and chat.bot_in else None

    def check_robot(self, robot_code: object) -> None:
        """Refuses the code of another robot."""
        if not robot_code:
            raise invalid("robotCode")
        if robot_code != self.app.robot_code:
            raise ApiError("resource.not.found")

    def hook_chat(self, token: str) -> Chat | None:
        """The group a custom robot's token belongs to."""
        return next((c for c in self.parts.world.of(NAME) if c.kind == "group" and hook_token(c) == token), None)

    def people(self, chat: Chat) -> list[Person]:
        """The members of a chat."""
        return [person for person in map(self.parts.world.person, chat.members) if person is not None]


def hook_token(chat: Chat) -> str:
    """The access_token of the group's custom robot."""
    return chat.hook or stable("", "dingtalk-hook", chat.id, length=64)
