"""What the smart bot remembers: who spoke with it, which question an answer belongs to, what can be fetched."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.chats import Chat
from simulator.clock import Clock
from simulator.company import Person
from simulator.messages import Message

MEDIA_SECONDS = 300.0
KEPT = 5000


@dataclass(slots=True)
class Turn:
    """One thing the bot was told and may answer.

    `kind` is message, enter or click; `item` is the message said, or the one whose card was pressed.
    `streams` are the replies being written, by the bot's own id.
    """

    kind: str
    chat: Chat
    person: Person
    item: Message | None
    since: float
    answer_code: str = ""
    task_id: str = ""
    streams: dict[str, Message] = field(default_factory=dict)
    finished: set[str] = field(default_factory=set)
    carded: bool = False


@dataclass(slots=True)
class UploadSession:
    """An upload under way; `pieces` are numbered from 0 or from 1, as the bot likes."""

    kind: str
    name: str
    size: int
    chunks: int
    md5: str
    since: float
    pieces: dict[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Locked:
    """Encrypted bytes under a URL, with the end of their life in machine time."""

    data: bytes
    until: float


class BotState:
    """Everything about one smart bot that is not in the chats."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.spoken: set[str] = set()
        self.tasks: set[str] = set()
        self.turns: dict[str, Turn] = {}
        self.answers: dict[str, Turn] = {}
        self.uploads: dict[str, UploadSession] = {}
        self._locked: dict[str, Locked] = {}

    def open(self, req_id: str, turn: Turn) -> None:
        """The bot was told this under a request id, and maybe with a code for one later answer."""
        for kept, key in ((self.turns, req_id), (self.answers, turn.answer_code)):
            if len(kept) >= KEPT:
                del kept[next(iter(kept))]
            if key:
                kept[key] = turn

    def lock(self, key: str, data: bytes) -> None:
        """The bytes can be fetched under this key for five minutes."""
        now = self._clock.machine()
        self._locked = {name: one for name, one in self._locked.items() if one.until > now}
        self._locked[key] = Locked(data, now + MEDIA_SECONDS)

    def fetch(self, key: str) -> bytes | None:
        """The bytes while their time has not run out."""
        found = self._locked.get(key)
        return found.data if found and found.until > self._clock.machine() else None

    def clear(self) -> None:
        """Forget all."""
        for kept in (self.spoken, self.tasks, self.turns, self.answers, self.uploads, self._locked):
            kept.clear()
