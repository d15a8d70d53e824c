"""DingTalk messages stored durably before the answer, over HTTP and over Stream, beside clients that only answer."""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path

import orjson

from bench.figures import Figure, Plan, Target, compare
from bench.load import Saturation
from bench.machine import LOAD_CORE, SERVER_CORE, free_port, process
from bench.product import ROOT, serving
from bench.rounds import Side, bare, cpu_per_request, stored
from bench.stores import database
from bench.traffic import write_all
from bench.wires import dingtalk_robot

TITLE = "DingTalk messages stored before the answer, HTTP and Stream (G1 on DingTalk)"
REQUESTS = 60_000
CONNECT_SECONDS = 30


def run(plan: Plan) -> Iterator[Figure]:
    """Bursts go from one server to the next, and from one Stream client to the other."""
    with tempfile.TemporaryDirectory(prefix="dealdesk-bench-") as folder:
        robot = Path(folder) / "robot.bin"
        write_all(robot, map(dingtalk_robot, range(REQUESTS)))
        cpu = cpu_per_request(
            plan,
            {
                "robot": partial(stored, "dingtalk", robot),
                "robot verify": partial(bare, "verify_dingtalk", robot),
                "stream": _stored_stream,
                "stream bare": partial(_client, "bare_stream"),
                "stream sdk": partial(_client, "dingtalk_sdk"),
            },
        )
    yield compare("issue 4", "robot message over HTTP on SQLite, CPU", cpu["robot"], "us", against="verify only",
                  theirs=cpu["robot verify"], target=Target("<=", 1.5))  # fmt: skip
    for against, theirs, target in (
        ("bare client that acknowledges", "stream bare", Target("<=", 1.5)),
        (f"dingtalk-stream {version('dingtalk-stream')}, stores nothing", "stream sdk", None),
    ):
        yield compare("issue 4", "robot message over Stream on SQLite, CPU", cpu["stream"], "us", against=against,
                      theirs=cpu[theirs], target=target)  # fmt: skip


@contextlib.contextmanager
def _stored_stream() -> Iterator[Side]:
    """The product on a fresh SQLite, receiving only, connected to a gateway of its own."""
    with (
        _gateway() as gateway,
        database("sqlite") as url,
        tempfile.TemporaryDirectory(prefix="dealdesk-bench-") as folder,
        serving(
            url, Path(folder), "--only", "web", core=SERVER_CORE, vendor=gateway, platforms=("dingtalk",),
            sockets=("dingtalk",),
        ) as product,
    ):  # fmt: skip
        yield _connected(product.pid, gateway)


@contextlib.contextmanager
def _client(module: str) -> Iterator[Side]:
    """A client of bench.servers that stores nothing, connected to a gateway of its own."""
    port = free_port()
    with _gateway() as gateway:
        command = [sys.executable, "-m", f"bench.servers.{module}", str(port), gateway]
        env = {"PYTHONPATH": str(ROOT), "DINGTALK_OPENAPI_ENDPOINT": gateway, "NO_PROXY": "127.0.0.1"}
        with process(command, port=port, core=SERVER_CORE, env=env) as child:
            yield _connected(child.pid, gateway)


@contextlib.contextmanager
def _gateway() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "bench.servers.stream_gateway", str(port)]
    with process(command, port=port, core=LOAD_CORE, env={"PYTHONPATH": str(ROOT)}):
        yield f"http://127.0.0.1:{port}"


def _connected(pid: int, gateway: str) -> Side:
    """The client once it is there, and its load."""
    until = time.monotonic() + CONNECT_SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(f"{gateway}/connected", timeout=2):
            return Side(pid, partial(_burst, gateway))
        time.sleep(0.05)
    raise RuntimeError("the stream was never opened")


def _burst(gateway: str, seconds: int) -> Saturation:
    asked = urllib.request.Request(f"{gateway}/burst?seconds={seconds}", method="POST")
    with urllib.request.urlopen(asked, timeout=seconds + 30) as answer:
        return Saturation(**orjson.loads(answer.read()))
