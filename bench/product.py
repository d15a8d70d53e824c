"""`dealdesk serve` as its own process, with the bench's keys in its environment."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.machine import free_port, process

ROOT = Path(__file__).resolve().parents[1]
APP_ID = "cli_bench"
ENCRYPT_KEY = "bench-encrypt-key"
TOKEN = "bench-token"
PATH = "/callback/feishu"
NOWHERE = "http://127.0.0.1:9"
"""The platform's address where a bench needs no platform: every call is refused at once."""


@dataclass(frozen=True, slots=True)
class Product:
    """A running server."""

    pid: int
    port: int
    admin_port: int
    child: subprocess.Popen[bytes]


def environment(database_url: str, folder: Path, *, port: int, admin_port: int, api_base: str = NOWHERE) -> dict[str, str]:
    """Settings of a server with Feishu configured."""
    return {
        "DEALDESK_DATABASE_URL": database_url,
        "DEALDESK_DATA_DIR": str(folder),
        "DEALDESK_LISTEN": f"127.0.0.1:{port}",
        "DEALDESK_ADMIN_LISTEN": f"127.0.0.1:{admin_port}",
        "DEALDESK_FEISHU__APP_ID": APP_ID,
        "DEALDESK_FEISHU__APP_SECRET": "bench-secret",
        "DEALDESK_FEISHU__ENCRYPT_KEY": ENCRYPT_KEY,
        "DEALDESK_FEISHU__VERIFICATION_TOKEN": TOKEN,
        "DEALDESK_FEISHU__API_BASE": api_base,
    }


@contextlib.contextmanager
def serving(database_url: str, folder: Path, *options: str, core: int | None = None) -> Iterator[Product]:
    """`dealdesk serve OPTIONS` until the end of the block."""
    port, admin_port = free_port(), free_port()
    env = environment(database_url, folder, port=port, admin_port=admin_port)
    command = [sys.executable, "-P", "-m", "bot", "serve", *options]
    with process(command, port=port, core=core, env={**env, "PYTHONPATH": str(ROOT)}) as child:
        yield Product(child.pid, port, admin_port, child)
