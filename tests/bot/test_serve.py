"""`serve` as a process: two ports, readiness, a clear word when a port is taken, a quick stop; and the split."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.clock import MovableClock
from bot.main import build, running
from bot.server import public_app
from storage.types import to_us
from tests.support.house import THURSDAY, open_house, settings_for
from tests.support.stores import postgres_url, sqlite_url

ROOT = Path(__file__).resolve().parents[2]


async def test_serve_answers_on_two_ports_and_stops_quickly(tmp_path: Path) -> None:
    ports = _free_port(), _free_port()
    async with _serve(tmp_path, *ports) as process, aiohttp.ClientSession() as http:
        public, admin = (f"http://127.0.0.1:{port}" for port in ports)
        assert (await http.get(public + "/healthz")).status == 200
        assert (await http.get(admin + "/readyz")).status == 200
        for hidden in ("/metrics", "/readyz", "/control/clock", "/gallery"):
            assert (await http.get(public + hidden)).status == 404, hidden
        assert (await http.post(admin + "/control/clock", json={"advance": "1h"})).status == 404
        text = await (await http.get(admin + "/metrics")).text()
        assert "dealdesk_inbound_handled_total 0.0" in text

        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 5) == 0


async def test_a_taken_port_stops_the_start_with_its_name(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = await _start(tmp_path, taken.getsockname()[1], _free_port())
        _, err = await asyncio.wait_for(process.communicate(), 30)

    assert process.returncode == 2
    assert "DEALDESK_LISTEN" in err.decode()


async def test_serve_refuses_an_old_database(tmp_path: Path) -> None:
    process = await _start(tmp_path, _free_port(), _free_port(), DEALDESK_DATABASE_URL=f"sqlite:///{tmp_path}/new.db")
    _, err = await asyncio.wait_for(process.communicate(), 30)

    assert process.returncode == 2
    assert "dealdesk migrate" in err.decode()


@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
async def test_a_split_house_answers_clicks_inline_on_postgresql_only(tmp_path: Path, kind: str) -> None:
    url = postgres_url() if kind == "postgresql" else sqlite_url(tmp_path)
    async with open_house(url, tmp_path, only="work") as house:
        clock = MovableClock(to_us(THURSDAY))
        settings = settings_for(url, tmp_path, api_base=f"{house.simulator}/feishu")
        web_only = build(settings, clock=clock, only="web")
        async with running(web_only), _site(public_app(web_only)) as base:
            await house.post("/sim/callback", {"url": f"{base}/callback/feishu"})
            rep = house.person("李雷")
            await rep.says("录单 华东医疗 CT机 120万")
            done = await rep.clicks("撤销")

            if kind == "postgresql":
                assert done["toast"]["content"] == "已撤销 #1 华东医疗。"
                assert len(await rep.sees()) == 1
            else:
                assert "已撤销 #1 华东医疗。" in await rep.last()


@contextlib.asynccontextmanager
async def _site(app: aiohttp.web.Application) -> AsyncIterator[str]:
    runner = aiohttp.web.AppRunner(app)
    await runner.setup()
    site = aiohttp.web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@contextlib.asynccontextmanager
async def _serve(folder: Path, public: int, admin: int) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await _start(folder, public, admin)
    try:
        assert process.stdout
        assert b"dealdesk" in await asyncio.wait_for(process.stdout.readline(), 30)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def _start(folder: Path, public: int, admin: int, **more: str) -> asyncio.subprocess.Process:
    settings = {
        "DEALDESK_DATABASE_URL": sqlite_url(folder),
        "DEALDESK_DATA_DIR": str(folder),
        "DEALDESK_LISTEN": f"127.0.0.1:{public}",
        "DEALDESK_ADMIN_LISTEN": f"127.0.0.1:{admin}",
        "DEALDESK_FEISHU__APP_ID": "cli_test",
        "DEALDESK_FEISHU__APP_SECRET": "secret",
        "DEALDESK_FEISHU__VERIFICATION_TOKEN": "token",
        "DEALDESK_FEISHU__API_BASE": "http://127.0.0.1:9",
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "serve", cwd=ROOT, env={**os.environ, **settings, **more},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
