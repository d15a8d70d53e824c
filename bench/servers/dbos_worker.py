"""Peer: dbos with a partitioned queue, one job at a time per key. A job is one line in the log.

In the environment of bench/peers.py:
`python -m bench.servers.dbos_worker put URL LANES JOBS` and `... work URL LOG`
"""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
import time
from typing import Any

QUEUE = "bench"
POLL_SECONDS = 0.1


def put(url: str, lanes: int, jobs: int) -> None:
    """Enqueue durably, one transaction a job, so that the times of creation differ."""
    client: Any = importlib.import_module("dbos").DBOSClient(system_database_url=url)
    options = {"workflow_name": "job", "queue_name": QUEUE, "app_version": "1", "application_name": "bench"}
    for n in range(jobs):
        key = f"k{n % lanes}"
        client.enqueue({**options, "queue_partition_key": key}, key, n // lanes)


async def work(url: str, path: str) -> None:
    """Run jobs until the process is ended."""
    dbos: Any = importlib.import_module("dbos").DBOS
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    dbos(
        config={
            "name": "bench",
            "system_database_url": url,
            "run_admin_server": False,
            "log_level": "ERROR",
            "application_version": "1",
        }
    )

    async def job(key: str, number: int) -> None:
        os.write(file, f"{key} {number} {time.monotonic()}\n".encode())

    dbos.workflow(name="job")(job)
    dbos.launch()
    await dbos.register_queue_async(QUEUE, partition_concurrency=1, polling_interval_sec=POLL_SECONDS)
    await asyncio.sleep(3600)


def main() -> None:
    """One of the two."""
    if sys.argv[1] == "put":
        put(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        asyncio.run(work(sys.argv[2], sys.argv[3]))


if __name__ == "__main__":
    main()
