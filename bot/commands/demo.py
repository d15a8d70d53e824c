"""`dealdesk demo`: the product on three platforms on one machine with nothing to set up. Prints one URL."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import socket
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Coroutine, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import click
from aiohttp.web import AppRunner

from bot.clock import MovableClock
from bot.commands import fail, first_screen
from bot.commands.demo_company import settings_of
from bot.commands.import_ import import_file
from bot.log import configure
from bot.main import Bot, build, running
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
HISTORY = ("chats", "groups", "leads", "assignments", "touches")
KIND_OF = {"groups": "chats"}
"""Files not named after their kind: the groups beside Feishu's."""
READY_SECONDS = 30


@click.command("demo")
@click.option("--port", default=8090, show_default=True, help="port of the chat page, 0 for any")
@click.option("--no-browser", is_flag=True, help="only print the URL")
def command(port: int, no_browser: bool) -> None:
    """Run a local chat with the assistant and a seeded company."""
    configure(level=30)
    home = Path(tempfile.mkdtemp(prefix="dealdesk-demo-"))
    try:
        port = port or _free_port()
        asyncio.run(_demo(_settings(home, f"http://127.0.0.1:{port}"), port, browser=not no_browser))
    except PortInUse as error:
        fail(str(error))
    finally:
        shutil.rmtree(home, ignore_errors=True)


def seed(home: Path, clock: MovableClock) -> Settings:
    """A fresh company of the demo in this folder, without its history: the same on every run."""
    settings = _settings(home, "http://127.0.0.1:8090")
    _fill(settings, clock, MASTER)
    return settings


def _settings(home: Path, simulator: str) -> Settings:
    listen = f"127.0.0.1:{_free_port()}"
    return load_settings(
        database_url=f"sqlite:///{home}/dealdesk.db",
        data_dir=home,
        listen=listen,
        admin_listen=f"127.0.0.1:{_free_port()}",
        public_url=f"http://{listen}",
        **settings_of(simulator),
    )


def _fill(settings: Settings, clock: MovableClock, files: Sequence[str]) -> None:
    store = Store(settings.database_url)
    migrate(store)
    store.close()
    for name in files:
        import_file(settings, KIND_OF.get(name, name), SEED / f"{name}.csv", clock=clock)


async def _demo(settings: Settings, port: int, *, browser: bool) -> None:
    """One company after the other: a new one whenever the page asks to start over."""
    stopped = _stopped()
    async with contextlib.AsyncExitStack() as stack:
        url = ""
        while not stopped.is_set():
            async with _company(settings) as (bot, public):
                again, url = bool(url), url or await stack.enter_async_context(_simulator(settings, port))
                async with running(bot):
                    await _first_of(stopped.wait(), first_screen.prepare(url, bot))
                    if not (again or stopped.is_set()):
                        click.echo(f"打开 {url}  ，在李雷那栏按回车试试。Ctrl+C 结束。")
                        if browser:
                            await asyncio.to_thread(webbrowser.open, url)
                    await _first_of(stopped.wait(), first_screen.start_over_asked(url))
                    await public.cleanup()


@contextlib.asynccontextmanager
async def _company(settings: Settings) -> AsyncIterator[tuple[Bot, AppRunner]]:
    """A fresh company, and its bot behind its two ports, not started yet."""
    clock = MovableClock(to_us(START))
    await asyncio.to_thread(_clear, settings.data_dir)
    await asyncio.to_thread(_fill, settings, clock, (*MASTER, *HISTORY))
    bot = build(settings, clock=clock)
    public = await listen(public_app(bot), settings.listen, "DEALDESK_LISTEN")
    admin = await listen(admin_app(bot), settings.admin_listen, "DEALDESK_ADMIN_LISTEN")
    try:
        yield bot, public
    finally:
        await public.cleanup()
        await admin.cleanup()


def _clear(home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()


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


def _stopped() -> asyncio.Event:
    """Set by the first Ctrl+C; the second one does what it always does."""
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()

    def stop() -> None:
        stopped.set()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(name)

    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop)
    return stopped


async def _first_of(*waits: Coroutine[Any, Any, Any]) -> None:
    """Returns when the first of these is done, and ends the others. Raises what the first raised."""
    tasks = [asyncio.create_task(wait) for wait in waits]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
