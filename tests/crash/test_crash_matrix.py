"""kill -9 at every numbered step of an event's life, on both stores. Nothing lost, nothing twice. R-TIME-3, R-WHY.

A round: three reps type two lines each, one of them also takes a deal back by its button, and the bot dies at the
cell's step. In even rounds it dies among all of that, at the nth time the step is reached; in odd rounds at the
click alone, and the lines come while it is down. It is started again, works off what is left, and is looked at.

CRASH_ROUNDS says how many rounds a cell has, CRASH_RESULTS names a file that gets one JSON line per cell.
"""

from __future__ import annotations

import asyncio
import csv
import itertools
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.commands.demo import SEED
from bot.platforms.feishu.adapter import NEUTRAL
from bot.steps import STEPS
from sales import names
from sales.policy import Policy
from storage.tables.columns import DEAD, DONE, SUPERSEDED
from tests.crash.scene import Facts, Scene, open_scene
from tests.support.house import words_of
from tests.support.stores import postgres_url, sqlite_url

ROUNDS = int(os.environ.get("CRASH_ROUNDS") or 3)
RESULTS = os.environ.get("CRASH_RESULTS", "")
REPS = ("m03", "m04", "m05")
LINES_EACH = 2
STORES = ("sqlite", "postgresql")

Line = tuple[str, int]
"""Who typed it, and its amount in fen: no two lines have the same amount."""


@dataclass(slots=True)
class Tally:
    """What a cell found. Everything in `problems` is a promise broken."""

    lines: int = 0
    clicks: int = 0
    clicks_stored: int = 0
    lost: int = 0
    doubled: int = 0
    unknown: int = 0
    told_twice: int = 0
    absorbed: int = 0
    problems: list[str] = field(default_factory=list)

    def check(self, good: object, what: str, *, lost: bool = False, doubled: bool = False) -> None:
        """Note what is not as it must be."""
        if good:
            return
        self.problems.append(what)
        self.lost += lost
        self.doubled += doubled


class Writing:
    """Lines that are understood at once: the rep's own customers, and now and then a new one."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)
        self._amounts = itertools.count(11)
        self._new = _new_names(self._random)
        with (SEED / "customers.csv").open(encoding="utf-8-sig") as file:
            rows = [row for row in csv.DictReader(file) if "（" not in row["name"]]
        self._own = {rep: [row["name"] for row in rows if row["owner_id"] == rep] for rep in REPS}

    def line(self, rep: str, *, new: bool = False) -> tuple[str, Line]:
        """The text and what must come of it."""
        customer = next(self._new) if new else self._random.choice(self._own[rep])
        wan = next(self._amounts)
        return f"录单 {customer} CT机 {wan}万", (rep, wan * 10_000 * 100)


def _new_names(choice: random.Random) -> Iterator[str]:
    """Customers nobody has, none near another."""
    with (SEED / "customers.csv").open(encoding="utf-8-sig") as file:
        known = [row["name"] for row in csv.DictReader(file)]
    first, second, ends = "青白赤玄紫碧丹翠银铜", "龙虎雀鹤鹿鲸鹰狮马牛", ("诊所", "药厂", "医院", "疗养院", "卫生院")
    while True:
        name = choice.choice(first) + choice.choice(second) + choice.choice(first) + choice.choice(ends)
        if all(names.score(name, other) < Policy().near_name_score for other in known):
            known.append(name)
            yield name


@pytest.mark.parametrize("kind", STORES)
@pytest.mark.parametrize("step", STEPS)
async def test_killed_at_every_step_nothing_is_lost_or_done_twice_R_TIME_3_R_WHY(
    step: str, kind: str, tmp_path: Path
) -> None:
    url = sqlite_url(tmp_path) if kind == "sqlite" else postgres_url()
    tally, started = Tally(), time.monotonic()
    try:
        async with open_scene(url, tmp_path) as scene:
            await Cell(scene, step, kind, tally).run()
    finally:
        _report(step, kind, tally, time.monotonic() - started)
    log = (tmp_path / "victim.log").read_text()
    assert not tally.problems, "\n".join([*tally.problems, log[-2000:]])


class Cell:
    """The rounds of one step on one store."""

    def __init__(self, scene: Scene, step: str, kind: str, tally: Tally) -> None:
        self._scene = scene
        self._step = step
        self._tally = tally
        self._random = random.Random(f"{step} {kind}")
        self._writing = Writing(f"{step} {kind}")
        self._lines: list[Line] = []
        self._undone: set[int] = set()
        """Amounts of the deals that were taken back."""

    async def run(self) -> None:
        """All rounds, then a clean stop that leaves the log sealed."""
        scene = self._scene
        await self._start(0)
        await asyncio.gather(*(self._types(rep) for rep in REPS))
        await scene.quiet()
        self._check_all(await scene.look())
        for n in range(ROUNDS):
            await self._round(n)
        await scene.sealed()
        os.kill(scene.victim.pid, signal.SIGTERM)
        self._tally.check(await scene.victim.ended() == 0, "the bot did not stop cleanly")
        facts = await scene.look()
        self._tally.check(not facts.faults, f"the log after the stop: {facts.faults}")

    async def _start(self, n: int) -> None:
        nth = self._random.randint(1, len(REPS) * LINES_EACH) if n % 2 == 0 else 1
        await self._scene.victim.start(self._scene.settings, step=self._step, nth=nth)

    async def _round(self, n: int) -> None:
        scene, tally = self._scene, self._tally
        rep = REPS[n % len(REPS)]
        before = await scene.look()
        amount, card = self._undoable(before, rep)
        scene.feishu.calls.clear()
        await scene.victim.arm()
        typing = [self._types(who, new=n + at) for at, who in enumerate(REPS)]
        if n % 2 == 0:
            toast, *_ = await asyncio.gather(scene.clicks(rep, "撤销", card), *typing)
        else:
            toast = await scene.clicks(rep, "撤销", card)
            await asyncio.gather(*typing)
        ended = await scene.victim.ended()
        tally.check(ended == -signal.SIGKILL, f"the bot ended with {ended}, not at {self._step}")
        await self._start(n + 1)
        await scene.quiet()
        facts = await scene.look()
        tally.clicks += 1
        self._check_click(facts, amount, card, toast)
        self._check_all(facts)
        self._check_sends(facts)
        tally.unknown += sum(r["unknown"] > 0 for r in facts.ledger) - sum(r["unknown"] > 0 for r in before.ledger)
        if amount not in self._undone:
            await self._click_again(rep, card, amount)

    async def _types(self, rep: str, *, new: int = -1) -> None:
        """The rep's lines, one after the other; one in three rounds is about a new customer."""
        for at in range(LINES_EACH):
            typed, line = self._writing.line(rep, new=at == 0 and new % 3 == 0)
            self._lines.append(line)
            await self._scene.says(rep, typed)

    def _undoable(self, facts: Facts, rep: str) -> tuple[int, str]:
        """Amount and card of a deal the rep can still take back."""
        amount = next(fen for who, fen in self._lines if who == rep and fen not in self._undone)
        deal = _deals(facts, amount)[0]
        reply = next(r for r in facts.ledger if r["subject"] == f"deal:{deal['id']}" and r["kind"] == "reply")
        return amount, str(reply["message_id"])

    async def _click_again(self, rep: str, card: str, amount: int) -> None:
        """The click was lost before it was stored: its button is still there and works. Feishu sends no click twice."""
        scene, tally = self._scene, self._tally
        toast = await scene.clicks(rep, "撤销", card)
        await scene.quiet()
        facts = await scene.look()
        self._undone.add(amount)
        tally.check(toast.startswith("已撤销") or toast == NEUTRAL, f"second click: {toast!r}", lost=True)
        tally.check(_deals(facts, amount)[0]["state"] == "undone", "the second click had no effect", lost=True)

    def _check_click(self, facts: Facts, amount: int, card: str, toast: str) -> None:
        """A stored click is done once and answered once; one that was not stored did nothing."""
        tally, deal = self._tally, _deals(facts, amount)[0]
        subject, looks = f"deal:{deal['id']}", words_of(facts.shown[card])
        stored = facts.clicks_on(card)
        undos = facts.audited("deal.undo", subject)
        if not stored:
            tally.check(deal["state"] == "open" and not undos, f"{subject}: undone by a click nobody stored")
            tally.check("撤销" in looks and "已撤销" not in looks, f"{subject}: no button left", lost=True)
            return
        tally.clicks_stored += 1
        self._undone.add(amount)
        tally.check(deal["state"] == "undone", f"{subject}: a stored click is lost", lost=True)
        tally.check(undos == 1, f"{subject}: undone {undos} times", doubled=undos > 1)
        tally.check("已撤销" in looks, f"{subject}: its card still shows {looks!r}", lost=True)
        reply = facts.reply(stored[0]["id"])
        if reply is None or reply["state"] != DONE:
            tally.check(False, f"{subject}: no answer to the click: {reply}", lost=True)
            return
        inline, later = toast.startswith("已撤销"), bool(reply["message_id"])
        tally.check(inline or later, f"{subject}: the click was answered by nobody: {reply}", lost=True)
        if inline and later:
            marked = "可能重复" in words_of(facts.shown[reply["message_id"]])
            tally.told_twice += 1
            tally.check(reply["unknown"] and marked, f"{subject}: told twice and not marked: {reply}", doubled=True)

    def _check_all(self, facts: Facts) -> None:
        """Every line ever typed has one deal, one audit entry, one timer, one card; chats are in order."""
        tally = self._tally
        tally.lines = len(self._lines)
        for rep, amount in self._lines:
            self._check_line(facts, rep, amount)
        tally.check(len(facts.deals) == len(self._lines), f"{len(facts.deals)} deals of {len(self._lines)} lines")
        created = Counter(a["subject"] for a in facts.audits if a["action"] == "customer.create")
        tally.check(all(n == 1 for n in created.values()), f"customers created twice: {created}", doubled=True)
        dead = [e for e in facts.events if e["state"] == DEAD] + [r for r in facts.ledger if r["state"] == DEAD]
        tally.check(not dead, f"given up: {dead}", lost=True)
        tally.check(not facts.faults, f"the log: {facts.faults}")
        self._check_order(facts)

    def _check_line(self, facts: Facts, rep: str, amount: int) -> None:
        tally, deals = self._tally, _deals(facts, amount)
        if len(deals) != 1:
            tally.check(False, f"{rep}'s {amount} has {len(deals)} deals", lost=not deals, doubled=len(deals) > 1)
            return
        subject = f"deal:{deals[0]['id']}"
        opened = facts.audited("deal.open", subject)
        tally.check(opened == 1, f"{subject}: {opened} entries", lost=not opened, doubled=opened > 1)
        timers = [t for t in facts.timers if t["subject"] == subject]
        tally.check(len(timers) == 1, f"{subject}: {len(timers)} timers", lost=not timers, doubled=len(timers) > 1)
        cancelled = deals[0]["state"] == "undone"
        tally.check(all((t["state"] == 1) == cancelled for t in timers), f"{subject}: its timer is in the wrong state")
        cards = [r for r in facts.ledger if r["subject"] == subject and r["kind"] == "reply"]
        shown = [c for c in cards if c["state"] == DONE and c["message_id"] in facts.shown]
        tally.check(len(cards) == 1, f"{subject}: {len(cards)} cards", lost=not cards, doubled=len(cards) > 1)
        tally.check(shown, f"{subject}: no card in the chat", lost=True)

    def _check_order(self, facts: Facts) -> None:
        """In a chat, what was stored first is done first and answered first."""
        place: dict[str, list[tuple[int, int]]] = {}
        for event in facts.events:
            reply = facts.reply(event["id"])
            if event["kind"] == "message" and reply and reply["message_id"] in facts.shown:
                deal = int(reply["subject"].removeprefix("deal:") or 0)
                place.setdefault(event["lane"], []).append((deal, facts.shown[reply["message_id"]]["seq"]))
        for lane, answers in place.items():
            self._tally.check(answers == sorted(answers), f"{lane}: out of order: {answers}")
            seqs = [seq for _, seq in answers]
            self._tally.check(seqs == sorted(seqs), f"{lane}: answered out of order: {seqs}")

    def _check_sends(self, facts: Facts) -> None:
        """One message per send key; what is in a chat is in the ledger."""
        tally = self._tally
        for key, made in facts.sends.items():
            tally.absorbed += made.total() - len(made)
            row = next((r for r in facts.ledger if r["id"] == key), None)
            tally.check(len(made) == 1, f"{key}: {len(made)} messages of one key: {row}", doubled=True)
        receipts = {r["message_id"] for r in facts.ledger if r["state"] not in (DEAD, SUPERSEDED)}
        strays = [words_of(m) for m in facts.shown.values() if m["message_id"] not in receipts]
        tally.check(not strays, f"messages without a ledger line: {strays}", doubled=True)


def _deals(facts: Facts, amount: int) -> list[dict[str, Any]]:
    return [deal for deal in facts.deals if deal["amount_fen"] == amount]


def _report(step: str, kind: str, tally: Tally, seconds: float) -> None:
    if not RESULTS:
        return
    cell = {
        "step": step, "store": kind, "rounds": ROUNDS, "lines": tally.lines, "clicks": tally.clicks,
        "clicks_stored": tally.clicks_stored, "lost": tally.lost, "doubled": tally.doubled, "unknown": tally.unknown,
        "told_twice": tally.told_twice, "absorbed": tally.absorbed, "problems": len(tally.problems),
        "seconds": round(seconds, 1),
    }  # fmt: skip
    with open(RESULTS, "a", encoding="utf-8") as file:
        file.write(json.dumps(cell) + "\n")
