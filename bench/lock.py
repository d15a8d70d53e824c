"""How long the writer holds SQLite's write lock while lines are handled."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import orjson

from bench.company import Company, company, own_bot
from bench.figures import Figure, Plan, Target, percentile
from bench.load import steady
from bench.machine import SERVER_CORE
from bench.traffic import message, write_requests

TITLE = "the write lock of SQLite while lines are handled"
RATE = 20
LIMIT_MS = 20


def run(plan: Plan) -> Iterator[Figure]:
    """Quick entries at the pace of a busy sales team."""
    seconds = 10 if plan.quick else 30
    with company() as of, tempfile.TemporaryDirectory(prefix="dealdesk-bench-") as folder:
        requests, locks = Path(folder) / "lines.bin", Path(folder) / "locks.json"
        write_requests(requests, (_line(of, n) for n in range(RATE * seconds)))
        with own_bot(of, "--locks", str(locks), core=SERVER_CORE) as product:
            time.sleep(2)
            steady(product.port, requests, rate=RATE, seconds=seconds)
            time.sleep(2)
        held = orjson.loads(locks.read_bytes())
    middle = percentile(held, 0.5)
    yield Figure("", f"write lock held at {RATE} lines/s, longest", max(held), "ms", "median", middle,
                 max(held) / middle, Target("<=", LIMIT_MS, "value"),
                 f"{len(held)} transactions, p99 {percentile(held, 0.99):.1f} ms")  # fmt: skip


def _line(of: Company, n: int) -> bytes:
    rep = of.reps[n % len(of.reps)]
    name = rep.customers[n // len(of.reps) % len(rep.customers)]
    return message(n, line=f"录单 {name} CT机 {100 + n % 80}万", person=rep.ids, direct=rep.chat)
