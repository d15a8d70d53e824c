"""The machine: what it is, and what a process on it uses."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
SERVER_CORE, LOAD_CORE = 0, 1


class NotStarted(Exception):
    """A process did not listen in time; the text is the end of what it said."""


def description() -> str:
    """CPU, cores and versions, for the head of the table."""
    cpu = "unknown CPU"
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                cpu = line.partition(":")[2].strip()
                break
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{cpu}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, load {load} at the start"
    )


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss_mib(pid: int) -> float:
    """Resident memory of a process now."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return float("nan")


def fdatasync_ms() -> float:
    """Median of a small durable append where temporary files are: what a commit cannot be faster than."""
    took = []
    with tempfile.NamedTemporaryFile(prefix="dealdesk-bench-") as file:
        for _ in range(200):
            file.write(b"x" * 32768)
            file.flush()
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - start)
    return statistics.median(took) * 1000


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pinned(core: int | None, command: Sequence[str]) -> list[str]:
    """The command on one core only, before other work of the machine where we may say so."""
    if core is None:
        return list(command)
    first = ["nice", "-n", "-15"] if os.geteuid() == 0 else []
    if shutil.which("taskset") and (os.cpu_count() or 1) > core:
        first += ["taskset", "-c", str(core)]
    return [*first, *command]


@contextlib.contextmanager
def process(
    command: Sequence[str],
    *,
    port: int,
    core: int | None = None,
    env: Mapping[str, str] | None = None,
    wait: float = 60,
) -> Iterator[subprocess.Popen[bytes]]:
    """A server as a process of its own, ready to be connected to, ended afterwards."""
    said = Path(f"/tmp/dealdesk-bench-{port}.log")
    with said.open("wb") as log:
        child = subprocess.Popen(
            pinned(core, command), stdout=log, stderr=log, env={**os.environ, **(env or {})}, start_new_session=True
        )
    try:
        _wait_for(port, child, wait, said)
        yield child
    finally:
        end(child)
        said.unlink(missing_ok=True)


def end(child: subprocess.Popen[bytes]) -> None:
    """Ask it to stop; insist after ten seconds."""
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _wait_for(port: int, child: subprocess.Popen[bytes], wait: float, said: Path) -> None:
    until = time.monotonic() + wait
    while time.monotonic() < until and child.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise NotStarted(said.read_text(errors="replace")[-300:].strip() or "no answer")
