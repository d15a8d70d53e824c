"""Stream against a fake vendor: tickets, acknowledgements, goodbyes, dead lines, and a quick end."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.platforms.base import Accepted, RetryLater
from bot.platforms.dingtalk.caps import LIMITS
from bot.platforms.dingtalk.client import Client
from bot.platforms.dingtalk.envelope import Reader
from bot.platforms.dingtalk.pushes import CLICKS, MESSAGES, Pushes
from bot.platforms.dingtalk.stream import Stream
from bot.platforms.dingtalk.tracks import track_id
from bot.platforms.pace import Pace
from cards.blocks import Card, Title
from storage.inbox import Inbound
from tests.bot.platforms.dingtalk.helpers import (
    NOW,
    STREAM_KEYS,
    Answer,
    Intake,
    Meter,
    Seconds,
    Vendor,
    adapter,
    click,
    direct,
    message,
    vendor,
)
from tests.bot.platforms.dingtalk.test_parse import anything

TRACK = track_id("k", "shared", group=True)
CARD: Card = (Title("已同意", "green"),)
OPEN = "POST /v1.0/gateway/connections/open"


@dataclass
class World:
    """A running stream and the vendor it is connected to."""

    vendor: Vendor
    intake: Intake
    stream: Stream
    meter: Meter
    pauses: list[float] = field(default_factory=list)
    task: asyncio.Task[None] | None = None

    async def stored(self, count: int) -> list[Inbound]:
        async with asyncio.timeout(5):
            while len(self.intake.stored) < count:
                await asyncio.sleep(0.01)
        return self.intake.stored


@asynccontextmanager
async def streaming(fake: Vendor, *, answer: Answer | None = None, heartbeat: float = 30.0) -> AsyncIterator[World]:
    """A stream that connects to the fake vendor; its pauses are noted, not waited for."""
    keys = replace(fake.keys, socket=True)
    intake, meter, clock = Intake(answer=answer), Meter(), Seconds()
    client = Client(keys, machine=clock, pace=Pace(LIMITS, clock), meter=meter)
    dingtalk = adapter(keys)
    pushes = Pushes(Reader(keys, meter), business_us=lambda: NOW, accept=intake.accept, render=dingtalk.render)
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0.01)

    await client.start()
    stream = Stream(keys, client, pushes, sleep=sleep, heartbeat=heartbeat)
    world = World(fake, intake, stream, meter, pauses)
    world.task = asyncio.create_task(stream.run())
    try:
        yield world
    finally:
        world.task.cancel()
        await asyncio.gather(world.task, return_exceptions=True)
        await client.stop()


@pytest.fixture
async def fake() -> AsyncIterator[Vendor]:
    async with vendor() as running:
        yield running


async def test_ticket_is_asked_for_and_used(fake: Vendor) -> None:
    async with streaming(fake) as world:
        line = await fake.line()

    assert line.ticket == fake.tickets[0]
    body = fake.seen(OPEN)[0].json
    assert (body["clientId"], body["clientSecret"]) == ("dingsimappkey", "sim-app-secret")
    assert {(s["type"], s["topic"]) for s in body["subscriptions"]} == {
        ("EVENT", "*"),
        ("CALLBACK", MESSAGES),
        ("CALLBACK", CLICKS),
    }
    assert fake.seen(OPEN)[0].headers["Accept"] == "application/json"
    assert world.meter.counts == {}


async def test_message_is_stored_before_it_is_acknowledged(fake: Vendor) -> None:
    async with streaming(fake) as world:
        line = await fake.line()
        world.intake.gate.clear()
        await line.push("CALLBACK", MESSAGES, message())
        (row,) = await world.stored(1)
        assert line.acks.empty()
        world.intake.gate.set()

        assert await line.ack() == {
            "code": 200,
            "message": "OK",
            "headers": {"contentType": "application/json", "messageId": "m_1"},
            "data": {"response": None},
        }
    assert (row.id, row.account) == ("dingtalk:dingsimappkey:msgSIM0001==", "m03")
    assert world.meter.counts == {"stream": 1}


async def test_messages_keep_their_order(fake: Vendor) -> None:
    async with streaming(fake) as world:
        line = await fake.line()
        for n in range(30):
            await line.push("CALLBACK", MESSAGES, direct(msgId=f"msg{n}"), message_id=f"m_{n}")
        rows = await world.stored(30)

    assert [row.id.rpartition("msg")[2] for row in rows] == [str(n) for n in range(30)]


async def test_click_is_answered_in_its_acknowledgement(fake: Vendor) -> None:
    answer = Answer(card=CARD)
    async with streaming(fake, answer=answer) as world:
        line = await fake.line()
        await line.push("CALLBACK", CLICKS, click(TRACK, {"id": "dd/a/b/c/"}), message_id="m_7")
        ack = await line.ack()

    response = ack["data"]["response"]
    assert response["cardUpdateOptions"]["updateCardDataByKey"] is True
    assert response["cardData"]["cardParamMap"]["msgTitle"] == "已同意"
    assert answer.wrote == 1
    assert world.intake.stored[0].id == "dingtalk:dingsimappkey:m_7"


@pytest.mark.parametrize(("answer", "wrote"), [(Answer(), 1), (Answer(toast="这张卡等王芳点"), 0)])
async def test_click_without_a_card_to_show_is_only_acknowledged(fake: Vendor, answer: Answer, wrote: int) -> None:
    async with streaming(fake, answer=answer):
        line = await fake.line()
        await line.push("CALLBACK", CLICKS, click(TRACK, {"id": "dd/a/b/c/"}))

        assert (await line.ack())["data"] == {"response": {}}
    assert answer.wrote == wrote


async def test_end_of_a_group_comes_as_an_event(fake: Vendor) -> None:
    async with streaming(fake) as world:
        line = await fake.line()
        await line.push(
            "EVENT", "*", {"openConversationId": "cid1"}, eventType="chat_disband", eventId="ev1", eventBornTime=1
        )
        ack = await line.ack()
        await line.push("EVENT", "*", {"userId": ["m03"]}, eventType="user_add_org", eventId="ev2")
        other = await line.ack()

    assert ack["data"] == other["data"] == {"status": "SUCCESS", "message": "ok"}
    assert [(row.id, row.chat) for row in world.intake.stored] == [("dingtalk:dingsimappkey:ev1", "cid1")]


async def test_what_could_not_be_stored_is_said_so(fake: Vendor) -> None:
    async with streaming(fake) as world:

        async def broken(_: Inbound) -> Accepted:
            raise OSError("disk")

        world.stream._pushes._accept = broken
        line = await fake.line()
        await line.push("EVENT", "*", {"openConversationId": "cid1"}, eventType="chat_disband", eventId="ev1")
        event = await line.ack()
        await line.push("CALLBACK", MESSAGES, message())
        said = await line.ack()

    assert (event["code"], event["data"]) == (500, {"status": "LATER"})
    assert said["code"] == 500


async def test_ping_is_echoed_and_unknown_topics_are_told(fake: Vendor) -> None:
    async with streaming(fake):
        line = await fake.line()
        await line.push("SYSTEM", "ping", {"opaque": "abc"}, message_id="p1")
        ping = await line.ack()
        await line.push("SYSTEM", "CONNECTED", {})
        await line.push("CALLBACK", "/v1.0/graph/api/invoke", {})
        unknown = await line.ack()

    assert (ping["code"], ping["headers"]["messageId"], ping["data"]) == (200, "p1", {"opaque": "abc"})
    assert unknown["code"] == 404


async def test_next_connection_is_there_before_the_old_one_ends(fake: Vendor) -> None:
    async with streaming(fake) as world:
        old = await fake.line()
        await old.ws.send_str(
            '{"type":"SYSTEM","headers":{"topic":"disconnect"},"data":"{\\"reason\\":\\"expired\\"}"}'
        )
        new = await fake.line()
        assert not old.ws.closed
        await old.push("CALLBACK", MESSAGES, message(msgId="on-the-old"))
        await new.push("CALLBACK", MESSAGES, message(msgId="on-the-new"))
        assert (await old.ack())["code"] == (await new.ack())["code"] == 200
        await old.ws.close()

        assert len(await world.stored(2)) == 2
        assert world.pauses == []
    assert fake.tickets[0] != fake.tickets[1]


async def test_lost_connection_is_opened_anew_after_a_second(fake: Vendor) -> None:
    async with streaming(fake) as world:
        for _ in range(3):
            line = await fake.line()
            await line.push("SYSTEM", "ping", {})
            await line.ack()
            assert line.ws._req is not None
            assert line.ws._req.transport is not None
            line.ws._req.transport.abort()
        await fake.line()

    assert all(0.75 <= pause <= 1.25 for pause in world.pauses)
    assert len(world.pauses) == 3


async def test_pauses_double_to_a_minute_while_nothing_comes(fake: Vendor) -> None:
    fake.on(OPEN, (500, "broken"))
    async with streaming(fake) as world:
        async with asyncio.timeout(5):
            while len(world.pauses) < 9:
                await asyncio.sleep(0.01)

    for pause, middle in zip(world.pauses, (1, 2, 4, 8, 16, 32, 60, 60, 60), strict=False):
        assert 0.75 * middle <= pause <= 1.25 * middle


@pytest.mark.parametrize("refusal", [(401, {"code": "authFailed"}), (400, {"code": "invalidClientIdOrSecret"})])
async def test_wrong_secret_is_not_tried_fast(fake: Vendor, refusal: Any) -> None:
    fake.on(OPEN, refusal)
    async with streaming(fake) as world:
        async with asyncio.timeout(5):
            while len(world.pauses) < 2:
                await asyncio.sleep(0.01)

    assert world.pauses[:2] == [60.0, 60.0]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"endpoint": "http://127.0.0.1/x", "ticket": "t"},
        {"endpoint": "ws://[", "ticket": "t"},
        {"endpoint": "ws://127.0.0.1:1/connect", "ticket": "t"},
        {"endpoint": "ws://127.0.0.1:1/connect", "ticket": ""},
        "<xml/>",
    ],
)
async def test_answer_that_leads_nowhere_is_asked_for_again(fake: Vendor, answer: Any) -> None:
    usual = {"endpoint": fake.base.replace("http", "ws") + "/connect", "ticket": "good"}
    fake.tickets.append("good")
    fake.on(OPEN, answer, usual)
    async with streaming(fake) as world:
        assert (await fake.line()).ticket == "good"

    assert len(world.pauses) == 1


async def test_line_without_tls_is_refused_where_the_api_has_it() -> None:
    keys = replace(STREAM_KEYS, api_base="https://api.dingtalk.com")
    client = Client(keys, machine=Seconds(), pace=Pace(LIMITS, Seconds()), meter=Meter())
    pushes = Pushes(Reader(keys, Meter()), business_us=lambda: NOW, accept=Intake().accept, render=adapter().render)

    with pytest.raises(RetryLater):
        Stream(keys, client, pushes)._address("ws://wss-open-connection.dingtalk.com/connect", "t")


async def test_line_that_answers_no_ping_is_dead(fake: Vendor) -> None:
    fake.deaf = True
    async with streaming(fake, heartbeat=0.2) as world:
        await fake.line()
        await fake.line()

    assert len(world.pauses) == 1


@pytest.mark.parametrize("frame", ["", "[]", "null", "{", "1", "{}", '{"type":7,"headers":[],"data":{}}', "x" * 70_000])
async def test_odd_frame_does_not_end_the_line(fake: Vendor, frame: str) -> None:
    async with streaming(fake):
        line = await fake.line()
        await line.ws.send_str(frame)
        await line.ws.send_bytes(b"\x00\xff")
        await line.push("SYSTEM", "ping", {"opaque": "still here"}, message_id="after")
        ack = await line.ack()
        while ack["headers"]["messageId"] != "after":
            ack = await line.ack()

    assert ack["data"] == {"opaque": "still here"}


async def test_stream_ends_soon_after_it_is_cancelled(fake: Vendor) -> None:
    async with streaming(fake) as world:
        line = await fake.line()
        world.intake.gate.clear()
        await line.push("CALLBACK", MESSAGES, message())
        await world.stored(1)
        began = time.monotonic()
        assert world.task is not None
        world.task.cancel()
        await asyncio.gather(world.task, return_exceptions=True)

    assert time.monotonic() - began < 5
    assert world.task.cancelled()


async def test_what_is_under_way_is_acknowledged_before_the_end(fake: Vendor) -> None:
    async with streaming(fake) as world:
        line = await fake.line()
        world.intake.gate.clear()
        await line.push("CALLBACK", MESSAGES, message())
        await world.stored(1)
        assert world.task is not None
        world.task.cancel()
        await asyncio.sleep(0.05)
        world.intake.gate.set()

        assert (await line.ack())["code"] == 200


async def test_neither_ticket_nor_secret_is_logged(fake: Vendor, capsys: pytest.CaptureFixture[str]) -> None:
    fake.on(OPEN, (401, {"code": "authFailed", "message": "clientSecret=sim-app-secret"}), (200, {"endpoint": "x"}))
    async with streaming(fake) as world:
        async with asyncio.timeout(5):
            while len(world.pauses) < 2:
                await asyncio.sleep(0.01)
    fake.answers.clear()
    async with streaming(fake) as world:
        line = await fake.line()
        await line.ws.close()
        await fake.line()

    said = "".join(capsys.readouterr())
    assert "stream_down" in said
    assert "sim-app-secret" not in said
    assert "ticket 1" not in said


@settings(deadline=None)
@given(
    st.sampled_from(["SYSTEM", "EVENT", "CALLBACK", ""]),
    anything,
    anything,
    st.sampled_from([CLICKS, MESSAGES, "ping", "*"]),
)
def test_any_frame_is_taken(kind: str, headers: object, data: object, topic: str) -> None:
    pushes = Pushes(
        Reader(STREAM_KEYS, Meter()), business_us=lambda: NOW, accept=Intake().accept, render=adapter().render
    )
    sent: list[str] = []

    async def send(text: str) -> None:
        sent.append(text)

    async def take() -> None:
        for each in (headers, {"topic": topic, "messageId": headers, "eventType": data}):
            for body in (data, json.dumps(data)):
                frame = {"type": kind, "headers": each, "data": body}
                assert isinstance(pushes.is_goodbye(frame), bool)
                await pushes.take(frame, send)

    asyncio.run(take())
    assert all(json.loads(text)["code"] in (200, 404) for text in sent)


async def test_answer_that_was_not_taken_is_not_recorded() -> None:
    answer = Answer(card=CARD)
    pushes = Pushes(
        Reader(STREAM_KEYS, Meter()),
        business_us=lambda: NOW,
        accept=Intake(answer=answer).accept,
        render=adapter().render,
    )

    async def closed(_: str) -> None:
        raise ConnectionResetError("Cannot write to closing transport")

    frame = {"type": "CALLBACK", "headers": {"topic": CLICKS}, "data": json.dumps(click(TRACK, {"id": "dd/a/b/c/"}))}
    await pushes.take(frame, closed)

    assert answer.wrote == 0
