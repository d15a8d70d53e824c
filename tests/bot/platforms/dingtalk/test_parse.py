"""Stored payloads as events: every message type, quotes, and whatever else a payload may hold."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.platforms.dingtalk.parse import parse
from handlers.events import BotRemoved, Clicked, Said, SentFile
from tests.bot.platforms.dingtalk.helpers import Json, click, direct, inbound, message

anything: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)  # what our JSON reader gives for a number without a point
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def said(body: Json) -> Said:
    event = parse(inbound(body))
    assert isinstance(event, Said)
    return event


def test_text_in_a_group_is_addressed_and_stripped() -> None:
    event = said(message())

    said_there = "录单 华东医疗 CT机 120万"
    assert event == Said("msgSIM0001==", said_there, direct=False, addressed=True, chat_name="销售群")


def test_text_in_a_direct_chat_is_addressed() -> None:
    event = said(direct())

    assert (event.direct, event.addressed) == (True, True)


@pytest.mark.parametrize(("given", "addressed"), [(True, True), ("true", True), (None, True), (False, False)])
def test_group_message_is_addressed_unless_the_vendor_denies_it(given: object, addressed: bool) -> None:
    assert said(message(isInAtList=given)).addressed is addressed


def test_text_may_stand_at_the_top() -> None:
    assert said(message(text=None, content=" hi")).text == "hi"


def test_text_without_text_is_empty() -> None:
    assert said(message(text=None)) == Said("msgSIM0001==", "", direct=False, addressed=True, chat_name="销售群")


def test_invisible_characters_are_dropped() -> None:
    assert said(message(text={"content": "录\u200b单\u202e 17\x00"})).text == "录单 17"


@pytest.mark.parametrize("content", [{"downloadCode": "c1"}, {"pictureDownloadCode": "c1"}])
def test_picture_is_a_file(content: Json) -> None:
    event = said(message(msgtype="picture", text=None, content=content))

    assert (event.text, event.files) == ("", (SentFile("c1", "image"),))


def test_picture_code_of_the_message_wins() -> None:
    event = said(direct(msgtype="picture", content={"pictureDownloadCode": "other", "downloadCode": "c1"}))

    assert event.files == (SentFile("c1", "image"),)


def test_file_has_its_name() -> None:
    event = said(direct(msgtype="file", content={"downloadCode": "c1", "fileName": "比价\u202e表.pdf"}))

    assert event.files == (SentFile("c1", "file", "比价表.pdf"),)


def test_video_may_have_a_duration_of_words() -> None:
    event = said(direct(msgtype="video", content={"downloadCode": "c1", "duration": "5", "videoType": "mp4"}))

    assert event.files == (SentFile("c1", "video"),)


def test_recognised_audio_is_what_was_said() -> None:
    event = said(direct(msgtype="audio", content={"downloadCode": "c1", "recognition": "录单 华东医疗"}))

    assert (event.text, event.files, event.kind) == ("录单 华东医疗", (), "text")


def test_audio_that_was_not_understood_is_a_file() -> None:
    event = said(direct(msgtype="audio", content={"downloadCode": "c1", "recognition": " "}))

    assert event.files == (SentFile("c1", "audio"),)


@pytest.mark.parametrize("kind", ["unknownMsgType", "interactiveCard", "chatRecord", "markdown", ""])
def test_other_types_are_named(kind: str) -> None:
    event = said(direct(msgtype=kind, text=None, content={"unknownMsgType": "不支持的消息类型"}))

    assert (event.text, event.files, event.kind) == ("", (), kind or "unknown")


def rich(*runs: Json, **more: Any) -> Json:
    return message(msgtype="richText", text=None, content={"richText": list(runs)}, **more)


def test_rich_text_has_text_and_pictures() -> None:
    event = said(
        rich(
            {"text": "@销售助手"},
            {"text": " 比价表，见图"},
            {"type": "picture", "downloadCode": "c1"},
            {"text": "\n17"},
        )
    )

    assert (event.text, event.files) == ("比价表，见图\n17", (SentFile("c1", "image"),))


def test_mentions_at_the_beginning_of_rich_text_are_dropped() -> None:
    event = said(rich({"text": "@Someone"}, {"text": "@Bot"}, {"text": "/server"}, atUsers=[{}, {}]))

    assert event.text == "/server"


def test_a_mention_and_a_command_may_share_a_run() -> None:
    assert said(rich({"text": "@Bot 群 绑定 总监"})).text == "群 绑定 总监"


def test_only_as_many_mentions_are_dropped_as_were_made() -> None:
    assert said(rich({"text": "@Bot"}, {"text": "@李雷"}, {"text": "看这个"})).text == "@李雷看这个"


def test_mentions_of_people_in_rich_text_are_names() -> None:
    event = said(rich({"type": "at", "atName": "Bot"}, {"text": "转交 "}, {"type": "at", "atName": "王芳"}))

    assert event.text == "转交 @王芳"


def test_mention_in_a_direct_chat_stays() -> None:
    event = said(direct(msgtype="richText", text=None, content={"richText": [{"text": "@王芳"}, {"text": " 在吗"}]}))

    assert event.text == "@王芳 在吗"


def test_at_most_fifty_pictures_are_taken() -> None:
    assert len(said(rich(*({"downloadCode": f"c{n}"} for n in range(60)))).files) == 50


def test_quoted_message_is_known() -> None:
    text = {"content": "为什么", "isReplyMsg": True, "repliedMsg": {"msgId": "msgOLD==", "msgType": "text"}}

    assert said(message(text=text)).parent_id == "msgOLD=="


def test_quoted_message_of_ours_has_the_id_its_sending_gave() -> None:
    assert said(message(originalProcessQueryKey="pqk1", originalMsgId="x")).parent_id == "pqk1@cidSIMGROUP1=="
    assert said(direct(originalProcessQueryKey="pqk1")).parent_id == "pqk1"


def test_click_names_card_and_action() -> None:
    event = parse(inbound(click("dealdesk-su-1", {"id": "dd/deal.undo/17/ab/n=1/"}), "click"))

    assert event == Clicked("dealdesk-su-1", "deal.undo", "17", "ab", {"n": "1"})


def test_click_on_a_button_of_somebody_else_is_nothing() -> None:
    assert parse(inbound(click("x", {"action": "accept"}), "click")) is None


def test_end_of_a_group() -> None:
    assert parse(inbound({"EventType": "chat_disband"}, "chat")) == BotRemoved()
    assert parse(inbound({"EventType": "chat_quit"}, "chat")) is None


@pytest.mark.parametrize("payload", [b"", b"\xff", b"[]", b"null", b'"x"', b"{", b"1"])
@pytest.mark.parametrize("kind", ["message", "click", "chat", "other"])
def test_unreadable_payload_is_nothing(payload: bytes, kind: str) -> None:
    assert parse(inbound(payload, kind)) is None


@given(st.dictionaries(st.sampled_from(sorted(message())), anything, max_size=6))
def test_any_value_in_any_field_of_a_message_is_read(odd: Json) -> None:
    event = parse(inbound({**message(), **odd}))

    assert isinstance(event, Said)
    assert isinstance(event.text, str)


@settings(deadline=None)
@given(st.sampled_from(["text", "richText", "picture", "audio", "file", "video", "?"]), anything, anything)
def test_any_content_of_any_type_is_read(kind: str, content: object, runs: object) -> None:
    for odd in (content, {"richText": runs}, {"richText": [content, {"text": content, "downloadCode": runs}]}):
        assert isinstance(parse(inbound({**message(), "msgtype": kind, "content": odd})), Said)


@settings(deadline=None)
@given(anything, anything)
def test_any_content_of_a_click_is_read(content: object, value: object) -> None:
    for body in (
        {"content": content, "value": value},
        {"content": json.dumps({"cardPrivateData": content}), "value": value},
        {"content": {"cardPrivateData": {"actionIds": content, "params": value}}},
        {"content": {"cardPrivateData": {"params": {"form": {"_do": content, "x": value}}}}},
    ):
        assert isinstance(parse(inbound(body, "click")), Clicked | None)
