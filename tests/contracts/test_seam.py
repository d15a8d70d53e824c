"""The seam between inbox, write step, inline answer and outbox, on both stores (style.md 6, 7 and 17).

What must hold when things happen twice, at once, late, or not at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from sqlalchemy import text

import bot.outbox
import bot.worker
from bot.clock import MovableClock
from bot.commands.demo_company import COMPANY
from bot.main import Bot, build
from bot.platforms.feishu import envelope
from bot.platforms.feishu.adapter import NEUTRAL
from bot.platforms.registry import load_settings
from handlers.events import Event, JobDone, Ordered, Said
from handlers.people import digest
from sales.deals import UNDO_TIMER
from sales.decision import Audit, Decision, Reply, StartTimer
from storage import inbox, lanes, outbox, timers
from storage.engine import Store
from storage.inbox import Inbound
from storage.lanes import LeaseLost
from storage.outbox import DEAD, DONE, HELD, SENDING, WAITING, Row
from storage.tables.columns import SUPERSEDED
from storage.tx import Tx
from storage.types import to_us
from tests.support.facts import NOW, committed
from tests.support.house import House, Person, button_of, open_house, words_of
from tests.support.stores import SERVER, postgres_url

DEADLINE = 30.0
POLL = 0.01
LINE = "录单 华东医疗 CT机 120万"
GROUP = "华东一组群"

Route = Callable[[Tx, Inbound, Event], Reply | None]


# What the tests work with


@pytest.fixture
async def home(store_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """Bot, simulator and people on each of the two stores."""
    async with open_house(store_url, tmp_path) as opened:
        yield opened


@contextlib.asynccontextmanager
async def replicas(
    url: str, folder: Path, count: int, route: Route, *, lease_ms: int = 15_000
) -> AsyncIterator[list[Bot]]:
    """So many bots on one database, without a platform, all handling by `route`."""
    async with contextlib.AsyncExitStack() as stack:
        bots = []
        for _ in range(count):
            one = build(
                load_settings(database_url=url, data_dir=folder), clock=MovableClock(to_us(NOW)), lease_ms=lease_ms
            )
            one.worker._route = route
            await one.start()
            stack.push_async_callback(one.stop)
            bots.append(one)
        yield bots


def note(tx: Tx, inbound: Inbound, event: Event) -> None:
    """The least a handler can do: one audit entry that says which event it was."""
    assert isinstance(event, Ordered)
    tx.apply(Decision(audits=(Audit("seam.note", inbound.lane, after=event.args),)))


def event(n: int, lane: str = "in:seam", **more: Any) -> Inbound:
    """The nth event of a lane."""
    payload = orjson.dumps({"name": "seam", "args": {"n": n}})
    at = to_us(NOW)
    return Inbound(f"{lane}:{n}", lane, "order", "", "", "", payload, at, at, 0)._replace(**more)


def rows(store: Store, query: str, **values: Any) -> list[dict[str, Any]]:
    """What a query finds now."""
    with store.snapshot() as conn:
        return [dict(row._mapping) for row in conn.execute(text(query), values)]


def notes(store: Store, lane: str = "in:seam") -> list[int]:
    """Which events of the lane had their effect, in order."""
    found = rows(
        store, "SELECT after FROM audit WHERE action = 'seam.note' AND subject = :lane ORDER BY seq", lane=lane
    )
    return [orjson.loads(row["after"])["n"] for row in found]


def audited(store: Store, action: str) -> int:
    """How often the log says so."""
    return len(rows(store, "SELECT 1 AS one FROM audit WHERE action = :action", action=action))


def deals(store: Store) -> list[str]:
    """The state of every deal, by number."""
    return [row["state"] for row in rows(store, "SELECT state FROM deals ORDER BY id")]


async def until(true: Callable[[], Any]) -> Any:
    """What `true` returns once it is true."""
    end = time.monotonic() + DEADLINE
    while not (found := await asyncio.to_thread(true)):
        assert time.monotonic() < end, "it did not become true"
        await asyncio.sleep(POLL)
    return found


class Together:
    """Handles as before, but the first two events that match are both decided before either is written."""

    def __init__(self, house: House, matches: Callable[[Event], bool] = lambda event: True) -> None:
        self._route: Route = house.bot.worker._route
        self._matches = matches
        self._met = threading.Barrier(2)
        self._lock = threading.Lock()
        self._left = 2
        house.bot.worker._route = self

    @property
    def happened(self) -> bool:
        """True when two were decided side by side."""
        return not self._left and not self._met.broken

    def again(self) -> None:
        """The next two as well."""
        self._left = 2

    def __call__(self, tx: Tx, inbound: Inbound, event: Event) -> Reply | None:
        reply = self._route(tx, inbound, event)
        with self._lock:
            mine = self._left > 0 and self._matches(event)
            self._left -= mine
        if mine:
            self._met.wait(DEADLINE)
        return reply


@dataclass(slots=True)
class Acts:
    """Two acts of one person that meet: a button in the direct chat, a line in the group."""

    house: House
    rep: Person

    async def both(self, button: str, line: str, *, message_id: str = "") -> tuple[str, str]:
        """The toast, and what the person was told about the line: groups only point to the direct chat."""
        where = {"message_id": message_id} if message_id else {"chat": self.rep.chat}
        known = {m["message_id"] for m in await self.rep.sees()}
        group = self.house.group(GROUP)
        clicked, _ = await asyncio.gather(
            self.house.post("/sim/click", {"user": self.rep.id, "button": button, **where}),
            self.house.post("/sim/say", {"user": self.rep.id, "text": line, "chat": group, "mention_bot": True}),
        )
        await self.house.quiet()
        told = [words_of(m) for m in await self.rep.sees() if m["message_id"] not in known]
        return str((clicked["toast"] or {}).get("content", "")), " ".join(told)


def message_event(house: House, who: Person, line: str, message_id: str, event_id: str) -> dict[str, Any]:
    """A message as Feishu sends it, with ids of our choice."""
    app = orjson.loads(COMPANY.read_bytes())["feishu"]
    person = next(p for p in house.state["people"] if p["id"] == who.id)
    ms = str(house.clock.business_us() // 1_000_000 * 1000)
    header = {
        "event_id": event_id, "token": app["verification_token"], "event_type": "im.message.receive_v1",
        "app_id": app["app_id"], "tenant_key": app["tenant_key"], "create_time": ms,
    }  # fmt: skip
    message = {
        "message_id": message_id, "create_time": ms, "chat_id": who.chat, "chat_type": "p2p", "message_type": "text",
        "content": orjson.dumps({"text": line}).decode(),
    }  # fmt: skip
    sender = {"sender_id": {"open_id": person["open_id"]}, "sender_type": "user", "tenant_key": app["tenant_key"]}
    return {"schema": "2.0", "header": header, "event": {"sender": sender, "message": message}}


async def deliver(house: House, *events: dict[str, Any]) -> list[int]:
    """Post the events all at once; the statuses of the answers."""
    posts = [house.post("/sim/deliver", {"event": e, "chat": f"road-{n}"}) for n, e in enumerate(events)]
    answers = await asyncio.gather(*posts)
    await house.quiet()
    return [answer["delivered"][0]["status"] for answer in answers]


# The same event again, and another one beside it


async def test_four_redeliveries_of_one_event_have_one_effect_R_QE_1(home: House) -> None:
    rep = home.person("李雷")
    await rep.says("帮助")
    first = message_event(home, rep, LINE, "om_seam_1", "seam-1")

    statuses = await deliver(home, first, first)
    for _ in range(3):
        statuses += await deliver(home, first)

    assert statuses == [200] * 5
    assert deals(home.bot.store) == ["open"]
    assert audited(home.bot.store, "deal.open") == 1
    assert len([m for m in await rep.sees() if "已录单" in words_of(m)]) == 1


async def test_two_events_in_one_second_are_two_R_QE_1(home: House) -> None:
    rep = home.person("李雷")
    await rep.says("帮助")

    first, second = (message_event(home, rep, LINE, f"om_seam_{n}", f"seam-{n}") for n in (1, 2))
    assert first["event"]["message"]["create_time"] == second["event"]["message"]["create_time"]
    await deliver(home, first, second)

    assert deals(home.bot.store) == ["open", "open"]
    assert len([m for m in await rep.sees() if "已录单" in words_of(m)]) == 2


# A click: answered inline or by the outbox, never both, never neither


async def test_click_answered_inline_is_never_answered_again_R_TIME_3(home: House) -> None:
    rep = home.person("李雷")
    await rep.says(LINE)

    done = await rep.clicks("撤销")
    await home.later("1h")

    assert done["toast"]["content"] == "已撤销 #1 华东医疗。"
    assert len(await rep.sees()) == 1
    [reply] = rows(home.bot.store, "SELECT * FROM outbox WHERE toast <> ''")
    assert (reply["state"], reply["message_id"], reply["tries"], reply["unknown"]) == (DONE, "", 1, 0)
    assert len(await home.calls("/im/v1/messages")) == 2  # the card, and its redraw


async def test_late_handler_neutral_answer_then_reply_by_outbox_once_R_TIME_3(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    rep = home.person("李雷")
    await rep.says(LINE)
    monkeypatch.setattr(envelope, "CLICK_MS", 100)
    slow, route = threading.Event(), home.bot.worker._route

    def late(tx: Tx, inbound: Inbound, event: Event) -> Reply | None:
        slow.wait(DEADLINE)
        return route(tx, inbound, event)

    home.bot.worker._route = late
    clicked = await home.post("/sim/click", {"user": rep.id, "button": "撤销", "chat": rep.chat})
    assert clicked["toast"]["content"] == NEUTRAL
    assert len(await rep.sees()) == 1
    slow.set()
    await home.quiet()

    assert [words_of(m) for m in await rep.sees()][1:] == ["已撤销 #1 华东医疗。"]
    assert audited(home.bot.store, "deal.undo") == 1
    [reply] = rows(home.bot.store, "SELECT * FROM outbox WHERE toast <> ''")
    assert (reply["state"], reply["unknown"]) == (DONE, 0)


async def test_reply_nobody_claims_in_time_goes_by_outbox_once_R_TIME_3(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The handler was in time, the callback that waits for it is gone: the row is held for it, then sent."""
    rep = home.person("李雷")
    await rep.says(LINE)
    monkeypatch.setattr(envelope, "CLICK_MS", 300)
    monkeypatch.setattr(home.bot.intake, "replied", lambda inbound_id, row: None)

    clicked = await home.post("/sim/click", {"user": rep.id, "button": "撤销", "chat": rep.chat})
    await home.quiet()

    assert clicked["toast"]["content"] == NEUTRAL
    assert [words_of(m) for m in await rep.sees()][1:] == ["已撤销 #1 华东医疗。"]


async def test_repeated_click_gets_the_stored_answer_again_R_UNDO(home: House) -> None:
    rep = home.person("李雷")
    await rep.says(LINE)
    card = (await rep.sees())[-1]
    button = button_of(card, "撤销")

    for _ in range(3):
        await home.raw_click(rep, card["message_id"], button, event_id="seam-click")

    calls = (await home.get("/sim/calls?limit=500"))["calls"]
    answers = [c["response"] for c in calls if c["direction"] == "out" and "action" in c["request"].get("event", {})]
    assert [a["toast"]["content"] for a in answers] == ["已撤销 #1 华东医疗。"] * 3
    assert audited(home.bot.store, "deal.undo") == 1
    assert len(await rep.sees()) == 1


# Two handlers at once on one subject: write skew (style.md 17.2)


@pytest.fixture
async def acts(home: House) -> Acts:
    """李雷, known to the bot, with the direct chat and the group."""
    rep = home.person("李雷")
    await rep.says("帮助")
    return Acts(home, rep)


async def test_undo_twice_at_once_is_one_undo_R_UNDO(acts: Acts) -> None:
    await acts.rep.says(LINE)
    meeting = Together(acts.house)

    toast, told = await acts.both("撤销", "撤销")

    assert meeting.happened
    assert deals(acts.house.bot.store) == ["undone"]
    assert audited(acts.house.bot.store, "deal.undo") == 1
    assert sorted((toast == "已撤销 #1 华东医疗。", told == "已撤销 #1 华东医疗。")) == [False, True]
    assert "已经撤销了" in toast or "没有能撤的" in told


async def test_undo_and_lose_at_once_is_one_of_them_R_UNDO_R_STG_1(acts: Acts) -> None:
    await acts.rep.says(LINE)
    meeting = Together(acts.house)

    toast, told = await acts.both("撤销", "流失 1 预算砍了")

    assert meeting.happened
    store = acts.house.bot.store
    [state] = deals(store)
    assert (audited(store, "deal.undo"), audited(store, "deal.lose")) == ((1, 0) if state == "undone" else (0, 1))
    if state == "undone":
        assert "已经不在走了" in told
    else:
        assert "后来改过，撤不了" in toast


@pytest.mark.parametrize("button", ["120.00 万", "都不是"])
async def test_answers_to_one_question_at_once_make_one_deal_at_most_R_QE_3_R_HOLD(acts: Acts, button: str) -> None:
    store, meeting = acts.house.bot.store, Together(acts.house)
    for n, line in enumerate(("130万", "取消", "继续", "录单 华东医疗 CT机 大概130")):
        meeting._left = 0
        await acts.rep.says("录单 华东医疗 CT机 一百二")
        [asked] = [m for m in await acts.rep.sees() if "金额是哪个" in words_of(m)][-1:]
        made, dropped = audited(store, "deal.open"), audited(store, "draft.drop")
        meeting.again()

        toast, told = await acts.both(button, line, message_id=asked["message_id"])

        assert meeting.happened, (n, line)
        assert toast, (n, line)
        assert told, (n, line)
        draft = rows(store, "SELECT * FROM drafts WHERE line LIKE '%一百二' ORDER BY id DESC LIMIT 1")[0]
        made, dropped = audited(store, "deal.open") - made, audited(store, "draft.drop") - dropped
        assert (made, dropped) == (int(draft["state"] == "done"), int(draft["state"] == "dropped")), (line, draft)
        await acts.rep.says("取消")


@pytest.mark.parametrize("line", ["120万", "取消", "继续"])
async def test_question_dropped_while_it_is_answered_is_one_of_both_R_HOLD(acts: Acts, line: str) -> None:
    await acts.rep.says("录单 华东医疗 CT机")
    meeting = Together(acts.house)

    toast, told = await acts.both("取消", line)

    assert meeting.happened
    store = acts.house.bot.store
    [draft] = rows(store, "SELECT state FROM drafts")
    assert len(deals(store)) == int(draft["state"] == "done")
    assert audited(store, "draft.drop") == int(draft["state"] == "dropped")
    assert toast
    assert told


async def test_customer_answered_twice_at_once_is_one_deal_R_CUS_5(acts: Acts) -> None:
    await acts.rep.says("录单 华东医疗器械 CT机 50万")
    meeting = Together(acts.house)

    toast, told = await acts.both("是 1", "1")

    assert meeting.happened
    assert deals(acts.house.bot.store) == ["open"]
    assert toast.startswith("已录") or "已录单" in told


async def test_new_customer_by_two_people_at_once_is_one_customer_R_CUS_5(home: House) -> None:
    pair = [home.person("李雷"), home.person("韩梅梅")]
    for rep in pair:
        await rep.says("帮助")
    meeting = Together(home)

    await asyncio.gather(*(rep.says("录单 昆仑疗养院 CT机 50万") for rep in pair))

    assert meeting.happened
    assert rows(home.bot.store, "SELECT count(*) AS n FROM customers WHERE name = '昆仑疗养院'") == [{"n": 1}]
    assert audited(home.bot.store, "customer.create") == 1
    assert deals(home.bot.store) == ["open"]
    loser, winner = sorted([await rep.last() for rep in pair], key=lambda told: "已录单" in told)
    assert "昆仑疗养院 1 线索确认" in winner
    assert "是这家客户吗" in loser
    assert "昆仑疗养院" in loser


async def test_foreign_names_shown_at_once_are_all_counted_R_CUS_5(acts: Acts) -> None:
    line, group = "录单 华东医疗器械 CT机 50万", acts.house.group(GROUP)
    await acts.rep.says(line)
    meeting = Together(acts.house)

    await asyncio.gather(acts.rep.says(line), acts.rep.says(line, chat=group, mention_bot=True))

    assert meeting.happened
    shown = sum("华东医疗器材（无锡）" in words_of(m) for m in await acts.rep.sees())
    assert shown == 3
    assert rows(acts.house.bot.store, "SELECT times, version FROM peeks") == [{"times": 3, "version": 3}]


async def test_account_bound_by_mobile_twice_at_once_is_bound_once_R_PPL_4(home: House) -> None:
    rep, group = home.person("李雷"), home.group(GROUP)
    meeting = Together(home, lambda event: isinstance(event, JobDone))

    await asyncio.gather(rep.says(LINE), rep.says(LINE, chat=group, mention_bot=True))

    assert meeting.happened
    assert audited(home.bot.store, "account.bind") == 1
    assert deals(home.bot.store) == ["open", "open"]


async def test_stranger_bound_twice_at_once_is_bound_once_R_PPL_4(home: House) -> None:
    stranger, admin = home.person("张三"), home.person("刘洋")
    await stranger.says("你好")
    code = words_of((await stranger.sees())[0]).split("把绑定码 ")[1][:4]
    await admin.says("帮助")
    before = audited(home.bot.store, "account.bind")
    await home.post("/sim/members", {"chat": GROUP, "add": admin.id})
    meeting, known = Together(home), len(await admin.sees())

    line = f"绑定 {code} 冯磊"
    await asyncio.gather(admin.says(line), admin.says(line, chat=home.group(GROUP), mention_bot=True))

    assert meeting.happened
    assert audited(home.bot.store, "account.bind") == before + 1
    told = [words_of(m) for m in await admin.sees()][known:]
    assert sorted("绑好了" in t for t in told) == [False, True]


async def test_admin_code_used_twice_at_once_makes_one_admin_R_PPL_4(home: House) -> None:
    pair = [home.person("李雷"), home.person("韩梅梅")]
    for rep in pair:
        await rep.says("帮助")
    payload = orjson.dumps({"name": "admin_code", "args": {"digest": digest("7K2M-9PQR"), "by": "cli:test"}})
    await home.bot.intake.accept(event(1, "in:order:admin_code", payload=payload))
    await home.quiet()
    meeting = Together(home)

    await asyncio.gather(*(rep.says("我是管理员 7K2M-9PQR") for rep in pair))

    assert meeting.happened
    assert audited(home.bot.store, "member.roles") == 1
    assert sorted(["你现在是管理员" in await rep.last() for rep in pair]) == [False, True]


# Lanes: order, leases, dead rows


async def test_events_of_a_lane_are_handled_in_order_none_twice(store_url: str, tmp_path: Path) -> None:
    names = [f"in:seam:{n}" for n in range(10)]
    async with replicas(store_url, tmp_path, 1 if store_url.startswith("sqlite") else 2, note) as bots:
        for n in range(10):
            await asyncio.gather(*(bots[n % len(bots)].intake.accept(event(n, name)) for name in names))
        await bots[0].ticker._drained()
        for name in names:
            assert notes(bots[0].store, name) == list(range(10)), name


async def test_worker_that_slept_through_its_lease_writes_nothing(store_url: str, tmp_path: Path) -> None:
    asleep, first = threading.Event(), threading.Event()
    late: list[BaseException] = []

    def sleepy(tx: Tx, inbound: Inbound, event: Event) -> None:
        if not first.is_set():
            first.set()
            asleep.wait(DEADLINE)
        note(tx, inbound, event)

    async with replicas(store_url, tmp_path, 1, sleepy, lease_ms=150) as [one]:
        write = one.worker._write

        def watched(step: Any) -> Any:
            def run(conn: Any) -> Any:
                try:
                    return write(step)(conn)
                except LeaseLost as error:
                    late.append(error)
                    raise

            return run

        one.worker._write = watched  # type: ignore[method-assign]
        for n in (1, 2):
            await one.intake.accept(event(n))
        await until(lambda: notes(one.store) == [1, 2])
        asleep.set()
        await until(lambda: late)
        await one.ticker._drained()

        assert notes(one.store) == [1, 2]
        assert rows(one.store, "SELECT due FROM lanes WHERE key = 'in:seam'") == [{"due": None}]


@dataclass(slots=True)
class Poison:
    """Handles by `route`, but fails on lines with this word while it is on."""

    route: Route
    on: bool = True
    tries: int = 0

    def __call__(self, tx: Tx, inbound: Inbound, event: Event) -> Reply | None:
        if self.on and isinstance(event, Said) and "毒" in event.text:
            self.tries += 1
            raise RuntimeError("a bug")
        return self.route(tx, inbound, event)


async def test_poison_row_is_tried_three_times_then_the_lane_goes_on_R_HOLD(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    rep, store = home.person("李雷"), home.bot.store
    await rep.says("帮助")
    monkeypatch.setattr(bot.worker, "RETRY_MS", (10, 20))
    poison = Poison(home.bot.worker._route)
    home.bot.worker._route = poison

    await asyncio.gather(rep.says("录单 华东医疗 毒气罩 12万"), rep.says(LINE))

    assert poison.tries == 3
    [(dead, _, error)] = _dead(store)
    assert "a bug" in error
    said = [words_of(m) for m in await rep.sees()][1:]
    assert ["我这边出了点问题" in said[0], "已录单 #1" in said[1]] == [True, True]

    await home.bot.writer.run(lambda conn: inbox.revive(conn, store, dead))
    home.bot.wakeup.wake("inbox")
    await home.quiet()
    assert (poison.tries, len(_dead(store))) == (6, 1)
    assert len(await rep.sees()) == 3  # one apology is enough

    poison.on = False
    await home.bot.writer.run(lambda conn: inbox.revive(conn, store, dead))
    home.bot.wakeup.wake("inbox")
    await home.quiet()
    assert _dead(store) == []
    assert "已录单 #2" in await rep.last()


@pytest.mark.parametrize("bad", [None, "\ud800"], ids=["missing value", "no text"])
async def test_row_whose_write_fails_is_buried_and_the_lane_goes_on(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: Any
) -> None:
    """A decision the database refuses is a bug like any other, not a reason to try for ever."""
    monkeypatch.setattr(bot.worker, "RETRY_MS", (10, 20))

    def wrong(tx: Tx, inbound: Inbound, event: Event) -> None:
        note(tx, inbound, event)
        if inbound.id.endswith(":1"):
            tx.apply(Decision(audits=(Audit(bad, "x"),)))

    async with replicas(store_url, tmp_path, 1, wrong) as [one]:
        for n in (1, 2):
            await one.intake.accept(event(n))
        await one.ticker._drained()

        assert notes(one.store) == [2]
        assert [dead for dead, _, _ in _dead(one.store)] == ["in:seam:1"]


def _dead(store: Store) -> list[tuple[str, str, str]]:
    with store.snapshot() as conn:
        return inbox.dead(conn)


async def test_database_away_for_a_moment_nothing_stored_is_lost(tmp_path: Path) -> None:
    """Every connection is cut and none is given for a while; then all goes on by itself, without a restart."""
    url = postgres_url()
    name = url.rsplit("/", 1)[1]
    async with replicas(url, tmp_path, 1, note) as [one]:
        await one.intake.accept(event(1))
        await until(lambda: notes(one.store) == [1])

        with psycopg.connect(SERVER, autocommit=True) as admin:
            try:
                admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
                admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
                for n in (2, 3):
                    with pytest.raises(bot.worker.OperationalError):
                        await asyncio.wait_for(one.intake.accept(event(n)), DEADLINE)
                one.wakeup.wake("inbox")
                one.wakeup.wake("outbox")
                await asyncio.sleep(2 * POLL)
            finally:
                admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')

        for n in (2, 3):
            await one.intake.accept(event(n))
        await until(lambda: notes(one.store) == [1, 2, 3])
        await one.ticker._drained()


# Timers: each once, in due order, whoever fires them


async def test_two_replicas_handle_each_timer_once_in_due_order_R_TIME_5(tmp_path: Path) -> None:
    url, handled = postgres_url(), []
    lock = threading.Lock()

    def rule(tx: Tx, inbound: Inbound, event: Event) -> None:
        with lock:
            handled.append((inbound.occurred_at, to_us(tx.now)))
        tx.apply(Decision(audits=(Audit("seam.timer", inbound.id),)))

    async with replicas(url, tmp_path, 2, rule) as bots:
        # 450: more than the two batches that two replicas could claim side by side
        orders = [StartTimer(UNDO_TIMER, f"deal:{n}", NOW - timedelta(minutes=1, milliseconds=n)) for n in range(450)]
        committed(bots[0].store, lambda conn: timers.apply(conn, orders, policy_version=1))
        await asyncio.gather(*(one.ticker.tick() for one in bots))
        await bots[0].ticker._drained()

        fired = [row["subject"] for row in rows(bots[0].store, "SELECT subject FROM audit WHERE action = 'seam.timer'")]
        assert len(fired) == len(set(fired)) == 450
    dues = [due for due, _ in handled]
    assert dues == sorted(dues)
    assert all(now == due for due, now in handled)


def test_later_timers_never_reach_the_inbox_first_R_TIME_5(tmp_path: Path) -> None:
    """One replica has claimed the first timers and not committed yet; the other must wait, not overtake."""
    store = Store(postgres_url())
    orders = [StartTimer(UNDO_TIMER, f"deal:{n}", NOW + timedelta(milliseconds=n)) for n in range(4)]
    committed(store, lambda conn: timers.apply(conn, orders, policy_version=1))
    due = to_us(NOW) + 1_000_000
    other = threading.Thread(
        target=lambda: committed(store, lambda conn: timers.fire(conn, store, due_until=due, now=due, limit=2))
    )

    first = store.writing()
    timers.fire(first, store, due_until=due, now=due, limit=2)
    other.start()
    waiting = "SELECT 1 AS one FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    end = time.monotonic() + DEADLINE
    while other.is_alive() and not rows(store, waiting):
        assert time.monotonic() < end
    first.commit()
    first.close()
    other.join(DEADLINE)

    found = [row["occurred_at"] for row in rows(store, "SELECT occurred_at FROM inbox ORDER BY seq")]
    assert found == sorted(found)
    assert len(found) == 4
    store.close()


# The outbox: which row goes next


def message(n: int, **more: Any) -> Row:
    """A message of one chat."""
    return replace(Row(f"row-{n}", "out:chat", "notice", subject=f"deal:{n}"), **more)


def next_rows(store: Store) -> list[str]:
    """Claim and send until nothing more may go now."""
    sent = []
    while due := committed(store, lambda conn: outbox.claim(conn, store, limit=5)):
        [found] = due
        sent.append(found.row.id)

        def done(conn: Any, found: outbox.Due = found) -> None:
            outbox.sent(conn, [found.row.id], at=1)
            outbox.finish_lane(conn, store, found.claim)

        committed(store, done)
    return sent


def planned(store: Store, *messages: Row) -> None:
    committed(store, lambda conn: outbox.plan(conn, store, messages))


def machine_ms(store: Store) -> int:
    with store.snapshot() as conn:
        return store.machine_ms(conn)


def test_outbox_sends_the_most_urgent_class_first_then_the_oldest_R_TIME_3(store: Store) -> None:
    planned(store, message(1, urgency=2), message(2, urgency=1), message(3, urgency=0), message(4, urgency=1))

    assert next_rows(store) == ["row-3", "row-2", "row-4", "row-1"]


def test_waiting_row_holds_its_chat_for_a_minute_R_TIME_3(store: Store) -> None:
    now = machine_ms(store)
    later = {"hold_until": now + 3_600_000, "tries": 1}
    planned(store, message(1, **later, first_try_at=now - 59_000), message(2))
    assert next_rows(store) == []


def test_row_waiting_over_a_minute_lets_other_subjects_pass_R_TIME_3(store: Store) -> None:
    now = machine_ms(store)
    later = {"hold_until": now + 3_600_000, "tries": 1}
    planned(store, message(1, **later, first_try_at=now - 61_000), message(2), message(3, subject="deal:1"), message(4))
    assert next_rows(store) == ["row-2", "row-4"]


def test_dead_rows_never_block_R_TIME_3(store: Store) -> None:
    planned(store, message(1), message(2, state=DEAD), message(3, state=SUPERSEDED), message(4))
    committed(store, lambda conn: outbox.close(conn, ["row-1"], state=DEAD, why="gone"))

    assert next_rows(store) == ["row-4"]


def test_row_held_for_an_inline_answer_goes_to_one_of_both_R_TIME_3(store: Store) -> None:
    now = machine_ms(store)
    planned(store, message(1, state=HELD, hold_until=now + 3_600_000))

    assert next_rows(store) == []
    assert committed(store, lambda conn: outbox.claim_inline(conn, store, "row-1", lease_ms=3_600_000))
    assert not committed(store, lambda conn: outbox.claim_inline(conn, store, "row-1"))
    assert next_rows(store) == []

    planned(store, message(2, lane="out:other", state=HELD, hold_until=now - 1))
    assert next_rows(store) == ["row-2"]
    assert not committed(store, lambda conn: outbox.claim_inline(conn, store, "row-2"))


def test_inline_answer_of_a_dead_process_is_sent_and_its_fate_is_unknown_R_WHY(store: Store) -> None:
    now = machine_ms(store)
    planned(store, message(1, state=HELD, hold_until=now + 3_600_000))
    committed(store, lambda conn: outbox.claim_inline(conn, store, "row-1", lease_ms=0))
    committed(store, lambda conn: lanes.wake(conn, store, [("out:chat", 0)], queue=lanes.OUTBOX))

    assert next_rows(store) == ["row-1"]
    assert rows(store, "SELECT unknown, tries FROM outbox") == [{"unknown": outbox.UNGUARDED, "tries": 2}]


# The platform fails: same key, no second message, in order


@pytest.mark.parametrize("fault", ["429", "5xx", "html", "expired_token", "drop", "drop_after"])
async def test_platform_fault_makes_no_second_message_and_keeps_order_R_TIME_3(
    home: House, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    rep = home.person("李雷")
    await rep.says("帮助")
    monkeypatch.setattr(bot.outbox, "BACKOFF_SECONDS", (0.05,))
    times = 1 if fault == "expired_token" else 2  # a fresh token that is refused again is no matter of waiting
    await home.post("/sim/faults", {"path": "POST /open-apis/im/v1/messages", "kind": fault, "count": times})

    lines = [f"录单 华东医疗 CT机 {n}万" for n in (21, 22, 23)]
    for line in lines:
        await home.post("/sim/say", {"user": rep.id, "text": line})
    await home.quiet()

    cards = [words_of(m) for m in await rep.sees()][1:]
    assert [card.split(" ")[1] for card in cards] == ["#1", "#2", "#3"]
    keys = [call["request"]["uuid"] for call in await home.calls("/im/v1/messages") if call["method"] == "POST"][1:]
    first, *others = dict.fromkeys(keys)
    assert Counter(keys) == {first: times + 1, **dict.fromkeys(others, 1)}
    assert len(others) == 2
    left = rows(home.bot.store, "SELECT id FROM outbox WHERE state IN (:a, :b, :c)", a=WAITING, b=SENDING, c=DEAD)
    assert left == []
