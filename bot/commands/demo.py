"""`dealdesk demo`: the main job on one machine with nothing to set up. Prints one URL."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import socket
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

import click

from bot.clock import MovableClock
from bot.commands import fail, first_screen
from bot.commands.demo_company import settings_of
from bot.commands.import_ import import_file
from bot.log import configure
from bot.main import build, running
from bot.platforms.registry import load_settings
from bot.server import PortInUse, admin_app, listen, public_app
from config.settings import Settings
from storage.engine import Store
from storage.migrations import migrate
from storage.types import to_us

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT / "config" / "demo"
START = datetime(2026, 11, 19, 9, 5, tzinfo=timezone(timedelta(hours=8)))
MASTER = ("teams", "members", "customers", "deals")
HISTORY = ("chats", "leads", "assignments", "touches")
READY_SECONDS = 30


@click.command("demo")
@click.option("--port", default=8090, show_default=True, help="port of the chat page, 0 for any")
@click.option("--no-browser", is_flag=True, help="only print the URL")
def command(port: int, no_browser: bool) -> None:
    """Run a local chat with the assistant and a seeded company."""
    configure(level=30)
    home = Path(tempfile.mkdtemp(prefix="dealdesk-demo-"))
    try:
        clock = MovableClock(to_us(START))
        port = port or _free_port()
        settings = seed(home, clock, (*MASTER, *HISTORY), simulator=f"http://127.0.0.1:{port}")
        asyncio.run(_demo(settings, clock, port, browser=not no_browser))
    except PortInUse as error:
        fail(str(error))
    finally:
        shutil.rmtree(home, ignore_errors=True)


def seed(
    home: Path, clock: MovableClock, kinds: Sequence[str] = MASTER, *, simulator: str = "http://127.0.0.1:8090"
) -> Settings:
    """A fresh company of the demo in this folder, from these files: the same on every run."""
    listen = f"127.0.0.1:{_free_port()}"
    settings = load_settings(
        database_url=f"sqlite:///{home}/dealdesk.db",
        data_dir=home,
        listen=listen,
        admin_listen=f"127.0.0.1:{_free_port()}",
        public_url=f"http://{listen}",
        **settings_of(simulator),
    )
    store = Store(settings.database_url)
    migrate(store)
    store.close()
    for kind in kinds:
        import_file(settings, kind, SEED / f"{kind}.csv", clock=clock)
    if "chats" in kinds:
        import_file(settings, "chats", SEED / "groups.csv", clock=clock)
    return settings


async def _demo(settings: Settings, clock: MovableClock, port: int, *, browser: bool) -> None:
    bot = build(settings, clock=clock)
    public = await listen(public_app(bot), settings.listen, "DEALDESK_LISTEN")
    admin = await listen(admin_app(bot), settings.admin_listen, "DEALDESK_ADMIN_LISTEN")
    async with _simulator(settings, port) as url, running(bot):
        await first_screen.prepare(url, bot)
        click.echo(f"打开 {url}  ，在李雷那栏按回车试试。Ctrl+C 结束。")
        if browser:
            await asyncio.to_thread(webbrowser.open, url)
        await _until_stopped()
        await public.cleanup()
    await admin.cleanup()


@contextlib.asynccontextmanager
async def _simulator(settings: Settings, port: int) -> AsyncIterator[str]:
    """The simulator as a process of its own: it stands for the vendor and shares nothing with us."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", "--port", str(port),
        "--callback-base", f"http://{settings.listen}",
        "--control", f"http://{settings.admin_listen}",
        "--gallery", f"http://{settings.admin_listen}/gallery?draw=http://127.0.0.1:{port}",
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout
        line = await asyncio.wait_for(process.stdout.readline(), READY_SECONDS)
        if not line:
            raise PortInUse(f"--port：{port} 端口用不了，换一个，如 --port 8190。")
        yield f"http://127.0.0.1:{port}/"
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _until_stopped() -> None:
    stopped = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    await stopped.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
