"""The one place that commits. Inbox rows of concurrent callbacks share a commit, and everything else its own step.

On SQLite one thread makes every write of the process, inbox batches first, steps of one turn in one commit, each
in its own savepoint. On PostgreSQL inbox batches have one thread and steps a few, one transaction a step.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import structlog

from bot.clock import Clock
from storage import inbox
from storage.engine import Connection, Store
from storage.inbox import Inbound

T = TypeVar("T")
Write = Callable[[Connection], Any]
Waiter = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]"]
Done = tuple[Waiter, Any, BaseException | None]
Turn = Callable[["_Line"], None]

INBOX_BATCH = 500
TURN_SECONDS = 0.015
POSTGRES_STEP_THREADS = 4

log = structlog.get_logger()


class Writer:
    """Write functions go in, their results come back after the commit. A failed commit fails all it held."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._inbox: deque[tuple[Inbound, Waiter]] = deque()
        self._steps: deque[tuple[Write, Waiter]] = deque()
        self._ready = threading.Condition()
        self._stopping = False
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start the writing threads."""
        jobs: list[Turn]
        if self._store.is_sqlite:
            jobs = [self._turn_everything]
        else:
            jobs = [self._turn_inbox, *[self._turn_one_step] * POSTGRES_STEP_THREADS]
        for n, job in enumerate(jobs):
            thread = threading.Thread(target=self._run, args=(job,), name=f"writer-{n}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Write what is queued, then end the threads."""
        with self._ready:
            self._stopping = True
            self._ready.notify_all()
        for thread in self._threads:
            thread.join(timeout=20)

    def receive(self, inbound: Inbound) -> asyncio.Future[None]:
        """Done once the event is stored durably. Raises what the database raised."""
        return self._put(self._inbox, inbound)

    def run(self, write: Callable[[Connection], T]) -> asyncio.Future[T]:
        """Run a write function of `storage/` in a transaction; done after its commit."""
        return self._put(self._steps, write)

    def _put(self, queue: deque[Any], item: Any) -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        with self._ready:
            queue.append((item, (loop, future)))
            self._ready.notify()
        return future

    def _run(self, turn: Turn) -> None:
        line = _Line(self._store)
        while True:
            with self._ready:
                while not (self._work_for(turn) or self._stopping):
                    self._ready.wait()
                if not self._work_for(turn):
                    break
            turn(line)
        line.close()

    def _work_for(self, turn: Turn) -> bool:
        if turn == self._turn_inbox:
            return bool(self._inbox)
        return bool(self._steps) or (turn == self._turn_everything and bool(self._inbox))

    def _take(self, queue: deque[Any], most: int) -> list[Any]:
        with self._ready:
            return [queue.popleft() for _ in range(min(most, len(queue)))]

    def _turn_inbox(self, line: _Line) -> None:
        rows = self._take(self._inbox, INBOX_BATCH)
        if rows:
            _commit(line, [waiter for _, waiter in rows], partial(self._store_rows, rows))

    def _turn_one_step(self, line: _Line) -> None:
        for write, waiter in self._take(self._steps, 1):
            _commit(line, [waiter], partial(_one_step, write, waiter))

    def _turn_everything(self, line: _Line) -> None:
        rows = self._take(self._inbox, INBOX_BATCH)
        waiters = [waiter for _, waiter in rows]

        def work(conn: Connection) -> list[Done]:
            started = self._clock.machine()
            done = self._store_rows(rows, conn) if rows else []
            while step := self._take(self._steps, 1):
                [(write, waiter)] = step
                waiters.append(waiter)
                done.append((waiter, *_in_savepoint(write, conn)))
                if self._clock.machine() - started > TURN_SECONDS:
                    break
            return done

        _commit(line, waiters, work)

    def _store_rows(self, rows: list[Any], conn: Connection) -> list[Done]:
        """One statement for the batch; when a row spoils it, one by one, so that only that row fails."""
        _, spoiled = _in_savepoint(lambda c: inbox.receive(c, self._store, [row for row, _ in rows]), conn)
        if spoiled is None:
            return [(waiter, None, None) for _, waiter in rows]
        return [(waiter, *_in_savepoint(partial(self._store_one, row), conn)) for row, waiter in rows]

    def _store_one(self, row: Inbound, conn: Connection) -> None:
        inbox.receive(conn, self._store, [row])


class _Line:
    """One thread's connection: opened when it is first needed, and anew after it failed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._conn: Connection | None = None

    def open(self) -> Connection:
        """The connection. Raises OperationalError while the database is away."""
        if self._conn is None:
            self._conn = self._store.writing()
        return self._conn

    def close(self) -> None:
        """Give it back; what was not committed is undone."""
        conn, self._conn = self._conn, None
        if conn is not None:
            conn.close()


def _commit(line: _Line, waiters: Sequence[Waiter], work: Callable[[Connection], list[Done]]) -> None:
    """Do the work in one transaction. Whatever fails, everybody who waits for it is told."""
    try:
        conn = line.open()
        done = work(conn)
        conn.commit()
    except Exception as error:
        log.error("commit_failed", error=type(error).__name__)
        done = [(waiter, None, error) for waiter in waiters]
        with contextlib.suppress(Exception):
            line.close()
    _resolve(done)


def _one_step(write: Write, waiter: Waiter, conn: Connection) -> list[Done]:
    try:
        return [(waiter, write(conn), None)]
    except Exception as error:
        conn.rollback()
        return [(waiter, None, error)]


def _in_savepoint(write: Write, conn: Connection) -> tuple[Any, BaseException | None]:
    if not conn.in_transaction():
        conn.begin()
    savepoint = conn.begin_nested()
    try:
        result = write(conn)
        savepoint.commit()
    except Exception as error:
        if savepoint.is_active:
            savepoint.rollback()
        return None, error
    return result, None


def _resolve(done: list[Done]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any, BaseException | None]]] = {}
    for (loop, future), result, error in done:
        by_loop.setdefault(loop, []).append((future, result, error))
    for loop, results in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_set_results, results)


def _set_results(results: list[tuple[asyncio.Future[Any], Any, BaseException | None]]) -> None:
    for future, result, error in results:
        if future.done():
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
