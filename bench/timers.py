"""G8: three replicas and a million timers. Each due one fires once."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import orjson
from sqlalchemy import text

from bench.figures import Figure, Plan, Target, compare, not_run
from bench.product import ROOT
from bench.stores import KINDS, NoServer, database
from storage.engine import Connection, Store

TITLE = "due timers fired by three processes out of a million stored (G8)"
REPLICAS = 3
START_SECONDS = 4.0
DUE_UNTIL, LATER = 1_000_000, 10**15
LIMITS = {"postgresql": Target(">=", 5000, "value"), "sqlite": None}
BATCH = 200


def run(plan: Plan) -> Iterator[Figure]:
    """The baseline moves the same rows in plain SQL, in one process, without any of our guarantees."""
    stored = 100_000 if plan.quick else 1_000_000
    due = stored // 50
    rounds = 2 if plan.quick else 3
    for kind in KINDS:
        rates, plain, fired, twice = [], [], 0, 0
        try:
            for _ in range(rounds):
                with database(kind) as url:
                    rate, count, distinct = _fire(url, stored, due)
                    rates.append(rate)
                    fired, twice = fired + count, twice + count - distinct
                    plain.append(_plain(url, due))
        except NoServer as error:
            yield not_run("G8", kind, str(error))
            continue
        wrong = abs(rounds * due - fired) + twice
        note = f"{fired} fired of {rounds * due} due, {stored} stored"
        yield Figure(
            "G8", f"timers missed or fired twice, {kind}", wrong, "", target=Target("<=", 0, "value"), note=note
        )
        yield compare(
            "G8" if LIMITS[kind] else "", f"timers fired, {kind}", rates, "/s", against="plain SQL, one process",
            theirs=plain, target=LIMITS[kind], note=f"{REPLICAS} replicas",
        )  # fmt: skip


def _fire(url: str, stored: int, due: int) -> tuple[float, int, int]:
    store = Store(url)
    with store.writing() as conn:
        _insert(conn, store, stored, due)
        conn.commit()
    start = time.monotonic() + START_SECONDS
    command = [sys.executable, "-m", "bench.servers.timer_replica", url, str(DUE_UNTIL), str(start)]
    replicas = [subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) for _ in range(REPLICAS)]
    said = [orjson.loads(replica.communicate()[0]) for replica in replicas]
    with store.snapshot() as conn:
        [(count, distinct)] = conn.execute(
            text("SELECT count(*), count(DISTINCT payload) FROM inbox WHERE kind = 'timer'")
        ).all()
    store.close()
    assert sum(one["fired"] for one in said) == count
    return count / (max(one["last"] for one in said) - start), count, distinct


def _insert(conn: Connection, store: Store, stored: int, due: int) -> None:
    numbers = (
        f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {stored - 1}) "
        if store.is_sqlite
        else f"WITH n AS (SELECT i FROM generate_series(0, {stored - 1}) AS g(i)) "
    )
    every = stored // due
    conn.exec_driver_sql(
        f"{numbers} INSERT INTO timers (name, subject, due, policy_version, state) SELECT 'bench', "
        f"'deal:' || CAST(i AS TEXT), CASE WHEN i / {every} * {every} = i THEN i ELSE {LATER} + i END, 1, 0 FROM n"
    )
    conn.exec_driver_sql("ANALYZE")


def _plain(url: str, due: int) -> float:
    """The same number of rows again: found by due, marked, and inserted into a table of their own."""
    store = Store(url)
    with store.writing() as conn:
        conn.exec_driver_sql("CREATE TABLE plain (seq BIGINT PRIMARY KEY, due BIGINT)")
        conn.exec_driver_sql(f"UPDATE timers SET state = 0 WHERE due <= {DUE_UNTIL}")
        conn.commit()
        start = time.monotonic()
        for _ in range(due // BATCH):
            rows = conn.exec_driver_sql(
                "UPDATE timers SET state = 1 WHERE seq IN (SELECT seq FROM timers WHERE state = 0 "
                f"AND due <= {DUE_UNTIL} ORDER BY due LIMIT {BATCH}) RETURNING seq, due"
            ).all()
            mark = "?" if store.is_sqlite else "%s"
            conn.exec_driver_sql(f"INSERT INTO plain VALUES ({mark}, {mark})", [tuple(row) for row in rows])
            conn.commit()
        seconds = time.monotonic() - start
    store.close()
    return due / seconds
