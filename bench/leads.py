"""1,000 leads of one rep become due in one second: handled in order, told in one card, within 10 s of CPU."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from bench.figures import Figure, Plan, Target, compare, not_run
from bench.stores import KINDS, NoServer, database
from bot.clock import MovableClock
from bot.main import Bot, build
from bot.platforms.registry import load_settings
from sales.leads import LIMIT, RECYCLE_TIMER, Assignment, Lead, cycle_subject
from sales.people import Member
from storage import entities
from storage.engine import Connection, Store
from storage.types import from_us, to_us

TITLE = "1,000 leads due in one second, CPU seconds until all are in the pool"
START_US = 1_795_000_000_000_000
CPU_SECONDS = 10.0
PATIENCE_SECONDS = 120


def run(plan: Plan) -> Iterator[Figure]:
    """The baseline changes the same rows in plain SQL, a transaction a lead, without any of our guarantees."""
    due = 200 if plan.quick else 1000
    rounds = 2 if plan.quick else 3
    for kind in KINDS:
        ours, plain, wrong = [], [], 0
        try:
            for _ in range(rounds):
                with database(kind) as url:
                    cpu, late, cards = _recycled(url, due)
                    ours.append(cpu)
                    wrong += late + abs(cards - 1)
                with database(kind) as url:
                    plain.append(_plain(url, due))
        except NoServer as error:
            yield not_run("", kind, str(error))
            continue
        yield compare(
            "issue 3", f"CPU for {due} leads due at once, {kind}", ours, "s", against="plain SQL, a commit a lead",
            theirs=plain, target=Target("<=", CPU_SECONDS * due / 1000, "value"), 
            note=f"{wrong} out of order or told twice",
        )  # fmt: skip


def _recycled(url: str, due: int) -> tuple[float, int, int]:
    """CPU seconds, leads handled out of order, and cards planned for the holder."""
    store = Store(url)
    _keep(store, due)
    clock = MovableClock(START_US + (LIMIT + timedelta(seconds=2)) // timedelta(microseconds=1))
    with tempfile.TemporaryDirectory(prefix="dealdesk-bench-") as folder:
        bot = build(load_settings(database_url=url, data_dir=Path(folder)), clock=clock)
        start = time.process_time()
        asyncio.run(_work(bot, store, clock, due))
        cpu = time.process_time() - start
    with store.snapshot() as conn:
        order = [int(row[0]) for row in conn.execute(text(
            "SELECT substr(subject, 6) FROM audit WHERE action = 'lead.recycle' ORDER BY seq"))]  # fmt: skip
        cards = conn.execute(text(
            "SELECT count(*) FROM outbox WHERE kind = 'fanout' AND viewer = 'member:m03'")).scalar_one()  # fmt: skip
    store.close()
    return cpu, sum(n != lead for n, lead in enumerate(order, 1)) + due - len(order), int(cards)


async def _work(bot: Bot, store: Store, clock: MovableClock, due: int) -> None:
    await bot.start()
    try:
        end = time.monotonic() + PATIENCE_SECONDS
        while _count(store, "SELECT count(*) FROM leads WHERE state = 'pool'") < due and time.monotonic() < end:
            await bot.ticker.tick()
            await asyncio.sleep(0.2)
        clock.move_to(clock.business_us() + 60_000_000)
        while not _count(store, "SELECT count(*) FROM outbox WHERE viewer = 'member:m03'") and time.monotonic() < end:
            await bot.ticker.tick()
            await asyncio.sleep(0.2)
    finally:
        await bot.stop()


def _count(store: Store, statement: str) -> int:
    with store.snapshot() as conn:
        return int(conn.execute(text(statement)).scalar_one())


def _keep(store: Store, due: int) -> None:
    """One rep who holds every lead, each with its clock, one millisecond apart."""
    saves: list[object] = [Member("m03", "李雷", roles=("rep",)), Member("m16", "刘洋", roles=("admin",))]
    clocks = []
    for n in range(1, due + 1):
        start = from_us(START_US) + timedelta(milliseconds=n)
        saves.append(Lead(n, f"id:L{n}", company=f"公司{n}", state="cycle", holder_id="m03", cycle_start=start))
        saves.append(Assignment(f"id:A{n}", n, "m03", start))
        at = to_us(start + LIMIT) + 1
        clocks.append({"name": RECYCLE_TIMER, "subject": cycle_subject(n, start), "due": at})
    with store.writing() as conn:
        entities.save_all(conn, saves)
        statement = (
            "INSERT INTO timers (name, subject, due, policy_version, state) VALUES (:name, :subject, :due, 1, 0)"
        )
        conn.execute(text(statement), clocks)
        conn.commit()


def _plain(url: str, due: int) -> float:
    """CPU seconds of the same changes, a commit each."""
    store = Store(url)
    _keep(store, due)

    def change(conn: Connection, n: int) -> None:
        for statement in (
            "UPDATE timers SET state = 1 WHERE name = 'lead.recycle' AND subject LIKE :like",
            "UPDATE leads SET state = 'pool', pooled_at = 1, version = version + 1 WHERE id = :n",
            "UPDATE assignments SET ended_at = 1, end_reason = 'recycled' WHERE lead_id = :n",
        ):
            conn.execute(text(statement), {"n": n, "like": f"lead:{n}@%"} if ":like" in statement else {"n": n})

    start = time.process_time()
    with store.writing() as conn:
        for n in range(1, due + 1):
            change(conn, n)
            conn.commit()
    cpu = time.process_time() - start
    store.close()
    return cpu
