"""Long connections of the simulated Feishu: who may open one, what goes over it, and how it ends."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from yarl import URL

from simulator.feishu import socket
from simulator.feishu.frames import Frame, unpack

Json = dict[str, Any]
ENDPOINT = "/feishu/callback/ws/endpoint"


@pytest.fixture
async def sim(start: Any) -> Any:
    """A simulator in socket mode."""
    return await start(modes={"feishu": "socket"})


@pytest.fixture
async def wire(sim: Any) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """One open connection, as a bot has it."""
    ws = await sim.http.ws_connect(await address(sim))
    yield ws
    await ws.close()


async def asked(sim: Any, path: str = ENDPOINT, **body: Any) -> Json:
    app = sim.feishu.company.app
    status, answer = await sim.call("POST", path, json={"AppID": app.app_id, "AppSecret": app.app_secret, **body})
    assert status == 200
    found: Json = answer
    return found


async def address(sim: Any, path: str = ENDPOINT) -> str:
    return str((await asked(sim, path))["data"]["URL"])


async def heard(ws: aiohttp.ClientWebSocketResponse) -> Frame:
    return unpack(await ws.receive_bytes(timeout=5))


async def answer(ws: aiohttp.ClientWebSocketResponse, frame: Frame, payload: Any, **more: str) -> None:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    await ws.send_bytes(Frame(frame.method, frame.service, {**frame.headers, **more}, body).pack())


async def test_address_holds_what_the_client_needs_and_its_settings(sim: Any) -> None:
    given = await asked(sim)

    assert (given["code"], given["data"]["ClientConfig"]) == (
        0,
        {"ReconnectCount": -1, "ReconnectInterval": 120, "ReconnectNonce": 30, "PingInterval": 120},
    )
    url = URL(given["data"]["URL"])
    assert str(url.with_query(None)) == sim.base.replace("http:", "ws:") + "/feishu/ws/v2"
    assert list(url.query) == ["device_id", "service_id", "access_key", "ticket"]
    assert (await address(sim, "/callback/ws/endpoint")).startswith(sim.base.replace("http:", "ws:") + "/ws/v2?")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"AppSecret": "wrong"}, 514),
        ({"AppID": "cli_other"}, 403),
        ({"AppID": ""}, 1000040344),
        ({"AppSecret": None}, 1000040344),
    ],
)
async def test_address_is_given_for_the_right_secret_only(sim: Any, body: Json, code: int) -> None:
    given = await asked(sim, **body)

    assert (given["code"], "data" in given) == (code, False)


@pytest.mark.parametrize("ticket", ["", "guessed"])
async def test_ticket_is_needed(sim: Any, ticket: str) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await sim.http.ws_connect(f"{sim.base}/feishu/ws/v2?device_id=1&service_id=3307&ticket={ticket}")

    assert refused.value.headers is not None
    assert refused.value.headers["handshake-status"] == "514"


async def test_ticket_is_good_once_and_for_two_minutes(start: Any, still_clock: Any) -> None:
    sim = await start(modes={"feishu": "socket"}, clock=still_clock)
    used, old = await address(sim), await address(sim)
    await (await sim.http.ws_connect(used)).close()
    still_clock.seconds += 120

    for url in (used, old):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await sim.http.ws_connect(url)


async def test_fifty_connections_are_enough(sim: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "MOST_CONNECTIONS", 2)
    third = await address(sim)
    wires = [await sim.http.ws_connect(await address(sim)) for _ in range(2)]

    assert (await asked(sim))["code"] == 1000040350
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await sim.http.ws_connect(third)
    assert refused.value.headers is not None
    assert refused.value.headers["handshake-autherrcode"] == "1000040350"
    for ws in wires:
        await ws.close()


async def test_event_is_plain_json_in_a_frame_and_done_when_answered(sim: Any, bot: Any, wire: Any) -> None:
    saying = asyncio.create_task(sim.sim("say", user="李雷", text="你好"))
    frame = await heard(wire)
    await answer(wire, frame, {"code": 200}, biz_rt="1")

    assert (await saying)["delivered"]["code"] == 0
    event = json.loads(frame.payload)
    assert event["header"]["event_type"] == "im.message.receive_v1"
    assert frame.method == 1
    assert {name: frame.headers[name] for name in ("type", "sum", "seq")} == {"type": "event", "sum": "1", "seq": "0"}
    assert frame.headers["message_id"]
    assert frame.headers["trace_id"]
    assert bot.bodies == []


async def test_large_event_is_split_and_answered_once(sim: Any, wire: Any) -> None:
    sim.feishu.sockets.part_bytes = 100
    saying = asyncio.create_task(sim.sim("say", user="李雷", text="你好"))
    parts = [await heard(wire)]
    parts += [await heard(wire) for _ in range(int(parts[0].headers["sum"]) - 1)]
    await answer(wire, parts[-1], {"code": 200})

    assert (await saying)["delivered"]["code"] == 0
    assert len(parts) > 3
    assert [part.headers["seq"] for part in parts] == [str(number) for number in range(len(parts))]
    assert len({part.headers["message_id"] for part in parts}) == 1
    assert json.loads(b"".join(part.payload for part in parts))["schema"] == "2.0"


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"code": 200, "data": base64.b64encode(b'{"toast":{"type":"info","content":"ok"}}').decode()}, 0),
        ({"code": 200}, 0),
        ({"code": 500}, 200671),
        ({"code": 200, "data": base64.b64encode(b"[]").decode()}, 200672),
        ({"code": 200, "data": "no base64!"}, 200672),
        ({"code": 200, "data": 5}, 200672),
        ({"code": "200"}, 200672),
        ({}, 200672),
        ([], 200672),
        (b"no JSON", 200672),
        (b"", 200672),
    ],
)
async def test_click_shows_what_its_answer_means(sim: Any, deal_card: Any, wire: Any, payload: Any, code: int) -> None:
    await sim.sent("李雷", deal_card)
    clicking = asyncio.create_task(sim.sim("click", user="李雷", button="同意"))
    await answer(wire, await heard(wire), payload)

    assert (await clicking)["code"] == code


async def test_click_has_three_seconds(sim: Any, deal_card: Any, wire: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.feishu.clicks.CALLBACK_SECONDS", 0.05)
    await sim.sent("李雷", deal_card)
    clicked = await sim.sim("click", user="李雷", button="同意")
    await answer(wire, await heard(wire), {"code": 200})

    assert clicked["code"] == 200341


async def test_event_that_was_not_taken_is_sent_again(sim: Any, wire: Any) -> None:
    async def refuse_then_take() -> list[str]:
        ids = []
        for code in (500, 200):
            frame = await heard(wire)
            ids.append(json.loads(frame.payload)["header"]["event_id"])
            await answer(wire, frame, {"code": code})
        return ids

    bot = asyncio.create_task(refuse_then_take())
    first = await sim.sim("say", user="李雷", text="你好")
    await sim.sim("clock", advance="16s")

    assert (first["delivered"]["status"], first["delivered"]["code"]) == (500, 200671)
    assert len(set(await bot)) == 1


async def test_event_with_nobody_connected_is_sent_again(sim: Any, bot: Any) -> None:
    first = await sim.sim("say", user="李雷", text="你好")
    ws = await sim.http.ws_connect(await address(sim))
    moving = asyncio.create_task(sim.sim("clock", advance="16s"))
    frame = await heard(ws)
    await answer(ws, frame, {"code": 200})
    await moving
    await ws.close()

    assert (first["delivered"]["code"], bot.bodies) == (200342, [])


async def test_event_on_a_connection_that_closes_is_not_taken(sim: Any, wire: Any) -> None:
    saying = asyncio.create_task(sim.sim("say", user="李雷", text="你好"))
    await heard(wire)
    await wire.close()

    assert (await saying)["delivered"]["code"] == 200341


async def test_ping_is_answered_with_the_settings_of_now(sim: Any, wire: Any) -> None:
    sim.feishu.sockets.config["PingInterval"] = 7
    await wire.send_bytes(Frame(0, 3307, {"type": "ping"}).pack())

    pong = await heard(wire)

    assert (pong.method, pong.service, pong.headers) == (0, 3307, {"type": "pong"})
    assert json.loads(pong.payload)["PingInterval"] == 7


@pytest.mark.parametrize("text", [True, False])
async def test_client_that_speaks_no_frames_is_thrown_out(sim: Any, wire: Any, text: bool) -> None:
    if text:
        await wire.send_str("hello")
    else:
        await wire.send_bytes(b"\xff")

    assert (await wire.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE
    assert wire.close_code == 1002


async def test_client_that_is_not_heard_of_is_thrown_out(sim: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "MORE_SECONDS", 0.02)
    sim.feishu.sockets.config["PingInterval"] = 0
    ws = await sim.http.ws_connect(await address(sim))

    assert (await ws.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE
    assert ws.close_code == 1002


async def test_silence_lets_a_connection_hang_and_close_ends_it(sim: Any, wire: Any) -> None:
    assert await sim.sim("feishu/sockets", do="silence") == {"connections": 1}
    await wire.send_bytes(Frame(0, 3307, {"type": "ping"}).pack())
    await wire.ping()
    with pytest.raises(TimeoutError):
        await wire.receive(timeout=0.1)
    closing = asyncio.create_task(sim.sim("feishu/sockets", do="close"))
    assert (await wire.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE

    assert await closing == {"connections": 1}


@pytest.mark.parametrize("body", [{"do": "dance"}, {}, []])
async def test_other_wishes_are_refused(sim: Any, body: Any) -> None:
    status, answered = await sim.call("POST", "/sim/feishu/sockets", json=body)

    assert (status, answered) == (400, {"error": "do 要是 close 或 silence"})


async def test_console_only_wants_an_open_connection(sim: Any) -> None:
    before = await sim.sim("callback", verify=True)
    ws = await sim.http.ws_connect(await address(sim))
    after = await sim.sim("callback", verify=True)
    await ws.close()

    assert [one["verified"]["ok"] for one in (before, after)] == [False, True]


async def test_webhook_mode_sends_nothing_over_connections(start: Any, bot: Any) -> None:
    sim = await start()
    ws = await sim.http.ws_connect(await address(sim))
    await sim.sim("say", user="李雷", text="你好")

    with pytest.raises(TimeoutError):
        await ws.receive(timeout=0.05)
    await ws.close()
    assert bot.texts() == ["你好"]


async def test_deliveries_are_in_the_log_without_the_token(sim: Any) -> None:
    await sim.sim("say", user="李雷", text="你好")
    _, found = await sim.call("GET", "/sim/calls", params={"path": "/ws/v2"})

    (call,) = found["calls"]
    assert (call["method"], call["direction"], call["code"]) == ("WS", "out", 200342)
    assert call["request"]["header"]["token"] == "•••"
