"""What pages are given by the composition root: nothing here knows a network beyond the one request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from sales.decision import Decision
from storage.inbox import Inbound
from storage.pages import Pages
from storage.tx import Tx

T = TypeVar("T")

ANSWER_MS = 6_000
"""How long a submitted page waits for its reply; later the reply comes in chat alone."""


class Answer(Protocol):
    """The stored reply of what was submitted, claimed for the page: nobody else sends it."""

    @property
    def toast(self) -> str:
        """The sentence to show; empty when the reply goes to the chat anyway."""

    async def written(self) -> None:
        """Record that the browser took the answer."""


class Accepted(Protocol):
    """What intake says: the reply, when it was in time."""

    @property
    def answer(self) -> Answer | None:
        """None: handled later, or answered before."""


class Read(Protocol):
    """Runs a read on a snapshot of its own, in a database thread."""

    async def __call__(self, look: Callable[[Tx], T]) -> T:
        """What `look` returns."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Addresses and proofs, the way in for what people send, reads, the one write of a link, where originals are kept.

    `open_link` writes that a member opened a link and is False when somebody was faster.
    """

    pages: Pages
    accept: Callable[[Inbound], Awaitable[Accepted]]
    read: Read
    open_link: Callable[[Decision, str], Awaitable[bool]]
    now_us: Callable[[], int]
    files: Path
