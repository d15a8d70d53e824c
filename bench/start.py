"""G12: CPU and memory of `serve` with Feishu configured, and with all platforms, when it is ready and when it has
warmed up."""

from __future__ import annotations

import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from bench.figures import Figure, Plan, Target, compare
from bench.machine import cpu_seconds, free_port, process, rss_mib
from bench.product import PLATFORMS, ROOT, serving
from bench.stores import database

TITLE = "start of `serve` with Feishu, and with all platforms (G12)"
BARE = "bare aiohttp server"
WARM_SECONDS = 6
WARM_MIB = 190

Used = tuple[float, float]
"""CPU seconds and MiB."""


def run(plan: Plan) -> Iterator[Figure]:
    """The baseline is a server that only verifies: aiohttp, uvloop, cryptography and orjson."""
    bare: list[Used] = []
    one: list[tuple[Used, Used]] = []
    every: list[tuple[Used, Used]] = []
    for _ in range(plan.rounds):
        bare.append(_bare())
        one.append(_serve(("feishu",)))
        every.append(_serve(PLATFORMS))
    for n, what, unit, limit in ((0, "CPU", "s", 1.5), (1, "memory", "MiB", 120)):
        base = [used[n] for used in bare]
        yield compare("G12", f"{what} at readiness", [ready[n] for ready, _ in one], unit, against=BARE, theirs=base,
                      target=Target("<=", limit, "value"))  # fmt: skip
        yield compare("", f"{what} after the warm-up", [warm[n] for _, warm in one], unit, against=BARE, theirs=base)
        yield compare("", f"{what} at readiness, all platforms", [ready[n] for ready, _ in every], unit, against=BARE,
                      theirs=base)  # fmt: skip
    memory = [warm[1] for _, warm in every]
    yield compare("G12", "memory after the warm-up, all platforms", memory, "MiB", against=BARE,
                  theirs=[used[1] for used in bare], target=Target("<=", WARM_MIB, "value"),
                  note=f"most {max(memory):.1f}")  # fmt: skip


def _bare() -> Used:
    port = free_port()
    command = [sys.executable, "-m", "bench.servers.verify_uv", str(port)]
    with process(command, port=port, env={"PYTHONPATH": str(ROOT)}) as child:
        return cpu_seconds(child.pid), rss_mib(child.pid)


def _serve(platforms: Sequence[str]) -> tuple[Used, Used]:
    """What it used when it was ready, and when it had warmed up."""
    with (
        database("sqlite") as url,
        tempfile.TemporaryDirectory(prefix="dealdesk-bench-") as folder,
        serving(url, Path(folder), platforms=platforms) as product,
    ):
        _until_ready(product.admin_port)
        ready = cpu_seconds(product.pid), rss_mib(product.pid)
        time.sleep(WARM_SECONDS)
        return ready, (cpu_seconds(product.pid), rss_mib(product.pid))


def _until_ready(admin_port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{admin_port}/readyz", timeout=2):
            return
        time.sleep(0.01)
    raise RuntimeError("never ready")
