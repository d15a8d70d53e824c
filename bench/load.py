"""Two kinds of load: as much as it takes (wrk), and so many a second whatever happens (an open loop).

`python -m bench.load PORT FILE RATE SECONDS [WORDS]` is the open loop as a process of its own.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import orjson

from bench.machine import LOAD_CORE, pinned
from bench.product import PATH, ROOT
from bench.traffic import read_requests

CONNECTIONS = 32
OPEN_CONNECTIONS = 64
PATIENCE_SECONDS = 10
"""How long the open loop waits for late answers."""

LUA = """
local requests, at = {}, 0
function init(args)
  local file = assert(io.open(args[1], "rb"))
  while true do
    local head = file:read(4)
    if not head then break end
    local a, b, c, d = head:byte(1, 4)
    requests[#requests + 1] = file:read(((a * 256 + b) * 256 + c) * 256 + d)
  end
  file:close()
  at = tonumber(args[2])
end
function request()
  at = at % #requests + 1
  return requests[at]
end
"""


@dataclass(frozen=True, slots=True)
class Saturation:
    """What wrk saw."""

    requests: int
    per_second: float
    all_good: bool


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from the moment a request was due to be sent to its answer."""

    answered: int
    refused: int
    p50: float
    p99: float
    worst: float
    late_with_words: int
    """How many answers after more than a second held the words that were looked for."""


def saturate(port: int, requests: Path, *, seconds: int, skip: int) -> Saturation:
    """Thirty-two connections, each sends its next request as soon as it has its answer."""
    script = requests.with_suffix(".lua")
    script.write_text(LUA)
    options = [
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{seconds}s",
        "--timeout",
        "10s",
        "-s",
        str(script),
        f"http://127.0.0.1:{port}{PATH}",
    ]
    command = pinned(LOAD_CORE, ["wrk", *options, "--", str(requests), str(skip)])
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    count = re.search(r"(\d+) requests in", done.stdout)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    assert count is not None, done.stdout
    assert rate is not None, done.stdout
    faults = re.search(r"Non-2xx|Socket errors", done.stdout)
    return Saturation(int(count[1]), float(rate[1]), not faults)


def steady(port: int, requests: Path, *, rate: int, seconds: int, words: str = "") -> Latency:
    """The open loop, on the load generator's core."""
    command = [sys.executable, "-m", "bench.load", str(port), str(requests), str(rate), str(seconds), words]
    done = subprocess.run(pinned(LOAD_CORE, command), capture_output=True, text=True, check=True, cwd=ROOT)
    return Latency(**orjson.loads(done.stdout))


class _Connection(asyncio.Protocol):
    """One request at a time; whoever is free takes the next one that is due."""

    def __init__(self, loop: _OpenLoop) -> None:
        self._loop = loop
        self._received = b""
        self._due = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._loop.idle.append(self)

    def send(self, due: float, request: bytes) -> None:
        """Latency counts from `due`, also when no connection was free then."""
        assert self._transport
        self._due, self._received = due, b""
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, blank, body = self._received.partition(b"\r\n\r\n")
        size = re.search(rb"(?i)content-length:\s*(\d+)", head)
        if blank and len(body) >= int(size[1] if size else 0):
            self._loop.answered(self, time.perf_counter() - self._due, good=b" 200 " in head[:20], body=body)


class _OpenLoop:
    def __init__(self, words: bytes) -> None:
        self.idle: list[_Connection] = []
        self._late: deque[tuple[float, bytes]] = deque()
        self._seconds: list[float] = []
        self._refused = 0
        self._words = words
        self._late_with_words = 0

    def answered(self, connection: _Connection, seconds: float, *, good: bool, body: bytes) -> None:
        self._seconds.append(seconds)
        self._refused += not good
        self._late_with_words += seconds > 1 and bool(self._words) and self._words in body
        if self._late:
            connection.send(*self._late.popleft())
        else:
            self.idle.append(connection)

    async def run(self, port: int, requests: list[bytes], rate: int) -> Latency:
        loop = asyncio.get_running_loop()
        for _ in range(OPEN_CONNECTIONS):
            await loop.create_connection(lambda: _Connection(self), "127.0.0.1", port)
        start = time.perf_counter() + 0.05
        for n, request in enumerate(requests):
            due = start + n / rate
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            if self.idle:
                self.idle.pop().send(due, request)
            else:
                self._late.append((due, request))
        until = time.perf_counter() + PATIENCE_SECONDS
        while len(self._seconds) < len(requests) and time.perf_counter() < until:
            await asyncio.sleep(0.02)
        ms = sorted(second * 1000 for second in self._seconds)
        return Latency(len(ms), self._refused, ms[len(ms) // 2], ms[int(len(ms) * 0.99)], ms[-1], self._late_with_words)


def main() -> None:
    """The open loop as its own process; prints one JSON object."""
    port, file, rate, seconds = int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    requests = read_requests(file, start=0, count=rate * seconds)
    sys.stdout.buffer.write(orjson.dumps(asyncio.run(_OpenLoop(sys.argv[5].encode()).run(port, requests, rate))))


if __name__ == "__main__":
    main()
