"""Clicks are answered inside 3 s whatever the handlers do; the backlog is worked off in order; memory stays flat."""

from __future__ import annotations

import re
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from bench.company import Company, company, own_bot
from bench.figures import Figure, Plan, Target
from bench.load import Latency, steady
from bench.machine import SERVER_CORE, rss_mib
from bench.product import Product
from bench.servers.own_bot import SLOW_ACTION
from bench.traffic import click, write_requests
from bot.platforms.feishu.adapter import NEUTRAL
from storage import inbox
from storage.engine import Store

TITLE = "200 clicks a second with one handler that takes 5 s; the backlog; memory over 10,000 events"
RATE = 200
SLOW_SECONDS = 5
SLOW_EVERY = 500
CHATS = 24
LIMIT_SECONDS = 3
DRAIN_SECONDS = 600


@dataclass(slots=True)
class Watch:
    """Memory as the number of handled events grows."""

    at: dict[int, float] = field(default_factory=dict)
    most: float = 0.0
    handled: int = 0
    over: bool = False

    def run(self, product: Product) -> None:
        """Look twice a second, until told that it is over."""
        while not self.over:
            self.handled, rss = _handled(product.admin_port), rss_mib(product.pid)
            self.most = max(self.most, rss)
            for mark in range(self.handled // 500 * 500, 0, -500):
                if mark in self.at:
                    break
                self.at[mark] = rss
            time.sleep(0.5)


def run(plan: Plan) -> Iterator[Figure]:
    """The baseline of the answer's worst time is the platform's limit; of the memory, the first half's."""
    seconds = 10 if plan.quick else 60
    with company() as of, tempfile.TemporaryDirectory(prefix="dealdesk-bench-") as folder:
        requests, rows = Path(folder) / "clicks.bin", Path(folder) / "rows.log"
        write_requests(requests, (_click(of, n) for n in range(RATE * seconds)))
        options = ("--slow-action", str(SLOW_SECONDS), "--rows", str(rows))
        with own_bot(of, *options, core=SERVER_CORE) as product:
            time.sleep(2)
            watch = Watch()
            watcher = threading.Thread(target=watch.run, args=(product,), daemon=True)
            watcher.start()
            latency = steady(product.port, requests, rate=RATE, seconds=seconds, words=NEUTRAL)
            backlog, started = _waiting(of.url), time.monotonic()
            while _waiting(of.url) and time.monotonic() - started < DRAIN_SECONDS:
                time.sleep(0.2)
            drained = time.monotonic() - started
            watch.over = True
            watcher.join()
        yield from _figures(of, latency, rows, seconds, backlog, drained)
        yield from _memory(watch)


def _click(of: Company, n: int) -> bytes:
    """Most ask for the list of deals; every five hundredth meets the slow handler, in a chat of its own."""
    rep = of.reps[n % len(of.reps)]
    slow = n % SLOW_EVERY == 0
    chat = f"oc_bench_slow_{n}" if slow else f"oc_bench_{n % CHATS}"
    return click(n, action=SLOW_ACTION if slow else "deals.mine", person=rep.ids, chat=chat)


def _figures(of: Company, latency: Latency, rows: Path, seconds: int, backlog: int, drained: float) -> Iterator[Figure]:
    sent = RATE * seconds
    worst = latency.worst / 1000
    note = f"p50 {latency.p50:.0f} ms, p99 {latency.p99:.0f} ms; {latency.late_with_words} late ones answered neutrally"
    yield Figure("", f"worst answer of {sent} clicks at {RATE}/s", worst, "s", "limit", LIMIT_SECONDS,
                 worst / LIMIT_SECONDS, Target("<=", LIMIT_SECONDS, "value"), note)  # fmt: skip
    yield Figure("", "clicks refused or not answered", sent - latency.answered + latency.refused, "",
                 target=Target("<=", 0, "value"))  # fmt: skip
    lost, wrong = _lost_and_wrong(of.url, rows, sent)
    yield Figure("", "events lost or out of their lane's order", lost + wrong, "", target=Target("<=", 0, "value"),
                 note=f"{lost} lost, {wrong} out of order")  # fmt: skip
    yield Figure("", "backlog worked off after the last click", drained, "s", "sending", float(seconds),
                 drained / seconds, note=f"{backlog} waited; {sent // SLOW_EVERY} took {SLOW_SECONDS} s")  # fmt: skip


def _lost_and_wrong(url: str, rows: Path, sent: int) -> tuple[int, int]:
    """A row is in order when no later row of its lane was first handled before it."""
    store = Store(url)
    with store.snapshot() as conn:
        stored = conn.execute(text("SELECT id, lane, seq, state FROM inbox WHERE kind = 'click'")).all()
    store.close()
    where = {event: (lane, seq) for event, lane, seq, _ in stored}
    lost = sent - sum(state == 1 for *_, state in stored)
    newest: dict[str, int] = {}
    wrong = 0
    for line in dict.fromkeys(line.split()[1] for line in rows.read_text().splitlines()):
        if line in where:
            lane, seq = where[line]
            wrong += seq < newest.get(lane, 0)
            newest[lane] = max(seq, newest.get(lane, 0))
    return lost, wrong


def _memory(watch: Watch) -> Iterator[Figure]:
    end = max(watch.at, default=0)
    half = end // 1000 * 500
    if end < 10_000:
        yield Figure("", f"memory after {end} events", watch.at.get(end, watch.most), "MiB", f"after {half}",
                     watch.at.get(half), note="a quick run: no target under 10,000 events")  # fmt: skip
        return
    early, late = watch.at[5000], watch.at[10_000]
    yield Figure("", "memory after 10,000 events", late, "MiB", "after 5,000", early, late / early,
                 Target("<=", 1.05))  # fmt: skip


def _waiting(url: str) -> int:
    store = Store(url, readers=1)
    with store.snapshot() as conn:
        found = inbox.count_waiting(conn)
    store.close()
    return found


def _handled(admin_port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{admin_port}/metrics", timeout=30) as answer:
        found = re.search(rb"^dealdesk_inbound_handled_total ([\d.]+)", answer.read(), re.MULTILINE)
    return int(float(found[1])) if found else 0
