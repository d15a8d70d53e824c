"""The writer: what fails, fails alone; a deadlock on PostgreSQL is nobody's failure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import Connection, text

from bot.clock import Clock
from bot.writer import Writer
from storage import inbox, lanes
from storage.engine import IntegrityError, Store
from storage.inbox import Inbound


@pytest.fixture
async def writer(store: Store) -> AsyncIterator[Writer]:
    made = Writer(store, Clock())
    made.start()
    yield made
    await asyncio.to_thread(made.stop)


async def test_two_steps_that_wait_for_each_other_are_both_done(store: Store, writer: Writer) -> None:
    for kind in ("a", "b"):
        await writer.run(_adds(kind))

    await asyncio.gather(writer.run(_both("a", "b")), writer.run(_both("b", "a")))

    assert _last(store) == {"a": 3, "b": 3}


async def test_a_failing_step_takes_nothing_else_with_it(store: Store, writer: Writer) -> None:
    def fails(conn: Connection) -> None:
        conn.execute(text("UPDATE numbers SET last = 99"))
        raise ValueError("no")

    done = await asyncio.gather(
        writer.run(_adds("a")), writer.run(fails), writer.run(_adds("a")), return_exceptions=True
    )

    assert isinstance(done[1], ValueError)
    assert _last(store) == {"a": 2}


async def test_a_row_that_spoils_a_batch_fails_alone(store: Store, writer: Writer) -> None:
    rows = [_row("e1"), _row("e2")._replace(lane=None), _row("e3")]  # type: ignore[arg-type]

    done = await asyncio.gather(*(writer.receive(row) for row in rows), return_exceptions=True)

    assert [type(one) for one in done] == [type(None), IntegrityError, type(None)]
    with store.snapshot() as conn:
        assert [bool(inbox.by_id(conn, row.id)) for row in rows] == [True, False, True]
        assert lanes.soonest_due_ms(conn, store, queue=lanes.INBOX) is not None


def _row(event_id: str) -> Inbound:
    return Inbound(event_id, "in:a", "message", "feishu", "ou_1", "oc_1", b"{}", 1, 1, 0)


def _adds(kind: str) -> Any:
    def write(conn: Connection) -> None:
        conn.execute(
            text(
                "INSERT INTO numbers (kind, last) VALUES (:k, 1) "
                "ON CONFLICT (kind) DO UPDATE SET last = numbers.last + 1"
            ),
            {"k": kind},
        )

    return write


def _both(first: str, second: str) -> Any:
    def write(conn: Connection) -> None:
        _adds(first)(conn)
        if conn.dialect.name == "postgresql":
            conn.execute(text("SELECT pg_sleep(0.1)"))
        _adds(second)(conn)

    return write


def _last(store: Store) -> dict[str, int]:
    with store.snapshot() as conn:
        return {row[0]: row[1] for row in conn.execute(text("SELECT kind, last FROM numbers"))}
