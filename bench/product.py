"""`dealdesk serve` as its own process, with the bench's keys in its environment."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from bench.machine import free_port, process

ROOT = Path(__file__).resolve().parents[1]
APP = orjson.loads((ROOT / "simulator" / "company.json").read_bytes())["feishu"]
"""The simulator's app: one set of keys for every server and every load."""
APP_ID, ENCRYPT_KEY, TOKEN = str(APP["app_id"]), str(APP["encrypt_key"]), str(APP["verification_token"])
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


def environment(
    database_url: str, folder: Path, *, port: int, admin_port: int, api_base: str = NOWHERE
) -> dict[str, str]:
    """Settings of a server with Feishu configured."""
    return {
        "PYTHONPATH": str(ROOT),
        "DEALDESK_DATABASE_URL": database_url,
        "DEALDESK_DATA_DIR": str(folder),
        "DEALDESK_LISTEN": f"127.0.0.1:{port}",
        "DEALDESK_ADMIN_LISTEN": f"127.0.0.1:{admin_port}",
        "DEALDESK_FEISHU__APP_ID": APP_ID,
        "DEALDESK_FEISHU__APP_SECRET": str(APP["app_secret"]),
        "DEALDESK_FEISHU__ENCRYPT_KEY": ENCRYPT_KEY,
        "DEALDESK_FEISHU__VERIFICATION_TOKEN": TOKEN,
        "DEALDESK_FEISHU__API_BASE": api_base,
    }


@contextlib.contextmanager
def serving(
    database_url: str,
    folder: Path,
    *options: str,
    core: int | None = None,
    port: int = 0,
    api_base: str = NOWHERE,
    module: tuple[str, ...] = ("bot", "serve"),
) -> Iterator[Product]:
    """`dealdesk serve OPTIONS` until the end of the block; `module` starts it with something of the bench's own."""
    port, admin_port = port or free_port(), free_port()
    env = environment(database_url, folder, port=port, admin_port=admin_port, api_base=api_base)
    with process([sys.executable, "-P", "-m", *module, *options], port=port, core=core, env=env) as child:
        yield Product(child.pid, port, admin_port, child)
