"""One worker on the real queue: lanes claimed in batches, rows handled, finished in group commits.

`python -m bench.servers.lane_worker URL LOG` handles until its end is asked for. A job is one line in the log.
`python -m bench.servers.lane_worker URL LOG worker` is bot.worker itself with a handler that does only that.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

from sqlalchemy import BindParameter, bindparam, text

from bot.clock import Clock
from bot.drawing import Drawer
from bot.intake import Intake
from bot.wakeup import Wakeup
from bot.worker import Worker
from bot.writer import Writer
from storage import lanes
from storage.config import Policies
from storage.engine import Connection, Store
from storage.lanes import Claim

LANES = 200
Taken = list[tuple[Claim, int, bytes]]
"""Claim, seq and payload."""

_LANES: BindParameter[Any] = bindparam("lanes", expanding=True)
_OLDEST = text(
    "SELECT lane, seq, payload FROM inbox WHERE seq IN "
    "(SELECT MIN(seq) FROM inbox WHERE state = 0 AND lane IN :lanes GROUP BY lane)"
).bindparams(_LANES)
_WAITING = text("SELECT DISTINCT lane FROM inbox WHERE state = 0 AND lane IN :lanes").bindparams(_LANES)
_FINISH = text("UPDATE inbox SET state = 1 WHERE seq IN :seqs").bindparams(bindparam("seqs", expanding=True))


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
        for *_, payload in taken:
            log.job(payload)
        mine = await writer.run(lambda conn, taken=taken: _finish(conn, store, taken))  # type: ignore[misc]
        if not taken:
            await asyncio.sleep(0.01)


def _read(store: Store, claims: list[Claim]) -> Taken:
    """The oldest waiting row of every claimed lane."""
    if not claims:
        return []
    with store.snapshot() as conn:
        rows = conn.execute(_OLDEST, {"lanes": [claim.lane for claim in claims]}).all()
    by_lane = {claim.lane: claim for claim in claims}
    return [(by_lane[lane], seq, bytes(payload)) for lane, seq, payload in rows]


def _finish(conn: Connection, store: Store, taken: Taken) -> list[Claim]:
    """What storage/apply.py does at the end of a row, for a batch: only under the fence; the lanes that have more."""
    if not taken:
        return []
    names = {"lanes": sorted(claim.lane for claim, *_ in taken)}
    lock = text(f"SELECT key, fence FROM lanes WHERE key IN :lanes ORDER BY key{store.for_update()}")
    fences: dict[str, int] = {row[0]: row[1] for row in conn.execute(lock.bindparams(_LANES), names)}
    held = [(claim, seq) for claim, seq, _ in taken if fences[claim.lane] == claim.fence]
    conn.execute(_FINISH, {"seqs": [seq for _, seq in held]})
    waiting = set(conn.execute(_WAITING, names).scalars())
    now = store.machine_now
    renew = f"UPDATE lanes SET lease_until = {now} + :lease, due = {now} + :lease WHERE key IN :lanes"
    release = "UPDATE lanes SET lease_until = 0, due = NULL WHERE key IN :lanes"
    more = [claim for claim, _ in held if claim.lane in waiting]
    idle = [claim.lane for claim, _ in held if claim.lane not in waiting]
    if more:
        found = {"lanes": [claim.lane for claim in more], "lease": lanes.LEASE_MS}
        conn.execute(text(renew).bindparams(_LANES), found)
    if idle:
        conn.execute(text(release).bindparams(_LANES), {"lanes": idle})
    return more


async def whole_worker(store: Store, writer: Writer, log: Log) -> None:
    """bot.worker, row by row: snapshot, handler, one write step with everything that belongs to it."""
    wakeup, clock = Wakeup(), Clock()

    def handle(_tx: Any, inbound: Any, _event: Any) -> None:
        log.job(inbound.payload)

    def parse(_inbound: Any) -> Any:
        return "job"

    intake = Intake(store, writer, wakeup, clock, {}, Drawer(store, clock, Policies()))
    await Worker(store, writer, wakeup, clock, intake, parse=parse, route=handle).run()


async def main() -> None:
    """Until a signal ends it."""
    store, log = Store(sys.argv[1]), Log(sys.argv[2])
    writer = Writer(store, Clock())
    writer.start()
    await (whole_worker if sys.argv[3:] == ["worker"] else work)(store, writer, log)


if __name__ == "__main__":
    asyncio.run(main())
