"""The smart bot's socket: subscribed, pinged, acknowledged; lost and found again; taken over by another."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from bot.platforms.base import Address, Gone, NotAllowed, PlatformError, RetryLater, Sent, Socket
from bot.platforms.wecom import Wecom, line
from bot.platforms.wecom.line import wait_before
from cards.blocks import Action, Button, Buttons, Picture, Title, words
from handlers.events import Said
from tests.bot.platforms.wecom.helpers import (
    KEYS,
    SOCKET_KEYS,
    Answer,
    Intake,
    Json,
    adapter,
    bot_clicked,
    bot_said,
    vendor,
)

CARD = (Title("已同意", "green", "办结"), Buttons((Button("看全程", Action("request.trail", "3")),)))
GROUP = Address(chat="bot:g:wrGroup1")


@dataclass
class Wire:
    """The vendor's end of the socket: remembers frames, answers each with `receipt`, and sends what it is told."""

    frames: list[Json] = field(default_factory=list)
    opened: int = 0
    ws: web.WebSocketResponse | None = None
    receipt: Callable[[Json], Json | None] = lambda frame: {"errcode": 0, "errmsg": "ok"}
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.ws = web.WebSocketResponse()
        await self.ws.prepare(request)
        self.opened += 1
        async for message in self.ws:
            frame = json.loads(message.data)
            self.frames.append(frame)
            answer = self.receipt(frame)
            if answer is not None:
                await self.tell({"headers": frame["headers"], **answer})
            self.changed.set()
        self.changed.set()
        return self.ws

    async def tell(self, frame: Json | str) -> None:
        assert self.ws is not None
        await self.ws.send_str(frame if isinstance(frame, str) else json.dumps(frame))

    async def event(self, body: Json, command: str = "aibot_msg_callback") -> None:
        await self.tell({"cmd": command, "headers": {"req_id": f"req-{body.get('msgid')}"}, "body": body})

    def seen(self, command: str) -> list[Json]:
        return [frame for frame in self.frames if frame["cmd"] == command]

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(5):
            while not true():
                self.changed.clear()
                await self.changed.wait()


@dataclass
class World:
    """An adapter, its running socket and the vendor's end."""

    wecom: Wecom
    wire: Wire
    intake: Intake
    running: asyncio.Future[None]

    async def send(self, to: Address, card: Any, key: str = "row-1") -> Sent:
        return await self.wecom.send(to, self.wecom.render(card, to.chat), key=key)


@asynccontextmanager
async def online(
    wire: Wire | None = None, *, answer: Answer | None = None, subscribed: bool = True
) -> AsyncIterator[World]:
    """The socket connected and, unless told otherwise, subscribed."""
    wire, intake = wire or Wire(), Intake(answer=answer)
    app = web.Application()
    app.router.add_get("/", wire.handle)
    async with TestServer(app) as server:
        wecom = adapter(replace(SOCKET_KEYS, ws_base=f"ws://127.0.0.1:{server.port}/", api_base="http://127.0.0.1:1"))
        await wecom.start()
        (socket,) = wecom.sockets(intake.accept)
        running = asyncio.ensure_future(socket.run())
        try:
            if subscribed:
                await wire.until(lambda: wire.seen("aibot_subscribe"))
                while not (wecom._line and wecom._line._ready):
                    await asyncio.sleep(0)
            yield World(wecom, wire, intake, running)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await wecom.stop()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits that the vendor's clock decides are short here."""
    monkeypatch.setattr(line, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(line, "STORE_AGAIN", (0.01, 0.01))


def test_socket_lives_in_one_process_and_owns_the_bots_chats() -> None:
    (socket,) = adapter(SOCKET_KEYS).sockets(Intake().accept)

    assert isinstance(socket, Socket)
    assert (socket.name, socket.exclusive, socket.chats) == ("wecom", True, "bot:")
    assert list(adapter(KEYS).sockets(Intake().accept)) == []


async def test_socket_subscribes_with_the_bots_secret() -> None:
    async with online() as world:
        (frame,) = world.wire.seen("aibot_subscribe")

    assert frame["body"] == {"bot_id": "aib1", "secret": "secret-of-the-bot"}
    assert frame["headers"]["req_id"]


async def test_message_is_stored_with_the_request_that_answers_it() -> None:
    body = bot_said()
    del body["response_url"]
    async with online() as world:
        await world.wire.event(body)
        row = await world.intake.next()

    said = world.wecom.parse(row)
    assert (row.id, row.chat, row.answer_within_ms) == (
        "wecom:ww0000000000000001:bot:CAIQ1", "bot:g:wrGroup1", 0,
    )  # fmt: skip
    assert isinstance(said, Said)
    assert (said.message_id, said.text, said.threaded) == ("req:req-CAIQ1", "录单 华东医疗 CT机 120万", False)


async def test_messages_are_stored_in_the_order_they_came() -> None:
    async with online() as world:
        for number in range(30):
            await world.wire.event(bot_said(msgid=f"M{number}"))
        while len(world.intake.stored) < 30:
            await world.intake.next()

    assert [row.id.rpartition(":")[2] for row in world.intake.stored] == [f"M{number}" for number in range(30)]


async def test_message_that_could_not_be_stored_is_tried_again() -> None:
    async with online() as world:
        world.intake.fails = 2
        await world.wire.event(bot_said())
        await world.intake.next()

    assert len(world.intake.stored) == 1


async def test_message_is_sent_of_its_own_accord_or_in_answer() -> None:
    async with online() as world:
        pushed = await world.send(GROUP, CARD)
        single = await world.send(Address(chat="bot:u:lilei"), words("好"))
        answered = await world.send(Address(chat="bot:g:wrGroup1", reply_to="req:req-1"), words("好"))

    push, to_person = world.wire.seen("aibot_send_msg")
    (answer,) = world.wire.seen("aibot_respond_msg")
    assert pushed == Sent("row-1", "bot:g:wrGroup1")
    assert (push["body"]["chatid"], push["body"]["chat_type"]) == ("wrGroup1", 2)
    assert push["body"]["template_card"]["task_id"] == "row-1"
    assert (to_person["body"]["chatid"], to_person["body"]["chat_type"]) == ("lilei", 1)
    assert to_person["body"]["msgtype"] == "markdown"
    assert (answer["headers"], answered.chat) == ({"req_id": "req-1"}, "bot:g:wrGroup1")
    assert single.chat == "bot:u:lilei"


async def test_request_that_is_over_is_answered_by_a_new_message() -> None:
    wire = Wire(receipt=lambda frame: {"errcode": 846605 if frame["cmd"] == "aibot_respond_msg" else 0})
    async with online(wire) as world:
        await world.send(Address(chat="bot:g:wrGroup1", reply_to="req:old"), words("好"))

    assert len(world.wire.seen("aibot_send_msg")) == 1


@pytest.mark.parametrize(("code", "kind"), [(93006, NotAllowed), (45009, RetryLater), (846608, Gone)])
async def test_refused_frame_is_an_error(code: int, kind: type[PlatformError]) -> None:
    wire = Wire(receipt=lambda frame: {"errcode": code if frame["cmd"] == "aibot_send_msg" else 0})
    async with online(wire) as world:
        with pytest.raises(kind):
            await world.send(GROUP, CARD)


async def test_message_without_receipt_may_have_arrived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "ACK_SECONDS", 0.05)
    wire = Wire(receipt=lambda frame: {"errcode": 0} if frame["cmd"] == "aibot_subscribe" else None)
    async with online(wire) as world:
        with pytest.raises(RetryLater) as failure:
            await world.send(GROUP, CARD)

    assert failure.value.unknown


async def test_message_is_held_back_while_the_socket_is_closed() -> None:
    wecom = adapter(SOCKET_KEYS)
    with pytest.raises(RetryLater) as failure:
        await wecom.send(GROUP, wecom.render(CARD, GROUP.chat), key="k")

    assert not failure.value.unknown


async def test_message_under_way_when_the_connection_is_lost_may_have_arrived() -> None:
    wire = Wire(receipt=lambda frame: {"errcode": 0} if frame["cmd"] == "aibot_subscribe" else None)
    async with online(wire) as world:
        sending = asyncio.create_task(world.send(GROUP, CARD))
        await wire.until(lambda: wire.seen("aibot_send_msg"))
        assert wire.ws is not None
        await wire.ws.close()
        with pytest.raises(RetryLater) as failure:
            await sending

    assert failure.value.unknown


async def test_picture_is_uploaded_by_the_bot_in_parts_and_once() -> None:
    content = b"\x89PNG" + b"x" * (600 << 10)
    told = {"aibot_upload_media_init": {"upload_id": "U1"}, "aibot_upload_media_finish": {"media_id": "B1"}}
    wire = Wire(receipt=lambda frame: {"errcode": 0, "body": told.get(frame["cmd"], {})})
    card = (*CARD[:1], Picture("trend", "LDR 八周", media="M1"), *CARD[1:])
    async with online(wire) as world, vendor() as fake:
        fake.on("GET /media/get", lambda *_: web.Response(body=content, content_type="image/png"))
        world.wecom._client._base = fake.base + "/cgi-bin/"
        for key in ("row-1", "row-2"):
            await world.send(Address(chat="bot:g:wrGroup1", reply_to="req:1"), card, key)

    (start,) = wire.seen("aibot_upload_media_init")
    chunks = [frame["body"] for frame in wire.seen("aibot_upload_media_chunk")]
    assert (start["body"]["type"], start["body"]["total_chunks"]) == ("image", 2)
    assert start["body"]["md5"] == hashlib.md5(content).hexdigest()
    assert b"".join(base64.b64decode(chunk["base64_data"]) for chunk in chunks) == content
    assert [(chunk["upload_id"], chunk["chunk_index"]) for chunk in chunks] == [("U1", 0), ("U1", 1)]
    assert [frame["body"]["image"] for frame in wire.seen("aibot_send_msg")] == [{"media_id": "B1"}] * 2
    assert len(wire.seen("aibot_respond_msg")) == 2


async def test_upload_without_id_is_tried_again_later() -> None:
    async with online() as world:
        assert world.wecom._line is not None
        with pytest.raises(RetryLater):
            await world.wecom._line.upload(b"x" * 10, name="a.png", kind="image")


async def test_click_is_answered_with_the_card_it_leads_to() -> None:
    answer = Answer(card=CARD)
    async with online(answer=answer) as world:
        await world.wire.event(bot_clicked("0.x", task="row-9"), "aibot_event_callback")
        await world.wire.until(lambda: world.wire.seen("aibot_respond_update_msg"))
        while not answer.wrote:
            await asyncio.sleep(0)

    (frame,) = world.wire.seen("aibot_respond_update_msg")
    assert frame["headers"] == {"req_id": "req-CAIQ2"}
    assert frame["body"]["response_type"] == "update_template_card"
    assert frame["body"]["template_card"]["task_id"] == "row-9"
    assert world.intake.stored[0].answer_within_ms == 4200


async def test_sentence_in_answer_to_a_click_is_a_message_of_its_own() -> None:
    answer = Answer(toast="已同意")
    async with online(answer=answer) as world:
        await world.wire.event(bot_clicked("0.x"))
        await world.wire.until(lambda: world.wire.seen("aibot_send_msg"))
        while not answer.wrote:
            await asyncio.sleep(0)

    assert world.wire.seen("aibot_send_msg")[0]["body"]["markdown"] == {"content": "已同意"}


async def test_answer_that_was_refused_is_not_recorded() -> None:
    answer = Answer(card=CARD)
    wire = Wire(receipt=lambda frame: {"errcode": 846605 if "respond" in frame["cmd"] else 0})
    async with online(wire, answer=answer) as world:
        await wire.event(bot_clicked("0.x"))
        await wire.until(lambda: wire.seen("aibot_respond_update_msg"))
        assert world.wecom._line is not None
        await asyncio.gather(*world.wecom._line._tasks)

    assert answer.wrote == 0


async def test_lost_connection_is_opened_again() -> None:
    async with online() as world:
        assert world.wire.ws is not None
        await world.wire.ws.close()
        await world.wire.until(lambda: len(world.wire.seen("aibot_subscribe")) == 2)
        await world.wire.event(bot_said())
        await world.intake.next()

    assert world.wire.opened == 2


async def test_connection_that_is_silent_is_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "SILENT_SECONDS", 0.05)
    async with online(subscribed=False) as world:
        await world.wire.until(lambda: len(world.wire.seen("aibot_subscribe")) >= 2)


async def test_connection_is_pinged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "PING_SECONDS", 0.01)
    async with online() as world:
        await world.wire.until(lambda: len(world.wire.seen("ping")) >= 3)

    assert set(world.wire.seen("ping")[0]) == {"cmd", "headers"}


@pytest.mark.parametrize("command", ["aibot_event_callback", "aibot_msg_callback"])
async def test_connection_taken_over_by_another_is_given_up(command: str) -> None:
    gone = {"msgid": "M", "msgtype": "event", "event": {"eventtype": "disconnected_event"}}
    async with online() as world:
        await world.wire.event(gone, command)
        await asyncio.wait_for(world.running, 5)

    assert world.wire.opened == 1
    assert world.running.exception() is None


async def test_wrong_secret_is_an_error_and_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[int] = []

    def wait(tries: int) -> float:
        waited.append(tries)
        return 0.01

    monkeypatch.setattr(line, "wait_before", wait)
    wire = Wire(receipt=lambda frame: {"errcode": 40001, "errmsg": "bad secret"})
    with capture_logs() as logs:
        async with online(wire, subscribed=False) as world:
            await wire.until(lambda: len(wire.seen("aibot_subscribe")) == 2)
            with pytest.raises(RetryLater):
                await world.send(GROUP, CARD)
            assert not world.running.done()

    assert min(waited) > line.MANY
    assert {"wecom.socket_refused"} == {entry["event"] for entry in logs if entry["log_level"] == "error"}
    assert "secret-of-the-bot" not in str(logs)


@pytest.mark.parametrize("taken", [True, False])
async def test_connection_lost_before_it_was_subscribed(taken: bool) -> None:
    gone = {"msgid": "M", "msgtype": "event", "event": {"eventtype": "disconnected_event"}}
    wire = Wire(receipt=lambda frame: None)
    async with online(wire, subscribed=False) as world:
        await wire.until(lambda: wire.seen("aibot_subscribe"))
        if taken:
            await wire.event(gone)
            await asyncio.wait_for(world.running, 5)
        else:
            assert wire.ws is not None
            await wire.ws.close()
            await wire.until(lambda: len(wire.seen("aibot_subscribe")) == 2)

    assert wire.opened == (1 if taken else 2)


@pytest.mark.parametrize(
    "frame",
    [
        "", "no json", "[]", "{}", "null", '{"cmd": 7}', '{"cmd": "aibot_msg_callback"}',
        '{"cmd": "aibot_msg_callback", "headers": 3, "body": "x"}',
        '{"cmd": "aibot_event_callback", "body": {"msgtype": "event", "event": 5}}',
        '{"headers": {"req_id": "unknown"}, "errcode": 5}', '{"errcode": "x"}', '{"cmd": "something_new", "body": {}}',
    ],
)  # fmt: skip
async def test_odd_frame_ends_nothing(frame: str) -> None:
    async with online() as world:
        await world.wire.tell(frame)
        await world.wire.event(bot_said())
        await world.intake.next()

    assert (world.wire.opened, len(world.intake.stored)) == (1, 1)


async def test_socket_ends_soon_after_it_is_cancelled() -> None:
    async with online() as world:
        began = asyncio.get_running_loop().time()
        world.running.cancel()
        await asyncio.gather(world.running, return_exceptions=True)
        took = asyncio.get_running_loop().time() - began

    assert took < 2
    assert world.wire.ws is not None
    assert world.wire.ws.closed


async def test_click_under_way_is_answered_before_the_end() -> None:
    slow = asyncio.Event()

    async def accept(inbound: Any) -> Any:
        taken.set()
        await slow.wait()
        return await Intake(answer=answer).accept(inbound)

    answer, taken = Answer(card=CARD), asyncio.Event()
    async with online() as world:
        world.intake.accept = accept  # type: ignore[method-assign]
        world.running.cancel()
        await asyncio.gather(world.running, return_exceptions=True)
        assert world.wecom._line is not None
        running = asyncio.create_task(world.wecom._line.run(accept))
        await world.wire.until(lambda: len(world.wire.seen("aibot_subscribe")) == 2)
        await world.wire.event(bot_clicked("0.x"))
        await taken.wait()
        running.cancel()
        asyncio.get_running_loop().call_soon(slow.set)
        await asyncio.gather(running, return_exceptions=True)

    assert answer.wrote == 1


async def test_vendor_that_is_away_is_asked_again() -> None:
    wecom = adapter(replace(SOCKET_KEYS, ws_base="ws://127.0.0.1:1/"))
    await wecom.start()
    (socket,) = wecom.sockets(Intake().accept)
    running = asyncio.ensure_future(socket.run())
    done, _ = await asyncio.wait({running}, timeout=0.2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await wecom.stop()

    assert not done


def test_waits_double_up_to_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "FIRST_WAIT", 1.0)
    for tries, longest in ((1, 1), (2, 2), (3, 4), (7, 60), (99, 60)):
        assert 0.8 * longest <= wait_before(tries) <= longest
