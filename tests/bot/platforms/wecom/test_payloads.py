"""WeCom's published payloads against the adapter: acted on, or acknowledged without effect, and never a 5xx."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.wecom.parse import parse
from bot.platforms.wecom.values import chosen_in
from handlers.events import Clicked, MenuPicked, Said
from tests.bot.platforms.wecom.helpers import KEYS, Json, app_reads, bot_clicked, bot_reads, listening

PAYLOADS = Path(__file__).resolve().parents[5] / "shared" / "payloads"
INDEX = PAYLOADS / "inbound" / "index.json"

pytestmark = pytest.mark.skipif(not INDEX.exists(), reason="the published payloads are not beside this checkout")

_AGENT = re.compile(r"(<AgentID>)\s*(?:<!\[CDATA\[)?\d+(?:\]\]>)?\s*(</AgentID>)")


def entries() -> list[Json]:
    if not INDEX.exists():
        return []
    return [row for row in json.loads(INDEX.read_text("utf-8")) if row["platform"] == "wecom"]


def xml_of(row: Json) -> str:
    """The payload as a message to our app."""
    return _AGENT.sub(rf"\g<1>{KEYS.agent_id}\g<2>", (PAYLOADS / row["file"]).read_text("utf-8"))


def json_of(row: Json) -> Json:
    """The payload as a message to our bot; a fragment stands inside a click."""
    body: Json = json.loads((PAYLOADS / row["file"]).read_text("utf-8"))
    if row["kind"] == "aibot_ws_frame":
        inside: Json = body["body"]
        return inside
    if row["kind"] == "card_action_fragment":
        click = bot_clicked("0.x")
        click["event"]["template_card_event"] = body.get("template_card_event", body)
        return click
    return body


ROWS = [pytest.param(row, id=Path(row["file"]).stem) for row in entries()]
XML = [param for param in ROWS if param.values[0]["file"].endswith(".xml")]  # type: ignore[index]
JSON = [param for param in ROWS if param.values[0]["file"].endswith(".json")]  # type: ignore[index]


@pytest.mark.parametrize("row", XML)
async def test_app_payload_is_acted_on_or_quietly_acknowledged(row: Json) -> None:
    async with listening() as chat:
        assert await chat.app(xml_of(row)) == (200, b"")

    assert len(chat.intake.stored) == (row["expect"] == "act")


@pytest.mark.parametrize("row", JSON)
async def test_bot_payload_is_acted_on_or_quietly_acknowledged(row: Json) -> None:
    async with listening() as chat:
        assert await chat.bot(json_of(row)) == (200, b"")

    answered_at_once = "stream-refresh" in row["file"]
    assert len(chat.intake.stored) == (row["expect"] == "act" and not answered_at_once)


@pytest.mark.parametrize("row", XML)
async def test_app_payload_for_another_company_or_app_has_no_effect(row: Json) -> None:
    message = xml_of(row)
    async with listening() as chat:
        company, _ = await chat.app(message, receive_id="ww0000000000000002")
        app, _ = await chat.app(message.replace(str(KEYS.agent_id), "7"))

    assert company == 403
    assert (app, len(chat.intake.stored)) == ((403, 0) if "AgentID" in message else (200, row["expect"] == "act"))


@pytest.mark.parametrize("row", XML)
def test_app_payload_lacking_any_one_element_never_fails(row: Json) -> None:
    message = xml_of(row)
    for found in re.finditer(r"<(\w+)>(?:<!\[CDATA\[.*?\]\]>|[^<]*)</\1>", message):
        for changed in ("", f"<{found[1]}/>", f"<{found[1]}><x>1</x></{found[1]}>", found[0] * 2):
            raw = (message[: found.start()] + changed + message[found.end() :]).encode()
            assert app_reads(raw)
            parse(raw)


EXPECTED: dict[str, object] = {
    "text": ("text", "this is a test"),
    "voice": ("audio", ""),
    "event-CLICK": MenuPicked("EVENTKEY"),
    "event-template_card_event-button_interaction": Clicked("tsk-test", "A"),
}


def test_app_payloads_are_parsed_into_the_events_they_are() -> None:
    rows = {Path(row["file"]).stem: row for row in entries()}
    for name, expected in EXPECTED.items():
        found = parse(xml_of(rows[name]).encode())
        if isinstance(expected, tuple):
            assert isinstance(found, Said)
            assert (found.files[0].kind if found.files else found.kind, found.text) == expected
        else:
            assert found == expected


def test_bot_payloads_are_parsed_into_the_events_they_are() -> None:
    rows = {Path(row["file"]).stem: row for row in entries()}

    def parsed(name: str) -> Any:
        return parse(json.dumps(json_of(rows[name])).encode())

    assert parsed("aibot-text").text == "hello robot"
    assert (parsed("aibot-mixed").text, len(parsed("aibot-mixed").files)) == ("这是今日的测试情况", 1)
    assert parsed("aibot-ws-msg_callback").direct
    click = parsed("aibot-event-template_card")
    assert (click.message_id, click.action) == ("fBmjTL7ErRCQSNA6GZKMlcFiWX1shOvg", "button_replace_text")
    assert parsed("aibot-template_card-toplevel").message_id == "task-1"
    for name in ("aibot-template_card-SelectedItems", "aibot-template_card-ResponseData-string"):
        card = json_of(rows[name])["event"]["template_card_event"]
        assert chosen_in(card) == {"choice": "opt_2"}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every field, outermost first."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


def replaced(body: Json, path: tuple[Any, ...], value: Any) -> Json:
    changed: Json = json.loads(json.dumps(body))
    holder: Any = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return changed


ODD: tuple[Any, ...] = (None, "", 0, -1, True, [], {}, "x" * 300, ["a"], {"a": 1}, "\u202e\n\x00", 10**18)


@pytest.mark.parametrize("row", JSON)
def test_bot_payload_with_any_one_field_of_another_type_never_raises(row: Json) -> None:
    body = json_of(row)
    for path in places(body):
        for odd in ODD:
            changed = replaced(body, path, odd)
            assert bot_reads(changed)
            parse(json.dumps(changed).encode())


@given(data=st.data())
def test_mutated_app_payload_never_raises(data: st.DataObject) -> None:
    rows = [row for row in entries() if row["file"].endswith(".xml")]
    raw = bytearray(xml_of(data.draw(st.sampled_from(rows))).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    assert app_reads(bytes(raw))
    parse(bytes(raw))
