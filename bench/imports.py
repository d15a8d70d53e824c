"""100,000 rows come in through `dealdesk import` beside a running server: who clicks is answered meanwhile."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
from sqlalchemy import text

from bench.company import Company, company, own_bot
from bench.figures import Figure, Plan, Target, percentile
from bench.load import Latency, steady
from bench.product import ROOT, environment
from bench.traffic import click, write_requests
from storage.engine import Store

TITLE = "100,000 rows imported while callbacks come in (SQLite): the worst answer, CPU, memory, rows lost"
RATE = 20
SLICE_SECONDS = 2
ALONE_SECONDS = 4
CHATS = 24
LIMIT_SECONDS = 3
MEMORY_MIB = 250
HEADER = ("assignment_id", "lead_id", "member_id", "assigned_at", "ended_at", "end_reason")


@dataclass(frozen=True, slots=True)
class Imported:
    """What one run of the command used and said, and the answers that clicks got meanwhile."""

    seconds: float
    cpu: float
    peak_mib: float
    counts: dict[str, int]
    answers: tuple[Latency, ...]


def run(plan: Plan) -> Iterator[Figure]:
    """The baseline is the worst answer of the same clicks to the same server, just before the import."""
    rows = 20_000 if plan.quick else 100_000
    with company() as of, tempfile.TemporaryDirectory(prefix="dealdesk-bench-") as folder:
        file = Path(folder) / "assignments.csv"
        _write_rows(file, of, rows)
        with own_bot(of) as product:
            time.sleep(2)
            clicks = _Clicks(of, Path(folder) / "clicks.bin", product.port)
            alone = clicks.press(ALONE_SECONDS)
            had = _stored(of.url)
            found = _imported(of, file, clicks)
        yield from _figures(rows, alone, found, _stored(of.url) - had, clicks.sent - _clicked(of.url))


class _Clicks:
    """Asks for the list of deals, again and again; every click is another event."""

    def __init__(self, of: Company, file: Path, port: int) -> None:
        self._of, self._file, self._port = of, file, port
        self.sent = 0

    def press(self, seconds: int) -> Latency:
        """So many seconds of clicks at a steady rate."""
        numbers = range(self.sent, self.sent + RATE * seconds)
        write_requests(self._file, (self._click(n) for n in numbers))
        self.sent = numbers.stop
        return steady(self._port, self._file, rate=RATE, seconds=seconds)

    def _click(self, n: int) -> bytes:
        rep = self._of.reps[n % len(self._of.reps)]
        return click(n, action="deals.mine", person=rep.ids, chat=f"oc_bench_{n % CHATS}")


def _write_rows(file: Path, of: Company, rows: int) -> None:
    """Two assignments for each lead, far apart in the file; the last days' cycles are still open."""
    now = datetime.now(UTC)
    leads = rows // 2
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(HEADER)
        for n in range(rows):
            lead, again = n % leads, n // leads
            start = now - timedelta(days=60 - 50 * again, minutes=lead % 14_400)
            end = (start + timedelta(hours=30)).isoformat() if not again else ""
            writer.writerow((f"B{n}", f"BL{lead}", of.reps[lead % len(of.reps)].id, start.isoformat(), end,
                             "returned" if end else ""))  # fmt: skip


def _imported(of: Company, file: Path, clicks: _Clicks) -> Imported:
    command = [sys.executable, "-P", "-m", "bot", "import", "assignments", str(file), "--json"]
    env = {**os.environ, **environment(of.url, of.folder, port=0, admin_port=0), "PYTHONPATH": str(ROOT)}
    started = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(command, stdout=said, env=env)
        answers: list[Latency] = []
        while not (ended := os.wait4(child.pid, os.WNOHANG))[0]:
            answers.append(clicks.press(SLICE_SECONDS))
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(ended[1])
        said.seek(0)
        counts = orjson.loads(said.read())
    used = ended[2]
    return Imported(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, counts, tuple(answers))


def _figures(rows: int, alone: Latency, found: Imported, stored: int, clicks_lost: int) -> Iterator[Figure]:
    worst = max(one.worst for one in found.answers) / 1000
    p50 = percentile([one.p50 for one in found.answers], 0.5)
    p99 = max(one.p99 for one in found.answers)
    refused = sum(one.refused for one in found.answers)
    clicks = len(found.answers) * SLICE_SECONDS * RATE
    yield Figure(
        "issue 3", f"worst answer of {clicks} clicks beside {rows:,} rows", worst, "s",
        "before it", alone.worst / 1000, worst * 1000 / alone.worst, Target("<=", LIMIT_SECONDS, "value"),
        f"p50 {p50:.0f} ms, worst p99 {p99:.0f} ms; before p50 {alone.p50:.0f} ms",
    )  # fmt: skip
    lost = rows - stored
    yield Figure("issue 3", "rows lost, clicks lost or refused", lost + clicks_lost + refused, "",
                 target=Target("<=", 0, "value"), note=f"{found.counts['added']:,} added")  # fmt: skip
    yield Figure("issue 3", f"CPU of importing {rows:,} rows", found.cpu, "s",
                 note=f"{found.seconds:.0f} s, {rows / found.seconds:.0f} rows/s")  # fmt: skip
    yield Figure("issue 3", "memory of the importer at its peak", found.peak_mib, "MiB",
                 target=Target("<=", MEMORY_MIB, "value"))  # fmt: skip


def _stored(url: str) -> int:
    return _count(url, "SELECT count(*) FROM assignments")


def _clicked(url: str) -> int:
    return _count(url, "SELECT count(*) FROM inbox WHERE kind = 'click' AND state = 1")


def _count(url: str, statement: str) -> int:
    store = Store(url, readers=1)
    with store.snapshot() as conn:
        found = int(conn.execute(text(statement)).scalar_one())
    store.close()
    return found
