"""G1 to G4: Feishu callbacks stored durably before the 200, beside servers that only verify and store nothing."""

from __future__ import annotations

import contextlib
import math
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.figures import Figure, Plan, Target, compare, not_run
from bench.load import Latency, saturate, steady
from bench.machine import LOAD_CORE, SERVER_CORE, NotStarted, cpu_seconds, fdatasync_ms, free_port, process, rss_mib
from bench.peers import NoPeer, python_of, version_of
from bench.product import APP_ID, ENCRYPT_KEY, PATH, ROOT, TOKEN, serving
from bench.stores import NoServer, database, pin_backends
from bench.traffic import message, write_requests

TITLE = "callbacks stored before the answer, SQLite and PostgreSQL (G1, G1b, G2, G3, G4)"
RATE = 500
REQUESTS, NONEBOT_REQUESTS = 40_000, 8_000
BURSTS = 3
VERIFY, LARK, NONEBOT = "verify_uv", "lark_inline_uv", "nonebot"
PEERS = {LARK: ("lark", "lark-oapi"), NONEBOT: ("nonebot", "nonebot-adapter-feishu")}
MODES = (VERIFY, "sqlite", "postgresql", LARK, NONEBOT)


@dataclass(frozen=True, slots=True)
class Round:
    """One mode in one round."""

    cpu_us: float
    per_second: float
    latency: Latency
    rss: float


@dataclass(slots=True)
class Server:
    """One mode's server and what was measured of it so far."""

    pid: int
    port: int
    url: str = ""
    latency: Latency | None = None
    cpu: float = 0.0
    sent: int = 0
    rates: list[float] = field(default_factory=list)

    def round(self) -> Round:
        """The sum of the bursts."""
        assert self.latency
        used = self.cpu / max(self.sent, 1) * 1e6
        return Round(used, statistics.median(self.rates), self.latency, rss_mib(self.pid))


def run(plan: Plan) -> Iterator[Figure]:
    """A round starts every server; then short bursts go from one to the next, so that noise meets all of them."""
    rounds: dict[str, list[Round]] = defaultdict(list)
    missing = dict(_missing())
    with tempfile.TemporaryDirectory(prefix="dealdesk-bench-") as folder:
        for _ in range(plan.rounds):
            _write(Path(folder))
            with contextlib.ExitStack() as stack:
                servers = dict(_start(stack, missing))
                time.sleep(2)
                _measure(servers, Path(folder), seconds=2 if plan.quick else 3)
                for mode, server in servers.items():
                    rounds[mode].append(server.round())
    yield from _figures(rounds, missing)


def _missing() -> Iterator[tuple[str, str]]:
    for mode, (peer, _) in PEERS.items():
        try:
            python_of(peer)
        except NoPeer as error:
            yield mode, str(error)


def _start(stack: contextlib.ExitStack, missing: dict[str, str]) -> Iterator[tuple[str, Server]]:
    for mode in MODES:
        if mode not in missing:
            try:
                yield mode, stack.enter_context(_server(mode))
            except (NotStarted, NoServer) as error:
                missing[mode] = str(error)


def _measure(servers: dict[str, Server], folder: Path, *, seconds: int) -> None:
    for mode, server in servers.items():
        if mode != NONEBOT:  # 500/s is about all it can do: its queue would still be busy in its first burst
            server.latency = steady(server.port, _requests(folder, mode), rate=RATE, seconds=seconds)
            server.sent = RATE * seconds
        if mode == "postgresql":
            pin_backends(server.url, LOAD_CORE)
    skip = {mode: server.sent for mode, server in servers.items()}
    for server in servers.values():
        server.sent = 0
        server.latency = server.latency or Latency(0, 0, math.nan, math.nan, math.nan, 0)
    for _ in range(BURSTS):
        for mode, server in servers.items():
            before = cpu_seconds(server.pid)
            load = saturate(server.port, _requests(folder, mode), seconds=1, skip=skip[mode] + server.sent)
            server.cpu += cpu_seconds(server.pid) - before
            server.sent += load.requests
            server.rates.append(load.per_second)
            if not load.all_good or (server.latency and server.latency.refused):
                raise RuntimeError(f"{mode} answered with something other than 200")


def _write(folder: Path) -> None:
    write_requests(_requests(folder, VERIFY), map(message, range(REQUESTS)))
    few = map(message, range(NONEBOT_REQUESTS))
    write_requests(_requests(folder, NONEBOT), few, path=f"/feishu/{APP_ID}")


def _requests(folder: Path, mode: str) -> Path:
    """The adapter of nonebot has a path of its own."""
    return folder / ("nonebot.bin" if mode == NONEBOT else "requests.bin")


@contextlib.contextmanager
def _server(mode: str) -> Iterator[Server]:
    if mode in ("sqlite", "postgresql"):
        with (
            database(mode) as url,
            tempfile.TemporaryDirectory(prefix="dealdesk-bench-") as folder,
            serving(url, Path(folder), "--only", "web", core=SERVER_CORE) as product,
        ):
            yield Server(product.pid, product.port, url)
        return
    port = free_port()
    with process(_command(mode, port), port=port, core=SERVER_CORE, env={"PYTHONPATH": str(ROOT)}) as child:
        yield Server(child.pid, port)


def _command(mode: str, port: int) -> list[str]:
    if mode == LARK:
        script = ROOT / "bench" / "servers" / "lark_inline.py"
        return [python_of("lark"), str(script), str(port), PATH, ENCRYPT_KEY, TOKEN]
    if mode == NONEBOT:
        script = ROOT / "bench" / "servers" / "nonebot_app.py"
        return [python_of("nonebot"), str(script), str(port), APP_ID, ENCRYPT_KEY, TOKEN]
    return [sys.executable, "-m", "bench.servers.verify_uv", str(port)]


def _figures(rounds: dict[str, list[Round]], missing: dict[str, str]) -> Iterator[Figure]:
    for mode, why in missing.items():
        yield not_run("", f"ingest of {mode}", why)

    def ratio(
        goal: str, what: str, ours: str, theirs: str, of: Callable[[Round], float], unit: str, target: Target | None
    ) -> Iterator[Figure]:
        if ours not in missing and theirs not in missing:
            against = version_of(*PEERS[theirs]) if theirs in PEERS else theirs
            yield compare(goal, what, [of(r) for r in rounds[ours]], unit, against=against,
                          theirs=[of(r) for r in rounds[theirs]], target=target)  # fmt: skip

    def cpu(one: Round) -> float:
        return one.cpu_us

    yield from ratio("G1", "callback on SQLite, CPU", "sqlite", VERIFY, cpu, "us", Target("<=", 1.5))
    yield from ratio("G1b", "callback on SQLite, CPU", "sqlite", LARK, cpu, "us", Target("<=", 0.65))
    yield from ratio("G1b", "callback on SQLite, CPU", "sqlite", NONEBOT, cpu, "us", Target("<=", 0.2))
    yield from ratio("G2", "callback on PostgreSQL, CPU", "postgresql", VERIFY, cpu, "us", Target("<=", 1.5))
    for store, goal, target in (("sqlite", "G3", Target(">=", 0.6)), ("postgresql", "", None)):
        yield from ratio(goal, f"callbacks a second, {store}", store, VERIFY, lambda r: r.per_second, "/s", target)
    at = f"callback on SQLite at {RATE}/s"
    yield from ratio("G4", f"{at}, p50", "sqlite", VERIFY, lambda r: r.latency.p50, "ms", Target("<=", 2))
    yield from ratio("G4", f"{at}, p99", "sqlite", VERIFY, lambda r: r.latency.p99, "ms", Target("<=", 3))
    yield from ratio(
        "G4", f"{at}, worst", "sqlite", VERIFY, lambda r: r.latency.worst, "ms", Target("<=", 1000, "value")
    )
    yield Figure(
        "", "an fdatasync of 32 KiB here, median", fdatasync_ms(), "ms", note="part of every G4 figure of ours"
    )
    yield from ratio("", "memory after load", "sqlite", VERIFY, lambda r: r.rss, "MiB", None)
