"""What the control API and the page ask of a vendor, and what a vendor is given.

One package per vendor (feishu, wecom, dingtalk) answers this in its vendor.py, whose `make(parts)` is named
in simulator/vendors.py. A vendor keeps its messages in `parts.world`, writes every call of either direction
into `parts.calls` with its own name as `platform`, and reads no clock but `parts.clock`.

The page draws a message by `Chat.platform`, `Message.msg_type` and `Message.card`, the vendor's own JSON:

| platform | msg_type | text | card |
| --- | --- | --- | --- |
| all | text | the text | - |
| all | image, file, audio, media | - | - (the bytes are `Message.blob`) |
| feishu | interactive, post | the readable text of a post | the card of schema 2.0 |
| wecom | markdown, markdown_v2 (all of the smart bot) | the markdown | - |
| wecom | textcard, news | - | the object of that name from the message body |
| wecom | template_card | - | the object; after an update the new one, or the old with `replace_text` |
| dingtalk | markdown | the markdown | {"title"} |
| dingtalk | link, feedCard | - | the object of that name, spelled as webhooks spell it |
| dingtalk | actionCard | - | {title, text, btnOrientation, btns: [{title, actionURL}]}, whatever the msgKey was |
| dingtalk | card | - | {"cardTemplateId", "cardParamMap": {...}} |

Where one member of a group sees another card than the rest (a grey button, private data), it stands in
`Message.card_for` under the person's id. Pictures in cards name a blob by its key, or by a URL of this
simulator that ends in `/sim/files/<key>`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from aiohttp import web

from simulator.calls import CallLog
from simulator.chats import Chat
from simulator.clock import Clock
from simulator.company import Company, Person
from simulator.faults import Faults
from simulator.feed import Feed
from simulator.ids import Ids
from simulator.messages import Blob, Message
from simulator.options import Options
from simulator.world import World

Json = dict[str, Any]


class Refused(Exception):
    """A person cannot do this; the text is Chinese and is shown as it is, `status` is 4xx."""

    def __init__(self, text: str, status: int = 400) -> None:
        self.text = text
        self.status = status
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Parts:
    """What all vendors of one simulator share."""

    options: Options
    company: Company
    clock: Clock
    ids: Ids
    feed: Feed
    world: World
    calls: CallLog


@dataclass(frozen=True, slots=True)
class Said:
    """A text a person wrote. `rich`: as rich text where the vendor has it. `mention_bot`: put the @ in front."""

    text: str
    parent: Message | None = None
    mention_bot: bool = False
    rich: bool = False
    wait: bool = True


@dataclass(frozen=True, slots=True)
class Upload:
    """A file a person sent, already kept as a blob; `kind` is image, file, audio or media (a video)."""

    kind: str
    blob: Blob
    text: str = ""
    wait: bool = True


@dataclass(frozen=True, slots=True)
class Press:
    """One press on a card.

    `button` by label, by the vendor's own key or id, or by number in reading order; `option` of a menu that calls
    back by itself. `values` are what the card's fields hold, on a click too: by name or label, a text, the value or
    the words of an option, a list of them, or a truth. `confirm` False: the person says no when the card asks.
    """

    button: str | int | None = None
    option: Any = None
    values: Mapping[str, Any] | None = None
    confirm: bool = True


@dataclass(frozen=True, slots=True)
class Happening:
    """What happens around messages; a vendor refuses the kinds it does not have.

    enter (person, chat), menu (person, chat, key), recall (person, message),
    members (chat, person who did it, people or bot, added), deliver (event, chat_id, times, key: which callback).
    """

    kind: str
    person: Person | None = None
    chat: Chat | None = None
    message: Message | None = None
    key: str = ""
    people: tuple[Person, ...] = ()
    bot: bool = False
    added: bool = False
    event: Json | None = None
    chat_id: str = ""
    times: int = 1


@dataclass(frozen=True, slots=True)
class Due:
    """The next thing a vendor does by itself, such as a repeated delivery."""

    at: datetime
    label: str


class Vendor(Protocol):
    """One platform. Answers are JSON of the control API; `delivered` is {"status", "ms", "code"} or None."""

    @property
    def name(self) -> str:
        """feishu, wecom or dingtalk: `Chat.platform`, and `platform` of every logged call."""

    @property
    def faults(self) -> Faults:
        """The faults still to come on this vendor's API and deliveries."""

    def add_routes(self, app: web.Application) -> None:
        """Serve the open API; called once, before the application starts."""

    async def start(self) -> None:
        """Open clients and begin to work; the loop runs."""

    async def stop(self) -> None:
        """End all of it."""

    def reset(self) -> None:
        """Forget limits, tickets, retries; tokens given to the bot stay. The world was reset just before."""

    def account(self, person: Person) -> Json:
        """The person's ids on this platform, as /sim/state tells them."""

    async def say(self, person: Person, chat: Chat, said: Said) -> Json:
        """A text stands in the chat and is delivered: {"message_id", "delivered"}."""

    async def upload(self, person: Person, chat: Chat, upload: Upload) -> Json:
        """A file stands in the chat and is delivered where the vendor does so: {"message_id", "delivered"}."""

    async def click(self, person: Person, item: Message, press: Press) -> Json:
        """One press: {"status", "ms", "code", "toast"}, and where it applies open_url, confirm, cancelled, local.

        The control API has checked that the person sees the message, that it is a card and not recalled.
        """

    async def submit(self, person: Person, item: Message, press: Press) -> Json:
        """The form of a card, filled and sent; answers like `click`."""

    async def happen(self, happening: Happening) -> Json:
        """Anything around messages."""

    def next_due(self) -> Due | None:
        """The next thing due by itself, for the clock."""

    async def settle(self) -> None:
        """Do everything due by now, and return when it is done."""

    def callbacks(self) -> dict[str, str]:
        """Where it posts: the part of the path after /callback/ (feishu, wecom/app ...) and the URL."""

    def point(self, name: str, url: str) -> None:
        """From now on this callback goes to the URL."""

    async def verify(self, name: str) -> Json:
        """Check the callback as the vendor's console does when it is saved: {"ok", "status", "ms", "code"}."""

    def revoke(self) -> None:
        """Every access token given so far is dead."""
