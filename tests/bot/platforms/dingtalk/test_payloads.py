"""DingTalk's own published payloads against the adapter: acted on, or acknowledged without effect, never a 5xx."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.platforms.dingtalk.crypto import Seal, Unreadable, event_signature
from bot.platforms.dingtalk.envelope import Reader
from bot.platforms.dingtalk.parse import parse
from bot.platforms.dingtalk.pushes import CLICKS, MESSAGES, Pushes
from handlers.events import Event, Said, SentFile
from tests.bot.platforms.dingtalk.helpers import KEYS, NOW, Intake, Json, Meter, adapter, listening
from tests.bot.platforms.dingtalk.test_envelope import is_sane

PAYLOADS = Path(__file__).resolve().parents[4].parent / "shared" / "payloads"
INDEX = PAYLOADS / "inbound" / "index.json"
VECTORS = PAYLOADS / "crypto" / "vectors.json"

pytestmark = pytest.mark.skipif(not INDEX.exists(), reason="the published payloads are not beside this checkout")

ODD: tuple[Any, ...] = (None, "", 0, -1, True, [], {}, "x" * 300, ["a"], {"a": 1}, "\u202e\n", 10**18)
WHO = {"senderStaffId": "m03", "msgId": "msgX", "conversationId": "cidX", "createAt": 1_700_000_000_000}


def entries() -> list[Json]:
    if not INDEX.exists():
        return []
    return [row for row in json.loads(INDEX.read_text("utf-8")) if row["platform"] == "dingtalk"]


def load(row: Json) -> Json:
    body: Json = json.loads((PAYLOADS / row["file"]).read_text("utf-8"))
    return body


def rows(*kinds: str) -> list[Any]:
    return [pytest.param(row, id=Path(row["file"]).stem) for row in entries() if row["kind"] in kinds]


def said(name: str) -> Said:
    """A published message as an event; what the fragment leaves out is filled in."""
    body = {**WHO, **json.loads((PAYLOADS / f"inbound/dingtalk/{name}.json").read_text("utf-8"))}
    row = Reader(KEYS, Meter()).message(body, NOW)
    assert row is not None
    assert is_sane(row)
    event = parse(row)
    assert isinstance(event, Said)
    return event


@pytest.mark.parametrize("row", rows("robot_message", "stream_frame"))
async def test_message_over_http(row: Json) -> None:
    body = load(row)
    async with listening() as chat:
        status, _ = await chat.robot(body)

    assert status == 200
    assert all(is_sane(stored) for stored in chat.intake.stored)
    assert len(chat.intake.stored) == (bool(body.get("senderStaffId")) and bool(body.get("msgId")))


@pytest.mark.parametrize("row", rows("card_action", "card_related"))
async def test_click_over_http(row: Json) -> None:
    async with listening() as chat:
        answered = await chat.card(load(row))

    assert answered == (200, {})
    assert len(chat.intake.stored) == (row["kind"] == "card_action")
    assert [parse(stored) for stored in chat.intake.stored] == [None] * len(chat.intake.stored)


@pytest.mark.parametrize("row", rows("http_event_plaintext", "stream_event_body"))
async def test_event_over_http(row: Json) -> None:
    async with listening() as chat:
        status, answer = await chat.event(load(row))

    assert status == 200
    assert Seal(KEYS.aes_key).open(answer["encrypt"])[0] == b"success"
    assert chat.intake.stored == []


@pytest.mark.parametrize("row", rows("robot_message", "stream_frame", "card_action", "stream_event_body"))
async def test_the_same_over_stream(row: Json) -> None:
    intake, sent = Intake(), []
    pushes = Pushes(Reader(KEYS, Meter()), business_us=lambda: NOW, accept=intake.accept, render=adapter().render)

    async def send(text: str) -> None:
        sent.append(json.loads(text))

    topic = {"card_action": CLICKS, "stream_event_body": "*"}.get(row["kind"], MESSAGES)
    kind = "EVENT" if topic == "*" else "CALLBACK"
    frame = {"type": kind, "headers": {"topic": topic, "messageId": "m"}, "data": json.dumps(load(row))}
    await pushes.take(frame, send)

    assert [ack["code"] for ack in sent] == [200]
    assert all(is_sane(stored) for stored in intake.stored)


def test_text() -> None:
    assert said("robot-text-3") == Said(
        "msg2*****p+w==", "你好", direct=False, addressed=True, chat_name="统一应用模型-测试群"
    )


def test_file_and_picture() -> None:
    (file,) = said("robot-file").files
    (picture,) = said("robot-picture").files

    assert (file.kind, file.name, picture.kind) == ("file", "钉钉让进步发生.pdf", "image")


def test_stream_samples() -> None:
    assert said("stream-msg-") == Said("msgY****Pw==", "hello DingTalk!", direct=True, addressed=True)
    assert said("stream-msg--2").files == (SentFile("mIof****JE0E", "image"),)
    assert said("stream-msg--3").files == (SentFile("mIof****SaqP", "video"),)


def test_quotes() -> None:
    assert said("robot-text-quote-None").parent_id == "quoted_text_1"
    assert said("robot-text-quote-text") == Said("msgX", "", True, True, parent_id="msgbVA2Abf4IB/d2lvXE1utZg==")


def test_rich_text() -> None:
    assert said("robot-richText-3") == Said(
        "msgX", "你好", True, True, files=(SentFile("dl_pic_1", "image"), SentFile("dl_pic_2", "image"))
    )
    assert said("robot-richText-twomentions").text == "/server"
    assert said("robot-text-selfmention").text == "/server"


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every field, outermost first."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


def changed(body: Json, path: tuple[Any, ...], value: Any) -> Json:
    other = copy.deepcopy(body)
    holder: Any = other
    for key in path[:-1]:
        holder = holder[key]
    if value is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return other


def is_handled(body: Json) -> bool:
    reader = Reader(KEYS, Meter())
    made = (
        reader.message(body, NOW),
        reader.click(body, "u", NOW),
        reader.event("chat_disband", body, "e", body.get("EventTime"), NOW),
    )
    return all(row is None or (is_sane(row) and isinstance(parse(row), Event | None)) for row in made)


@pytest.mark.parametrize("row", [pytest.param(row, id=Path(row["file"]).stem) for row in entries()])
def test_every_field_may_be_missing_or_odd(row: Json) -> None:
    body = {**WHO, **load(row)}
    for path in places(body):
        for value in (..., *ODD):
            assert is_handled(changed(body, path, value)), (path, value)


@settings(deadline=None)
@given(st.data())
def test_two_odd_fields_at_once(data: st.DataObject) -> None:
    body = {**WHO, **load(data.draw(st.sampled_from(entries())))}
    for _ in range(2):
        body = changed(body, data.draw(st.sampled_from(list(places(body)))), data.draw(st.sampled_from((..., *ODD))))

    assert is_handled(body)


@pytest.mark.skipif(not VECTORS.exists(), reason="the published vectors are not beside this checkout")
def test_published_vectors() -> None:
    ours = [row for row in json.loads(VECTORS.read_text("utf-8")) if row["platform"] == "dingtalk"]
    assert ours
    for row in ours:
        if row.get("expect") == "reject":
            with pytest.raises(Unreadable):
                Seal(row["aes_key"]).open(row["ciphertext"])
            continue
        assert Seal(row["aes_key"]).open(row["ciphertext"]) == (row["plaintext"].encode(), row["receive_id"])
        if "signature" in row:
            signature = event_signature(row["token"], row["timestamp"], row["nonce"], row["ciphertext"])
            assert signature == row["signature"]
