"""Cards and texts as Feishu wants them, whatever stands in them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.feishu.caps import CARD_BYTES, CARD_TAGS, CHAT, TEXT_BYTES
from bot.platforms.feishu.plain import clean, defuse, one_line
from bot.platforms.feishu.render import card_json, render, tags
from cards.blocks import (
    Action,
    Button,
    Buttons,
    Card,
    Fields,
    Headline,
    Input,
    Inputs,
    Menu,
    Note,
    Picture,
    Text,
    Title,
    words,
)
from cards.fit import fit

CARD: Card = (
    Title("已录单 #17 华东医疗", "green", "1 线索确认"),
    Headline("120.00 万"),
    Fields((("产品", "CT机"), ("客户", "华东医疗"))),
    Text("没问题不用点。"),
    Note("10:32 前可撤销"),
    Buttons(
        (
            Button("补信息", Action("deal.complete", "17", "ab", {"n": "1"}), "primary"),
            Button("回滚", Action("config.rollback"), "danger", confirm="回到 41？"),
        )
    ),
)


def content(card: Card) -> Any:
    return json.loads(render(card)["content"])


def column(element: dict[str, Any], **width: Any) -> dict[str, Any]:
    return {"tag": "column", "vertical_align": "top", "elements": [element], **width}


def plain(text: str, **style: str) -> dict[str, Any]:
    return {"tag": "plain_text", "content": text, **style}


def test_card_is_drawn_as_json_2() -> None:
    assert render(CARD)["msg_type"] == "interactive"
    drawn = content(CARD)
    assert {key: value for key, value in drawn.items() if key != "body"} == {
        "schema": "2.0",
        "config": {"update_multi": True, "summary": {"content": "已录单 #17 华东医疗"}},
        "header": {
            "title": plain("已录单 #17 华东医疗"),
            "template": "green",
            "text_tag_list": [{"tag": "text_tag", "text": plain("1 线索确认"), "color": "green"}],
        },
    }


def test_card_elements_stand_in_the_order_of_the_blocks() -> None:
    headline, product, customer, text, note, buttons = content(CARD)["body"]["elements"]

    assert headline == {"tag": "div", "text": plain("120.00 万", text_size="heading-1")}
    assert product == {
        "tag": "column_set",
        "flex_mode": "none",
        "horizontal_spacing": "8px",
        "columns": [
            column({"tag": "div", "text": plain("产品", text_color="grey")}, width="84px"),
            column({"tag": "div", "text": plain("CT机")}, width="weighted", weight=1),
        ],
    }
    assert tags(customer) == 7
    assert text == {"tag": "div", "text": plain("没问题不用点。")}
    assert note == {"tag": "div", "text": plain("10:32 前可撤销", text_size="notation", text_color="grey")}
    assert [c["width"] for c in buttons["columns"]] == ["auto", "auto"]


def test_buttons_carry_their_action_as_an_object_and_their_question() -> None:
    buttons = content(CARD)["body"]["elements"][-1]["columns"]

    assert buttons[0]["elements"] == [
        {
            "tag": "button",
            "text": plain("补信息"),
            "type": "primary_filled",
            "behaviors": [{"type": "callback", "value": {"a": "deal.complete", "s": "17", "t": "ab", "v": {"n": "1"}}}],
        }
    ]
    assert buttons[1]["elements"][0]["type"] == "danger"
    assert buttons[1]["elements"][0]["confirm"] == {"title": plain("回滚"), "text": plain("回到 41？")}


@pytest.mark.parametrize(
    ("tone", "template", "colour"),
    [("blue", "blue", "blue"), ("orange", "orange", "orange"), ("red", "red", "red"), ("grey", "grey", "neutral")],
)
def test_tone_is_the_headers_colour(tone: Any, template: str, colour: str) -> None:
    header = content((Title("标题", tone, "状态"), Text("x")))["header"]

    assert (header["template"], header["text_tag_list"][0]["color"]) == (template, colour)


def test_long_headline_is_set_smaller() -> None:
    (element,) = content((Title("t"), Headline("9/41 条 48 小时没人碰过")))["body"]["elements"]

    assert element["text"]["text_size"] == "heading-2"


def test_sentence_is_a_text_message() -> None:
    assert render(words("记下了，还差金额。")) == {"msg_type": "text", "content": '{"text":"记下了，还差金额。"}'}


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ('<at user_id="all">所有人</at>', '＜at user_id="all">所有人＜/at>'),
        ("< at user_id=ou_1>", "＜ at user_id=ou_1>"),
        ("<b>粗</b>", "＜b>粗＜/b>"),
        ("[点我](http://evil.cn)", "[点我] (http：//evil.cn)"),
        ("[点我]\u200b(http://evil.cn)", "[点我] (http：//evil.cn)"),
        ("见 https://evil.cn/a?b=1。", "见 https：//evil.cn/a?b=1。"),
        ("WwW.evil.cn", "WwW．evil.cn"),
        ("lark://applink", "lark：//applink"),
        ("3 < 5，a<5", "3 < 5，a<5"),
        ("A\u202eB\u200bC\x00D\ufeffE\u2066F", "ABCDEF"),
        ("一\r\n二\r三\u2028四", "一\n二\n三\n四"),
    ],
)
def test_hostile_text_shows_as_it_is_written(hostile: str, shown: str) -> None:
    assert content(words(hostile)) == {"text": shown}


@pytest.mark.parametrize(
    ("given_", "shown"),
    [
        ("打开 https://desk.example/l/7?t=1", "打开 https://desk.example/l/7?t=1"),
        ("https://desk.example/a，http://evil.cn", "https://desk.example/a，http：//evil.cn"),
        ("https://desk.example/ahttp://evil.cn", "https://desk.example/ahttp：//evil.cn"),
        ("https://desk.example.evil.cn/", "https：//desk.example.evil.cn/"),
        ("https://desk.example@evil.cn/", "https：//desk.example@evil.cn/"),
    ],
)
def test_only_links_to_our_own_pages_stay_links(given_: str, shown: str) -> None:
    assert defuse(given_, own="https://desk.example") == shown
    assert defuse(given_, own="https://desk.example/") == shown


def test_hostile_names_stay_plain_text_in_a_card() -> None:
    name = "**粗** <at id=all></at> [x](http://evil.cn)\u202e\x1b"
    drawn = content((Title(name, tag=name), Fields(((name, name),)), Text(name), Buttons((Button(name, Action("a")),))))

    shown = json.dumps(drawn, ensure_ascii=False)
    assert "\u202e" not in shown
    assert "\\u001b" not in shown
    assert '"tag": "markdown"' not in shown
    assert "lark_md" not in shown


@pytest.mark.parametrize(
    "sign",
    "\x00\x08\x0b\x1f\x7f\x85\x9f\xad\u034f\u061c\u115f\u1160\u180e\u200b\u200c\u200d\u200e\u200f"
    "\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2064\u2066\u2067\u2068\u2069\u3164\ufeff\uffa0\ufff9"
    "\ud800\udfff\U000e0041\U000e0100",
)
def test_invisible_sign_is_dropped(sign: str) -> None:
    assert clean(f"a{sign}b") == "ab"


def test_tabs_and_breaks_become_blanks_on_one_line() -> None:
    assert one_line(" a\tb\r\nc \u3000d ") == "a b c d"


@pytest.mark.parametrize("card", [(), words(""), words(" \u200b\n"), (Text(""), Text("\x00"))])
def test_empty_words_show_a_dash(card: Card) -> None:
    assert content(card) == {"text": "—"}


def test_empty_parts_are_left_out_or_dashed() -> None:
    drawn = content((Title("", tag=" "), Headline(" "), Fields((("", ""),)), Note(""), Buttons(())))

    assert drawn["header"] == {"title": plain("—"), "template": "blue"}
    assert [tags(element) for element in drawn["body"]["elements"]] == [7]


def test_card_without_title_has_its_first_line_as_summary() -> None:
    drawn = content((Fields((("产品", "CT机"),)), Note("n")))

    assert "header" not in drawn
    assert drawn["config"]["summary"] == {"content": "产品：CT机"}


def test_too_many_elements_are_told_in_one() -> None:
    card = (Title("全部"), *(Fields(tuple((f"名{i}", f"值{j}") for i in range(10))) for j in range(4)), *CARD[-1:])

    drawn = card_json(card)

    body, buttons = drawn["body"]["elements"]
    assert tags(drawn) <= CARD_TAGS
    assert "名9：值3" in body["text"]["content"]
    assert len(buttons["columns"]) == 2


def test_too_much_text_is_cut_and_keeps_its_buttons() -> None:
    drawn = card_json((Title("全部"), *(Text("字" * 600) for _ in range(40)), *CARD[-1:]))

    assert len(json.dumps(drawn, ensure_ascii=False, separators=(",", ":")).encode()) <= CARD_BYTES
    assert drawn["body"]["elements"][0]["text"]["content"].endswith("…")
    assert len(drawn["body"]["elements"][1]["columns"]) == 2


def test_long_text_message_is_cut() -> None:
    assert len(content(tuple(Text("字" * 600) for _ in range(200)))["text"].encode()) <= TEXT_BYTES


ANY = st.text(max_size=40) | st.sampled_from(['"' * 700, "\\" * 700, "字" * 800, "\n" * 50, "<at>", "\ud800", "\u202e"])
SHORT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
BUTTON = st.builds(
    Button,
    label=ANY,
    action=st.builds(Action, name=SHORT, subject=SHORT, args=st.dictionaries(SHORT, SHORT, max_size=2)),
    style=st.sampled_from(["default", "primary", "danger"]),
    confirm=ANY,
    line=ANY,
)
BLOCK = (
    st.builds(Title, ANY, st.sampled_from(["blue", "green", "orange", "red", "grey"]), ANY)
    | st.builds(Headline, ANY)
    | st.builds(Fields, st.lists(st.tuples(ANY, ANY), max_size=12).map(tuple))
    | st.builds(Text, ANY)
    | st.builds(Note, ANY)
    | st.builds(Buttons, st.lists(BUTTON, max_size=8).map(tuple))
)


@given(card=st.lists(BLOCK, max_size=12).map(tuple), copies=st.sampled_from([1, 1, 1, 9]))
def test_every_fitted_card_renders_within_the_limits(card: Card, copies: int) -> None:
    message = render(fit(card * copies, CHAT))

    body = json.loads(message["content"])
    if message["msg_type"] == "text":
        assert 0 < len(body["text"].encode()) <= TEXT_BYTES
    else:
        assert tags(body) <= CARD_TAGS
        assert len(message["content"].encode()) <= CARD_BYTES
        assert all(text for text in _contents(body))


def _contents(value: Any) -> list[str]:
    """Every text of a card that a person sees."""
    if isinstance(value, list):
        return [text for item in value for text in _contents(item)]
    if not isinstance(value, dict):
        return []
    own = [value["content"]] if "content" in value else []
    return own + [text for key, item in value.items() if key != "value" for text in _contents(item)]


def test_menu_is_a_list_that_calls_back_with_its_action() -> None:
    menu = Menu("驳回", Action("request.reject", "request:1", "ab"), (("margin", "毛利不够"), ("other", "其他")))

    [row] = content((Title("t"), Buttons((menu,))))["body"]["elements"]

    assert row["columns"][0]["elements"] == [
        {
            "tag": "select_static",
            "placeholder": plain("驳回"),
            "options": [
                {"text": plain("毛利不够"), "value": "margin"},
                {"text": plain("其他"), "value": "other"},
            ],
            "behaviors": [{"type": "callback", "value": {"a": "request.reject", "s": "request:1", "t": "ab", "v": {}}}],
        }
    ]


def test_inputs_are_a_form_whose_buttons_send_it() -> None:
    yes = Button("同意", Action("request.approve", "request:1", "ab"), "primary")
    no = Button("驳回", Action("request.reject", "request:1", "ab"), "danger")
    words_ = Input("reason", "理由", "如 毛利不够", value="先问问", most=80)
    choice = Input("who", "给谁", choices=(("m01", "张伟"), ("m02", "王芳")), value="m02", required=True)

    [form] = content((Title("t"), Inputs("form", (words_, choice), (yes, no))))["body"]["elements"]

    text, select, row = form["elements"]
    sends = [part["elements"][0] for part in row["columns"]]
    assert (form["tag"], form["name"]) == ("form", "form")
    assert text == {
        "tag": "input", "name": "reason", "required": False, "label": plain("理由"), "label_position": "left",
        "placeholder": plain("如 毛利不够"), "max_length": 80, "default_value": "先问问",
    }  # fmt: skip
    assert (select["tag"], select["name"], select["required"], select["initial_option"]) == (
        "select_static", "who", True, "m02",
    )  # fmt: skip
    assert [(send["name"], send["form_action_type"]) for send in sends] == [("form_0", "submit"), ("form_1", "submit")]
    assert [send["behaviors"][0]["value"]["a"] for send in sends] == ["request.approve", "request.reject"]


def test_choice_that_is_no_option_is_not_preset() -> None:
    gone = Input("who", "给谁", choices=(("m01", "张伟"),), value="m99")

    [form] = content((Title("t"), Inputs("form", (gone,), ())))["body"]["elements"]

    assert "initial_option" not in form["elements"][0]


def test_picture_is_shown_by_its_key_and_told_in_words_without_one() -> None:
    shown, told = content((Title("t"), Picture("trend", "八周", media="img_1"), Picture("trend", "八周")))["body"][
        "elements"
    ]

    assert (shown["tag"], shown["img_key"], shown["alt"]) == ("img", "img_1", plain("八周"))
    assert told["text"]["content"] == "图：八周"
