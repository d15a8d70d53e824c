"""CPU per request of several servers under the same load: short bursts in turn, so that noise meets all of them."""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Plan
from bench.load import Saturation, saturate
from bench.machine import SERVER_CORE, cpu_seconds, free_port, process
from bench.product import ROOT, serving
from bench.stores import database

BURSTS = 3
SETTLE_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Side:
    """One server, and what keeps it busy for so many seconds."""

    pid: int
    load: Callable[[int], Saturation]


Open = Callable[[], AbstractContextManager[Side]]


class Wrk:
    """Saturation by wrk; what was sent once is not sent again."""

    def __init__(self, port: int, requests: Path) -> None:
        self._port = port
        self._requests = requests
        self._sent = 0

    def __call__(self, seconds: int) -> Saturation:
        done = saturate(self._port, self._requests, seconds=seconds, skip=self._sent)
        self._sent += done.requests
        return done


@contextlib.contextmanager
def stored(platform: str, requests: Path) -> Iterator[Side]:
    """The product with this platform on a fresh SQLite, receiving only."""
    with (
        database("sqlite") as url,
        tempfile.TemporaryDirectory(prefix="dealdesk-bench-") as folder,
        serving(url, Path(folder), "--only", "web", core=SERVER_CORE, platforms=(platform,)) as product,
    ):
        yield Side(product.pid, Wrk(product.port, requests))


@contextlib.contextmanager
def bare(module: str, requests: Path) -> Iterator[Side]:
    """A server of bench.servers that stores nothing."""
    port = free_port()
    command = [sys.executable, "-m", f"bench.servers.{module}", str(port)]
    with process(command, port=port, core=SERVER_CORE, env={"PYTHONPATH": str(ROOT)}) as child:
        yield Side(child.pid, Wrk(port, requests))


def cpu_per_request(plan: Plan, sides: Mapping[str, Open]) -> dict[str, list[float]]:
    """Microseconds of CPU per request, a number for each round. A round starts every server anew."""
    found: dict[str, list[float]] = defaultdict(list)
    for _ in range(plan.rounds):
        with contextlib.ExitStack() as stack:
            running = {name: stack.enter_context(opened()) for name, opened in sides.items()}
            time.sleep(SETTLE_SECONDS)
            for name, used in _bursts(running):
                found[name].append(used)
    return found


def _bursts(running: Mapping[str, Side]) -> Iterator[tuple[str, float]]:
    cpu, requests = dict.fromkeys(running, 0.0), dict.fromkeys(running, 0)
    for number in range(BURSTS + 1):
        for name, side in running.items():
            before = cpu_seconds(side.pid)
            done = side.load(1)
            if not done.all_good:
                raise RuntimeError(f"{name} answered with something other than success")
            if number:  # the first burst warms up
                cpu[name] += cpu_seconds(side.pid) - before
                requests[name] += done.requests
    for name in running:
        yield name, cpu[name] / max(requests[name], 1) * 1e6
