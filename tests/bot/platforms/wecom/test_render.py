"""Cards as WeCom's own messages: which kind, what stands where, and always inside the vendor's limits."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.wecom.caps import capabilities
from bot.platforms.wecom.plain import defuse, unmarked
from bot.platforms.wecom.render import render
from bot.platforms.wecom.values import read_key
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
from tests.bot.platforms.wecom.helpers import KEYS

OWN = "https://deal.example"
CHATS = ["app:lilei", "", "bot:g:g1", "bot:u:lilei", "appchat:c1", "hook:h1"]
BUTTONS = Buttons(
    (
        Button("补信息", Action("deal.complete", "17", "ab", {"n": "1"}), "primary"),
        Button("写跟进", Action("followup", "17")),
        Button("撤销", Action("deal.undo", "17"), "danger"),
    )
)
DEAL: Card = (
    Title("已录单 #17 华东医疗", "green", "1 线索确认"),
    Headline("120.00 万"),
    Fields((("产品", "CT机"), ("客户", "华东医疗 · A 级"))),
    Text("没问题不用点。"),
    Note("10:32 前可撤销"),
    BUTTONS,
)
NOTICE: Card = DEAL[:-1]
HEAD = {
    "source": {"desc": "1 线索确认", "desc_color": 3},
    "main_title": {"title": "已录单 #17 华东医疗", "desc": "120.00 万"},
    "horizontal_content_list": [
        {"keyname": "产品", "value": "CT机"},
        {"keyname": "客户", "value": "华东医疗 · A 级"},
    ],
    "sub_title_text": "没问题不用点。\n10:32 前可撤销",
}


def keys_of(drawn: dict[str, Any]) -> list[tuple[str, str]]:
    """Action and list of every button."""
    found = drawn.get("button_list") or [drawn["submit_button"]]
    return [(read_key(button["key"])[0].name, read_key(button["key"])[1]) for button in found]


def test_card_with_buttons_is_a_button_card() -> None:
    message = render(DEAL, "app:lilei")
    drawn = message["template_card"]
    buttons = drawn.pop("button_list")

    assert message["msgtype"] == "template_card"
    assert drawn == {"card_type": "button_interaction", **HEAD}
    assert [(button["text"], button["style"]) for button in buttons] == [("补信息", 1), ("写跟进", 2), ("撤销", 3)]
    assert read_key(buttons[0]["key"]) == (Action("deal.complete", "17", "ab", {"n": "1"}), "")


def test_card_without_buttons_opens_our_pages_where_there_are_any() -> None:
    drawn = render(NOTICE, "app:lilei", own=OWN)["template_card"]

    title = {"title": "已录单 #17 华东医疗"}
    rest = {"emphasis_content": {"title": "120.00 万"}, "card_action": {"type": 1, "url": OWN + "/"}}
    assert drawn == {"card_type": "text_notice", **HEAD, "main_title": title, **rest}


def test_card_without_buttons_is_markdown_where_we_have_no_pages() -> None:
    message = render(NOTICE, "app:lilei")

    assert message["markdown"]["content"].splitlines() == [
        '**已录单 #17 华东医疗** <font color="info">1 线索确认</font>',
        "**120.00 万**",
        "> 产品：CT机",
        "> 客户：华东医疗 · A 级",
        "没问题不用点。",
        '<font color="comment">10:32 前可撤销</font>',
    ]
    assert message["closed"] == {
        "card_type": "button_interaction",
        **HEAD,
        "button_list": [{"text": "1 线索确认", "style": 2, "key": "0."}],
        "replace_text": "1 线索确认",
    }


@pytest.mark.parametrize(
    ("chat", "own", "msgtype"),
    [
        ("hook:h1", OWN, "template_card"),
        ("hook:h1", "", "markdown"),
        ("appchat:c1", OWN, "markdown"),
        ("bot:g:g1", OWN, "markdown"),
        ("bot:u:lilei", "", "markdown"),
    ],
)
def test_notice_takes_the_form_its_chat_shows(chat: str, own: str, msgtype: str) -> None:
    assert render(NOTICE, chat, own=own)["msgtype"] == msgtype


def test_outgoing_chats_have_no_buttons_and_nothing_to_redraw() -> None:
    for chat in ("appchat:c1", "hook:h1"):
        fitted = fit(DEAL, capabilities(KEYS, chat, direct=False))
        assert set(render(fitted, chat, own=OWN)) in ({"msgtype", "markdown"}, {"msgtype", "template_card"})


def test_app_without_callback_address_has_no_buttons() -> None:
    assert render(DEAL, "app:lilei", own="", clicks=False)["msgtype"] == "markdown"


MENU = Menu("驳回", Action("approval.reject", "3"), (("price", "折扣过低"), ("other", "其他")))


def test_menu_is_a_list_and_a_button_beside_it() -> None:
    ok = Button("同意", Action("approval.approve", "3"), "primary")
    drawn = render((Title("李雷申请 8.8 折"), Buttons((ok, MENU))), "app:boss")["template_card"]

    assert drawn["button_selection"] == {
        "question_key": "m",
        "title": "驳回",
        "selected_id": "-",
        "option_list": [
            {"id": "-", "text": "（请选）"},
            {"id": "price", "text": "折扣过低"},
            {"id": "other", "text": "其他"},
        ],
    }
    assert keys_of(drawn) == [("approval.approve", ""), ("approval.reject", "m")]


def test_long_menu_alone_is_a_vote_card() -> None:
    menu = Menu("就是它", Action("pick", "4"), tuple((f"c{n}", f"客户 {n}") for n in range(25)))
    card = (Title("是这家客户吗", "orange", "录单"), Fields((("你写的", "华东"),)), Buttons((menu,)))
    drawn = render(card, "app:lilei")["template_card"]

    assert drawn["card_type"] == "vote_interaction"
    assert drawn["source"] == {"desc": "录单"}
    assert drawn["main_title"] == {"title": "是这家客户吗", "desc": "你写的：华东"}
    assert len(drawn["checkbox"]["option_list"]) == 20
    assert not any(option["is_checked"] for option in drawn["checkbox"]["option_list"])
    assert keys_of(drawn) == [("pick", "m")]


def lists(count: int, choices: int = 3) -> Inputs:
    options = tuple((f"v{n}", f"选项{n}") for n in range(choices))
    items = tuple(Input(f"f{n}", f"问题{n}", choices=options) for n in range(count))
    return Inputs("form", items, (Button("提交", Action("form.sent", "9")),))


def test_form_of_lists_is_a_multiple_card() -> None:
    drawn = render((Title("写跟进", "blue", "选 3 项就好"), lists(3)), "app:lilei")["template_card"]

    assert drawn["card_type"] == "multiple_interaction"
    assert [each["question_key"] for each in drawn["select_list"]] == ["f0", "f1", "f2"]
    assert [len(each["option_list"]) for each in drawn["select_list"]] == [4, 4, 4]
    assert keys_of(drawn) == [("form.sent", "*")]


def test_form_of_one_long_list_is_a_vote_card() -> None:
    drawn = render((Title("选一个"), lists(1, 15)), "app:lilei")["template_card"]

    assert (drawn["card_type"], drawn["checkbox"]["question_key"]) == ("vote_interaction", "f0")
    assert keys_of(drawn) == [("form.sent", "*")]


def test_form_with_a_line_to_fill_in_is_told_in_words() -> None:
    form = Inputs("f", (Input("amount", "金额", "120万"),), (Button("存", Action("x")),))
    message = render((Title("补信息"), form), "app:lilei")

    assert "金额：（120万）" in message["markdown"]["content"]


def test_smart_bots_markdown_has_no_colours() -> None:
    lines = render(NOTICE, "bot:g:g1")["markdown"]["content"].splitlines()

    assert (lines[0], lines[-1]) == ("**已录单 #17 华东医疗** 1 线索确认", "10:32 前可撤销")


def test_picture_goes_before_where_there_are_pictures() -> None:
    picture = Picture("trend", "LDR 八周", media="MEDIA1")
    for chat in CHATS:
        message = render((Title("LDR"), picture, BUTTONS), chat)
        assert message["before"] == ["MEDIA1"]
        assert "八周" not in json.dumps(message, ensure_ascii=False)
    unplaced = render((Title("LDR"), Picture("trend", "LDR 八周"), BUTTONS), "app:boss")
    assert unplaced["template_card"]["sub_title_text"] == "图：LDR 八周"


def test_words_are_text_and_for_the_smart_bot_markdown() -> None:
    card = words("好，记了。打开 https://deal.example/p/a-b_c")

    assert render(card, "app:a", own=OWN)["text"] == {"content": "好，记了。打开 https://deal.example/p/a-b_c"}
    assert render(card, "hook:h", own=OWN)["text"]["content"].endswith("https://deal.example/p/a-b_c")
    assert render(card, "bot:u:a", own=OWN) == {
        "msgtype": "markdown",
        "markdown": {"content": "好，记了。打开 https://deal.example/p/a-b_c"},
        "closed": render(card, "bot:u:a", own=OWN)["closed"],
    }


def test_words_with_buttons_get_a_title_and_say_nothing_twice() -> None:
    short = render((Text("是要同意吗？\n点一下就好"), BUTTONS), "app:a")["template_card"]
    long = render((Text("很长" * 30), BUTTONS), "app:a")["template_card"]

    assert (short["main_title"], short["sub_title_text"]) == ({"title": "是要同意吗？"}, "点一下就好")
    assert (len(long["main_title"]["title"]), long["sub_title_text"]) == (36, "很长" * 30)


HOSTILE = [
    "<at id=all></at>",
    "<@all>",
    "<a href='http://evil.cn'>点我</a>",
    "[点我](http://evil.cn)",
    "**粗** `码` > 引",
    "# 大标题\n---\n| a | b |",
    "<font color=\"warning\">红</font>",
    "\u202e反\u2066转\u200b零宽\ufeff",
    "www.evil.cn HTTP://EVIL.cn",
    "]]>",
]  # fmt: skip
MARKUP = re.compile(r"[*_`\[\]<>]|://|www\.|^#+\s|^---|[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]", re.M | re.I)


@pytest.mark.parametrize("said", HOSTILE)
def test_hostile_text_is_plain_text(said: str) -> None:
    assert not re.search(r"<\s*[A-Za-z@/!]|://|\]\(|www\.|[\u200b\u202e\u2066\ufeff]", defuse(said), re.I)
    assert not MARKUP.search(unmarked(said))
    card = (Title(said), Fields(((said, said),)), Text(said), Note(said))
    lines = (
        render(card, "appchat:c")["markdown"]["content"].replace('<font color="comment">', "").replace("</font>", "")
    )
    for line in lines.splitlines():
        line = line.removeprefix("> ")
        assert not MARKUP.search(line.removeprefix("**").removesuffix("**").removesuffix("** ")), line


def test_link_to_our_pages_hides_no_marks() -> None:
    assert unmarked(f"{OWN}/p/x)**粗**", own=OWN) == f"{OWN}/p/x)＊＊粗＊＊"
    assert unmarked("https://deal.example.evil.cn/x", own=OWN) == "https：//deal.example.evil.cn/x"


LIMITS = {"app": (20, 36, 44, 30, 160, 16, 17), "bot": (13, 26, 160, 26, 112, 10, 11)}
TASK = re.compile(r"\d\.[A-Za-z0-9_-]*")


def assert_within_limits(message: dict[str, Any], kind: str) -> None:
    """What the vendor documents for this kind of message."""
    drawn = message.get("template_card") or message.get("closed")
    if (content := message.get(message["msgtype"], {})) and "content" in content:
        assert 0 < len(content["content"].encode()) <= {"bot": 20_480, "hook": 4096}.get(kind, 2048)
    if not drawn:
        return
    tag, title, desc, value, text, choice, vote = LIMITS["app" if kind == "app" else "bot"]
    kind_of_card = drawn["card_type"]
    asks = kind_of_card in ("vote_interaction", "multiple_interaction")
    assert 0 < len(drawn["main_title"]["title"]) <= (16 if kind_of_card == "vote_interaction" else title)
    assert len(drawn["main_title"].get("desc", "")) <= (160 if asks else desc)
    assert len(drawn.get("source", {}).get("desc", "")) <= tag
    assert len(drawn.get("sub_title_text", "")) <= text
    rows = drawn.get("horizontal_content_list", [{"keyname": "x", "value": "x"}])
    assert 1 <= len(rows) <= 6
    assert all(0 < len(row["keyname"]) <= 5 and 0 < len(row["value"]) <= value for row in rows)
    assert not asks or not {"horizontal_content_list", "sub_title_text", "card_action"} & set(drawn)
    buttons = drawn.get("button_list", []) + ([drawn["submit_button"]] if "submit_button" in drawn else [])
    assert len({button["key"] for button in buttons}) == len(buttons) <= 6
    assert all(0 < len(b["text"]) <= 10 and len(b["key"]) <= 1024 and TASK.fullmatch(b["key"]) for b in buttons)
    assert bool(buttons) == (kind_of_card != "text_notice")
    assert (kind_of_card == "text_notice") == ("card_action" in drawn)
    for question in [*drawn.get("select_list", []), drawn.get("button_selection"), drawn.get("checkbox")]:
        if question:
            ids = [option["id"] for option in question["option_list"]]
            assert 1 <= len(set(ids)) == len(ids) <= (20 if "mode" in question else 10)
            assert all(0 < len(each.encode()) <= 128 for each in ids)
            room = vote if "mode" in question else choice
            assert all(0 < len(option["text"]) <= room for option in question["option_list"])


ANY = st.text(max_size=60)
ACTIONS = st.builds(Action, name=st.text(max_size=10), subject=st.text(max_size=10), args=st.just({"k": "值"}))
CHOICES = st.lists(st.tuples(ANY, ANY), max_size=25).map(tuple)
PRESSED = st.builds(
    Button, label=ANY, action=ACTIONS, style=st.sampled_from(["default", "primary", "danger"])
) | st.builds(Menu, label=ANY, action=ACTIONS, choices=CHOICES)
INPUTS = st.builds(
    Inputs,
    name=st.just("f"),
    items=st.lists(st.builds(Input, name=st.uuids().map(str), label=ANY, choices=CHOICES), max_size=4).map(tuple),
    buttons=st.lists(st.builds(Button, label=ANY, action=ACTIONS), min_size=1, max_size=2).map(tuple),
)
BLOCKS = st.one_of(
    st.builds(Title, text=ANY, tone=st.sampled_from(["blue", "green", "orange", "red", "grey"]), tag=ANY),
    st.builds(Headline, text=ANY),
    st.builds(Fields, pairs=st.lists(st.tuples(ANY, ANY), max_size=9).map(tuple)),
    st.builds(Text, text=st.text(max_size=400)),
    st.builds(Note, text=ANY),
    st.builds(Buttons, items=st.lists(PRESSED, max_size=8).map(tuple)),
    INPUTS,
    st.builds(Picture, kind=st.just("trend"), alt=ANY, media=st.sampled_from(["", "M1"])),
)


@given(card=st.lists(BLOCKS, max_size=7).map(tuple), chat=st.sampled_from(CHATS), own=st.sampled_from(["", OWN]))
def test_every_card_is_drawn_within_the_vendors_limits(card: Card, chat: str, own: str) -> None:
    message = render(card, chat, own=own)

    json.dumps(message).encode()
    assert_within_limits(message, chat.partition(":")[0] or "app")


@given(card=st.lists(BLOCKS, max_size=7).map(tuple), chat=st.sampled_from(CHATS), own=st.sampled_from(["", OWN]))
def test_every_fitted_card_keeps_its_buttons(card: Card, chat: str, own: str) -> None:
    fitted = fit(card, capabilities(KEYS, chat, direct=chat.startswith(("app", "bot:u"))))
    message = render(fitted, chat, own=own)
    wanted = [item for block in fitted if isinstance(block, Buttons) for item in block.items]

    drawn = message.get("template_card", {})
    assert len(drawn.get("button_list", [])) == len(wanted)
