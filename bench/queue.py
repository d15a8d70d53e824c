"""G6: ordered jobs a second of one worker, durable, beside dbos on the same store."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from bench.figures import Figure, Plan, Target, compare, median, not_run
from bench.machine import SERVER_CORE, end, pinned
from bench.peers import NoPeer, python_of, version_of
from bench.product import ROOT
from bench.stores import KINDS, NoServer, bare_postgresql, database
from storage import inbox
from storage.engine import Store
from storage.inbox import Inbound

TITLE = "ordered durable jobs a second, one worker, over dbos on the same store (G6)"
LANES = 50
JOBS, PEER_JOBS = 5000, 400
PATIENCE_SECONDS = 60
Result = tuple[float, int]
"""Jobs a second, and how many ran out of their lane's order."""


def run(plan: Plan) -> Iterator[Figure]:
    """Engines take turns, on both stores."""
    try:
        python_of("dbos")
        peer, why = version_of("dbos", "dbos"), ""
    except NoPeer as error:
        peer, why = "", str(error)
    for kind in KINDS:
        found: dict[str, list[Result]] = defaultdict(list)
        try:
            for _ in range(plan.rounds):
                found["lanes"].append(_ours(kind))
                found["worker"].append(_ours(kind, "worker"))
                if peer:
                    found["dbos"].append(_dbos(kind))
        except NoServer as error:
            yield not_run("G6", f"jobs a second on {kind}", str(error))
            continue
        if why:
            yield not_run("G6", f"dbos on {kind}", why)
        for engine, what, target in (("lanes", "lane engine", Target(">=", 10)), ("worker", "whole worker", None)):
            rates, wrong = [r for r, _ in found[engine]], sum(w for _, w in found[engine])
            late = median([w for _, w in found["dbos"]])
            yield compare(
                "G6" if target else "", f"jobs a second, {what}, {kind}", rates, "/s", against=peer,
                theirs=[r for r, _ in found["dbos"]], target=target,
                note=f"out of order {wrong} of {JOBS * len(rates)}, dbos {late:.0f} of {PEER_JOBS}",
            )  # fmt: skip


def _ours(kind: str, *options: str) -> Result:
    with database(kind) as url, tempfile.TemporaryDirectory(prefix="dealdesk-bench-") as folder:
        store = Store(url)
        with store.writing() as conn:
            for start in range(0, JOBS, 500):
                inbox.receive(conn, store, [_job(n) for n in range(start, start + 500)])
            conn.commit()
        store.close()
        log = Path(folder) / "log"
        return _work([sys.executable, "-m", "bench.servers.lane_worker", url, str(log), *options], log, JOBS)


def _job(n: int) -> Inbound:
    key = f"k{n % LANES}"
    return Inbound(f"bench:{n}", f"in:bench:{key}", "bench", "bench", key, key, f"{key} {n // LANES}".encode(), n, n, 0)


def _dbos(kind: str) -> Result:
    with tempfile.TemporaryDirectory(prefix="dealdesk-bench-") as folder, contextlib.ExitStack() as stack:
        url = f"sqlite:///{folder}/dbos.sqlite" if kind == "sqlite" else stack.enter_context(bare_postgresql())
        log = Path(folder) / "log"
        script = [python_of("dbos"), str(ROOT / "bench" / "servers" / "dbos_worker.py")]
        # The worker makes the tables; it starts once for that, and again when the jobs are there.
        _work([*script, "work", url, str(log)], log, 0, seconds=6)
        subprocess.run([*script, "put", url, str(LANES), str(PEER_JOBS)], check=True, capture_output=True)
        return _work([*script, "work", url, str(log)], log, PEER_JOBS)


def _work(command: list[str], log: Path, jobs: int, *, seconds: float = PATIENCE_SECONDS) -> Result:
    """Run the worker until all jobs are in the log, or the patience is over."""
    said = log.with_suffix(".err")
    with said.open("wb") as errors:
        child = subprocess.Popen(
            pinned(SERVER_CORE, command), env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=errors, stderr=errors,
            cwd=log.parent,
        )  # fmt: skip
    try:
        until = time.monotonic() + seconds
        while time.monotonic() < until and (not jobs or len(_lines(log)) < jobs):
            if child.poll() is not None:
                raise RuntimeError(said.read_text(errors="replace")[-300:])
            time.sleep(0.1)
    finally:
        end(child)
    return _result(_lines(log)) if jobs else (0.0, 0)


def _lines(log: Path) -> list[list[str]]:
    return [line.split() for line in log.read_text().splitlines()] if log.exists() else []


def _result(lines: list[list[str]]) -> Result:
    last: dict[str, int] = {}
    wrong = 0
    for key, number, _ in lines:
        wrong += int(number) != last.get(key, -1) + 1
        last[key] = int(number)
    times = sorted(float(line[2]) for line in lines)
    return (len(lines) - 1) / (times[-1] - times[0]), wrong
