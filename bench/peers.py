"""Peers live in temporary environments of their own, so that the lock file knows nothing of them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

PACKAGES = {
    "lark": ("lark-oapi", "aiohttp", "uvloop", "pycryptodome"),
    "nonebot": ("nonebot2[fastapi,httpx]", "nonebot-adapter-feishu"),
    "dbos": ("dbos[aiosqlite]", "psycopg[binary]"),
}
HOME = Path(os.environ.get("BENCH_PEERS", Path(tempfile.gettempdir()) / "dealdesk-bench-peers"))


class NoPeer(Exception):
    """The peer could not be installed; the text says why."""


@cache
def python_of(peer: str) -> str:
    """The interpreter of the peer's environment, made once per machine."""
    folder = HOME / peer
    python, ready = folder / "bin" / "python", folder / ".ready"
    if not ready.exists():
        try:
            _run(sys.executable, "-m", "venv", str(folder))
            _run(str(python), "-m", "pip", "-q", "install", *PACKAGES[peer])
        except (OSError, subprocess.SubprocessError) as error:
            said = getattr(error, "stderr", b"") or str(error).encode()
            raise NoPeer(said.decode(errors="replace").strip().splitlines()[-1][:120]) from None
        ready.touch()
    return str(python)


@cache
def version_of(peer: str, package: str) -> str:
    """Which release was measured."""
    ask = f"import importlib.metadata as m; print(m.version({package!r}))"
    done = subprocess.run([python_of(peer), "-c", ask], capture_output=True, text=True, check=True)
    return f"{package} {done.stdout.strip()}"


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=600)
