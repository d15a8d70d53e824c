"""Kinds of requests as data: their steps by relation and amount band, their limit, their number. R-APR-1, R-APR-2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from sales.errors import Refusal
from sales.policy import Policy


@dataclass(frozen=True, slots=True)
class Step:
    """One decision on the way: its name, and the relation to the initiator that fills its seat (superior, director)."""

    name: str
    seat: str


@dataclass(frozen=True, slots=True)
class Band:
    """The steps for a measure over `over` and up to `upto`, the upper edge inside; None: without end. R-APR-1."""

    over: Fraction
    upto: Fraction | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class RequestType:
    """A kind of request 场景. `word` is what people type, `form` what asks for what is missing.

    `bands` are over the type's own measure (discount: percent off). `limit` is the elapsed time of one step; who has
    one of the roles `deciders` may get a seat by transfer; `superior_may_take` an overdue one. R-APR-4.
    """

    name: str
    code: str
    word: str
    form: str
    limit: timedelta
    bands: tuple[Band, ...]
    deciders: tuple[str, ...]
    superior_may_take: bool = False


FIRST, FINAL = Step("初审", "superior"), Step("决策", "director")


def types(policy: Policy) -> dict[str, RequestType]:
    """Every kind of request that can be made, by name. R-APR-1."""
    alone = Fraction(policy.discount_alone_percent)
    discount = RequestType(
        name="discount",
        code="ZK",
        word="折扣",
        form="discount",
        limit=policy.approval_limit,
        bands=checked((Band(Fraction(0), alone, (FIRST,)), Band(alone, None, (FIRST, FINAL)))),
        deciders=("supervisor", "director"),
        superior_may_take=True,
    )
    return {discount.name: discount}


def checked(bands: Sequence[Band]) -> tuple[Band, ...]:
    """The bands, when they begin at 0, follow one another without gap or overlap, and have no end. R-APR-1.

    Raises Refusal naming the edge that does not fit, or a band without a step.
    """
    edge: Fraction | None = Fraction(0)
    for band in bands:
        if edge is None or band.over < edge:
            raise Refusal("R-APR-1", f"从 {band.over} 起的一档和前一档重了，改一下起点。")
        if band.over > edge:
            raise Refusal("R-APR-1", f"{edge} 到 {band.over} 没人管，补上这一档。")
        if band.upto is not None and band.upto <= band.over:
            raise Refusal("R-APR-1", f"从 {band.over} 起的一档是空的，上限要比它大。")
        if not band.steps:
            raise Refusal("R-APR-1", f"从 {band.over} 起的一档没有审批人，至少要一步。")
        edge = band.upto
    if edge is not None:
        raise Refusal("R-APR-1", f"超过 {edge} 的没人管，最后一档不要写上限。")
    return tuple(bands)


def steps_for(kind: RequestType, measure: Fraction) -> tuple[Step, ...]:
    """The steps of the band the exact measure lies in: an upper edge belongs to the lower band. R-APR-1."""
    return next(band.steps for band in kind.bands if band.upto is None or measure <= band.upto)


def request_number(kind: RequestType, *, day: date, count: int) -> str:
    """ZK-20261119-0003: type code, tenant day, four digits and five from 10000 on. R-APR-2."""
    return f"{kind.code}-{day:%Y%m%d}-{count:04d}"
