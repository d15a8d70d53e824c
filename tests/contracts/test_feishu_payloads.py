"""Feishu's own published payloads against the adapter: acted on, or acknowledged without effect, and never a 5xx."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.feishu.envelope import Reader, Refused, Unnamed
from bot.platforms.feishu.parse import parse
from handlers.events import BotAdded, BotRemoved, ChatEntered, Clicked, Said
from storage.inbox import Inbound
from tests.bot.platforms.feishu.helpers import KEYS, NOW, PLAIN_KEYS, Json, listening

PAYLOADS = Path(__file__).resolve().parents[2].parent / "shared" / "payloads"
INDEX = PAYLOADS / "inbound" / "index.json"
BOT = "ou_bot"

pytestmark = pytest.mark.skipif(not INDEX.exists(), reason="the published payloads are not beside this checkout")

ODD: tuple[Any, ...] = (None, "", 0, -1, True, [], {}, "x" * 300, ["a"], {"a": 1}, "\u202e\n", 10**18)


def entries() -> list[Json]:
    if not INDEX.exists():
        return []
    return [row for row in json.loads(INDEX.read_text("utf-8")) if row["platform"] == "feishu"]


def load(row: Json) -> Json:
    """The payload under our app's token and id."""
    body: Json = json.loads((PAYLOADS / row["file"]).read_text("utf-8"))
    if row["kind"] == "event_v2_body":
        header = {"event_id": "ev", "event_type": "im.message.receive_v1"}
        body = {"schema": "2.0", "header": header, "event": body}
    if "header" in body:
        body["header"] |= {"token": KEYS.verification_token, "app_id": KEYS.app_id}
    if "token" in body:
        body["token"] = KEYS.verification_token
    if "uuid" in body and isinstance(body["event"], dict):
        body["event"]["app_id"] = KEYS.app_id
    return body


ROWS = [pytest.param(row, id=Path(row["file"]).stem) for row in entries()]
POSTED = [param for param in ROWS if param.values[0]["kind"] != "event_v2_body"]  # type: ignore[index]


def is_sane(row: Inbound) -> bool:
    """True for a row that can be stored and worked on."""
    return (
        row.id.startswith(f"feishu:{KEYS.app_id}:")
        and len(row.id) > len(f"feishu:{KEYS.app_id}:")
        and row.lane == f"in:feishu:{row.account}:{row.chat}"
        and row.lane != "in:feishu::"
        and row.kind in {"message", "click", "chat"}
        and 0 < row.occurred_at <= row.received_at == NOW
        and (row.kind == "click") == (row.answer_within_ms == 2200)
    )


def is_handled(reader: Reader, body: Json, raw: bytes) -> bool:
    """True when the body is refused as the sender's fault, answered at once, or made a sane row."""
    try:
        read = reader.read(body, raw, "token", NOW)
    except Refused as refusal:
        return 400 <= refusal.status < 500
    except Unnamed as unnamed:
        return bool(unnamed.user_id)
    return isinstance(read, bytes) or is_sane(read)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every field, outermost first."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


def without(body: Json, path: tuple[Any, ...]) -> Json:
    changed = copy.deepcopy(body)
    holder: Any = changed
    for key in path[:-1]:
        holder = holder[key]
    del holder[path[-1]]
    return changed


def replaced(body: Json, path: tuple[Any, ...], value: Any) -> Json:
    changed = copy.deepcopy(body)
    holder: Any = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return changed


@pytest.mark.parametrize("row", POSTED)
async def test_payload_is_acted_on_or_quietly_acknowledged(row: Json) -> None:
    async with listening() as chat:
        status, answer = await chat.deliver(load(row))

    assert (status, type(answer)) == (200, dict)
    assert all(is_sane(stored) for stored in chat.intake.stored)
    if row["expect"] == "ack_quietly":
        assert chat.intake.stored == []


@pytest.mark.parametrize("row", POSTED)
async def test_payload_under_another_token_has_no_effect(row: Json) -> None:
    body = json.loads(json.dumps(load(row)).replace(KEYS.verification_token, "another-token"))

    async with listening() as chat:
        status, _ = await chat.deliver(body)

    assert (status, chat.intake.stored) == (403, [])


@pytest.mark.parametrize("row", POSTED)
async def test_payload_lacking_any_one_field_never_fails_and_is_never_stored_by_half(row: Json) -> None:
    body = load(row)

    async with listening(PLAIN_KEYS) as chat:
        for path in places(body):
            status, _ = await chat.post(json.dumps(without(body, path)).encode())
            assert status == 200 or 400 <= status < 500, path

    for stored in chat.intake.stored:
        assert is_sane(stored)
        parse(stored.payload, BOT)


@pytest.mark.parametrize("row", ROWS)
def test_payload_with_any_one_field_of_another_type_never_raises(row: Json) -> None:
    body, reader = load(row), Reader(PLAIN_KEYS)

    for path in places(body):
        for odd in ODD:
            changed = replaced(body, path, odd)
            raw = json.dumps(changed).encode()
            assert is_handled(reader, changed, raw), (path, odd)
            parse(raw, BOT)


MESSAGES: dict[str, object] = {
    "im.message.receive_v1-text": "@_user_1 文本消息",
    "im.message.receive_v1-3": "@bot /say 34567",
    "im.message.receive_v1": "@Tom hello",
    "im.message.receive_v1.eventbody": "333",
    "im.message.receive_v1-post-content_v2": "## Heading\n- item",
    "im.message.receive_v1-hongbao": "",
}


@pytest.mark.parametrize("row", ROWS)
def test_payload_is_parsed_into_the_event_it_is(row: Json) -> None:
    name = Path(row["file"]).stem
    found = parse(json.dumps(load(row)).encode(), BOT)

    if name.startswith("im.message.receive_v1"):
        assert isinstance(found, Said)
        assert found.text or found.files or found.kind != "text"
        assert found.text == MESSAGES.get(name, found.text)
    elif name.startswith("card.action.trigger"):
        assert isinstance(found, Clicked)
        assert found.message_id.startswith("om_574d639e")
    else:
        expected = {
            "v1.p2p_chat_create": ChatEntered(),
            "im.chat.access_event.bot_p2p_chat_entered_v1": ChatEntered(),
            "im.chat.member.bot.added_v1": BotAdded("群名称测试"),
            "im.chat.disbanded_v1": BotRemoved(),
        }
        assert found == expected.get(name)


def test_post_sample_has_all_its_files() -> None:
    row = next(row for row in entries() if row["file"].endswith("receive_v1-post.json"))
    found = parse(json.dumps(load(row)).encode(), BOT)

    assert isinstance(found, Said)
    assert [file.kind for file in found.files] == ["image", "image", "video"]
    assert found.text.splitlines()[:2] == ["我是一个标题", "第一行 :超链接"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(data=st.data())
def test_mutated_payload_never_raises(data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(entries()))
    body = load(row)
    for _ in range(data.draw(st.integers(1, 3))):
        known = list(places(body))
        if known:
            body = replaced(body, data.draw(st.sampled_from(known)), data.draw(JSON))
    raw = json.dumps(body).encode()
    assert is_handled(Reader(PLAIN_KEYS), body, raw)
    parse(raw, BOT)
