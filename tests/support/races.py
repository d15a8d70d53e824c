"""Events decided on the same state, as two workers would: all look before any writes. style.md 17.2."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from bot import worker as working
from bot.commands.demo_company import COMPANY
from bot.commands.ordering import _inbound
from sales.decision import StartTimer
from storage import inbox, timers
from storage.engine import IntegrityError
from storage.entities import Conflict, get
from storage.inbox import Stored
from storage.lanes import Claim
from storage.types import to_us
from tests.support.facts import keep
from tests.support.house import House, Person
from tests.support.invariants import broken

_PRESSES = count(1)


@dataclass
class Stage:
    """A house in which acts can be made to meet. `again` counts the conflicts of the newest meeting."""

    house: House
    patch: pytest.MonkeyPatch
    again: int = 0
    _numbers: Any = field(default_factory=lambda: count(5_000))

    async def at_once(self, *acts: Awaitable[Any]) -> list[str]:
        """Let every act's event arrive, decide all of them on the snapshot of that moment, then write one after the
        other, in this order. Whoever meets a conflict decides again, as the worker does. The answers, in this order.
        """
        async with self.held() as meet:
            return await meet(*acts)

    @contextlib.asynccontextmanager
    async def held(self) -> AsyncIterator[Callable[..., Awaitable[list[str]]]]:
        """The same in several meetings: nothing is handled in between. `lanes` of a meeting counts the results of
        jobs that come by themselves, too."""
        people: list[asyncio.Future[Any]] = []

        async def meet(*acts: Awaitable[Any], lanes: int = 0) -> list[str]:
            before = self._lanes_waiting()
            for n, act in enumerate(acts, start=before + 1):
                people.append(asyncio.ensure_future(act))
                await self._until(lambda n=n: self._lanes_waiting() >= n)  # type: ignore[misc]
            await self._until(lambda: self._lanes_waiting() >= (lanes or len(acts)))
            return await self._meeting(lanes or len(acts))

        with self.patch.context() as paused:
            paused.setattr(working, "LANES_AT_ONCE", 0)  # the worker itself takes nothing meanwhile
            yield meet
        self.house.bot.wakeup.wake("inbox")
        self.house.bot.wakeup.wake("outbox")
        await asyncio.gather(*people)
        await self.house.quiet()
        self.check_whole()

    async def _meeting(self, lanes: int) -> list[str]:
        worker, self.again = self.house.bot.worker, 0
        claims = await worker._claim(50)
        assert len(claims) == lanes, f"{len(claims)} lanes for {lanes} events"
        stood = sorted(((self._oldest(claim), claim) for claim in claims), key=lambda one: one[0].seq)
        decided = [worker._handle(claim) for _, claim in stood]
        for (_, claim), handled in zip(stood, decided, strict=True):
            assert isinstance(handled, working.Handled), handled
            try:
                written = await self.house.bot.writer.run(worker._write(handled.step))
            except (Conflict, IntegrityError):
                self.again += 1
                more = await worker._process(claim)
            else:
                worker._committed(handled, written)
                more = written.more
            if more:
                await worker._work_lane(claim)
        return [self._answer(event.inbound.id) for event, _ in stood]

    async def press(
        self, who: Person, action: str, subject: str, stamp: str, *, chat: str = "", message_id: str = "",
        args: Mapping[str, str] | None = None, **values: str,
    ) -> None:  # fmt: skip
        """A button of a card pressed from anywhere, whatever the person sees. `values`: option, or fields by name."""
        n = next(_PRESSES)
        app = orjson.loads(COMPANY.read_bytes())["feishu"]
        person = next(p for p in self.house.state["people"] if p["id"] == who.id)
        header = {
            "event_id": f"race-{n}", "token": app["verification_token"], "event_type": "card.action.trigger",
            "app_id": app["app_id"], "tenant_key": app["tenant_key"],
            "create_time": str(self.house.clock.business_us()),
        }  # fmt: skip
        pressed = {"tag": "button", "value": {"a": action, "s": subject, "t": stamp, "v": args or {}}}
        if "option" in values:
            pressed = {**pressed, "tag": "select_static", "option": values.pop("option")}
        if values:
            pressed["form_value"] = values
        event = {
            "operator": {"open_id": person["open_id"]}, "token": "c-" + "0" * 40, "host": "im_message",
            "action": pressed,
            "context": {"open_message_id": message_id or f"om_race_{n}", "open_chat_id": chat or who.chat},
        }  # fmt: skip
        delivered = {"event": {"schema": "2.0", "header": header, "event": event}, "chat": f"race-{n}"}
        await self.house.post("/sim/deliver", delivered)

    async def due(self, name: str, subject: str) -> None:
        """A timer is due at this very instant."""
        now, bot = self.house.clock.business(), self.house.bot
        await bot.writer.run(lambda conn: timers.apply(conn, [StartTimer(name, subject, now)], policy_version=1))
        await bot.ticker._fire(until=to_us(now), now=to_us(now))

    async def order(self, name: str, **args: Any) -> None:
        """The command line asks for something."""
        bot = self.house.bot
        await bot.writer.receive(_inbound(name, {"by": "cli:test", **args}, bot.clock.business_us()))

    def now(self) -> datetime:
        """The business instant."""
        return self.house.clock.business()

    def number(self) -> int:
        """A number for an entity of one's own, far from those the house gives."""
        return int(next(self._numbers))

    def keep(self, *entities: Any) -> None:
        """Write entities straight into the store."""
        keep(self.house.bot.store, *entities)

    def get(self, kind: type[Any], key: Any) -> Any:
        """An entity as it is stored."""
        with self.house.bot.store.snapshot() as conn:
            return get(conn, kind, key)

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """What a query finds."""
        with self.house.bot.store.snapshot() as conn:
            return [tuple(row) for row in conn.execute(text(query), values)]

    def audited(self, subject: str) -> list[str]:
        """What the log says was done with a subject, in order."""
        found = self.rows("SELECT action FROM audit WHERE subject = :s ORDER BY tx, seq", s=subject)
        return [row[0] for row in found]

    def check_whole(self) -> None:
        """Nothing is half-done: no event was given up, and entities agree with each other."""
        with self.house.bot.store.snapshot() as conn:
            assert inbox.dead(conn) == []
            assert broken(conn) == []

    async def _until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not await asyncio.to_thread(true):
                await asyncio.sleep(0.005)

    def _lanes_waiting(self) -> int:
        return int(self.rows("SELECT count(DISTINCT lane) FROM inbox WHERE state = 0")[0][0])

    def _oldest(self, claim: Claim) -> Stored:
        with self.house.bot.store.snapshot() as conn:
            found = inbox.oldest(conn, claim.lane)
        assert found is not None
        return found

    def _answer(self, inbound_id: str) -> str:
        """The toast, or else the words, or else the card's name; empty where nobody is answered."""
        sql = "SELECT toast, card, args FROM outbox WHERE inbound_id = :i AND message_kind = 'reply' ORDER BY seq"
        for toast, card, args in self.rows(sql, i=inbound_id):
            given = args if isinstance(args, dict) else orjson.loads(args)
            return str(toast or given.get("text") or card)
        return ""


Scenario = Callable[[Stage], Awaitable[None]]


class Scenarios(dict[Scenario, tuple[str, ...]]):
    """The scenarios of one subject, each with the names of the handlers it runs at once."""

    def of(self, *names: str) -> Callable[[Scenario], Scenario]:
        """Register a scenario."""

        def register(scenario: Scenario) -> Scenario:
            self[scenario] = names
            return scenario

        return register
