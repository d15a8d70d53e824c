"""`dealdesk serve` as its own process, with the bench's keys in its environment."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from bench.machine import free_port, process

ROOT = Path(__file__).resolve().parents[1]
COMPANY = orjson.loads((ROOT / "simulator" / "company.json").read_bytes())
"""The simulator's company: one set of keys for every server and every load."""
APP = COMPANY["feishu"]
APP_ID, ENCRYPT_KEY, TOKEN = str(APP["app_id"]), str(APP["encrypt_key"]), str(APP["verification_token"])
PATH = "/callback/feishu"
NOWHERE = "http://127.0.0.1:9"
"""The vendor's address where a bench needs no vendor: every call is refused at once."""
PLATFORMS = ("feishu", "wecom", "dingtalk")
_NOT_SET = ("tenant_key", "form_template_id")
"""What the company knows of an app and a bot is not told."""


@dataclass(frozen=True, slots=True)
class Product:
    """A running server."""

    pid: int
    port: int
    admin_port: int
    child: subprocess.Popen[bytes]


def environment(
    database_url: str,
    folder: Path,
    *,
    port: int,
    admin_port: int,
    vendor: str = NOWHERE,
    platforms: Sequence[str] = ("feishu",),
    sockets: Sequence[str] = (),
) -> dict[str, str]:
    """Settings of a server with these platforms configured; `sockets` are those that need no public address."""
    return {
        "PYTHONPATH": str(ROOT),
        "DEALDESK_DATABASE_URL": database_url,
        "DEALDESK_DATA_DIR": str(folder),
        "DEALDESK_LISTEN": f"127.0.0.1:{port}",
        "DEALDESK_ADMIN_LISTEN": f"127.0.0.1:{admin_port}",
        # without an address DingTalk could not tell the bot of clicks
        **({"DEALDESK_PUBLIC_URL": f"http://127.0.0.1:{port}"} if "dingtalk" in platforms else {}),
        **{
            f"DEALDESK_{name}__{key}".upper(): str(value)
            for name in platforms
            for key, value in platform_settings(name, vendor, socket=name in sockets).items()
        },
    }


def platform_settings(name: str, vendor: str, *, socket: bool = False) -> dict[str, Any]:
    """The settings of one platform whose vendor is at this address, as the simulator serves it."""
    keys = {key: value for key, value in COMPANY[name].items() if key not in _NOT_SET}
    keys |= {"mode": "socket" if socket else "webhook", "api_base": f"{vendor}/{name}"}
    if name == "wecom":
        keys |= {"oauth_base": f"{vendor}/wecom", "ws_base": f"{vendor.replace('http', 'ws', 1)}/wecom/ws"}
    if name == "dingtalk":
        keys["oapi_base"] = f"{vendor}/dingtalk-oapi"
    return keys


@contextlib.contextmanager
def serving(
    database_url: str,
    folder: Path,
    *options: str,
    core: int | None = None,
    port: int = 0,
    vendor: str = NOWHERE,
    platforms: Sequence[str] = ("feishu",),
    sockets: Sequence[str] = (),
    module: tuple[str, ...] = ("bot", "serve"),
) -> Iterator[Product]:
    """`dealdesk serve OPTIONS` until the end of the block; `module` starts it with something of the bench's own."""
    port, admin_port = port or free_port(), free_port()
    env = environment(
        database_url, folder, port=port, admin_port=admin_port, vendor=vendor, platforms=platforms, sockets=sockets
    )
    with process([sys.executable, "-P", "-m", *module, *options], port=port, core=core, env=env) as child:
        yield Product(child.pid, port, admin_port, child)
