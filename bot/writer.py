"""The one place that commits. Inbox rows of concurrent callbacks share a commit, and everything else its own step.

On SQLite one thread makes every write of the process, inbox batches first, steps of one turn in one commit, each
in its own savepoint. On PostgreSQL inbox batches have one thread, one statement a batch, and steps a few threads, one
transaction a step.
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
from storage.engine import Connection, Store, is_deadlock
from storage.inbox import Inbound

T = TypeVar("T")
Write = Callable[[Connection], Any]
Waiter = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]"]
Done = tuple[Waiter, Any, BaseException | None]
Turn = Callable[["_Line"], None]

INBOX_BATCH = 500
TURN_SECONDS = 0.015
POSTGRES_STEP_THREADS = 4
DEADLOCK_TRIES = 3

log = structlog.get_logger()


class Writer:
    """Write functions go in, their results come back after the commit. A failed commit fails all it held."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._inbox: deque[tuple[Inbound, Waiter]] = deque()
        self._steps: deque[tuple[Write, Waiter]] = deque()
        if store.is_sqlite:
            self._inbox_bell = self._steps_bell = _Bell(self._inbox, self._steps)
        else:
            self._inbox_bell, self._steps_bell = _Bell(self._inbox), _Bell(self._steps)
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start the writing threads."""
        jobs: list[tuple[Turn, _Bell]]
        if self._store.is_sqlite:
            jobs = [(self._turn_everything, self._inbox_bell)]
        else:
            steps = (self._turn_one_step, self._steps_bell)
            jobs = [(self._turn_inbox, self._inbox_bell), *[steps] * POSTGRES_STEP_THREADS]
        for n, job in enumerate(jobs):
            thread = threading.Thread(target=self._run, args=job, name=f"writer-{n}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Write what is queued, then end the threads."""
        self._inbox_bell.close()
        self._steps_bell.close()
        for thread in self._threads:
            thread.join(timeout=20)

    def receive(self, inbound: Inbound) -> asyncio.Future[None]:
        """Done once the event is stored durably. Raises what the database raised."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._inbox.append((inbound, (loop, future)))
        self._inbox_bell.ring_soon(loop)
        return future

    def run(self, write: Callable[[Connection], T]) -> asyncio.Future[T]:
        """Run a write function of `storage/` in a transaction; done after its commit."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._steps.append((write, (loop, future)))
        self._steps_bell.ring_soon(loop)
        return future

    def _run(self, turn: Turn, bell: _Bell) -> None:
        line = _Line(self._store, single=turn == self._turn_inbox)
        while bell.wait():
            turn(line)
        line.close()

    def _turn_inbox(self, line: _Line) -> None:
        rows = _take(self._inbox, INBOX_BATCH)
        if not rows:
            return
        try:
            conn = line.open()
            inbox.receive(conn, self._store, [row for row, _ in rows])
            conn.commit()
        except Exception:
            line.close()
            for row, waiter in rows:  # one by one, so that only a row that spoils the batch fails
                _commit(line, [waiter], partial(_one_step, partial(self._store_one, row), waiter))
        else:
            _resolve([(waiter, None, None) for _, waiter in rows])

    def _turn_one_step(self, line: _Line) -> None:
        for write, waiter in _take(self._steps, 1):
            _commit(line, [waiter], partial(_one_step, write, waiter))

    def _turn_everything(self, line: _Line) -> None:
        rows = _take(self._inbox, INBOX_BATCH)
        waiters = [waiter for _, waiter in rows]

        def work(conn: Connection) -> list[Done]:
            started = self._clock.machine()
            done = self._store_rows(rows, conn) if rows else []
            while step := _take(self._steps, 1):
                [(write, waiter)] = step
                waiters.append(waiter)
                done.append((waiter, *_attempt(write, conn)))
                if self._clock.machine() - started > TURN_SECONDS:
                    break
            return done

        _commit(line, waiters, work)

    def _store_rows(self, rows: list[tuple[Inbound, Waiter]], conn: Connection) -> list[Done]:
        """One statement for the batch; when a row spoils it, one by one, so that only that row fails."""
        _, spoiled = _attempt(lambda c: inbox.receive(c, self._store, [row for row, _ in rows]), conn)
        if spoiled is None:
            return [(waiter, None, None) for _, waiter in rows]
        return [(waiter, *_attempt(partial(self._store_one, row), conn)) for row, waiter in rows]

    def _store_one(self, row: Inbound, conn: Connection) -> None:
        inbox.receive(conn, self._store, [row])


class _Bell:
    """Wakes the threads that empty these queues: once for all that one turn of the event loop puts in."""

    def __init__(self, *queues: deque[Any]) -> None:
        self._queues = queues
        self._condition = threading.Condition()
        self._soon_on: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def ring_soon(self, loop: asyncio.AbstractEventLoop) -> None:
        """Called in the loop, after something was put in."""
        if self._soon_on is not loop:
            self._soon_on = loop
            loop.call_soon(self._ring)

    def close(self) -> None:
        """Nothing more will be put in."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()

    def wait(self) -> bool:
        """Returns when there is something to take; False when all is taken and the bell is closed."""
        with self._condition:
            while not (self._closed or any(self._queues)):
                self._condition.wait()
        return not self._closed or any(self._queues)

    def _ring(self) -> None:
        self._soon_on = None
        with self._condition:
            self._condition.notify(sum(map(len, self._queues)))


class _Line:
    """One thread's connection: opened when it is first needed, and anew after it failed."""

    def __init__(self, store: Store, *, single: bool) -> None:
        self._store = store
        self._single = single
        self._conn: Connection | None = None

    def open(self) -> Connection:
        """The connection. Raises OperationalError while the database is away."""
        if self._conn is None:
            self._conn = self._store.writing(single=self._single)
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


def _take(queue: deque[T], most: int) -> list[T]:
    taken: list[T] = []
    with contextlib.suppress(IndexError):  # empty, or another thread was faster
        while len(taken) < most:
            taken.append(queue.popleft())
    return taken


def _one_step(write: Write, waiter: Waiter, conn: Connection) -> list[Done]:
    """A step that loses a deadlock against another was undone whole: it is done again."""
    result, error = _attempt(write, conn)
    for _ in range(DEADLOCK_TRIES):
        if error is None or not is_deadlock(error):
            break
        result, error = _attempt(write, conn)
    return [(waiter, result, error)]


def _attempt(write: Write, conn: Connection) -> tuple[Any, BaseException | None]:
    """A write that fails undoes itself only: by a savepoint, where the transaction already holds something."""
    savepoint = conn.begin_nested() if conn.in_transaction() else None
    try:
        result = write(conn)
        if savepoint:
            savepoint.commit()
    except Exception as error:
        if savepoint is None:
            conn.rollback()
        elif savepoint.is_active:
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
