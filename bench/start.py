"""G12: CPU and memory of `serve` with Feishu configured, when it is ready and when it has warmed up."""

from __future__ import annotations

import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bench.figures import Figure, Plan, Target, compare
from bench.machine import cpu_seconds, free_port, process, rss_mib
from bench.product import ROOT, serving
from bench.stores import database

TITLE = "start of `serve` with Feishu configured (G12)"
BARE = "bare aiohttp server"
WARM_SECONDS = 6


def run(plan: Plan) -> Iterator[Figure]:
    """The baseline is a server that only verifies: aiohttp, uvloop, cryptography and orjson."""
    ready: list[tuple[float, float]] = []
    warm: list[tuple[float, float]] = []
    bare: list[tuple[float, float]] = []
    for _ in range(plan.rounds):
        port = free_port()
        command = [sys.executable, "-m", "bench.servers.verify_uv", str(port)]
        with process(command, port=port, env={"PYTHONPATH": str(ROOT)}) as child:
            bare.append((cpu_seconds(child.pid), rss_mib(child.pid)))
        with (
            database("sqlite") as url,
            tempfile.TemporaryDirectory(prefix="dealdesk-bench-") as folder,
            serving(url, Path(folder)) as product,
        ):
            _until_ready(product.admin_port)
            ready.append((cpu_seconds(product.pid), rss_mib(product.pid)))
            time.sleep(WARM_SECONDS)
            warm.append((cpu_seconds(product.pid), rss_mib(product.pid)))
    for n, what, unit, limit in ((0, "CPU", "s", 1.5), (1, "memory", "MiB", 120)):
        base = [pair[n] for pair in bare]
        yield compare("G12", f"{what} at readiness", [pair[n] for pair in ready], unit, against=BARE, theirs=base,
                      target=Target("<=", limit, "value"))  # fmt: skip
        yield compare("", f"{what} after the warm-up", [pair[n] for pair in warm], unit, against=BARE, theirs=base)
    yield Figure("G12", "memory after the warm-up, most", max(pair[1] for pair in warm), "MiB",
                 target=Target("<=", 190, "value"))  # fmt: skip


def _until_ready(admin_port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{admin_port}/readyz", timeout=2):
            return
        time.sleep(0.01)
    raise RuntimeError("never ready")
