"""Many callbacks share a commit, and one bad row fails alone. Through the real writer, on both stores."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from bot.clock import Clock
from bot.writer import Writer
from storage import entities, inbox
from storage.engine import Connection, Store
from storage.inbox import Inbound
from tests.support.facts import customer

NUL = "oc_\x00"
SURROGATE = "oc_\ud800"


def event(n: int, chat: str = "oc_1") -> Inbound:
    return Inbound(f"e{n}", "in:a", "message", "feishu", "ou_1", chat, b"{}", 1, 1, 0)


@pytest.fixture
async def writer(store: Store) -> AsyncIterator[Writer]:
    opened = Writer(store, Clock())
    opened.start()
    yield opened
    await asyncio.to_thread(opened.stop)


def stored(store: Store) -> set[str]:
    with store.snapshot() as conn:
        return set(conn.execute(text("SELECT id FROM inbox")).scalars())


async def test_rows_received_at_once_are_all_stored_once(store: Store, writer: Writer) -> None:
    await asyncio.gather(*(writer.receive(event(n % 200)) for n in range(400)))

    assert stored(store) == {f"e{n}" for n in range(200)}
    with store.snapshot() as conn:
        assert inbox.count_waiting(conn) == 200


@pytest.mark.parametrize("bad", [SURROGATE, NUL], ids=["lone surrogate", "NUL"])
async def test_one_bad_row_does_not_lose_the_batch(store: Store, writer: Writer, bad: str) -> None:
    waiting = [writer.receive(event(n, bad if n == 20 else "oc_1")) for n in range(40)]

    results = await asyncio.gather(*waiting, return_exceptions=True)

    failed = [n for n, result in enumerate(results) if isinstance(result, BaseException)]
    may_keep = store.is_sqlite and bad == NUL
    assert failed == ([] if may_keep else [20])
    assert stored(store) == {f"e{n}" for n in range(40) if n not in failed}


async def test_writing_goes_on_after_a_bad_row(store: Store, writer: Writer) -> None:
    with pytest.raises(Exception, match=r"surrogates not allowed"):
        await writer.receive(event(1, SURROGATE))

    await writer.receive(event(2))

    assert stored(store) == {"e2"}


async def test_failing_step_writes_nothing_and_harms_nobody(store: Store, writer: Writer) -> None:
    def broken(conn: Connection) -> None:
        entities.save(conn, customer(1))
        raise ValueError("no")

    def good(conn: Connection) -> str:
        entities.save(conn, customer(2, "新康"))
        return "done"

    results = await asyncio.gather(writer.run(broken), writer.run(good), return_exceptions=True)

    assert [type(results[0]), results[1]] == [ValueError, "done"]
    with store.snapshot() as conn:
        assert conn.execute(text("SELECT id FROM customers")).scalars().all() == [2]


async def test_what_is_queued_is_written_before_the_end(store: Store) -> None:
    writer = Writer(store, Clock())
    waiting = [writer.receive(event(n)) for n in range(50)]
    writer.start()
    await asyncio.to_thread(writer.stop)
    await asyncio.gather(*waiting)

    assert len(stored(store)) == 50
