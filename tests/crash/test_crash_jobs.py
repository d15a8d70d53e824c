"""kill -9 among the other jobs: a file, a decision, a timer and a setting, at every numbered step, on both stores.

In a round 李雷 sends a photo for a requirement, 王芳 agrees to a discount, 刘洋 confirms a threshold, and a lead's 48
hours end: all at once, and the bot dies among them at the nth time of the cell's step. It is started again, works off
what is left, and each of the four has happened exactly once. R-EVD-1, R-APR-3, R-LEAD-48H, R-ADM-1.
"""

from __future__ import annotations

import asyncio
import csv
import json
import os
import random
import signal
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from bot.clock import MovableClock
from bot.commands.import_ import import_file
from bot.steps import STEPS
from sales.imports import COLUMNS
from storage.tables.columns import DEAD
from tests.crash.scene import Facts, Scene, open_scene
from tests.support.files import photo
from tests.support.house import words_of
from tests.support.stores import postgres_url, sqlite_url

ROUNDS = int(os.environ.get("CRASH_ROUNDS") or 3)
RESULTS = os.environ.get("CRASH_RESULTS", "")
REP, BOSS, ADMIN, HOLDER = "m03", "m02", "m16", "m05"
THURSDAY = datetime(2027, 1, 7, 10, 0, tzinfo=timezone(timedelta(hours=8)))
"""A workday's morning, later than any clock this runs on."""

MOST_NTH = {"received": 3, "stored": 3, "reply claimed": 4, "sent": 4, "confirmed": 4}
"""How often a step is surely reached by the four; 5 for those not named."""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("step", STEPS)
async def test_file_decision_timer_and_setting_happen_once_R_EVD_1_R_APR_3_R_LEAD_48H_R_ADM_1(
    step: str, kind: str, tmp_path: Path
) -> None:
    url = sqlite_url(tmp_path) if kind == "sqlite" else postgres_url()
    async with open_scene(url, tmp_path, moved=True) as scene:
        scene.feishu.clock.move_to(THURSDAY)
        cell = Jobs(scene, step, tmp_path, random.Random(f"{step} {kind}"))
        await cell.start(nth=1)
        for n in range(1, ROUNDS + 1):
            await cell.prepare(n)
            await cell.round(n)
        await scene.sealed()
        os.kill(scene.victim.pid, signal.SIGTERM)
        assert await scene.victim.ended() == 0
        assert not (await scene.look()).faults
        _report(step, kind, await scene.look())


class Jobs:
    """The rounds of one step on one store."""

    def __init__(self, scene: Scene, step: str, folder: Path, dice: random.Random) -> None:
        self._scene = scene
        self._step = step
        self._folder = folder
        self._dice = dice

    async def start(self, *, nth: int) -> None:
        """A bot is up, at the platform's time."""
        scene = self._scene
        await scene.victim.start(scene.settings, step=self._step, nth=nth, clock_us=scene.now_us())

    async def prepare(self, n: int) -> None:
        """A deal in gate 3 with an open ear, a request on its way, a question to the admin, a lead about to be late."""
        scene = self._scene
        await self._says(REP, f"录单 华东医疗 CT机 {n + 10}0万")
        deal = (await scene.look()).deals[-1]["id"]  # numbers may have gaps after a crash
        for line in (f"推进 {deal}", f"推进 {deal}", f"申请折扣 {deal} 让5% 对手报低价", f"传凭证 {deal} 会议纪要"):
            await self._says(REP, line)
        await self._says(ADMIN, f"配置 LDR 预警线 {20 + n}")
        await self._says(HOLDER, "我的线索")
        began = scene.feishu.clock.now() - timedelta(hours=48) + timedelta(minutes=1)
        row = {"assignment_id": f"a{n}", "lead_id": f"L{n}", "member_id": HOLDER, "assigned_at": began.isoformat()}
        await asyncio.to_thread(self._import, "assignments", [row])
        await scene.quiet()

    async def round(self, n: int) -> None:
        """All four at once, death among them, a new start, and what must have come of it."""
        scene = self._scene
        agree, confirm = self._card(BOSS, "对手报低价", n), self._card(ADMIN, "确认吗", n)
        target = (scene.feishu.clock.now() + timedelta(minutes=2)).isoformat()
        scene.feishu.calls.clear()
        await scene.victim.arm()
        await asyncio.gather(
            scene.sends(REP, photo(f"#{n:02d}{self._dice.randrange(256):02x}40")),
            scene.submits(BOSS, "同意", agree),
            scene.clicks(ADMIN, "确认", confirm),
            scene.moves(target),
        )
        assert await scene.victim.ended() == -signal.SIGKILL, f"it did not die at {self._step}"
        await self.start(nth=self._dice.randint(1, MOST_NTH.get(self._step, 5)))
        await scene.quiet()
        assert await scene.moves(target)
        await scene.quiet()
        facts = await scene.look()
        if not facts.clicks_on(agree):  # Feishu sends no click twice; the button is still there
            await scene.submits(BOSS, "同意", agree)
        if not facts.clicks_on(confirm):
            await scene.clicks(ADMIN, "确认", confirm)
        await scene.quiet()
        self._check(await scene.look(), n)

    def _check(self, facts: Facts, n: int) -> None:
        once = {action: sum(1 for a in facts.audits if a["action"] == action) for action in ACTIONS}
        assert once == dict.fromkeys(ACTIONS, n), once
        dead = [row for row in (*facts.events, *facts.ledger) if row["state"] == DEAD]
        assert not dead
        for key, made in facts.sends.items():
            assert len(made) == 1, f"{key}: {len(made)} messages of one key"
        seen = [words_of(message) for message in facts.shown.values()]
        reviews = [words for words in seen if "请看一眼：会议纪要" in words]
        assert len(reviews) == n, reviews
        assert sum(f"LDR 预警线改为 {20 + n}%" in words for words in seen) == 1
        assert sum(words.startswith("已同意：9.5 折") for words in seen) >= n
        assert sum("回公海了" in words for words in seen) == n, seen

    def _card(self, person: str, words: str, n: int) -> str:
        """The newest card of the person's chat with these words."""
        chat = self._scene.desk.chat(None, self._scene.desk.person(person))
        found = [m for m in chat.messages if m.card is not None and words in words_of(m.view())]
        assert found, [words_of(m.view()) for m in chat.messages]
        return str(found[-1].message_id)

    async def _says(self, person: str, line: str) -> None:
        await self._scene.says(person, line)
        await self._scene.quiet()

    def _import(self, kind: str, rows: list[dict[str, Any]]) -> None:
        file = self._folder / f"{kind}.csv"
        names = [name for name in COLUMNS[kind] if name in rows[0]]
        with file.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, names)
            writer.writeheader()
            writer.writerows(rows)
        counts = import_file(self._scene.settings, kind, file, clock=MovableClock(self._scene.now_us()))
        assert not counts["refused"], counts


def _report(step: str, kind: str, facts: Facts) -> None:
    """One JSON line per cell that held, for docs/crash-matrix.md."""
    if not RESULTS:
        return
    done = {action: sum(1 for a in facts.audits if a["action"] == action) for action in ACTIONS}
    unknown = sum(row["unknown"] > 0 for row in facts.ledger)
    cell = {"matrix": "jobs", "step": step, "store": kind, "rounds": ROUNDS, **done, "unknown": unknown}
    with open(RESULTS, "a", encoding="utf-8") as file:
        file.write(json.dumps(cell) + "\n")


ACTIONS = ("evidence.submit", "request.approve", "lead.recycle", "config.set")
