"""What a chat platform is to the rest of the product: ten questions, its abilities, its errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web

from cards.blocks import Card
from cards.fit import Capabilities
from handlers.events import Event
from storage.inbox import Inbound

Accept = Callable[[Inbound], Awaitable["Accepted"]]
Route = tuple[str, str, Callable[[web.Request], Awaitable[web.StreamResponse]]]


class InlineAnswer(Protocol):
    """The stored reply of an event that the platform waits for; it is claimed, so nobody else sends it."""

    toast: str
    card: Card | None

    async def written(self) -> None:
        """Record that the platform's connection took the answer."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What intake says about an event: stored or seen before, and the inline answer when it was in time."""

    duplicate: bool
    answer: InlineAnswer | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes: a chat, or a person's direct chat; `reply_to` puts it under a message."""

    chat: str = ""
    account: str = ""
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform's receipt; `handle` is what a later update of the message needs, where a platform gives one."""

    message_id: str
    chat: str
    handle: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A message of ours that stands in a chat. `handle` is empty when no update has one."""

    message_id: str
    chat: str
    account: str = ""
    handle: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """What the platform's directory says of one account. Empty strings where it says nothing."""

    account: str
    name: str = ""
    mobile: str = ""
    email: str = ""
    employee_id: str = ""


@dataclass(frozen=True, slots=True)
class Download:
    """A file somebody sent: its bytes and the name it claims to have."""

    content: bytes
    name: str


class Directory(Protocol):
    """Who is who on the platform."""

    async def person(self, account: str) -> Person | None: ...

    async def accounts_of(self, mobiles: Iterable[str]) -> Mapping[str, str]:
        """Mobile number to account, for those the platform knows."""

    async def groups(self) -> list[tuple[str, str]]:
        """Chat id and name of every group the bot is in."""

    async def members(self, chat: str) -> list[Person]: ...


@dataclass(frozen=True, slots=True)
class Socket:
    """A connection the bot opens itself, so that it needs no public address.

    `run` connects, reconnects with back-off, and ends within seconds when it is cancelled. An `exclusive` one lives
    in one process only, under the lease `name`; chats whose id begins with `chats` are then sent by its holder alone.
    """

    name: str
    run: Callable[[], Awaitable[None]]
    exclusive: bool = False
    chats: str = ""


class Platform(Protocol):
    """One chat platform. `name` is the word used in ids and settings."""

    name: str

    async def start(self) -> None:
        """Open what the platform needs (one shared HTTP client); returns at once when the vendor is down."""

    async def stop(self) -> None: ...

    def listen(self, accept: Accept) -> Iterable[Route]:
        """Callback routes that verify, decrypt, store through `accept`, and answer."""

    def sockets(self, accept: Accept) -> Iterable[Socket]:
        """Connections that bring the same events without a public address; none in webhook mode."""

    def parse(self, inbound: Inbound) -> Event | None:
        """The stored payload as an event; None when there is nothing to do. Raises nothing on odd payloads."""

    def answer(self, *, toast: str, card: Card | None) -> bytes:
        """The immediate response to a click; empty toast and no card is the neutral answer."""

    def capabilities(self, chat: str, *, direct: bool) -> Capabilities:
        """What this chat can show; `chat` may be empty where only the person is known."""

    def render(self, card: Card, chat: str = "") -> Mapping[str, Any]:
        """A fitted card in the platform's own JSON, for a chat of this kind."""

    async def send(self, to: Address, message: Mapping[str, Any], *, key: str) -> Sent:
        """Send once: the same key within the vendor's window makes one message. Raises PlatformError."""

    async def update(self, shown: Shown, message: Mapping[str, Any]) -> None:
        """Redraw our own message. Raises Gone when it can no longer be redrawn."""

    async def recall(self, message_id: str) -> None: ...

    async def upload(self, content: bytes, *, name: str, kind: str) -> str: ...

    async def download(self, message_id: str, key: str, *, kind: str) -> Download: ...

    @property
    def directory(self) -> Directory: ...

    async def login(self, code: str) -> Person:
        """Who signed in on a page with this code."""


class PlatformError(Exception):
    """A call to a platform failed.

    ├ RetryLater      it may work later; `after` seconds
    ├ TokenExpired    fetch a new token and try once more
    ├ Gone            the message, chat or person is not there any more
    ├ NotAllowed      permission, quota or setting; an admin has to act
    ├ TooLarge        over the platform's size limit
    └ Malformed       the platform calls our request wrong: a bug
    """

    codes: frozenset[int] = frozenset()

    def __init__(self, text: str, *, code: int = 0, unknown: bool = False) -> None:
        super().__init__(text)
        self.code = code
        self.unknown = unknown
        """True when the platform may have accepted the call although we saw no answer."""


class RetryLater(PlatformError):
    """Throttled, broken or silent: try again with the same key."""

    def __init__(
        self, text: str, *, after: float, code: int = 0, unknown: bool = False, whole_app: bool = False
    ) -> None:
        super().__init__(text, code=code, unknown=unknown)
        self.after = after
        self.whole_app = whole_app
        """True when the limit is the app's, not this chat's."""


class TokenExpired(PlatformError):
    """The access token is missing, invalid or expired."""


class Gone(PlatformError):
    """The receiver or message does not exist for us any more."""


class NotAllowed(PlatformError):
    """A scope, setting, quota or credential stands in the way."""


class TooLarge(PlatformError):
    """The content is over the platform's limit."""


class Malformed(PlatformError):
    """The platform refuses the form of the request."""
