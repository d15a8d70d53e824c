"""Stored payloads as events of the product."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.feishu.content import TEXT_CHARS
from bot.platforms.feishu.parse import parse
from handlers.events import BotAdded, BotRemoved, ChatEntered, Clicked, MenuPicked, Said, SentFile
from tests.bot.platforms.feishu.helpers import Json, click, event, message, old_click

BOT = "ou_bot"


def mention(number: int, name: str, open_id: str = "ou_x", **more: Any) -> Json:
    return {"key": f"@_user_{number}", "id": {"open_id": open_id}, "name": name, **more}


def said(body: Json, bot: str = BOT) -> Said:
    found = parse(json.dumps(body).encode(), bot)
    assert isinstance(found, Said)
    return found


def clicked(body: Json) -> Clicked:
    found = parse(json.dumps(body).encode(), BOT)
    assert isinstance(found, Clicked)
    return found


def test_direct_text_is_addressed() -> None:
    assert said(message("目标", parent_id="om_0")) == Said("om_1", "目标", True, True, parent_id="om_0")


def test_mention_of_the_bot_is_removed_and_others_are_named() -> None:
    mentions = [mention(1, "销售助手", BOT), mention(10, "王芳"), mention(2, "另一个机器人", mentioned_type="bot")]

    found = said(message("@_user_1 请 @_user_10 看 @_user_2 @_all", chat_type="group", mentions=mentions))

    assert (found.text, found.addressed, found.direct) == ("请 @王芳 看 @另一个机器人 @所有人", True, False)


def test_group_text_that_names_others_only_is_not_addressed() -> None:
    found = said(message("@_user_1 在吗", chat_type="group", mentions=[mention(1, "王芳")]))

    assert (found.text, found.addressed) == ("@王芳 在吗", False)


def test_mention_type_decides_until_the_bots_id_is_known() -> None:
    body = message("@_user_1 目标", chat_type="group", mentions=[mention(1, "助手", mentioned_type="bot")])

    assert (said(body, bot="").text, said(body, bot="").addressed) == ("目标", True)
    assert said(body, bot=BOT).addressed is False


def test_name_that_looks_like_a_key_is_not_replaced_again() -> None:
    mentions = [mention(1, "@_user_2"), mention(2, "王\u202e芳\u200b\n")]

    assert said(message("@_user_1 @_user_2", mentions=mentions)).text == "@@_user_2 @王芳"


def test_unknown_key_stays_as_written() -> None:
    assert said(message("@_user_7 你好", mentions=[{"key": 5}, "x", None])).text == "@_user_7 你好"


def post(content: Json, **more: Any) -> Said:
    return said(message(message_type="post", content=json.dumps(content), **more))


def test_post_rows_become_lines_and_its_pictures_files() -> None:
    rows = [
        [{"tag": "text", "text": "第一行 :"}, {"tag": "a", "href": "http://x.cn", "text": "链接"}],
        [{"tag": "at", "user_id": "@_user_1", "user_name": ""}, {"tag": "text", "text": " 看"}],
        [{"tag": "img", "image_key": "img_1"}],
        [{"tag": "media", "file_key": "file_1", "image_key": "img_2"}, {"tag": "hr"}, {"tag": "emotion"}],
        [{"tag": "code_block", "language": "GO", "text": "a\n b"}],
        [{"tag": "at", "user_id": "all"}],
    ]

    found = post({"title": "标题", "content": rows}, mentions=[mention(1, "王芳")])

    assert found.text == "标题\n第一行 :链接\n@王芳 看\na\n b\n@所有人"
    assert found.files == (SentFile("img_1", "image"), SentFile("file_1", "video"))


ROWS = [[{"tag": "md", "text": "## 录单 @_user_1 ![照片](img_v3_7-a) 好"}]]


@pytest.mark.parametrize(
    "content",
    [
        {"content": [[{"tag": "text", "text": "old"}]], "content_v2": ROWS},
        {"content": [], "content_v2": {"zh_cn": {"title": "", "content": ROWS}}},
        {"zh_cn": {"content": [[{"tag": "text", "text": "old"}]], "content_v2": ROWS}},
        {"en_us": {"content": ROWS}},
        {"content": ROWS, "content_v2": []},
        {"content": ROWS, "content_v2": [[{"tag": "unheard"}]]},
        {"content": ROWS, "content_v2": "unheard"},
    ],
)
def test_post_is_read_in_every_generation(content: Json) -> None:
    found = post(content, mentions=[mention(1, "助手", BOT)])

    assert (found.text, found.files) == ("## 录单  好", (SentFile("img_v3_7-a", "image"),))


def test_post_that_is_only_a_title_is_its_title() -> None:
    assert post({"title": "目标", "content": [[]]}).text == "目标"
    assert post({"zh_cn": {"title": "目标"}}).text == "目标"


@pytest.mark.parametrize(
    ("kind", "content", "files"),
    [
        ("image", {"image_key": "img_1"}, (SentFile("img_1", "image"),)),
        ("file", {"file_key": "f", "file_name": "../a\u202e.pdf"}, (SentFile("f", "file", "../a.pdf"),)),
        ("audio", {"file_key": "f", "duration": 2000}, (SentFile("f", "audio"),)),
        ("media", {"file_key": "f", "image_key": "i", "file_name": "a.mp4"}, (SentFile("f", "video", "a.mp4"),)),
    ],
)
def test_file_is_named_by_its_key(kind: str, content: Json, files: tuple[SentFile, ...]) -> None:
    found = said(message(message_type=kind, content=json.dumps(content)))

    assert (found.files, found.text, found.kind) == (files, "", "text")


@pytest.mark.parametrize("kind", ["sticker", "folder", "location", "system", "hongbao", "merge_forward", "share_chat"])
def test_anything_else_is_named_by_its_kind(kind: str) -> None:
    found = said(message("[红包]", message_type=kind))

    assert (found.kind, found.text, found.files) == (kind, "", ())


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '"x"', '{"text":5}', "\\ud800", None, 5, []])
@pytest.mark.parametrize("kind", ["text", "post", "image", "file", "unheard", 5, None])
def test_unreadable_content_is_empty(kind: Any, content: Any) -> None:
    found = said(message(message_type=kind, content=content))

    assert (found.text, found.files) == ("", ())


def test_text_is_cleaned_and_capped() -> None:
    assert said(message("录\u200b单\u202e 华东\x07")).text == "录单 华东"
    assert len(said(message("长" * (TEXT_CHARS + 5))).text) == TEXT_CHARS


def test_click_carries_action_subject_stamp_and_args() -> None:
    body = click({"a": "approval.approve", "s": "ZK-1", "t": "9f", "v": {"step": "2"}})

    assert clicked(body) == Clicked("om_card", "approval.approve", "ZK-1", "9f", {"step": "2"}, {})


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ({"name": '{"a":"deal.save","s":"17","t":"","v":{}}'}, ("deal.save", "17")),
        ({"name": "deal.save"}, ("deal.save", "")),
        ({"value": {}, "name": "deal.save"}, ("deal.save", "")),
        ({"value": '{"a":"deal.save","s":"17"}'}, ("deal.save", "17")),
        ({"value": "text", "name": None}, ("", "")),
        ({"value": "{broken", "name": "{broken"}, ("{broken", "")),
        ({"value": {"a": 5, "s": [], "t": {}, "v": [1]}}, ("", "")),
        ({"value": {"a": "x" * 600}}, ("", "")),
        ({"value": [1, 2]}, ("", "")),
        ({}, ("", "")),
    ],
)
def test_click_falls_back_to_the_buttons_name(action: Json, expected: tuple[str, str]) -> None:
    found = clicked(click(action.get("value"), **{k: v for k, v in action.items() if k != "value"}))

    assert (found.action, found.subject) == expected


def test_form_values_are_strings() -> None:
    form = {
        "customer": "ACME\n二部",
        "products": ["p1", "p2", ["no"]],
        "close_date": "2026-12-01 +0800",
        "time": "09:30 +0800",
        "at": "2026-12-01 07:07 +0800",
        "urgent": True,
        "text_true": "true",
        "count": 3,
        "none": None,
        "odd": {"a": 1},
    }

    assert clicked(click({"a": "x"}, form_value=form)).values == {
        "customer": "ACME\n二部",
        "products": "p1,p2",
        "close_date": "2026-12-01",
        "time": "09:30",
        "at": "2026-12-01 07:07 +0800",
        "urgent": "true",
        "text_true": "true",
        "count": "3",
        "none": "",
        "odd": "",
    }


@pytest.mark.parametrize(
    ("given_", "values"),
    [
        ({"option": "S1"}, {"option": "S1"}),
        ({"options": ["a", "b"]}, {"options": "a,b"}),
        ({"input_value": "12万"}, {"input": "12万"}),
        ({"checked": False}, {"checked": "false"}),
    ],
)
def test_a_component_outside_a_form_gives_its_value(given_: Json, values: dict[str, str]) -> None:
    assert clicked(click({"a": "x"}, **given_)).values == values


def test_old_click_reads_the_same() -> None:
    found = clicked(old_click({"a": "deal.undo", "s": "17"}))

    assert (found.message_id, found.action, found.subject) == ("om_card", "deal.undo", "17")


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("im.chat.access_event.bot_p2p_chat_entered_v1", {}, ChatEntered()),
        ("im.chat.member.bot.added_v1", {"name": "华东\n一组\u202e"}, BotAdded("华东 一组")),
        ("im.chat.member.bot.added_v1", {"name": None}, BotAdded("")),
        ("im.chat.member.bot.deleted_v1", {}, BotRemoved()),
        ("im.chat.disbanded_v1", {}, BotRemoved()),
        ("application.bot.menu_v6", {"event_key": "quick_deal"}, MenuPicked("quick_deal")),
        ("application.bot.menu_v6", {"event_key": 5}, None),
        ("im.message.recalled_v1", {"message_id": "om_1"}, None),
        ("im.message.receive_v1", {"message": []}, None),
    ],
)
def test_other_events(kind: str, fields: Json, expected: object) -> None:
    assert parse(json.dumps(event(kind, fields)).encode(), BOT) == expected


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b"null", b"{}", b'{"event":1}', b'{"schema":"2.0","event":{}}'])
def test_unreadable_payload_is_nothing(payload: bytes) -> None:
    assert parse(payload, BOT) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(value=JSON, mentions=JSON, kind=JSON, content=JSON, run=JSON)
def test_parse_never_raises_on_odd_values(value: Any, mentions: Any, kind: Any, content: Any, run: Any) -> None:
    rows = json.dumps({"content": [[run, {"tag": "text", "text": value}, {"tag": value, "text": "x"}]]})
    for body in (
        message(message_type=kind, content=content, mentions=mentions),
        message(message_type="post", content=rows, mentions=[value, {"key": "@_user_1", "id": value, "name": kind}]),
        message(message_type="post", content=json.dumps(content)),
        click(value, name=kind, form_value=content, option=run, options=value),
        event("application.bot.menu_v6", {"event_key": value}),
    ):
        parse(json.dumps(body, ensure_ascii=True).encode(), BOT)
