"""The demo company in a database of its own, its people known by their accounts: something real to work on."""

from __future__ import annotations

import contextlib
import csv
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import insert

from bench.machine import LOAD_CORE, free_port, process
from bench.product import ROOT, Product, serving
from bot.clock import MovableClock
from bot.commands.demo import SEED, START, seed
from simulator.company import load_company
from simulator.options import COMPANY_FILE
from storage.engine import Store
from storage.tables.core import AccountRow
from storage.types import to_us

OWN_BOT = ("bench.servers.own_bot",)


@dataclass(frozen=True, slots=True)
class Rep:
    """Somebody who sells."""

    id: str
    open_id: str
    chat: str
    customers: tuple[str, ...]

    @property
    def ids(self) -> dict[str, str]:
        """As events name the sender."""
        return {"union_id": "on_" + self.open_id[3:], "user_id": self.id, "open_id": self.open_id}


@dataclass(frozen=True, slots=True)
class Company:
    """A seeded database."""

    url: str
    folder: Path
    reps: tuple[Rep, ...]


@contextlib.contextmanager
def company() -> Iterator[Company]:
    """The demo's members, customers and deals, and an account for each member."""
    with tempfile.TemporaryDirectory(prefix="dealdesk-bench-") as folder:
        settings = seed(Path(folder), MovableClock(to_us(START)))
        reps = tuple(_reps())
        store = Store(settings.database_url)
        with store.writing() as conn:
            for rep in reps:
                conn.execute(
                    insert(AccountRow).values(
                        id=f"feishu:{rep.open_id}", platform="feishu", account=rep.open_id, member_id=rep.id,
                        chat=rep.chat, version=1,
                    )
                )  # fmt: skip
            conn.commit()
        store.close()
        yield Company(settings.database_url, Path(folder), reps)


@contextlib.contextmanager
def own_bot(of: Company, *options: str, core: int | None = None) -> Iterator[Product]:
    """The whole bot on this company, with a vendor that says yes to everything."""
    port = free_port()
    command = [sys.executable, "-m", "bench.servers.vendor", str(port)]
    with process(command, port=port, core=LOAD_CORE, env={"PYTHONPATH": str(ROOT)}):
        api = f"http://127.0.0.1:{port}"
        with serving(of.url, of.folder, *options, core=core, vendor=api, module=OWN_BOT) as product:
            yield product


def _reps() -> Iterator[Rep]:
    own: dict[str, list[str]] = {}
    with (SEED / "customers.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            own.setdefault(row["owner_id"], []).append(row["name"])
    for person in load_company(COMPANY_FILE).people:
        if person.id in own:
            yield Rep(person.id, person.open_id, f"oc_bench_{person.id}", tuple(own[person.id]))
