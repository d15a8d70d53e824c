"""A decision: everything one event changes, as data. Rules return it, `storage/` applies it, nobody else writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any


class Urgency(IntEnum):
    """The four classes of a message, most urgent first. R-TIME-3."""

    ANSWER = 0
    NOW = 1
    TODAY = 2
    LIST = 3


@dataclass(frozen=True, slots=True)
class Audit:
    """One state change for the append-only log: references and values, no personal fields. R-AUD, R-PRIV."""

    action: str
    subject: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Who should learn of what: an audience, a card and its subject; people and content are resolved at sending.

    `audience` is a name of R-PPL-1 (`member:m03`, `superior:m03`, `admins`) and `rule` the rule it follows.
    """

    kind: str
    audience: str
    card: str
    subject: str
    urgency: Urgency
    rule: str
    args: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StartTimer:
    """A clock starts: one timer per name and subject; starting it again moves it. Due is an instant. R-TIME-5."""

    name: str
    subject: str
    due: datetime


@dataclass(frozen=True, slots=True)
class CancelTimer:
    """The reason of a timer is gone. An optimisation: a timer that fires looks again anyway."""

    name: str
    subject: str


@dataclass(frozen=True, slots=True)
class Job:
    """Slow or outside work, done after commit; its result comes back as an event in the lane that asked."""

    kind: str
    args: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Become:
    """The cards that showed `subject` show `card` of `new_subject` from now on: an answered question is a deal."""

    subject: str
    card: str
    new_subject: str


@dataclass(frozen=True, slots=True)
class Looked:
    """A timed rule looked and found no reason to act; one ledger line says which fact stopped it. R-WHY."""

    rule: str
    subject: str
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The whole effect of one event. Entities carry the version they were read with; a stale one is a conflict.

    `relies` are entities read and not changed whose versions must still hold (write skew, style.md 17.2).
    """

    saves: tuple[Any, ...] = ()
    relies: tuple[Any, ...] = ()
    audits: tuple[Audit, ...] = ()
    notices: tuple[Notice, ...] = ()
    redraws: tuple[str, ...] = ()
    becomes: tuple[Become, ...] = ()
    timers: tuple[StartTimer | CancelTimer, ...] = ()
    jobs: tuple[Job, ...] = ()
    looked: tuple[Looked, ...] = ()

    def __add__(self, other: Decision) -> Decision:
        """Both effects, this one first."""
        return Decision(
            saves=self.saves + other.saves,
            relies=self.relies + other.relies,
            audits=self.audits + other.audits,
            notices=self.notices + other.notices,
            redraws=self.redraws + other.redraws,
            becomes=self.becomes + other.becomes,
            timers=self.timers + other.timers,
            jobs=self.jobs + other.jobs,
            looked=self.looked + other.looked,
        )


NOTHING = Decision()


@dataclass(frozen=True, slots=True)
class Reply:
    """What the person who acted gets back, at most one: a card of a subject, or words, and for a click a toast.

    `card` names a file of cards/; `words` is the card that is only `args["text"]`. In a group, `private` cards go
    to the person's direct chat and the group gets a pointer. R-PPL-3.
    """

    card: str = ""
    subject: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)
    toast: str = ""
    private: bool = True


def say(text: str, *, toast: str = "", private: bool = True) -> Reply:
    """A reply that is one sentence of text."""
    return Reply(card="words", args={"text": text}, toast=toast, private=private)
