"""The long connection against the simulator: events, clicks, losses, stops, and frames nobody should send."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from bot.platforms.base import Accepted, Address, RetryLater
from bot.platforms.feishu import Feishu, FeishuKeys, client, socket
from bot.platforms.feishu.caps import LIMITS
from bot.platforms.feishu.frames import Frame, encode
from bot.platforms.feishu.socket import read_address, wait_before
from bot.platforms.pace import Pace
from cards.blocks import Action, Button, Buttons, Card, Text, Title
from handlers.events import Clicked, Said
from simulator.app import make_app
from simulator.company import load_company
from simulator.feishu.http import FEISHU
from simulator.feishu.socket import Sockets
from simulator.options import COMPANY_FILE, Options
from storage.inbox import Inbound
from tests.bot.platforms.feishu.helpers import KEYS, Answer, Intake, Json, drop_connection, message, vendor

APP = load_company(COMPANY_FILE).app
CARD: Card = (Title("待批"), Text("八折"), Buttons((Button("同意", Action("approval.approve", "17", "ab")),)))
SECONDS = 10


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(SECONDS):
        while not holds():
            await asyncio.sleep(0.005)


@dataclass
class Bot:
    """An adapter with its connection running."""

    feishu: Feishu
    intake: Intake
    running: asyncio.Future[None]

    async def stop(self) -> float:
        """Seconds it took to end."""
        began = time.monotonic()
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)
        await self.feishu.stop()
        return time.monotonic() - began


@dataclass
class World:
    """A simulator that sends over sockets, and the bots connected to it."""

    base: str
    http: aiohttp.ClientSession
    sockets: Sockets
    bots: list[Bot]
    ahead: float = 0.0
    """Seconds by which the bots' machine time was moved."""

    @property
    def keys(self) -> FeishuKeys:
        return FeishuKeys(APP.app_id, APP.app_secret, api_base=f"{self.base}/feishu", socket=True)

    async def start(self, keys: FeishuKeys | None = None, *, answer: Answer | None = None) -> Bot:
        """One more bot; without an encrypt key or a verification token."""
        intake = Intake(answer=answer)
        feishu = Feishu(
            keys or self.keys,
            business_us=lambda: time.time_ns() // 1000,
            machine=lambda: time.monotonic() + self.ahead,
            pace=Pace(LIMITS, time.monotonic),
        )
        await feishu.start()
        (connection,) = feishu.sockets(intake.accept)
        bot = Bot(feishu, intake, asyncio.ensure_future(connection.run()))
        self.bots.append(bot)
        return bot

    async def connected(self, **options: Any) -> Bot:
        """One more bot, once its connection is open."""
        before = len(self.sockets.open)
        bot = await self.start(**options)
        await until(lambda: len(self.sockets.open) > before)
        return bot

    async def sim(self, what: str, **body: Any) -> Json:
        async with self.http.post(f"{self.base}/sim/{what}", json=body) as response:
            found: Json = await response.json()
            assert response.status == 200, found
            return found

    async def card(self, bot: Bot, name: str = "李雷") -> str:
        person = load_company(COMPANY_FILE).find(name)
        assert person is not None
        sent = await bot.feishu.send(Address(account=person.open_id), bot.feishu.render(CARD), key=f"card-{name}")
        return sent.message_id


@pytest.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr(socket, "FIRST_WAIT", 0.01)
    app = make_app(Options(vendors=("feishu",), modes={"feishu": "socket"}))
    async with TestServer(app) as server, aiohttp.ClientSession() as http:
        made = World(f"http://127.0.0.1:{server.port}", http, app[FEISHU].sockets, [])
        yield made
        for bot in made.bots:
            await bot.stop()


async def never(inbound: Inbound) -> Accepted:
    raise AssertionError


@pytest.mark.parametrize("chosen", [True, False])
def test_socket_mode_opens_a_connection_instead_of_a_route(chosen: bool) -> None:
    keys = dataclasses.replace(KEYS, socket=chosen)
    feishu = Feishu(keys, business_us=lambda: 0, machine=lambda: 0.0, pace=Pace(LIMITS, lambda: 0.0))

    found = [(one.name, one.exclusive, one.chats) for one in feishu.sockets(never)]

    assert found == ([(f"feishu:{KEYS.app_id}", False, "")] if chosen else [])
    assert len(list(feishu.listen(never))) == (0 if chosen else 1)


async def test_words_of_a_person_arrive_and_are_acknowledged_once_stored(world: World) -> None:
    bot = await world.connected()
    bot.intake.gate.clear()

    saying = asyncio.create_task(world.sim("say", user="李雷", text="录单 华东医疗 CT机 120万"))
    await until(lambda: bot.intake.stored)
    await asyncio.sleep(0.05)
    assert not saying.done()
    bot.intake.gate.set()

    assert (await saying)["delivered"]["code"] == 0
    (stored,) = bot.intake.stored
    found = bot.feishu.parse(stored)
    assert isinstance(found, Said)
    assert (found.text, found.direct) == ("录单 华东医疗 CT机 120万", True)
    assert (stored.id, stored.answer_within_ms) == (f"feishu:{APP.app_id}:{found.message_id}", 0)


async def test_click_is_answered_on_its_frame_and_then_recorded_as_written(world: World) -> None:
    answer = Answer(toast="已同意")
    bot = await world.connected(answer=answer)
    card = await world.card(bot)

    click = await world.sim("click", user="李雷", message=card, button="同意")

    assert (click["status"], click["code"], click["toast"]["content"]) == (200, 0, "已同意")
    assert bot.feishu.parse(bot.intake.stored[-1]) == Clicked(card, "approval.approve", "17", "ab")
    assert answer.wrote == 1


async def test_card_in_the_answer_replaces_the_card_where_that_is_switched_on(world: World) -> None:
    answer = Answer(card=(Title("已同意", "green"), Text("好")))
    bot = await world.connected(keys=dataclasses.replace(world.keys, card_in_answer=True), answer=answer)
    await world.card(bot)

    click = await world.sim("click", user="李雷", button="同意")

    async with world.http.get(f"{world.base}/sim/messages", params={"chat": "李雷"}) as response:
        (shown,) = (await response.json())["messages"]
    assert (click["code"], shown["card"]["header"]["template"]) == (0, "green")


async def test_click_without_a_reply_in_time_is_answered_neutrally(world: World) -> None:
    bot = await world.connected()
    await world.card(bot)

    assert (await world.sim("click", user="李雷", button="同意"))["toast"]["content"] == "收到，正在办"


async def test_event_in_many_frames_is_put_together(world: World) -> None:
    bot = await world.connected()
    world.sockets.part_bytes = 40

    said = await world.sim("say", user="李雷", text="目标" * 50)

    assert said["delivered"]["code"] == 0
    found = bot.feishu.parse(bot.intake.stored[0])
    assert isinstance(found, Said)
    assert found.text == "目标" * 50


async def test_message_delivered_twice_has_one_id(world: World) -> None:
    bot = await world.connected()
    await world.sim("faults", path="event", kind="duplicate")
    await world.sim("say", user="李雷", text="目标")

    assert len(bot.intake.stored) == 2
    assert len({row.id for row in bot.intake.stored}) == 1


async def test_event_that_could_not_be_stored_is_sent_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bot = await world.connected()
    whole, failures = bot.intake.stored, [OSError("disk")]

    class Full(list[Inbound]):
        def append(self, row: Inbound) -> None:
            if failures:
                raise failures.pop()
            whole.append(row)

    monkeypatch.setattr(bot.intake, "stored", Full())
    with capture_logs() as logs:
        first = await world.sim("say", user="李雷", text="目标")
    await world.sim("clock", advance="16s")

    assert (first["delivered"]["status"], first["delivered"]["code"]) == (500, 200671)
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["feishu.event_not_stored"]
    assert len(whole) == 1


@pytest.mark.parametrize("field", ["app_id", "tenant_key"])
async def test_event_of_another_app_or_tenant_is_refused(world: World, field: str) -> None:
    bot = await world.connected(keys=dataclasses.replace(world.keys, tenant_key=APP.tenant_key))
    event = message()
    event["header"] |= {"app_id": APP.app_id, "tenant_key": APP.tenant_key, "token": "anything"}
    forged = {**event, "header": {**event["header"], field: "another"}}

    answer = await world.sim("deliver", event=forged)
    good = await world.sim("deliver", event=event)

    assert [one["delivered"][0]["status"] for one in (answer, good)] == [500, 200]
    assert len(bot.intake.stored) == 1


@pytest.mark.parametrize(
    "event",
    [
        {"type": "url_verification", "challenge": "c", "token": ""},
        {"open_message_id": "om_1", "open_id": "ou_1", "action": {"value": {"a": "x"}}},
        {"odd": 1},
    ],
)
async def test_what_only_the_callback_url_gets_is_refused(world: World, event: Json) -> None:
    bot = await world.connected()

    answer = await world.sim("deliver", event=event)

    assert (answer["delivered"][0]["status"], bot.intake.stored) == (500, [])


async def test_event_of_no_interest_is_acknowledged(world: World) -> None:
    bot = await world.connected()
    header = {"event_type": "never.heard_v9", "app_id": APP.app_id, "tenant_key": APP.tenant_key}

    answer = await world.sim("deliver", event={"schema": "2.0", "header": header, "event": {}})

    assert (answer["delivered"][0]["code"], bot.intake.stored) == (0, [])


async def test_each_event_reaches_one_of_several_connections(world: World) -> None:
    bots = [await world.connected() for _ in range(3)]
    for number in range(30):
        assert (await world.sim("say", user="李雷", text=f"{number}"))["delivered"]["code"] == 0

    assert sum(len(bot.intake.stored) for bot in bots) == 30
    assert all(bot.intake.stored for bot in bots)


async def test_connection_closed_by_the_platform_is_opened_again(world: World) -> None:
    bot = await world.connected()
    first = world.sockets.open[0]

    await world.sim("feishu/sockets", do="close")
    await until(lambda: world.sockets.open and world.sockets.open[0] is not first)
    said = await world.sim("say", user="李雷", text="目标")

    assert (said["delivered"]["code"], len(bot.intake.stored)) == (0, 1)


async def test_connection_that_went_silent_is_noticed_and_opened_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "HEARTBEAT_SECONDS", 0.1)
    bot = await world.connected()
    silent = world.sockets.open[0]

    await world.sim("feishu/sockets", do="silence")
    await until(lambda: any(one is not silent for one in world.sockets.open))
    await until(lambda: silent not in world.sockets.open)
    said = await world.sim("say", user="李雷", text="目标")

    assert (said["delivered"]["code"], len(bot.intake.stored)) == (0, 1)


async def test_connection_outlives_its_heartbeat_when_the_platform_answers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "HEARTBEAT_SECONDS", 0.04)
    await world.connected()
    first = world.sockets.open[0]
    await asyncio.sleep(0.4)

    assert world.sockets.open == [first]


async def test_waits_grow_until_a_connection_lived_for_a_minute(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[int] = []

    def no_wait(tries: int) -> float:
        waited.append(tries)
        return 0.0

    monkeypatch.setattr(socket, "wait_before", no_wait)
    await world.connected()
    for lived in (0.0, 0.0, 59.0, 61.0, 0.0):
        world.ahead += lived
        await world.sim("feishu/sockets", do="close")
        await until(lambda: world.sockets.open)

    assert waited == [0, 1, 2, 0, 1]


@pytest.mark.parametrize("path", ["POST /callback/ws/endpoint", "GET /ws/v2"])
async def test_platform_that_is_down_is_asked_again_until_it_is_back(world: World, path: str) -> None:
    await world.sim("faults", path=path, kind="5xx", count=3)
    with capture_logs() as logs:
        await world.connected()

    assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["feishu.socket_not_open"] * 3


async def test_unreachable_platform_is_asked_again(world: World) -> None:
    with capture_logs() as logs:
        bot = await world.start(dataclasses.replace(world.keys, api_base="http://127.0.0.1:9"))
        await until(lambda: sum(line["event"] == "feishu.socket_not_open" for line in logs) >= 3)

    assert not bot.running.done()


@pytest.mark.parametrize(
    "answer",
    [
        {"code": 0},
        {"code": 0, "data": []},
        {"code": 0, "data": {"URL": ["wss://x"]}},
        {"code": 0, "data": {"URL": "ws://127.0.0.1:9/ws/v2?service_id=1", "ClientConfig": []}},
        {"code": 1, "msg": "system busy"},
        {"code": 1000040343, "msg": "internal error"},
        (502, "<html>"),
        "[]",
        drop_connection,
    ],
)
async def test_odd_answer_about_the_address_is_asked_for_again(world: World, answer: Any) -> None:
    async with vendor() as fake:
        fake.on("POST /feishu/callback/ws/endpoint", answer)
        with capture_logs() as logs:
            bot = await world.start(dataclasses.replace(world.keys, api_base=fake.base))
            await until(lambda: sum(line["event"] == "feishu.socket_not_open" for line in logs) >= 2)
        await bot.stop()
        world.bots.remove(bot)

    assert {line["log_level"] for line in logs if line["event"].startswith("feishu.socket")} == {"warning"}
    assert fake.seen("POST /feishu/callback/ws/endpoint")[0].json == {"AppID": APP.app_id, "AppSecret": APP.app_secret}


async def test_wrong_secret_is_told_to_the_operator_and_tried_again_a_minute_later(world: World) -> None:
    with capture_logs() as logs:
        bot = await world.start(dataclasses.replace(world.keys, app_secret="not-the-secret"))
        await until(lambda: any(line["log_level"] == "error" for line in logs))
        await asyncio.sleep(0.1)

    (line,) = [line for line in logs if line["log_level"] == "error"]
    assert (line["event"], line["code"], line["again_in"]) == ("feishu.socket_refused", 514, 60.0)
    assert "not-the-secret" not in str(logs)
    assert not bot.running.done()


async def test_connection_over_the_apps_limit_waits_a_minute(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.feishu.socket.MOST_CONNECTIONS", 0)
    with capture_logs() as logs:
        await world.start()
        await until(lambda: any(line.get("code") == 1000040350 for line in logs))

    assert world.sockets.open == []


async def test_address_is_used_once_and_its_ticket_never_logged(world: World) -> None:
    with capture_logs() as logs:
        await world.connected()
        await world.sim("feishu/sockets", do="close")
        await until(lambda: world.sockets.open)

    assert "ticket" not in str(logs)
    assert "access_key" not in str(logs)


async def test_pings_follow_the_interval_the_platform_names(world: World) -> None:
    world.sockets.config["PingInterval"] = 1
    await world.connected()

    await until(lambda: world.sockets.open[0].pings >= 2)


async def test_click_under_way_is_still_answered_when_the_bot_stops(world: World) -> None:
    answer = Answer(toast="已同意")
    bot = await world.connected(answer=answer)
    await world.card(bot)
    bot.intake.gate.clear()
    clicking = asyncio.create_task(world.sim("click", user="李雷", button="同意"))
    await until(lambda: bot.intake.stored)

    stopping = asyncio.create_task(bot.stop())
    await asyncio.sleep(0.05)
    bot.intake.gate.set()

    assert (await clicking)["toast"]["content"] == "已同意"
    assert await stopping < 1
    assert answer.wrote == 1
    await until(lambda: not world.sockets.open)


@pytest.mark.parametrize("silent", [True, False])
async def test_bot_stops_in_time_whatever_is_under_way(world: World, silent: bool) -> None:
    bot = await world.connected()
    bot.intake.gate.clear()
    saying = asyncio.create_task(world.sim("say", user="李雷", text="目标"))
    await until(lambda: bot.intake.stored)
    if silent:
        await world.sim("feishu/sockets", do="silence")

    took = await bot.stop()
    world.bots.remove(bot)

    assert took < 5
    await saying


async def test_bot_stops_at_once_while_it_waits_to_connect(world: World) -> None:
    with capture_logs() as logs:
        bot = await world.start(dataclasses.replace(world.keys, app_secret="wrong"))
        await until(lambda: logs)

        assert await bot.stop() < 0.5


async def test_answer_of_a_click_whose_connection_is_gone_is_not_recorded(world: World) -> None:
    answer = Answer(toast="已同意")
    bot = await world.connected(answer=answer)
    await world.card(bot)
    bot.intake.gate.clear()
    with capture_logs() as logs:
        clicking = asyncio.create_task(world.sim("click", user="李雷", button="同意"))
        await until(lambda: bot.intake.stored)
        await world.sim("feishu/sockets", do="close")
        await until(lambda: world.sockets.open)
        bot.intake.gate.set()
        await until(lambda: any(line["event"] == "feishu.socket_answer_lost" for line in logs))

    assert (await clicking)["code"] == 200341
    assert answer.wrote == 0


async def test_answer_that_cannot_be_recorded_is_noted(world: World) -> None:
    class Broken(Answer):
        async def written(self) -> None:
            raise OSError("disk")

    bot = await world.connected(answer=Broken(toast="好"))
    await world.card(bot)
    with capture_logs() as logs:
        click = await world.sim("click", user="李雷", button="同意")
        await until(lambda: any(line["event"] == "feishu.answer_failed" for line in logs))

    assert click["toast"]["content"] == "好"


def data_frame(payload: bytes = b"{}", **headers: str | None) -> bytes:
    """An event's frame; None takes a header away."""
    whole = {"type": "event", "message_id": "m", "trace_id": "t", "sum": "1", "seq": "0", **headers}
    kept = tuple((key, value) for key, value in whole.items() if value is not None)
    return encode(Frame(service=1, method=1, headers=kept, payload=payload))


def control_frame(payload: bytes, kind: str = "pong") -> bytes:
    return encode(Frame(service=1, method=0, headers=(("type", kind),), payload=payload))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff" * 40,
        data_frame(message_id=None),
        data_frame(trace_id=None),
        data_frame(type=None),
        data_frame(sum=None),
        data_frame(seq=None),
        data_frame(sum="-1"),
        data_frame(sum="２"),
        data_frame(sum="9" * 5000),
        data_frame(sum="2", seq="2"),
        data_frame(sum="9999", seq="1"),
        data_frame(type="card"),
        data_frame(type="unheard"),
        data_frame(b"x" * ((1 << 20) + 1)),
        encode(Frame(service=1, method=7, headers=(("type", "event"),))),
        encode(Frame(service=1, method=0)),
        control_frame(b"not JSON"),
        control_frame(b"\xff\xfe"),
        control_frame(b"[]"),
        control_frame(b'{"PingInterval":"soon"}'),
        control_frame(b'{"PingInterval":-1}'),
        control_frame(b'{"PingInterval":true}'),
        control_frame(b'{"PingInterval":0.001}'),
        control_frame(b"", kind="ping"),
    ],
)
async def test_odd_frame_is_passed_over(world: World, raw: bytes) -> None:
    bot = await world.connected()
    (first,) = world.sockets.open

    await first.ws.send_bytes(raw)
    said = await world.sim("say", user="李雷", text="目标")

    assert world.sockets.open == [first]
    assert (said["delivered"]["code"], len(bot.intake.stored)) == (0, 1)


@pytest.mark.parametrize("payload", [b"", b"{", b"null", b"[]", b'"x"', b"\xff", b"[" * 100_000, b'{"a":"\\ud800"}'])
async def test_event_that_is_no_json_object_is_refused_without_effect(world: World, payload: bytes) -> None:
    bot = await world.connected()
    (first,) = world.sockets.open
    waiting: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    first.waiting["odd"] = waiting

    await first.ws.send_bytes(data_frame(payload, message_id="odd"))

    answered = await asyncio.wait_for(waiting, SECONDS)
    assert json.loads(answered.payload) == {"code": 500}
    assert bot.intake.stored == []


async def test_text_message_is_passed_over(world: World) -> None:
    await world.connected()
    (first,) = world.sockets.open

    await first.ws.send_str("hello")
    await world.sim("say", user="李雷", text="目标")

    assert world.sockets.open == [first]


async def test_message_over_the_clients_limit_costs_the_connection_only(world: World) -> None:
    bot = await world.connected()
    (first,) = world.sockets.open

    with contextlib.suppress(ConnectionError):
        await first.ws.send_bytes(bytes(5 << 20))
    await until(lambda: world.sockets.open and first not in world.sockets.open)
    said = await world.sim("say", user="李雷", text="目标")

    assert (said["delivered"]["code"], len(bot.intake.stored)) == (0, 1)


@pytest.mark.parametrize(("tries", "most"), [(0, 1), (1, 2), (2, 4), (5, 32), (6, 60), (7, 60), (10_000, 60)])
def test_waits_double_up_to_a_minute_and_are_not_all_alike(tries: int, most: float) -> None:
    found = [wait_before(tries) for _ in range(200)]

    assert most / 2 <= min(found) <= max(found) <= most
    assert len(set(found)) > 100


@pytest.mark.parametrize(
    ("given", "encrypted"),
    [
        ("ws://msg.feishu.cn/ws/v2?service_id=1", True),
        ("https://msg.feishu.cn/ws/v2?service_id=1", True),
        ("file:///etc/passwd?service_id=1", False),
        ("wss://?service_id=1", True),
        ("wss://msg.feishu.cn/ws/v2", True),
        ("wss://msg.feishu.cn/ws/v2?service_id=one", True),
        ("wss://msg.feishu.cn:99999/ws/v2?service_id=1", True),
        ("wss://[/ws/v2?service_id=1", True),
        ("", False),
        (None, False),
        (5, False),
    ],
)
def test_address_that_is_none_or_not_safe_is_refused(given: object, encrypted: bool) -> None:
    with pytest.raises(RetryLater):
        read_address(given, encrypted=encrypted)


def test_address_is_used_as_it_is() -> None:
    given = "wss://msg.feishu.cn/ws/v2?device_id=7&service_id=33&ticket=a%2Bb%3D"
    url, service = read_address(given, encrypted=True)

    assert (str(url), service) == (given, 33)
