"""Pages joined to the rest: how they read, write and send, and what a submitted one means to the handlers. R-LINK."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import orjson
from aiohttp import web

from bot.clock import Clock
from bot.intake import Intake
from bot.jobs.fetch import KEPT
from bot.writer import Writer
from config.settings import Settings
from handlers.events import Clicked, Event, Said, SentFile
from sales.decision import Decision
from sales.policy import Policy
from storage import links
from storage.config import Policies
from storage.engine import Store
from storage.inbox import Inbound
from storage.numbers import Numbers
from storage.tx import Tx
from web import pages
from web.desk import Desk

T = TypeVar("T")


def mount(
    app: web.Application, settings: Settings, *, store: Store, writer: Writer, clock: Clock, intake: Intake
) -> None:
    """Serve /p/, where there is a public address for it."""
    if store.pages is None:
        return
    policies, numbers = Policies(Policy(zone=settings.timezone)), Numbers()

    async def read(look: Callable[[Tx], T]) -> T:
        def work() -> T:
            with store.snapshot() as conn:
                return look(Tx(conn, store, now=clock.business(), policy=policies(conn), numbers=numbers))

        return await asyncio.to_thread(work)

    async def open_link(decision: Decision, who: str) -> bool:
        at = clock.business_us()
        return await writer.run(lambda conn: links.open_once(conn, store, decision, who=who, at=at))

    files = settings.data_dir / "files"
    pages.add_routes(app, Desk(store.pages, intake.accept, read, open_link, clock.business_us, files))


def event_of(inbound: Inbound) -> Event | None:
    """A submitted page as what it is in chat: the form's button, or a message with files."""
    sent: dict[str, Any] = orjson.loads(inbound.payload)
    if sent["do"] == "form":
        subject = f"form:{sent['form']}"
        return Clicked("", "form.submit", subject, stamp=str(sent["stamp"]), values=sent["values"])
    files = tuple(SentFile(KEPT + file["sha"], file["kind"], file["name"]) for file in sent["files"])
    return Said(inbound.id, str(sent["text"]), direct=True, addressed=True, files=files)
