"""The platform, the people and the victim of one cell, and what can be read of them afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from sqlalchemy import text

from bot.commands.demo import ROOT, SEED
from bot.commands.import_ import import_file
from bot.housekeeping import HEAD_FILE, read_head
from bot.keys import load_keys
from config.settings import Settings
from simulator.app import make_app
from simulator.control.desk import DESK, Desk
from simulator.feishu.http import FEISHU
from simulator.feishu.platform import Feishu
from simulator.options import Options
from storage import audit, inbox, outbox
from storage.engine import Store
from storage.types import to_us
from tests.support.house import settings_for

LEASE_MS = 1_000
RETRY_SCALE = 250
"""The vendor's 15 s become 60 ms, its 5 min 1.2 s: the first comes too early for the restarted bot, the second not."""
DEADLINE = 60.0
POLL = 0.03


@dataclass(slots=True)
class Victim:
    """The process that forks bots (tests/crash/victim.py)."""

    process: asyncio.subprocess.Process
    pid: int = 0

    async def start(self, settings: Settings, *, step: str, nth: int, clock_us: int = 0) -> None:
        """A bot is ready; it will die at the step's nth time, once it is armed. With `clock_us` its clock moves."""
        assert self.process.stdin
        assert settings.platforms["feishu"]
        secret = settings.platforms["feishu"]
        order = {
            "settings": {
                "database_url": settings.database_url,
                "data_dir": str(settings.data_dir),
                "listen": settings.listen,
                "admin_listen": settings.admin_listen,
                "feishu": {
                    "app_id": secret.app_id,
                    "app_secret": secret.app_secret.get_secret_value(),
                    "encrypt_key": secret.encrypt_key.get_secret_value(),
                    "verification_token": secret.verification_token.get_secret_value(),
                    "api_base": secret.api_base,
                },
            },
            "lease_ms": LEASE_MS,
            "step": step,
            "nth": nth,
            "clock_us": clock_us,
        }
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        await self.process.stdin.drain()
        self.pid = await self._hears("forked")
        await self._hears("")

    async def arm(self) -> None:
        """From now on it counts its steps."""
        os.kill(self.pid, signal.SIGUSR1)
        await self._hears("armed")

    async def ended(self) -> int:
        """How it ended: 0, or minus the signal's number."""
        code = await self._hears("ended")
        self.pid = 0
        return code

    async def stop(self) -> None:
        """No bot is left, and nobody who forks one."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        assert self.process.stdin
        self.process.stdin.close()
        await self.process.wait()

    async def _hears(self, what: str) -> int:
        """The number told under this word; without a word, the line that is no JSON."""
        assert self.process.stdout
        line = await asyncio.wait_for(self.process.stdout.readline(), DEADLINE)
        told = json.loads(line) if line.startswith(b"{") else {"": 0}
        assert what in told, f"expected {what or 'ready'}, got {line!r}"
        return int(told[what])


@dataclass(slots=True)
class Scene:
    """One database, one platform, one victim."""

    settings: Settings
    store: Store
    victim: Victim
    feishu: Feishu
    desk: Desk
    http: aiohttp.ClientSession
    url: str

    async def says(self, person: str, line: str) -> None:
        """Type a line; whether it arrives is the platform's business."""
        await self._post("/sim/say", {"user": person, "text": line, "wait": False})

    async def clicks(self, person: str, button: str, message_id: str) -> str:
        """Press a button; the toast's words, or nothing when the bot gave none."""
        done = await self._post("/sim/click", {"user": person, "button": button, "message_id": message_id})
        return str((done["toast"] or {}).get("content", ""))

    async def sends(self, person: str, content: bytes) -> None:
        """Send a photo in the direct chat."""
        form = aiohttp.FormData()
        for name, value in {"user": person, "kind": "image", "wait": "false"}.items():
            form.add_field(name, value)
        form.add_field("file", content, filename="photo.jpg", content_type="image/jpeg")
        async with self.http.post(f"{self.url}/sim/upload", data=form) as answer:
            assert answer.status == 200, await answer.text()

    async def submits(self, person: str, button: str, message_id: str) -> None:
        """Press a form's button with nothing filled in."""
        await self._post("/sim/submit", {"user": person, "button": button, "message_id": message_id, "values": {}})

    async def moves(self, target: str) -> bool:
        """Move both clocks to this instant; False when the bot died on the way."""
        async with self.http.post(f"{self.url}/sim/clock", json={"to": target}) as answer:
            return answer.status == 200

    def now_us(self) -> int:
        """Business time, as the platform has it."""
        return to_us(self.feishu.clock.now())

    async def quiet(self) -> None:
        """Every event is delivered, every row handled, every message sent."""
        await self._until(self._is_drained)

    async def sealed(self) -> None:
        """Every entry of the log is chained and signed. It waits for other databases of the server, as xids do."""
        await self._until(self._is_sealed)

    async def _until(self, true: Callable[[], bool]) -> None:
        end = time.monotonic() + DEADLINE
        while True:
            await self.desk.settle()
            if self.desk.next_due() is None and await asyncio.to_thread(true):
                return
            assert time.monotonic() < end, f"still open: {await asyncio.to_thread(self.left)}"
            await asyncio.sleep(POLL)

    def left(self) -> list[Any]:
        """What is still open, for a failing test."""
        with self.store.snapshot() as conn:
            rows = conn.execute(text("SELECT id, kind, state, tries, error FROM inbox WHERE state <> 1")).all()
            open_rows = conn.execute(
                text("SELECT id, kind, state, tries, unknown, error FROM outbox WHERE state IN (0, 2, 3, 4)")
            ).all()
        return [*rows, *open_rows]

    async def look(self) -> Facts:
        """Everything the checks need, read at once."""
        return await asyncio.to_thread(self._look)

    def _is_drained(self) -> bool:
        with self.store.snapshot() as conn:
            return inbox.count_waiting(conn) == 0 and outbox.count_open(conn) == 0

    def _is_sealed(self) -> bool:
        with self.store.snapshot() as conn:
            return not conn.execute(text("SELECT count(*) FROM audit WHERE position IS NULL")).scalar_one()

    def _look(self) -> Facts:
        def rows(query: str) -> list[dict[str, Any]]:
            return [dict(row._mapping) for row in conn.execute(text(query))]

        keys = load_keys(self.settings.key_path)
        kept = read_head(self.settings.data_dir / HEAD_FILE)
        with self.store.snapshot() as conn:
            return Facts(
                events=rows("SELECT seq, id, lane, kind, payload, state, error FROM inbox ORDER BY seq"),
                deals=rows("SELECT id, amount_fen, state, chat, version FROM deals ORDER BY id"),
                audits=rows("SELECT action, subject, position FROM audit"),
                timers=rows("SELECT name, subject, state FROM timers"),
                ledger=rows(
                    "SELECT id, kind, inbound_id, card, subject, toast, state, tries, unknown, message_id, error "
                    "FROM outbox ORDER BY seq"
                ),
                faults=audit.verify(conn, self.store, keys.sign_audit, kept=kept),
                sends=self._sends(),
                shown=self._shown(),
            )

    def _sends(self) -> dict[str, Counter[str]]:
        """Per send key the messages the platform made or gave back, with how often."""
        found: dict[str, Counter[str]] = {}
        for call in self.feishu.calls.view(2000, "/open-apis/im/v1/messages"):
            if call["method"] == "POST" and call["code"] == 0 and call["status"] == 200:
                made = call["response"]["data"]["message_id"]
                found.setdefault(call["request"]["uuid"], Counter())[made] += 1
        return found

    def _shown(self) -> dict[str, dict[str, Any]]:
        """Every message of the bot as people see it, by its id."""
        chats = self.feishu.world.chats.values()
        return {m.message_id: m.view() for chat in chats for m in chat.messages if m.sender_kind != "user"}

    async def _post(self, path: str, data: dict[str, Any]) -> dict[str, Any]:
        async with self.http.post(self.url + path, json=data) as answer:
            assert answer.status < 300, (path, answer.status, await answer.text())
            found: dict[str, Any] = await answer.json()
            return found


@dataclass(slots=True)
class Facts:
    """Database, platform and chats at one quiet moment."""

    events: list[dict[str, Any]]
    deals: list[dict[str, Any]]
    audits: list[dict[str, Any]]
    timers: list[dict[str, Any]]
    ledger: list[dict[str, Any]]
    faults: list[str]
    sends: dict[str, Counter[str]]
    shown: dict[str, dict[str, Any]]
    by_event: dict[str, list[dict[str, Any]]] = field(init=False)

    def __post_init__(self) -> None:
        self.by_event = {}
        for row in self.ledger:
            self.by_event.setdefault(row["inbound_id"], []).append(row)

    def reply(self, event_id: str) -> dict[str, Any] | None:
        """The reply row of an event."""
        return next((row for row in self.by_event.get(event_id, []) if row["kind"] == "reply"), None)

    def clicks_on(self, message_id: str) -> list[dict[str, Any]]:
        """Stored clicks on a card, oldest first."""
        return [e for e in self.events if e["kind"] == "click" and message_id.encode() in bytes(e["payload"])]

    def audited(self, action: str, subject: str) -> int:
        """How often the log says so."""
        return sum(1 for a in self.audits if a["action"] == action and a["subject"] == subject)


@contextlib.asynccontextmanager
async def open_scene(url: str, folder: Path, *, moved: bool = False) -> AsyncIterator[Scene]:
    """The platform listens, the company is imported, the victim's process waits for its first order.

    With `moved` the platform's clock and the victim's move together.
    """
    async with contextlib.AsyncExitStack() as stack:
        ports = [_keep_port(stack) for _ in range(2)]
        public, admin = (f"127.0.0.1:{port}" for port in ports)
        control = f"http://{admin}" if moved else None
        app = make_app(Options(f"http://{public}/callback/feishu", control=control, retry_scale=RETRY_SCALE))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        simulator = f"http://127.0.0.1:{runner.addresses[0][1]}"
        settings = settings_for(url, folder, api_base=f"{simulator}/feishu")
        settings = settings.model_copy(update={"listen": public, "admin_listen": admin})
        for kind in ("teams", "members", "customers"):
            await asyncio.to_thread(import_file, settings, kind, SEED / f"{kind}.csv")
        store = Store(url)
        stack.callback(store.close)
        victim = Victim(await _victim_process(folder))
        stack.push_async_callback(victim.stop)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        yield Scene(settings, store, victim, app[FEISHU], app[DESK], http, simulator)


async def _victim_process(folder: Path) -> asyncio.subprocess.Process:
    with (folder / "victim.log").open("wb") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.crash.victim",
            cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log,
        )  # fmt: skip


def _keep_port(stack: contextlib.ExitStack | contextlib.AsyncExitStack) -> int:
    """A port nobody else is given while the test runs; the bot may still listen on it."""
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    kept.bind(("127.0.0.1", 0))
    stack.callback(kept.close)
    return int(kept.getsockname()[1])
