"""One worker on the real queue: lanes claimed in batches, rows handled, finished in group commits.

`python -m bench.servers.lane_worker URL LOG` handles until its end is asked for. A job is one line in the log.
`python -m bench.servers.lane_worker URL LOG worker` is bot.worker itself with a handler that does only that.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

from bot.clock import Clock
from bot.intake import Intake
from bot.wakeup import Wakeup
from bot.worker import Worker
from bot.writer import Writer
from storage import inbox, lanes
from storage.engine import Connection, Store
from storage.inbox import Stored
from storage.lanes import Claim

LANES = 200
Taken = list[tuple[Claim, Stored]]


class Log:
    """The job: a line in a file, in one write."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def job(self, payload: bytes) -> None:
        """Its effect."""
        os.write(self._file, payload + f" {Clock().machine()}\n".encode())


async def work(store: Store, writer: Writer, log: Log) -> None:
    """Claim, read, do, finish; lanes with more rows are kept for the next turn."""
    mine: list[Claim] = []
    while True:
        free = LANES - len(mine)
        mine += await writer.run(lambda conn, free=free: lanes.claim(conn, store, queue=lanes.INBOX, limit=free))  # type: ignore[misc]
        taken = await asyncio.to_thread(_read, store, mine)
        for _, stored in taken:
            log.job(stored.inbound.payload)
        mine = await writer.run(lambda conn, taken=taken: _finish(conn, store, taken))  # type: ignore[misc]
        if not taken:
            await asyncio.sleep(0.01)


def _read(store: Store, claims: list[Claim]) -> Taken:
    with store.snapshot() as conn:
        rows = [(claim, inbox.oldest(conn, claim.lane)) for claim in claims]
    return [(claim, stored) for claim, stored in rows if stored]


def _finish(conn: Connection, store: Store, taken: Taken) -> list[Claim]:
    """In one transaction, each checked against its fence; the lanes that have more."""
    more: list[Claim] = []
    for claim, stored in taken:
        lanes.hold(conn, store, claim)
        inbox.finish(conn, stored.seq)
        if inbox.has_waiting(conn, claim.lane):
            lanes.renew(conn, store, claim)
            more.append(claim)
        else:
            lanes.release(conn, store, claim, due_in_ms=None)
    return more


async def whole_worker(store: Store, writer: Writer, log: Log) -> None:
    """bot.worker, row by row: snapshot, handler, one write step with everything that belongs to it."""
    wakeup, clock = Wakeup(), Clock()

    def handle(_tx: Any, inbound: Any, _event: Any) -> None:
        log.job(inbound.payload)

    def parse(_inbound: Any) -> Any:
        return "job"

    intake = Intake(store, writer, wakeup, clock)
    await Worker(store, writer, wakeup, clock, intake, parse=parse, route=handle).run()


async def main() -> None:
    """Until a signal ends it."""
    store, log = Store(sys.argv[1]), Log(sys.argv[2])
    writer = Writer(store, Clock())
    writer.start()
    await (whole_worker if sys.argv[3:] == ["worker"] else work)(store, writer, log)


if __name__ == "__main__":
    asyncio.run(main())
