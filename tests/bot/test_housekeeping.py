"""Chores: seal the audit log and keep its head outside, forget what is past its time. R-AUD, R-PRIV."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.clock import MovableClock
from bot.housekeeping import DAY_US, HEAD_FILE, Housekeeping, read_head, write_head
from bot.keys import Keys
from bot.writer import Writer
from sales.decision import Audit
from storage import audit, inbox, outbox
from storage.audit import Head
from storage.engine import Store
from storage.inbox import Inbound
from storage.outbox import DONE, Row
from tests.support.facts import committed
from tests.support.stores import sqlite_url

KEYS = Keys(b"k" * 32)
NOW = 2_000 * DAY_US


@dataclass
class Home:
    """A store, its chores, and the folder of the head file."""

    store: Store
    chores: Housekeeping
    folder: Path


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    store = Store(sqlite_url(tmp_path))
    clock = MovableClock(NOW)
    writer = Writer(store, clock)
    writer.start()
    yield Home(store, Housekeeping(store, writer, clock, KEYS, tmp_path), tmp_path)
    await asyncio.to_thread(writer.stop)
    store.close()


async def test_sealed_head_is_kept_in_its_file_r_aud(home: Home) -> None:
    entry = Audit("a", "deal:1")
    committed(home.store, lambda conn: audit.write(conn, home.store, [entry], at=1, who="m", chat=""))

    await home.chores.seal()

    kept = read_head(home.folder / HEAD_FILE)
    assert kept is not None
    assert kept.position == 1
    with home.store.snapshot() as conn:
        assert audit.verify(conn, home.store, KEYS.sign_audit, kept=kept) == []


async def test_nothing_to_seal_leaves_the_file_r_aud(home: Home) -> None:
    await home.chores.seal()

    assert not (home.folder / HEAD_FILE).exists()


def test_older_head_never_replaces_a_newer_one_r_aud(tmp_path: Path) -> None:
    path = tmp_path / HEAD_FILE
    newer = Head(5, "h5", "s5")

    write_head(path, newer)
    write_head(path, Head(4, "h4", "s4"))
    write_head(path, Head(5, "other", "other"))

    assert read_head(path) == newer
    write_head(path, Head(6, "h6", "s6"))
    assert read_head(path) == Head(6, "h6", "s6")
    assert [p.name for p in tmp_path.iterdir()] == [HEAD_FILE]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", "{}", '{"position": "x", "hash": "", "signature": ""}', '{"position": 1}']
)
def test_damaged_file_counts_as_a_head_nobody_signed_r_aud(tmp_path: Path, content: str) -> None:
    path = tmp_path / HEAD_FILE
    path.write_text(content)

    assert read_head(path) == Head(0, "", "")


def test_missing_file_is_no_head_r_aud(tmp_path: Path) -> None:
    assert read_head(tmp_path / HEAD_FILE) is None


async def test_rows_past_their_keeping_time_are_forgotten_r_priv(home: Home) -> None:
    events = [
        Inbound(f"e{days}", "in:a", "message", "", "", "", b"{}", 1, NOW - days * DAY_US, 0) for days in (29, 30, 31)
    ]
    lines = [Row(f"r{days}", "out:a", "reply", state=DONE, planned_at=NOW - days * DAY_US) for days in (399, 401)]

    def fill(conn: object) -> None:
        inbox.receive(conn, home.store, events)  # type: ignore[arg-type]
        conn.execute(text("UPDATE inbox SET state = 1"))  # type: ignore[attr-defined]
        outbox.plan(conn, home.store, lines)  # type: ignore[arg-type]

    committed(home.store, fill)

    await home.chores.forget()
    await home.chores.forget()

    with home.store.snapshot() as conn:
        assert conn.execute(text("SELECT id FROM inbox")).scalars().all() == ["e29"]
        assert conn.execute(text("SELECT id FROM outbox")).scalars().all() == ["r399"]
