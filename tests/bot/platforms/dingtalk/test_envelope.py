"""Inbox rows: ids, lanes, instants, and what is not stored at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.dingtalk.envelope import Reader, instant
from bot.platforms.dingtalk.parse import parse
from bot.platforms.dingtalk.tracks import shows_in_group, template_of, track_id, words_id, words_place
from handlers.events import PeopleLeft
from storage.inbox import Inbound
from tests.bot.platforms.dingtalk.helpers import KEYS, NOW, Json, Meter, click, direct, message
from tests.bot.platforms.dingtalk.test_parse import anything

GROUP_CARD = track_id("k", "shared", group=True)
DIRECT_CARD = track_id("k", "form", group=False)


def reader() -> Reader:
    return Reader(KEYS, Meter())


def test_group_message_row() -> None:
    row = reader().message(message(), NOW)

    assert row is not None
    assert row.id == "dingtalk:dingsimappkey:msgSIM0001=="
    assert (row.lane, row.kind) == ("in:dingtalk:m03:cidSIMGROUP1==", "message")
    assert (row.account, row.chat) == ("m03", "cidSIMGROUP1==")
    assert (row.occurred_at, row.received_at) == (1_700_000_000_000_000, NOW)
    assert row.answer_within_ms == 0


def test_direct_message_has_the_persons_chat() -> None:
    row = reader().message(direct(), NOW)

    assert row is not None
    assert row.chat == "user:m03"


def test_webhook_of_a_session_is_a_credential_and_not_kept() -> None:
    row = reader().message(message(), NOW)

    assert row is not None
    assert "sessionWebhook" not in json.loads(row.payload)
    assert json.loads(row.payload)["conversationTitle"] == "销售群"


@pytest.mark.parametrize(
    "more",
    [
        {"senderStaffId": None},
        {"senderStaffId": ""},
        {"senderCorpId": "dingothercorp"},
        {"msgId": None},
        {"conversationId": "has blank"},
        {"senderStaffId": "x" * 300},
    ],
)
def test_who_cannot_be_known_or_answered_is_not_stored(more: Json) -> None:
    assert reader().message(message(**more), NOW) is None


def test_message_over_quota_is_not_stored() -> None:
    over = message(errorCode=20001, errorMessage="over quota", text=None)

    assert reader().message(over, NOW) is None
    assert reader().message({**over, "errorCode": "20001"}, NOW) is None


def test_click_on_a_card_in_a_group() -> None:
    row = reader().click(click(GROUP_CARD, {}), "m_1", NOW)

    assert row is not None
    assert (row.id, row.kind) == ("dingtalk:dingsimappkey:m_1", "click")
    assert (row.account, row.chat, row.answer_within_ms) == ("m02", "cidSIMGROUP1==", 1200)


def test_click_on_a_card_in_a_direct_chat_ignores_the_space() -> None:
    row = reader().click(click(DIRECT_CARD, {}, spaceType="im", spaceId="cidWRONG"), "m_1", NOW)

    assert row is not None
    assert row.chat == "user:m02"


@pytest.mark.parametrize("more", [{"userId": ""}, {"userId": None}, {"outTrackId": 7}, {"outTrackId": "a b"}])
def test_click_of_nobody_is_not_stored(more: Json) -> None:
    assert reader().click({**click(GROUP_CARD, {}), **more}, "m_1", NOW) is None


def test_two_presses_are_two_rows_and_a_repeated_one_is_the_same() -> None:
    body = click(GROUP_CARD, {})
    rows = [reader().click(body, unique, NOW) for unique in ("1 a", "2 a", "1 a")]

    assert rows[0] is not None
    assert rows[1] is not None
    assert rows[0] == rows[2]
    assert rows[0].id != rows[1].id


def test_end_of_a_group_is_stored_in_either_spelling() -> None:
    stream = reader().event("chat_disband", {"openConversationId": "cid1"}, "ev1", "1700000000000", NOW)
    http = reader().event("chat_disband", {"OpenConversationId": "cid1"}, "ev1", 1_700_000_000_000, NOW)

    assert stream == http
    assert stream is not None
    assert (stream.id, stream.chat, stream.kind) == ("dingtalk:dingsimappkey:ev1", "cid1", "chat")


@pytest.mark.parametrize("kind", ["user_leave_org", "chat_quit", "robot_msg_read", "check_url", "", "x"])
def test_other_events_are_not_stored(kind: str) -> None:
    assert reader().event(kind, {"openConversationId": "cid1"}, "ev1", None, NOW) is None


def test_what_the_vendor_counts_is_counted() -> None:
    meter = Meter()
    counting = Reader(KEYS, meter)
    counting.message(message(), NOW)
    counting.message(message(senderStaffId=None), NOW)
    counting.event("chat_quit", {}, "ev1", None, NOW)
    counting.event("user_leave_org", {}, "ev2", None, NOW)
    counting.event("check_url", {}, "", None, NOW)
    counting.click(click(GROUP_CARD, {}), "m", NOW)

    assert meter.counts == {"stream": 3}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (1_700_000_000_000, 1_700_000_000_000_000),
        ("1700000000000", 1_700_000_000_000_000),
        ("1700000000", 0),
        (True, 0),
        ("１７００００００００００００", 0),
        (None, 0),
        (-5, 0),
    ],
)
def test_instant(given: object, expected: int) -> None:
    assert instant(given) == expected


def test_nothing_happened_later_than_it_came() -> None:
    row = reader().message(message(createAt=1_900_000_000_000), NOW)

    assert row is not None
    assert row.occurred_at == NOW


@given(st.dictionaries(st.sampled_from(sorted(message())), anything, max_size=8))
def test_any_message_makes_a_sane_row_or_none(odd: Json) -> None:
    row = reader().message({**message(), **odd}, NOW)

    assert row is None or is_sane(row)


@given(st.dictionaries(st.sampled_from(sorted(click("", {}))), anything, max_size=6), st.text(max_size=300))
def test_any_click_makes_a_sane_row_or_none(odd: Json, unique: str) -> None:
    row = reader().click({**click(GROUP_CARD, {}), **odd}, unique, NOW)

    assert row is None or is_sane(row)


@given(st.text(max_size=20), st.dictionaries(st.text(max_size=20), anything, max_size=4), st.text(max_size=9), anything)
def test_any_event_makes_a_sane_row_or_none(kind: str, fields: Json, unique: str, born: Any) -> None:
    for name in (kind, "chat_disband"):
        row = reader().event(name, {"openConversationId": "cid1", **fields}, unique, born, NOW)
        assert row is None or is_sane(row)


def is_sane(row: Inbound) -> bool:
    return (
        row.id.startswith("dingtalk:dingsimappkey:")
        and len(row.id) > len("dingtalk:dingsimappkey:")
        and row.lane == f"in:dingtalk:{row.account}:{row.chat}"
        and bool(row.account or row.chat or json.loads(row.payload).get("userId"))
        and 0 < row.occurred_at <= row.received_at == NOW
        and isinstance(json.loads(row.payload), dict)
    )


def test_ids_say_where_a_card_stands_and_what_it_was_made_from() -> None:
    assert (template_of(GROUP_CARD), shows_in_group(GROUP_CARD)) == ("shared", True)
    assert (template_of(DIRECT_CARD), shows_in_group(DIRECT_CARD)) == ("form", False)
    assert template_of("XXXXXX") is None
    assert not shows_in_group("XXXXXX")
    assert len(GROUP_CARD) <= 64
    assert GROUP_CARD == track_id("k", "shared", group=True) != track_id("l", "shared", group=True)


def test_ids_of_words_keep_the_group() -> None:
    assert words_place(words_id("pqk==", "cid1==")) == ("pqk==", "cid1==")
    assert words_place(words_id("pqk==", "user:m03")) == ("pqk==", "")


@pytest.mark.parametrize("given", [["u3", "u4"], "u3", [1, "u3", "", "x" * 999]])
def test_people_who_left_are_stored_by_their_accounts_R_PPL_5(given: object) -> None:
    row = reader().event("user_leave_org", {"userId": given}, "ev9", None, NOW)

    assert row is not None
    event = parse(row)
    assert isinstance(event, PeopleLeft)
    assert event.accounts[0] == "u3"
    assert (row.kind, row.account, row.chat) == ("chat", "", "")
