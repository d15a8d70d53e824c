"""G7: kill -9 in the middle of a job. Nothing is lost, nothing runs twice at once, order is kept, and it runs again."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from bench.figures import Figure, Plan, Target, not_run
from bench.product import serving
from bench.stores import KINDS, NoServer, database
from storage import inbox
from storage.engine import Store
from storage.inbox import Inbound
from storage.lanes import LEASE_MS

TITLE = "kill -9 in the middle of a job, with the real lease (G7)"
LANES, ROWS = 20, 5
LONG_JOB = 3.0
GRACE_SECONDS = 2
MODULE = ("bench.servers.own_bot",)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one kill."""

    lost: int
    overlaps: int
    out_of_order: int
    again_after: float


def run(plan: Plan) -> Iterator[Figure]:
    """Kills side by side: the machine waits for leases most of the time."""
    lease = LEASE_MS / 1000
    for kind in KINDS:
        try:
            with ThreadPoolExecutor(plan.rounds) as pool:
                found = list(pool.map(lambda _, kind=kind: _kill(kind), range(plan.rounds)))
        except NoServer as error:
            yield not_run("G7", kind, str(error))
            continue
        wrong = [f"{sum(getattr(o, name) for o in found)} {name.replace('_', ' ')}" for name in WRONG]
        total = sum(getattr(o, name) for o in found for name in WRONG)
        yield Figure("G7", f"lost + overlapping + out of order, {kind}", total, "jobs", target=Target("<=", 0, "value"),
                     note=f"{', '.join(wrong)} of {len(found) * LANES * ROWS} jobs in {len(found)} kills")  # fmt: skip
        times = [o.again_after for o in found]
        limit = Target("<=", lease + GRACE_SECONDS, "value")
        note = f"median {statistics.median(times):.1f} s"
        yield Figure(
            "G7", f"runs again after, {kind}", max(times), "s", "lease", lease, max(times) / lease, limit, note
        )


WRONG = ("lost", "overlaps", "out_of_order")


def _kill(kind: str) -> Outcome:
    with database(kind) as url, tempfile.TemporaryDirectory(prefix="dealdesk-bench-") as folder:
        log = Path(folder) / "jobs.log"
        store = Store(url)
        with store.writing() as conn:
            inbox.receive(conn, store, [_job(lane, n) for n in range(ROWS) for lane in range(LANES)])
            conn.commit()
        with serving(url, Path(folder), "--jobs", str(log), module=MODULE) as first:
            _until(lambda: any(line[1] == "job:0:1" for line in _lines(log)), 30)
            time.sleep(0.5)
            first.child.kill()
            killed = time.monotonic()
            first.child.wait()
        with serving(url, Path(folder), "--jobs", str(log), module=MODULE):
            _until(lambda: _waiting(store) == 0, LEASE_MS / 1000 + 30)
        lost = _waiting(store)
        store.close()
        return _outcome(_lines(log), killed, lost)


def _job(lane: int, n: int) -> Inbound:
    takes = LONG_JOB if (lane, n) == (0, 1) else 0.01
    return Inbound(f"job:{lane}:{n}", f"in:job:{lane}", "bench", "bench", "", "", str(takes).encode(), n, n, 0)


def _outcome(lines: list[list[str]], killed: float, lost: int) -> Outcome:
    """A job that was cut off by the kill has a start and no end, and starts again; every other starts once."""
    ends = {line[1] for line in lines if line[0] == "end"}
    lost += sum(f"job:{lane}:{n}" not in ends for lane in range(LANES) for n in range(ROWS))
    again = [float(line[2]) for line in lines if line[:2] == ["start", "job:0:1"] and float(line[2]) > killed]
    overlaps = out_of_order = 0
    for lane in range(LANES):
        running, done = "", -1
        for what, job, at in lines:
            if int(job.split(":")[1]) != lane:
                continue
            number = int(job.split(":")[2])
            if what == "start":
                overlaps += bool(running) and float(at) < killed
                out_of_order += number not in (done, done + 1)
                running = job
            else:
                running, done = "", number
    return Outcome(lost, overlaps, out_of_order, again[0] - killed if again else float("nan"))


def _waiting(store: Store) -> int:
    with store.snapshot() as conn:
        return int(conn.execute(text("SELECT count(*) FROM inbox WHERE state <> 1 AND kind = 'bench'")).scalar_one())


def _lines(log: Path) -> list[list[str]]:
    return [line.split() for line in log.read_text().splitlines()] if log.exists() else []


def _until(done: object, seconds: float) -> None:
    assert callable(done)
    until = time.monotonic() + seconds
    while not done() and time.monotonic() < until:
        time.sleep(0.05)
