"""Which row a body becomes: id, lane, person, chat and instants."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from bot.platforms.feishu.envelope import DONE, Reader, Unnamed, instant
from storage.inbox import Inbound
from tests.bot.platforms.feishu.helpers import KEYS, NOW, Json, click, event, message, old_click

READER = Reader(KEYS)


def read(body: Json) -> Inbound | bytes:
    return READER.read(body, json.dumps(body).encode(), "signed", NOW)


def row(body: Json) -> Inbound:
    found = read(body)
    assert isinstance(found, Inbound)
    return found


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1608725989", 1_608_725_989_000_000),
        ("1608725989000", 1_608_725_989_000_000),
        ("1603977298000000", 1_603_977_298_000_000),
        (1603977298000, 1_603_977_298_000_000),
        ("", 0),
        ("0", 0),
        ("-1608725989", 0),
        ("16087259890000", 0),
        ("１６０８７２５９８９", 0),
        ("9" * 5000, 0),
        (None, 0),
        (True, 0),
        (1.6e12, 0),
        ({}, 0),
    ],
)
def test_instant_tells_the_unit_by_length(value: Any, expected: int) -> None:
    assert instant(value) == expected


@pytest.mark.parametrize("sent", [str(NOW // 1000 + 60_000), "", "soon", None, [], "0"])
def test_occurred_at_is_the_time_received_when_later_missing_or_unreadable(sent: Any) -> None:
    body = message(create_time=sent)
    body["header"]["create_time"] = sent

    assert row(body).occurred_at == NOW


def test_occurred_at_of_a_message_without_time_is_its_envelopes() -> None:
    body = message()
    del body["event"]["message"]["create_time"]

    assert row(body).occurred_at == NOW - 1_000_000


@pytest.mark.parametrize("missing", ["message_id", "chat_id"])
def test_message_without_an_id_is_not_stored(missing: str) -> None:
    body = message()
    del body["event"]["message"][missing]

    assert read(body) == DONE


@pytest.mark.parametrize("strange", ["", " ", "om 1", "om_\n", "é", "x" * 129, 5, None, {}, ["om_1"]])
def test_message_with_a_strange_id_is_not_stored(strange: Any) -> None:
    assert read(message(message_id=strange)) == DONE
    assert read(message(chat_id=strange)) == DONE
    body = message()
    body["event"]["sender"]["sender_id"]["open_id"] = strange
    assert read(body) == DONE


def test_click_without_event_id_is_known_by_its_content() -> None:
    body = click({"a": "x"})
    del body["header"]["event_id"]

    expected = hashlib.sha256(json.dumps(body).encode()).hexdigest()
    assert row(body).id == f"feishu:{KEYS.app_id}:{expected}"


def test_click_place_is_read_beside_the_event_too() -> None:
    body = click({"a": "x"})
    body["context"] = body["event"].pop("context")

    assert row(body).chat == "oc_1"


def test_click_of_a_user_id_waits_until_it_is_known_whose_it_is() -> None:
    body, reader = click({"a": "x"}), Reader(KEYS)
    del body["event"]["operator"]["open_id"]
    with pytest.raises(Unnamed) as raised:
        reader.read(body, b"", "signed", NOW)
    reader.remember(raised.value.user_id, "ou_boss")

    found = reader.read(body, b"", "signed", NOW)

    assert isinstance(found, Inbound)
    assert found.lane == "in:feishu:ou_boss:oc_1"


@pytest.mark.parametrize("missing", ["operator", "action"])
def test_click_without_person_or_action_is_not_stored(missing: str) -> None:
    body = click({"a": "x"})
    del body["event"][missing]

    assert read(body) == DONE


def test_click_without_a_place_is_stored_for_the_person() -> None:
    body = click({"a": "x"})
    del body["event"]["context"]

    assert row(body).lane == "in:feishu:ou_boss:"


@pytest.mark.parametrize(
    "kind",
    [
        "im.chat.access_event.bot_p2p_chat_entered_v1",
        "im.chat.member.bot.added_v1",
        "im.chat.member.bot.deleted_v1",
        "im.chat.disbanded_v1",
    ],
)
def test_chat_event_is_stored_under_its_event_id(kind: str) -> None:
    found = row(event(kind, {"chat_id": "oc_9", "operator_id": {"open_id": "ou_9"}, "name": "华东一组"}))

    assert found[:6] == (f"feishu:{KEYS.app_id}:ev-{kind}", "in:feishu:ou_9:oc_9", "chat", "feishu", "ou_9", "oc_9")
    assert found.answer_within_ms == 0


def test_chat_event_without_chat_is_not_stored() -> None:
    assert read(event("im.chat.disbanded_v1", {"operator_id": {"open_id": "ou_9"}})) == DONE
    assert read(event("im.chat.access_event.bot_p2p_chat_entered_v1", {"chat_id": "oc_9"})) == DONE


def test_group_that_is_gone_needs_nobody_who_did_it() -> None:
    assert row(event("im.chat.disbanded_v1", {"chat_id": "oc_9"})).lane == "in:feishu::oc_9"


def test_menu_click_has_a_person_and_no_chat() -> None:
    operator = {"operator_name": "李雷", "operator_id": {"open_id": "ou_9"}}

    found = row(event("application.bot.menu_v6", {"operator": operator, "event_key": "quick_deal"}))

    assert (found.kind, found.account, found.chat) == ("chat", "ou_9", "")


def test_first_opening_in_the_old_form_is_a_chat_event() -> None:
    body = {
        "ts": "1502199207.7171419",
        "uuid": "bc44",
        "token": KEYS.verification_token,
        "type": "event_callback",
        "event": {
            "type": "p2p_chat_create",
            "app_id": KEYS.app_id,
            "chat_id": "oc_9",
            "operator": {"open_id": "ou_bot"},
            "user": {"name": "张三", "open_id": "ou_9"},
        },
    }

    found = row(body)

    assert (found.id, found.account) == (f"feishu:{KEYS.app_id}:bc44", "ou_9")
    assert found.occurred_at == 1_502_199_207_000_000


def test_old_click_is_stored_under_its_content() -> None:
    body = old_click({"a": "x"})

    found = row(body)

    assert found.id.removeprefix(f"feishu:{KEYS.app_id}:") == hashlib.sha256(json.dumps(body).encode()).hexdigest()
    assert (found.account, found.chat, found.answer_within_ms) == ("ou_boss", "oc_1", 2200)
