"""The composition root: every real thing is chosen and connected here, once."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import orjson
import structlog

from bot import pages
from bot.clock import Clock
from bot.drawing import Drawer
from bot.housekeeping import Housekeeping
from bot.intake import Intake
from bot.jobs import JobRunner
from bot.keys import Keys, load_keys
from bot.outbox import Outbox
from bot.pictures import Pictures
from bot.platforms.base import Platform
from bot.platforms.kinds import Surroundings
from bot.platforms.pace import Limits, Pace
from bot.platforms.registry import KINDS
from bot.quota import Quota
from bot.sockets import Sockets
from bot.ticker import Ticker
from bot.wakeup import RedisWakeup, Wakeup
from bot.worker import Worker
from bot.writer import Writer
from config.settings import Settings
from handlers import router
from handlers.events import Event, JobDone, Ordered, TimerDue
from sales.decision import Reply
from sales.policy import Policy
from scheduler import registry
from storage import hooks, lanes
from storage.config import Policies
from storage.engine import Store
from storage.inbox import Inbound
from storage.pages import Pages
from storage.schema import check
from storage.secrets import Secrets
from storage.tx import Tx

log = structlog.get_logger()


@dataclass(slots=True)
class Bot:
    """The running parts. `receives` and `works` are both true except in a split (`serve --only`)."""

    settings: Settings
    clock: Clock
    store: Store
    platforms: Mapping[str, Platform]
    writer: Writer
    wakeup: Wakeup
    intake: Intake
    worker: Worker
    outbox: Outbox
    ticker: Ticker
    sockets: Sockets
    receives: bool = True
    works: bool = True
    ready: bool = False
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def start(self) -> None:
        """Open everything; the platforms' HTTP clients first, the queues last."""
        self.writer.start()
        await self.wakeup.start()
        for platform in self.platforms.values():
            await platform.start()
        if self.receives:
            self.sockets.start()
        if self.works:
            self._tasks = [asyncio.create_task(self.worker.run()), asyncio.create_task(self.outbox.run())]
            self.ticker.start()
            threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
        self.ready = True

    async def stop(self) -> None:
        """Finish what is under way, close the rest within seconds; the leases of the unfinished run out."""
        self.ready = False
        await self.sockets.stop()
        if self.works:
            await self.ticker.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for platform in self.platforms.values():
            await platform.stop()
        await self.wakeup.stop()
        await asyncio.to_thread(self.writer.stop)
        self.store.close()


def build(settings: Settings, *, clock: Clock | None = None, only: str = "", lease_ms: int = lanes.LEASE_MS) -> Bot:
    """Connect the parts. `only` is web or work. Raises WrongSchema when the database is not this version's."""
    clock = clock or Clock()
    keys = load_keys(settings.key_path)
    quota = Quota({name: KINDS[name].monthly for name in settings.platforms if KINDS[name].monthly})
    ours = Pages(settings.public_url, keys.derived("links")) if settings.public_url else None
    webhooks = [name for name in settings.platforms if KINDS[name].webhooks]
    store = Store(settings.database_url, secrets=Secrets(keys.derived("secrets")), pages=ours, webhooks=webhooks)
    check(store)
    receives, works = only != "work", only != "web"
    platforms = build_platforms(settings, clock, keys, quota, _hook_keys(store))
    writer = Writer(store, clock)
    wakeup = RedisWakeup(settings.redis_url) if settings.redis_url else Wakeup()
    policies = Policies(Policy(zone=settings.timezone))
    drawer = Drawer(store, clock, policies)
    intake = Intake(
        store, writer, wakeup, clock, platforms, drawer, handles_here=works, receives_here=receives,
        inline=not (store.is_sqlite and only), lease_ms=lease_ms,
    )  # fmt: skip
    sockets = Sockets(
        store, writer, [(name, socket) for name, p in platforms.items() for socket in p.sockets(intake.accept)]
    )
    worker = Worker(
        store,
        writer,
        wakeup,
        clock,
        intake,
        parse=_parser(platforms),
        route=route,
        policies=policies,
        lease_ms=lease_ms,
    )
    files = settings.data_dir / "files"
    pictures = Pictures(store, writer, clock, files)
    outbox = Outbox(
        store,
        writer,
        wakeup,
        clock,
        platforms,
        JobRunner(platforms, files),
        pictures,
        drawer,
        sockets.not_here,
        quota,
        lease_ms=lease_ms,
    )
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    chores = Housekeeping(store, writer, clock, keys, settings.data_dir)
    ticker = Ticker(store, writer, wakeup, clock, chores, policies, quota)
    return Bot(
        settings, clock, store, platforms, writer, wakeup, intake, worker, outbox, ticker, sockets, receives, works
    )


def build_platforms(
    settings: Settings, clock: Clock, keys: Keys, quota: Quota, hook_key: Callable[[str], Awaitable[str]]
) -> dict[str, Platform]:
    """The platforms whose keys are there."""

    def around(name: str) -> Surroundings:
        return Surroundings(
            business_us=clock.business_us,
            machine=clock.machine,
            derived=keys.derived,
            pacer=lambda limits: _pace(settings.redis_url, name, limits, clock),
            meter=quota.meter(name),
            hook_key=hook_key,
            public_url=settings.public_url,
        )

    return {name: KINDS[name].build(given, around(name)) for name, given in settings.platforms.items()}


def _pace(redis_url: str, platform: str, limits: Limits, clock: Clock) -> Pace:
    """Redis is loaded only where it is used. G12."""
    if not redis_url:
        return Pace(limits, clock.machine)
    from bot.platforms.shared import SharedPace

    return SharedPace(platform, redis_url, limits, clock.machine)


def _hook_keys(store: Store) -> Callable[[str], Awaitable[str]]:
    async def key_of(hook: str) -> str:
        return await asyncio.to_thread(hooks.key_of, store, hook)

    return key_of


def route(tx: Tx, inbound: Inbound, event: Event) -> Reply | None:
    """A timer goes to its timed rule, everything else to its handler."""
    if isinstance(event, TimerDue):
        registry.run(tx, event.name, event.subject)
        return None
    return router.route(tx, inbound, event)


def _parser(platforms: Mapping[str, Platform]) -> Callable[[Inbound], Event | None]:
    def parse(inbound: Inbound) -> Event | None:
        if inbound.kind == "timer":
            return TimerDue(**orjson.loads(inbound.payload))
        if inbound.kind == "job":
            return JobDone(**orjson.loads(inbound.payload))
        if inbound.kind == "page":
            return pages.event_of(inbound)
        if inbound.kind == "order":
            return Ordered(**orjson.loads(inbound.payload))
        platform = platforms.get(inbound.platform)
        return platform.parse(inbound) if platform else None

    return parse


@contextlib.asynccontextmanager
async def running(bot: Bot) -> AsyncIterator[Bot]:
    """The bot, started and stopped."""
    await bot.start()
    try:
        yield bot
    finally:
        await bot.stop()


def _warm_up() -> None:
    """Load the libraries of the first line a person types, after readiness. G12."""
    from sales.quickentry import read_line
    from storage.types import from_us

    read_line("录单 华东医疗 CT机 一百二十万", now=from_us(0))
    from sales.calendar import is_workday

    is_workday(from_us(0).date())
