"""The Stream gateway: tickets, frames, acknowledgements, connections that come and go."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.dingtalk.frames import BadAck, read_ack
from simulator.dingtalk.outcome import BAD_ANSWER, NO_ANSWER, NO_CONNECTION, NO_RECEIVER
from tests.simulator.dingtalk.helpers import KEYS, TOPICS

OPEN = "/v1.0/gateway/connections/open"
JSON = {"Accept": "application/json"}
EVENTS = (("EVENT", "*"),)


async def connect(sim: Any, ticket: str) -> int:
    try:
        socket = await sim.http.ws_connect(f"{sim.base}/dingtalk/connect", params={"ticket": ticket})
    except aiohttp.WSServerHandshakeError as refused:
        return refused.status
    await socket.close()
    return 101


async def test_gateway_gives_an_endpoint_on_the_path_it_was_asked_on(sim: Any) -> None:
    body = {**KEYS, "subscriptions": [{"type": "EVENT", "topic": "*"}], "ua": "x", "localIp": "192.0.2.2"}
    _, root = await sim.call("POST", OPEN, json=body, headers=JSON)
    _, below = await sim.call("POST", f"/dingtalk{OPEN}", json=body, headers=JSON)
    host = sim.base.removeprefix("http://")
    assert root["endpoint"] == f"ws://{host}/connect"
    assert below["endpoint"] == f"ws://{host}/dingtalk/connect"
    async with sim.http.post(sim.base + OPEN, json=body) as response:
        assert response.content_type == "application/xml"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"clientSecret": "wrong"}, 401, "invalidClientIdOrSecret"),
        ({"clientId": "wrong"}, 401, "invalidClientIdOrSecret"),
        ({"subscriptions": []}, 400, "invalidParameter.subscriptions"),
        ({"subscriptions": [{"type": "EVENT", "topic": "chat_quit"}]}, 400, "invalidParameter.subscriptions"),
        ({"subscriptions": "all"}, 400, "invalidParameter.subscriptions"),
        ({"subscriptions": [5]}, 400, "invalidJson"),
    ],
)
async def test_gateway_refuses(sim: Any, change: Any, status: int, code: str) -> None:
    body = {**KEYS, "subscriptions": [{"type": "EVENT", "topic": "*"}], **change}
    answer = await sim.call("POST", f"/dingtalk{OPEN}", json=body, headers=JSON)
    assert (answer[0], answer[1]["code"]) == (status, code)
    assert set(answer[1]) == {"code", "message", "requestid"}


async def test_ticket_opens_one_connection_within_90_seconds(start: Any, still_clock: Any) -> None:
    sim = await start(clock=still_clock)
    used, old, young = await sim.ticket(), await sim.ticket(), await sim.ticket()
    assert [await connect(sim, used), await connect(sim, used), await connect(sim, "made-up")] == [101, 401, 401]
    still_clock.seconds += 89.9
    assert await connect(sim, young) == 101
    still_clock.seconds += 0.1
    assert await connect(sim, old) == 401


async def test_expired_ticket_scene(sim: Any) -> None:
    await sim.sim("faults", path="ticket", kind="expired")
    assert [await connect(sim, await sim.ticket()) for _ in range(2)] == [401, 101]


async def test_message_travels_as_a_frame(socket_sim: Any) -> None:
    client = await socket_sim.stream()
    said = await socket_sim.sim("say", user="张伟", text="你好")
    [frame] = client.frames
    headers = frame["headers"]
    assert said["delivered"]["code"] == 0
    assert (frame["specVersion"], frame["type"], headers["topic"]) == ("1.0", "CALLBACK", TOPICS[1][1])
    assert headers["time"].isdigit()
    assert json.loads(frame["data"])["text"] == {"content": "你好"}


async def test_nobody_connected(socket_sim: Any) -> None:
    said = await socket_sim.sim("say", user="张伟", text="你好")
    await socket_sim.stream(EVENTS)
    other = await socket_sim.sim("say", user="张伟", text="你好")
    assert [said["delivered"]["code"], other["delivered"]["code"]] == [NO_RECEIVER, NO_RECEIVER]
    shown = await socket_sim.messages("张伟")
    assert shown[0]["errors"][0]["code"] == NO_RECEIVER


async def test_connected_client_is_preferred_to_the_callback_url(sim: Any, bot: Any) -> None:
    client = await sim.stream()
    await sim.sim("say", user="张伟", text="一")
    await client.socket.close()
    await sim.sim("say", user="张伟", text="二")
    assert client.data()[0]["text"]["content"] == "一"
    assert [message["text"]["content"] for message in bot.robot] == ["二"]


async def test_pushes_are_spread_over_the_connections(socket_sim: Any) -> None:
    clients = [await socket_sim.stream() for _ in range(2)]
    for number in range(40):
        await socket_sim.sim("say", user="张伟", text=str(number))
    counts = [len(client.frames) for client in clients]
    assert sum(counts) == 40
    assert min(counts) > 0


async def test_message_without_an_ack_is_told_and_not_repeated(
    socket_sim: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.dingtalk.delivery.STREAM_SECONDS", 0.05)
    client = await socket_sim.stream()
    client.silent = True
    said = await socket_sim.sim("say", user="张伟", text="你好")
    await client.ack(client.frames[0], {"response": None})
    await socket_sim.sim("clock", advance="1d")
    assert said["delivered"]["code"] == NO_ANSWER
    assert len(client.frames) == 1
    assert list(socket_sim.vendor.gateway.problems) == []


async def test_event_is_repeated_until_it_is_taken(socket_sim: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.dingtalk.delivery.STREAM_SECONDS", 0.05)
    client = await socket_sim.stream()
    client.reply = lambda frame: {"status": "LATER"}
    event = {"eventType": "user_leave_org", "userId": ["m03"]}
    first = await socket_sim.sim("deliver", event=event)
    client.silent = True
    await socket_sim.sim("clock", advance="10s")
    client.silent, client.reply = False, lambda frame: {"status": "SUCCESS", "message": "ok"}
    await socket_sim.sim("clock", advance="30d")
    assert first["delivered"][0]["code"] == BAD_ANSWER
    assert client.data("EVENT") == [{"userId": ["m03"]}] * 3
    headers = client.frames[0]["headers"]
    assert (headers["eventType"], headers["eventCorpId"]) == ("user_leave_org", "dingsimcorp")
    assert len({frame["headers"]["eventId"] for frame in client.frames}) == 1


async def test_echoing_ack_of_the_vendors_client_takes_an_event(socket_sim: Any) -> None:
    client = await socket_sim.stream()
    client.reply = lambda frame: json.loads(frame["data"])
    answer = await socket_sim.sim("deliver", event={"eventType": "org_dept_create", "deptId": [1]})
    assert answer["delivered"][0]["code"] == 0
    assert socket_sim.vendor.next_due() is None


async def test_ping_wants_its_echo(socket_sim: Any) -> None:
    good, bad = await socket_sim.stream(), await socket_sim.stream()
    bad.silent = True
    gateway = socket_sim.vendor.gateway
    pinged, mute = gateway.connections
    await gateway.ping(pinged)
    frame = good.frames[0]
    assert (frame["type"], frame["headers"]["topic"], list(json.loads(frame["data"]))) == ("SYSTEM", "ping", ["opaque"])

    asked = asyncio.create_task(gateway.ping(mute))
    while not bad.frames:
        await asyncio.sleep(0)
    await bad.ack(bad.frames[0], {"opaque": "something else"})
    await asked
    await bad.ended.wait()
    assert gateway.connections == [pinged]
    assert list(gateway.problems) == ["SYSTEM ping 没有原样回来"]


async def test_pings_come_by_themselves(socket_sim: Any) -> None:
    socket_sim.vendor.gateway.ping_seconds = 0.01
    client = await socket_sim.stream()
    async with asyncio.timeout(5):
        while len(client.frames) < 3:
            await asyncio.sleep(0.01)
    assert {frame["headers"]["topic"] for frame in client.frames} == {"ping"}


async def test_disconnect_scene_says_goodbye_and_closes(socket_sim: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.dingtalk.stream.LEAVE_SECONDS", 0.05)
    client = await socket_sim.stream()
    await socket_sim.sim("faults", path="stream", kind="disconnect")
    first = await socket_sim.sim("say", user="张伟", text="一")
    async with asyncio.timeout(5):
        while len(client.frames) < 2:
            await asyncio.sleep(0)
    leaving = await socket_sim.sim("say", user="张伟", text="二")
    await client.ended.wait()
    assert json.loads(client.frames[1]["data"]) == {"reason": "connection is expired"}
    assert [first["delivered"]["code"], leaving["delivered"]["code"]] == [0, NO_RECEIVER]
    assert list(socket_sim.vendor.gateway.problems) == []


async def test_abort_scene_loses_the_message(socket_sim: Any) -> None:
    client = await socket_sim.stream()
    await socket_sim.sim("faults", path="stream", kind="abort")
    said = await socket_sim.sim("say", user="张伟", text="一")
    await client.ended.wait()
    assert said["delivered"]["code"] == NO_CONNECTION
    assert client.frames == []


async def test_ping_scene_comes_before_the_message(socket_sim: Any) -> None:
    client = await socket_sim.stream()
    await socket_sim.sim("faults", path="stream", kind="ping")
    said = await socket_sim.sim("say", user="张伟", text="一")
    async with asyncio.timeout(5):
        while len(client.frames) < 2:
            await asyncio.sleep(0)
    assert said["delivered"]["code"] == 0
    assert sorted(frame["type"] for frame in client.frames) == ["CALLBACK", "SYSTEM"]


async def test_foreign_acks_are_protocol_errors(socket_sim: Any) -> None:
    client = await socket_sim.stream()
    await client.socket.send_str("{}")
    await client.ack({"headers": {"messageId": "never-pushed"}}, {})
    await client.ack({"headers": {"messageId": ""}}, {})  # as the vendor's client answers a disconnect
    await socket_sim.sim("say", user="张伟", text="一")
    problems = list(socket_sim.vendor.gateway.problems)
    assert [problem[:4] for problem in problems] == ["应答不是", "应答的 "]
    _, data = await socket_sim.call("GET", "/sim/calls")
    assert [call["method"] for call in data["calls"] if call["path"] == "/connect"] == ["ACK", "ACK"]


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "[]",
        '{"code": "200", "headers": {}, "data": "{}"}',
        '{"code": true, "headers": {}, "data": "{}"}',
        '{"code": 200, "headers": [], "data": "{}"}',
        '{"code": 200, "headers": {}, "data": {}}',
        '{"code": 200, "headers": {}, "data": "{"}',
        '{"headers": {}, "data": "{}"}',
    ],
)
def test_bad_acks(text: str) -> None:
    with pytest.raises(BadAck):
        read_ack(text)


@settings(deadline=None)
@given(st.text(max_size=80) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_no_text_breaks_the_reader(text: str) -> None:
    with pytest.raises(BadAck):
        read_ack(text)


async def test_ack_code_500_is_told(socket_sim: Any) -> None:
    client = await socket_sim.stream()
    client.silent = True
    waiting = asyncio.create_task(socket_sim.sim("say", user="张伟", text="一"))
    async with asyncio.timeout(5):
        while not client.frames:
            await asyncio.sleep(0)
    await client.ack(client.frames[0], {}, code=500)
    assert (await waiting)["delivered"] == {**(await waiting)["delivered"], "status": 500, "code": BAD_ANSWER}


async def test_stopping_closes_the_connections(start: Any) -> None:
    sim = await start(modes={"dingtalk": "socket"})
    client = await sim.stream()
    await sim.vendor.gateway.close()
    await client.ended.wait()
    assert client.socket.close_code == aiohttp.WSCloseCode.GOING_AWAY
