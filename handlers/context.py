"""What a handler gets, and how it is found: commands by their words, actions by their names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from handlers.events import Clicked, Event, Said
from sales.conversations import Conversation
from sales.decision import Reply
from sales.people import Member
from storage.inbox import Inbound
from storage.tx import Tx

LEADING = ("rep", "supervisor", "director")
"""Roles that lead deals and leads. R-PPL-1."""

CHOOSE_FIRST = "先选一个，再点一下。"
OLD_CARD = "这张卡旧了，看最新那张。"


@dataclass(frozen=True, slots=True)
class Context:
    """One event of one known member. `at` is when it happened, `home` the chat whose drafts and undo it means."""

    tx: Tx
    inbound: Inbound
    event: Event
    member: Member
    at: datetime
    home: str

    @property
    def platform(self) -> str:
        """The platform the person acted on: the answer goes back there."""
        return self.inbound.platform


@dataclass(frozen=True, slots=True)
class Line:
    """A typed line: the whole text and what follows the command word."""

    text: str
    rest: str


CommandHandler = Callable[[Context, Line], Reply | None]
ActionHandler = Callable[[Context, Clicked], Reply | None]
FormHandler = Callable[[Context, Conversation], Reply | None]


@dataclass(frozen=True, slots=True)
class Command:
    """A command's words (the first is its name), who may use it, and the row help shows."""

    words: tuple[str, ...]
    handler: CommandHandler
    roles: frozenset[str]
    topic: str
    example: str
    rank: int
    in_groups: bool


COMMANDS: dict[str, Command] = {}
ACTIONS: dict[str, ActionHandler] = {}
PICKS: set[str] = set()
"""Actions of lists: some platforms let the button be pressed with nothing chosen."""
FINISHED: dict[str, FormHandler] = {}


def command(
    *words: str, topic: str = "", example: str = "", roles: tuple[str, ...] = (), rank: int = 9, in_groups: bool = False
) -> Callable[[CommandHandler], CommandHandler]:
    """Register a command. No roles: everybody. `topic` and `example` are its row in the help; `rank` orders them."""

    def register(handler: CommandHandler) -> CommandHandler:
        declared = Command(words, handler, frozenset(roles), topic, example, rank, in_groups)
        COMMANDS.update(dict.fromkeys(words, declared))
        return handler

    return register


def action(name: str, *, picks: bool = False) -> Callable[[ActionHandler], ActionHandler]:
    """Register what a button with this action name does. `picks`: it is a list, and nothing chosen is refused."""

    def register(handler: ActionHandler) -> ActionHandler:
        ACTIONS[name] = handler
        if picks:
            PICKS.add(name)
        return handler

    return register


def finished(form: str) -> Callable[[FormHandler], FormHandler]:
    """Register what the complete answers of a form do, however they were given."""

    def register(handler: FormHandler) -> FormHandler:
        FINISHED[form] = handler
        return handler

    return register


def number_of(subject: str, kind: str) -> int:
    """The number in deal:17 or 17; 0, which nothing has, for whatever else a button or a line may bring."""
    number = subject.removeprefix(f"{kind}:")
    return int(number) if number.isdecimal() and len(number) < 12 else 0


def is_direct(event: Event) -> bool:
    """True where only the person and the bot are."""
    return not isinstance(event, Said) or event.direct
