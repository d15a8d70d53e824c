"""Stored payloads as events."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.wecom.parse import parse
from bot.platforms.wecom.values import action_key
from cards.blocks import Action
from handlers.events import ChatEntered, Clicked, MenuPicked, Said, SentFile
from tests.bot.platforms.wecom.helpers import Json, bot_clicked, bot_said, click_xml, xml

ACTION = Action("approval.reject", "17", "ab12", {"step": "1", "理由": "毛利|不够]]>"})


def of(body: str | Json) -> Any:
    return parse(body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode())


def framed(body: Json) -> Json:
    """The same message as it comes over the socket."""
    return {"cmd": "aibot_msg_callback", "headers": {"req_id": "req-1"}, "body": body}


def selected(**choices: list[str] | str) -> str:
    def one(question: str, options: list[str]) -> str:
        ids = "".join(f"<OptionId><![CDATA[{option}]]></OptionId>" for option in options)
        return f"<SelectedItem><QuestionKey>{question}</QuestionKey><OptionIds>{ids}</OptionIds></SelectedItem>"

    return "".join(one(name, [o] if isinstance(o, str) else o) for name, o in choices.items())


def test_app_text_is_said_in_the_direct_chat() -> None:
    found = of(xml(MsgType="text", Content=" 录单 华东\u202e医疗\u200b ", MsgId=12))

    assert found == Said("12", "录单 华东医疗", direct=True, addressed=True)


@pytest.mark.parametrize(
    ("kind", "expected"), [("image", "image"), ("voice", "audio"), ("video", "video"), ("file", "file")]
)
def test_app_file_is_known_by_its_media_id(kind: str, expected: Any) -> None:
    found = of(xml(MsgType=kind, MediaId="M-1", FileName="比价表.xlsx", MsgId=1))

    assert found.files == (SentFile("M-1", expected, "比价表.xlsx"),)
    assert (found.text, found.kind) == ("", "text")


def test_app_message_that_is_neither_text_nor_file_says_what_it_is() -> None:
    assert of(xml(MsgType="location", Label="广州", MsgId=1)).kind == "location"
    assert of(xml(MsgType="image", MsgId=1)).kind == "image"


@pytest.mark.parametrize(
    ("message", "event"),
    [
        (xml(MsgType="event", Event="click", EventKey="今天清单"), MenuPicked("今天清单")),
        (xml(MsgType="event", Event="CLICK", EventKey=""), None),
        (xml(MsgType="event", Event="enter_agent", EventKey=""), ChatEntered()),
        (xml(MsgType="event", Event="subscribe"), None),
        (xml(MsgType="link", Title="x", MsgId=1), None),
        (xml(MsgType="event"), None),
        ("<xml/>", None),
        ("<!DOCTYPE x><xml/>", None),
        ("", None),
        ("[]", None),
        ('{"body": 3}', None),
        ('{"msgtype": "event", "event": {"eventtype": "enter_chat"}}', ChatEntered()),
        ('{"msgtype": "event", "event": {"eventtype": "feedback_event"}}', None),
    ],
)
def test_other_payloads(message: str, event: object) -> None:
    assert of(message) == event


def test_app_click_carries_action_handle_and_the_card_it_stands_on() -> None:
    found = of(click_xml(action_key(ACTION, 2), TaskId="row-7", ResponseCode="RC-9"))

    assert found == Clicked("row-7", ACTION.name, ACTION.subject, ACTION.stamp, ACTION.args, values={}, handle="RC-9")


def test_choice_belongs_to_the_button_of_its_list_only() -> None:
    chosen = selected(m="price")

    with_list = of(click_xml(action_key(ACTION, 1, picks="m"), selected=chosen))
    without = of(click_xml(action_key(ACTION, 0), selected=chosen))
    untouched = of(click_xml(action_key(ACTION, 1, picks="m"), selected=selected(m="-")))

    assert (with_list.values, without.values, untouched.values) == ({"option": "price"}, {}, {})


def test_form_carries_every_list_that_was_touched() -> None:
    key = action_key(ACTION, 0, picks="*")
    found = of(click_xml(key, selected=selected(stage="s2", product="-", files=["a", "b"])))

    assert found.values == {"stage": "s2", "files": "a,b"}


@pytest.mark.parametrize("key", ["A", "appr:ok", "0.!!!", "0.", "x.QUJD", "0.QUJD", "", "0." + "A" * 5000])
def test_key_that_is_not_ours_is_an_action_of_that_name(key: str) -> None:
    found = of(click_xml(key, TaskId="tsk-test"))

    assert isinstance(found, Clicked)
    assert (found.message_id, found.subject, found.args) == ("tsk-test", "", {})
    assert found.action == key[:256]


def test_click_without_code_or_card_is_still_a_click() -> None:
    message = "<xml><FromUserName>a</FromUserName><MsgType>event</MsgType><Event>template_card_event</Event></xml>"

    assert of(message) == Clicked("", "")


def test_smart_bot_text_loses_the_mention_of_the_bot_in_a_group() -> None:
    found = of(bot_said("@助手 LDR 本周 @张伟"))

    assert found == Said("rc:CODE1", "LDR 本周 @张伟", direct=False, addressed=True, threaded=True)
    assert of(bot_said("@助手", chattype="single")).text == "@助手"


def test_smart_bot_message_over_the_socket_is_answered_by_its_request() -> None:
    body = bot_said("hi")
    del body["response_url"]

    found = of(framed(body))
    assert (found.message_id, found.threaded, found.direct) == ("req:req-1", False, False)


def test_smart_bot_mixed_message_has_text_and_pictures() -> None:
    items = [
        {"msgtype": "text", "text": {"content": "@机器人 这是测试"}},
        {"msgtype": "image", "image": {"url": "https://a.myqcloud.com/x?sign=1"}},
        {"msgtype": "image", "image": {"url": "https://a.myqcloud.com/y#z", "aeskey": "K" * 43}},
        {"msgtype": "image", "image": {}},
        {"msgtype": "mixed"},
        "x",
    ]
    found = of(bot_said(msgtype="mixed", mixed={"msg_item": items}))

    assert found.text == "这是测试"
    assert [file.key for file in found.files] == [
        "https://a.myqcloud.com/x?sign=1",
        "https://a.myqcloud.com/y#" + "K" * 43,
    ]


def test_smart_bot_voice_is_what_was_heard_and_a_file_its_address() -> None:
    voice = of(bot_said(msgtype="voice", chattype="single", voice={"content": "跟进 17"}))
    file = of(bot_said(msgtype="file", chattype="single", file={"url": "https://x/y"}))

    assert (voice.text, voice.files) == ("跟进 17", ())
    assert file.files == (SentFile("https://x/y", "file"),)


def test_smart_bot_click_is_read_in_every_spelling() -> None:
    key = action_key(ACTION, 0, picks="*")
    chosen = [{"question_key": "stage", "option_ids": {"option_id": ["s1", "s2"]}}]
    pascal = {
        "CardType": "vote_interaction",
        "EventKey": key,
        "TaskId": "row-1",
        "SelectedItems": {"SelectedItem": [{"QuestionKey": "stage", "OptionIds": {"OptionId": ["s1", "s2"]}}]},
    }
    plain = bot_clicked(key, selected_items={"selected_item": chosen})
    joined = bot_clicked(key)
    joined["event"]["template_card_event"] = {"eventkey": key, "taskid": "row-1", "SelectedItems": chosen}
    other = bot_clicked(key)
    other["event"]["template_card_event"] = pascal

    wanted = Clicked("row-1", ACTION.name, ACTION.subject, ACTION.stamp, ACTION.args, {"stage": "s1,s2"}, "rc:CODE1")
    assert [of(body) for body in (plain, joined, other, framed(plain))] == [wanted] * 4


def test_choice_told_as_json_text_or_with_one_id_is_read() -> None:
    key = action_key(ACTION, 0, picks="*")
    told = json.dumps({"select_list": [{"question_key": "choice", "option_id": "opt_2"}]})
    text = bot_clicked(key, ResponseData=told)
    single = bot_clicked(key, SelectedItems=[{"QuestionKey": "choice", "SelectedId": "opt_2"}])

    assert [of(body).values for body in (text, single)] == [{"choice": "opt_2"}] * 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["msgtype", "event", "text", "mixed", "image", "chattype", "response_url", "body", "headers", "from", "quote"]
)


@given(changes=st.dictionaries(NAMES, JSON, max_size=4), base=st.sampled_from([bot_said(), bot_clicked("0.x")]))
def test_no_smart_bot_payload_raises(changes: Json, base: Json) -> None:
    of({**base, **changes})
    of(framed({**base, **changes}))


@given(card=st.dictionaries(st.sampled_from(["event_key", "TaskId", "selected_items", "ResponseData"]), JSON))
def test_no_click_raises(card: Json) -> None:
    body = bot_clicked("0.x")
    body["event"]["template_card_event"] = card

    assert isinstance(of(body), Clicked)


@given(
    payload=st.binary(max_size=80)
    | st.text(max_size=60).map(lambda said: f"<xml>{said}</xml>".encode(errors="replace"))
)
def test_no_payload_raises(payload: bytes) -> None:
    parse(payload)


@given(
    name=st.text(max_size=10), subject=st.text(max_size=10), stamp=st.text(max_size=10),
    args=st.dictionaries(st.text(max_size=6), st.text(max_size=20), max_size=4), place=st.integers(0, 5),
)  # fmt: skip
def test_action_comes_back_from_its_key(name: str, subject: str, stamp: str, args: dict[str, str], place: int) -> None:
    whole = "".join((name, subject, stamp, *args, *args.values()))
    if "\x1f" in whole or any("\ud800" <= letter <= "\udfff" for letter in whole):
        return
    key = action_key(Action(name, subject, stamp, args), place)
    found = of(click_xml(key))

    assert (found.action, found.subject, found.stamp, found.args) == (name, subject, stamp, args)
    assert len(key.encode()) <= 1024


def test_longest_action_fits_a_key() -> None:
    action = Action("n", "", "", {"k": "测" * 168})

    assert len(action_key(action, 0, picks="m")) <= 1024
