"""Customers: one file each, found by name, never doubled silently. R-CUS-2, R-CUS-5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sales.decision import Decision, Notice, Urgency
from sales.policy import Policy


@dataclass(frozen=True, slots=True)
class Customer:
    """A company we sell to. `key` is its normalised name, `phone` sealed text; state is active or undone. R-CUS-5."""

    id: int
    name: str
    key: str
    owner_id: str
    town: str = ""
    tier: str = ""
    region: str = ""
    industry: str = ""
    phone: str = ""
    external_id: str = ""
    created_with: int = 0
    state: str = "active"
    version: int = 0


@dataclass(frozen=True, slots=True)
class Peek:
    """How often a member was shown customers outside their sight on one tenant day; `id` is member:day. R-CUS-5."""

    id: str
    member_id: str
    times: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True)
class Near:
    """A known customer whose name is close to what was written; `score` 0 to 100, 100 = the same name."""

    customer: Customer
    score: float
    visible: bool


@dataclass(frozen=True, slots=True)
class Match:
    """What a written customer name means: `known` exactly one, `new` nobody near, else `ask` with candidates."""

    verdict: str
    known: Customer | None = None
    near: tuple[Near, ...] = ()


MOST_CANDIDATES = 3


def match(found: Sequence[Near], *, near_score: float) -> Match:
    """Decide what a written name means from the near names found. R-QE-3, R-CUS-5.

    The same normalised name of one visible customer is that customer. The same name outside one's sight, or any
    name scoring `near_score` or more, is asked. Nothing near: a new customer.
    """
    same = [n for n in found if n.score >= 100]
    if len(same) == 1 and same[0].visible:
        return Match("known", known=same[0].customer)
    near = sorted((n for n in found if n.score >= near_score), key=lambda n: (-n.score, n.customer.id))
    if near:
        return Match("ask", near=tuple(near[:MOST_CANDIDATES]))
    return Match("new")


def count_peeks(peek: Peek, shown: int, *, policy: Policy) -> Decision:
    """Showing customers of others is counted; the first time over ten a day the superior is told. R-CUS-5."""
    times = peek.times + shown
    notices: tuple[Notice, ...] = ()
    if peek.times <= policy.peeks_per_day < times:
        notices = (
            Notice("customers.peeked", f"superior:{peek.member_id}", "peeks", peek.id, Urgency.TODAY, "R-CUS-5"),
        )
    return Decision(saves=(replace(peek, times=times),), notices=notices)
