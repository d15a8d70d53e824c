"""G1 to G4: Feishu callbacks stored durably before the 200, beside servers that only verify and store nothing."""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Figure, Plan, Target, compare, not_run
from bench.load import Latency, Saturation, saturate, steady
from bench.machine import SERVER_CORE, NotStarted, cpu_seconds, free_port, process, rss_mib
from bench.peers import NoPeer, python_of, version_of
from bench.product import APP_ID, ENCRYPT_KEY, PATH, ROOT, TOKEN, serving
from bench.stores import NoServer, database
from bench.traffic import write_requests

TITLE = "callbacks stored before the answer, SQLite and PostgreSQL (G1, G1b, G2, G3, G4)"
RATE = 500
REQUESTS = 36_000
VERIFY, LARK, NONEBOT = "verify_uv", "lark_inline_uv", "nonebot"
PEERS = {LARK: "lark", NONEBOT: "nonebot"}
MODES = (VERIFY, "sqlite", "postgresql", LARK, NONEBOT)


@dataclass(frozen=True, slots=True)
class Round:
    """One mode in one round."""

    cpu_us: float
    per_second: float
    latency: Latency
    rss: float


def run(plan: Plan) -> Iterator[Figure]:
    """Every mode in every round, each on a server that was just started."""
    rounds: dict[str, list[Round]] = defaultdict(list)
    missing = dict(_missing())
    with tempfile.TemporaryDirectory(prefix="dealdesk-bench-") as folder:
        requests = Path(folder) / "requests.bin"
        for _ in range(plan.rounds):
            write_requests(requests, REQUESTS)
            for mode in MODES:
                if mode not in missing:
                    try:
                        rounds[mode].append(_measure(mode, requests, seconds=2 if plan.quick else 3))
                    except (NotStarted, NoServer) as error:
                        missing[mode] = str(error)
    yield from _figures(rounds, missing)


def _missing() -> Iterator[tuple[str, str]]:
    for mode, peer in PEERS.items():
        try:
            python_of(peer)
        except NoPeer as error:
            yield mode, str(error)


def _measure(mode: str, requests: Path, *, seconds: int) -> Round:
    with _server(mode) as (pid, port):
        time.sleep(1.5)
        latency = steady(port, requests, rate=RATE, seconds=seconds)
        before = cpu_seconds(pid)
        load = saturate(port, requests, seconds=seconds, skip=RATE * seconds)
        used = cpu_seconds(pid) - before
        _must_be_good(mode, load, latency)
        return Round(used / load.requests * 1e6, load.per_second, latency, rss_mib(pid))


def _must_be_good(mode: str, load: Saturation, latency: Latency) -> None:
    if not load.all_good or latency.refused:
        raise NotStarted(f"{mode} answered with something other than 200")


@contextlib.contextmanager
def _server(mode: str) -> Iterator[tuple[int, int]]:
    if mode in ("sqlite", "postgresql"):
        with database(mode) as url, tempfile.TemporaryDirectory(prefix="dealdesk-bench-") as folder:
            with serving(url, Path(folder), "--only", "web", core=SERVER_CORE) as product:
                yield product.pid, product.port
        return
    port = free_port()
    with process(_command(mode, port), port=port, core=SERVER_CORE, env={"PYTHONPATH": str(ROOT)}) as child:
        yield child.pid, port


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

    def cpu(mode: str) -> list[float]:
        return [one.cpu_us for one in rounds[mode]]

    names = {mode: version_of(peer, package) for mode, peer, package in _packages() if mode not in missing}
    yield compare("G1", "callback on SQLite, CPU", cpu("sqlite"), "us", against=VERIFY, theirs=cpu(VERIFY),
                  target=Target("<=", 1.5))  # fmt: skip
    for mode, limit in ((LARK, 0.65), (NONEBOT, 0.2)):
        if mode not in missing:
            yield compare("G1b", "callback on SQLite, CPU", cpu("sqlite"), "us", against=names[mode],
                          theirs=cpu(mode), target=Target("<=", limit))  # fmt: skip
    if "postgresql" not in missing:
        yield compare("G2", "callback on PostgreSQL, CPU", cpu("postgresql"), "us", against=VERIFY,
                      theirs=cpu(VERIFY), target=Target("<=", 1.5))  # fmt: skip
    yield compare("G3", "callbacks on SQLite at saturation", [r.per_second for r in rounds["sqlite"]], "/s",
                  against=VERIFY, theirs=[r.per_second for r in rounds[VERIFY]], target=Target(">=", 0.6))  # fmt: skip
    for what, limit in (("p50", 2.0), ("p99", 3.0)):
        yield compare("G4", f"callback on SQLite at {RATE}/s, {what}", [getattr(r.latency, what) for r in rounds["sqlite"]],
                      "ms", against=VERIFY, theirs=[getattr(r.latency, what) for r in rounds[VERIFY]],
                      target=Target("<=", limit))  # fmt: skip
    worst = max((r.latency.worst for r in rounds["sqlite"]), default=float("nan"))
    yield Figure("G4", f"callback on SQLite at {RATE}/s, worst", worst, "ms", target=Target("<=", 1000, "value"))
    yield compare("", "memory after load, SQLite", [r.rss for r in rounds["sqlite"]], "MiB", against=VERIFY,
                  theirs=[r.rss for r in rounds[VERIFY]])  # fmt: skip


def _packages() -> Iterator[tuple[str, str, str]]:
    yield LARK, "lark", "lark-oapi"
    yield NONEBOT, "nonebot", "nonebot-adapter-feishu"
