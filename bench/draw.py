"""Drawing: every sample card fitted to and rendered for every kind of chat of every platform."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import orjson

from bench.figures import Figure, Plan, Target, compare, median
from bench.product import NOWHERE, PLATFORMS, platform_settings
from bot.platforms.base import Platform
from bot.platforms.kinds import Surroundings
from bot.platforms.pace import Pace
from bot.platforms.registry import KINDS
from bot.quota import Quota
from cards.blocks import Card, Picture
from cards.fit import fit
from cards.samples import SAMPLES

TITLE = "drawing any card for any platform and kind of chat, CPU"
BASELINE = "orjson.dumps of the finished message"
LIMIT_US = 1000
TIMES = 10
"""So many drawings are one measurement: one alone is over before the clock has moved far."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """One card for one kind of chat, and what it was found to take in each round, in microseconds of CPU."""

    name: str
    draw: Callable[[], Mapping[str, Any]]
    ours: list[float]
    dumps: list[float]


def run(plan: Plan) -> Iterator[Figure]:
    """A round draws each card for each chat ten times; the worst is the worst card's median."""
    for name in PLATFORMS:
        drawings = list(_drawings(name))
        for _ in range(plan.rounds):
            for drawing in drawings:
                _measure(drawing)
        by_round = zip(*(d.ours for d in drawings), strict=True), zip(*(d.dumps for d in drawings), strict=True)
        ours, dumps = ([median(one) for one in side] for side in by_round)
        yield compare("issue 4", f"a card drawn for {name}, median", ours, "us", against=BASELINE, theirs=dumps,
                      target=Target("<=", LIMIT_US, "value"), note=f"{len(drawings)} drawings")  # fmt: skip
        worst = max(drawings, key=lambda drawing: statistics.median(drawing.ours))
        yield compare("issue 4", f"a card drawn for {name}, worst", worst.ours, "us", against=BASELINE,
                      theirs=worst.dumps, note=worst.name)  # fmt: skip


def _drawings(platform: str) -> Iterator[Drawing]:
    drawn_by = _built(platform)
    for chat, example in KINDS[platform].chats.items():
        abilities = drawn_by.capabilities(example.chat, direct=example.direct)
        for name, sample in SAMPLES.items():
            card = _uploaded(sample)
            draw = partial(_draw, drawn_by, card, abilities, example.chat)
            yield Drawing(f"{name}, in {chat}", draw, [], [])


def _draw(platform: Platform, card: Card, abilities: Any, chat: str) -> Mapping[str, Any]:
    return platform.render(fit(card, abilities), chat)


def _uploaded(card: Card) -> Card:
    """With pictures the vendor has got already, as they are when a card is drawn."""
    return tuple(replace(block, media="img_bench") if isinstance(block, Picture) else block for block in card)


def _measure(drawing: Drawing) -> None:
    message = drawing.draw()
    drawing.ours.append(_cpu_us(drawing.draw))
    drawing.dumps.append(_cpu_us(partial(orjson.dumps, message)))


def _cpu_us(work: Callable[[], object]) -> float:
    start = time.thread_time_ns()
    for _ in range(TIMES):
        work()
    return (time.thread_time_ns() - start) / TIMES / 1000


def _built(name: str) -> Platform:
    """The adapter, connected to nothing."""
    kind = KINDS[name]
    around = Surroundings(
        business_us=lambda: 0,
        machine=lambda: 0.0,
        derived=lambda _: bytes(32),
        pacer=lambda limits: Pace(limits, lambda: 0.0),
        meter=Quota({name: kind.monthly}).meter(name),
        hook_key=_no_hook,
        public_url="https://dealdesk.example",
    )
    return kind.build(kind.settings(**platform_settings(name, NOWHERE)), around)


async def _no_hook(_: str) -> str:
    return ""
