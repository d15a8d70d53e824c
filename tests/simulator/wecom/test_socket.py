"""The smart bot over its socket: one connection, acknowledged frames, pushes and uploads."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import pytest

from simulator.wecom.crypto import unseal
from tests.simulator.wecom.conftest import StillClock
from tests.simulator.wecom.helpers import APP, GROUP, PNG, Bot, Json, Sim, buttons, notice

Start = Callable[..., Awaitable[Sim]]
CHAT = "wecom-bot-m03"
SINGLE = {"platform": "wecom", "face": "bot"}


class Wire:
    """One connection of a bot."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws
        self.number = 0

    async def read(self) -> Json:
        message = await self.ws.receive(timeout=5)
        assert message.type is aiohttp.WSMsgType.TEXT, message
        frame: Json = json.loads(message.data)
        return frame

    async def ask(self, cmd: str, req_id: str = "", **body: Any) -> Json:
        self.number += 1
        req_id = req_id or f"{cmd}-{self.number}"
        await self.ws.send_json({"cmd": cmd, "headers": {"req_id": req_id}, "body": body})
        answer = await self.read()
        assert answer["headers"] == {"req_id": req_id}
        assert "cmd" not in answer
        return answer

    async def subscribe(self) -> Json:
        return await self.ask("aibot_subscribe", bot_id=APP.bot_id, secret=APP.bot_secret)


@pytest.fixture
async def sim(start: Start) -> Sim:
    return await start(modes={"wecom": "socket"})


@asynccontextmanager
async def connect(sim: Sim) -> AsyncIterator[Wire]:
    async with aiohttp.ClientSession() as http, http.ws_connect(sim.base + "/wecom/ws") as ws:
        yield Wire(ws)


@pytest.fixture
async def wire(sim: Sim) -> AsyncIterator[Wire]:
    """A subscribed connection."""
    async with AsyncExitStack() as stack:
        wire = await stack.enter_async_context(connect(sim))
        assert (await wire.subscribe())["errcode"] == 0
        yield wire


async def told(sim: Sim, wire: Wire, text: str = "你好", **where: str) -> Json:
    await sim.sim("say", user="m03", text=text, **(where or SINGLE))
    return await wire.read()


async def test_a_message_and_its_reply(sim: Sim, wire: Wire, bot: Bot) -> None:
    frame = await told(sim, wire)
    assert frame["cmd"] == "aibot_msg_callback"
    body, req_id = frame["body"], frame["headers"]["req_id"]
    assert (body["text"], body["chattype"]) == ({"content": "你好"}, "single")
    assert "response_url" not in body
    for content, finish in (("查", False), ("查到了", True)):
        part = {"id": "s", "finish": finish, "content": content}
        assert (await wire.ask("aibot_respond_msg", req_id, msgtype="stream", stream=part))["errcode"] == 0
    assert (await wire.ask("aibot_respond_msg", req_id, msgtype="stream", stream=part))["errcode"] == 846608
    answer = await wire.ask("aibot_respond_msg", req_id, msgtype="markdown", markdown={"content": "又"})
    assert answer["errcode"] == 0
    assert [m["text"] for m in await sim.messages(CHAT)] == ["你好", "查到了", "又"]
    assert bot.bodies == []


async def test_nothing_before_the_subscription(sim: Sim) -> None:
    async with connect(sim) as wire:
        assert (await wire.ask("ping"))["errcode"] == 40058
        assert (await wire.ask("aibot_subscribe", bot_id=APP.bot_id, secret="x"))["errcode"] == 40001
        assert (await wire.subscribe())["errcode"] == 0
        assert (await wire.ask("ping"))["errcode"] == 0
        assert (await wire.ask("nonsense"))["errcode"] == 40058


async def test_a_bot_in_url_mode_has_no_socket(start: Start) -> None:
    sim = await start()
    async with connect(sim) as wire:
        assert (await wire.subscribe())["errcode"] == 40058


async def test_with_both_it_is_told_by_callback_until_it_connects(start: Start, bot: Bot) -> None:
    sim = await start(modes={"wecom": "both"})
    await sim.sim("say", user="m03", text="一", **SINGLE)
    async with connect(sim) as wire:
        await wire.subscribe()
        assert (await told(sim, wire, "二"))["body"]["text"]["content"] == "二"
    assert [body["text"]["content"] for body in bot.bodies] == ["一"]


async def test_the_second_connection_ends_the_first(sim: Sim, wire: Wire) -> None:
    async with connect(sim) as second:
        await second.subscribe()
        frame = await wire.read()
        assert frame["body"]["event"] == {"eventtype": "disconnected_event"}
        assert "from" not in frame["body"]
        message = await wire.ws.receive(timeout=5)
        assert (message.type, wire.ws.close_code) == (aiohttp.WSMsgType.CLOSE, 1000)
        assert (await told(sim, second))["body"]["msgtype"] == "text"


async def test_without_a_connection_it_is_lost(sim: Sim) -> None:
    answer = await sim.sim("say", user="m03", text="a", **SINGLE)
    assert answer["delivered"]["code"] != 0
    assert "没有连着" in (await sim.messages(CHAT))[0]["errors"][0]["text"]


async def test_silence_ends_the_connection(sim: Sim) -> None:
    sim.vendor.hub.silence = 0.1
    async with connect(sim) as wire:
        await wire.subscribe()
        for _ in range(3):
            await asyncio.sleep(0.05)
            await wire.ask("ping")
        message = await wire.ws.receive(timeout=5)
        assert message.type is aiohttp.WSMsgType.CLOSE
    assert not sim.vendor.hub.connected


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cmd":1}', '{"cmd":"aibot_respond_msg","headers":1,"body":[]}'])
async def test_odd_frames_are_answered(wire: Wire, text: str) -> None:
    await wire.ws.send_str(text)
    assert (await wire.read())["errcode"] != 0
    assert (await wire.ask("ping"))["errcode"] == 0


async def test_greeting_only_for_an_entry_and_quickly(start: Start, still_clock: StillClock) -> None:
    sim = await start(modes={"wecom": "socket"}, clock=still_clock)
    async with connect(sim) as wire:
        await wire.subscribe()
        await sim.sim("enter", user="m03", **SINGLE)
        frame = await wire.read()
        assert (frame["cmd"], frame["body"]["event"]) == ("aibot_event_callback", {"eventtype": "enter_chat"})
        req_id = frame["headers"]["req_id"]
        text: Json = {"msgtype": "text", "text": {"content": "欢迎"}}
        assert (await wire.ask("aibot_respond_msg", req_id, **text))["errcode"] == 846605
        assert (await wire.ask("aibot_respond_welcome_msg", req_id, **text))["errcode"] == 0
        still_clock.seconds += 5.1
        assert (await wire.ask("aibot_respond_welcome_msg", req_id, **text))["errcode"] == 846605
    assert [m["text"] for m in await sim.messages(CHAT)] == ["欢迎"]


def card(task_id: str = "b1", **more: Any) -> Json:
    return buttons(task_id, button_list=[{"text": "同意", "key": "ok"}], **more)


async def test_a_click_and_the_change_of_its_card(sim: Sim, wire: Wire) -> None:
    frame = await told(sim, wire, "@助手 看", chat=GROUP.id)
    await wire.ask("aibot_respond_msg", frame["headers"]["req_id"], msgtype="template_card", template_card=card())
    assert (await sim.sim("click", user="m03", chat=GROUP.id, button="同意"))["code"] == 0
    frame = await wire.read()
    assert frame["body"]["event"]["template_card_event"]["task_id"] == "b1"
    update: Json = {"response_type": "update_template_card", "template_card": notice(task_id="b1")}
    assert (await wire.ask("aibot_respond_msg", frame["headers"]["req_id"], **update))["errcode"] == 846605
    assert (await wire.ask("aibot_respond_update_msg", frame["headers"]["req_id"], **update))["errcode"] == 0
    assert (await sim.messages(GROUP.id))[-1]["card"]["card_type"] == "text_notice"


async def test_pushes_only_where_somebody_has_spoken(sim: Sim, wire: Wire) -> None:
    words: Json = {"msgtype": "markdown", "markdown": {"content": "日报"}}
    assert (await wire.ask("aibot_send_msg", chatid="m03", chat_type=1, **words))["errcode"] == 93008
    await told(sim, wire)
    await told(sim, wire, "@助手 在", chat=GROUP.id)
    assert (await wire.ask("aibot_send_msg", chatid="M03", chat_type=1, **words))["errcode"] == 0
    assert (await wire.ask("aibot_send_msg", chatid=GROUP.id, **words))["errcode"] == 0
    assert (await wire.ask("aibot_send_msg", chatid=GROUP.id, chat_type=1, **words))["errcode"] == 93006
    assert (await wire.ask("aibot_send_msg", chatid="none", chat_type=2, **words))["errcode"] == 93006
    text: Json = {"msgtype": "text", "text": {"content": "a"}}
    assert (await wire.ask("aibot_send_msg", chatid="m03", **text))["errcode"] == 40008
    assert (await sim.messages(GROUP.id))[-1]["text"] == (await sim.messages(CHAT))[-1]["text"] == "日报"
    await sim.sim("members", chat=GROUP.id, remove=["bot"])
    assert (await wire.ask("aibot_send_msg", chatid=GROUP.id, chat_type=2, **words))["errcode"] == 93008


async def test_media_carry_their_own_key(sim: Sim, wire: Wire) -> None:
    await sim.send_file("a.pdf", b"%PDF-1.7", user="m03", **SINGLE)
    part = (await wire.read())["body"]["file"]
    async with sim.http.get(part["url"]) as response:
        assert unseal(await response.read(), base64.b64decode(part["aeskey"])) == b"%PDF-1.7"


async def upload(wire: Wire, data: bytes, order: list[int], first: int = 0, **changed: Any) -> Json:
    pieces = [data[i : i + 30] for i in range(0, len(data), 30)]
    begin: Json = {
        "type": "image",
        "filename": "a.png",
        "total_size": len(data),
        "total_chunks": len(pieces),
        "md5": hashlib.md5(data).hexdigest(),
        **changed,
    }
    answer = await wire.ask("aibot_upload_media_init", **begin)
    if answer["errcode"]:
        return answer
    upload_id = answer["body"]["upload_id"]
    for index in order:
        piece = base64.b64encode(pieces[index]).decode()
        part: Json = {"upload_id": upload_id, "chunk_index": index + first, "base64_data": piece}
        assert (await wire.ask("aibot_upload_media_chunk", **part))["errcode"] == 0
    return await wire.ask("aibot_upload_media_finish", upload_id=upload_id)


@pytest.mark.parametrize("first", [0, 1])
async def test_an_upload_in_pieces(sim: Sim, wire: Wire, first: int) -> None:
    done = await upload(wire, PNG, [2, 0, 1, 1], first)
    assert done["body"]["type"] == "image"
    await told(sim, wire)
    image: Json = {"msgtype": "image", "image": {"media_id": done["body"]["media_id"]}}
    assert (await wire.ask("aibot_send_msg", chatid="m03", **image))["errcode"] == 0
    assert (await sim.messages(CHAT))[-1]["image_url"]


async def test_a_picture_answers_a_message(sim: Sim, wire: Wire) -> None:
    media_id = (await upload(wire, PNG, [0, 1, 2]))["body"]["media_id"]
    req_id = (await told(sim, wire))["headers"]["req_id"]
    image: Json = {"msgtype": "image", "image": {"media_id": media_id}}
    assert (await wire.ask("aibot_respond_msg", req_id, **image))["errcode"] == 0
    assert (await wire.ask("aibot_respond_msg", req_id, msgtype="image", image={"media_id": "x"}))["errcode"] == 40007
    part = {"id": "s", "finish": True, "content": "a", "msg_item": [{}]}
    assert (await wire.ask("aibot_respond_msg", req_id, msgtype="stream", stream=part))["errcode"] == 40058


async def test_odd_chunks_are_refused(wire: Wire) -> None:
    begin: Json = {"type": "file", "filename": "a", "total_size": 30, "total_chunks": 1, "md5": ""}
    upload_id = (await wire.ask("aibot_upload_media_init", **begin))["body"]["upload_id"]
    for index, data, code in ((2, "QQ==", 40058), ("0", "QQ==", 40058), (0, "!", 40058), (0, "", 40006)):
        part: Json = {"upload_id": upload_id, "chunk_index": index, "base64_data": data}
        assert (await wire.ask("aibot_upload_media_chunk", **part))["errcode"] == code
    assert (await wire.ask("aibot_upload_media_init", **{**begin, "filename": ""}))["errcode"] == 40058


async def test_refused_uploads(wire: Wire) -> None:
    assert (await upload(wire, PNG, [0, 1]))["errcode"] == 40006
    assert (await upload(wire, PNG, [0, 1, 2], md5="x"))["errcode"] == 40058
    assert (await upload(wire, b"GIF89a" * 15, [0, 1, 2]))["errcode"] == 40005
    assert (await upload(wire, PNG, [], type="sticker"))["errcode"] == 40004
    assert (await upload(wire, PNG, [], total_chunks=101))["errcode"] == 40058
    assert (await upload(wire, PNG, [], total_size=0))["errcode"] == 40006
    assert (await wire.ask("aibot_upload_media_finish", upload_id="none"))["errcode"] == 40058


async def test_faults_on_the_socket(sim: Sim, wire: Wire) -> None:
    await sim.sim("faults", path="event", kind="duplicate")
    first = await told(sim, wire)
    assert await wire.read() == first
    await sim.sim("faults", path="event", kind="reorder")
    await sim.sim("say", user="m03", text="一", **SINGLE)
    assert [
        (await told(sim, wire, "二"))["body"]["text"]["content"],
        (await wire.read())["body"]["text"]["content"],
    ] == [
        "二",
        "一",
    ]
    await sim.sim("faults", path="aibot_send_msg", kind="45009")
    words: Json = {"msgtype": "markdown", "markdown": {"content": "日报"}}
    assert (await wire.ask("aibot_send_msg", chatid="m03", **words))["errcode"] == 45009
    await sim.sim("faults", path="aibot_send_msg", kind="drop_after")
    await wire.ws.send_json({"cmd": "aibot_send_msg", "headers": {"req_id": "x"}, "body": {"chatid": "m03", **words}})
    message = await wire.ws.receive(timeout=5)
    assert message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    assert (await sim.messages(CHAT))[-1]["text"] == "日报"


async def test_a_connection_refused_and_one_lost(sim: Sim) -> None:
    await sim.sim("faults", path="/wecom/ws", kind="5xx", count=2)
    for _ in range(2):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with connect(sim):
                pass
    async with connect(sim) as wire:
        await wire.subscribe()
        await sim.sim("faults", path="event", kind="drop_after")
        assert (await told(sim, wire))["body"]["msgtype"] == "text"
        message = await wire.ws.receive(timeout=5)
        assert message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)


async def test_secrets_stay_out_of_the_log(sim: Sim, wire: Wire) -> None:
    shown = str(sim.wecom.calls.view(10, None))
    assert "aibot_subscribe" in shown
    assert APP.bot_secret not in shown
