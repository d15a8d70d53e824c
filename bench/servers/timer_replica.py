"""One of several replicas that fire due timers. `python -m bench.servers.timer_replica URL DUE_UNTIL START_AT`

Prints one JSON object: how many it fired, and the monotonic time of its last commit.
"""

from __future__ import annotations

import sys
import time

import orjson

from storage import timers
from storage.engine import Store

EMPTY_TURNS = 5


def main() -> None:
    """Fire until nothing is due any more."""
    url, until, start = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    store = Store(url)
    conn = store.writing()
    conn.exec_driver_sql("SELECT 1")
    conn.rollback()
    time.sleep(max(0.0, start - time.monotonic()))
    fired, last, empty = 0, start, 0
    while empty < EMPTY_TURNS:
        found = timers.fire(conn, store, due_until=until, now=until)
        conn.commit()
        fired, empty = fired + found, 0 if found else empty + 1
        last = time.monotonic() if found else last
    sys.stdout.buffer.write(orjson.dumps({"fired": fired, "last": last}))


if __name__ == "__main__":
    main()
