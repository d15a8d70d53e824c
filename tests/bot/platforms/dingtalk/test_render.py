"""Cards as variables of the two templates, and as words: nothing people typed is markup, nothing is too long."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.platforms.dingtalk.caps import JSON_BYTES, VALUE_BYTES, WORDS_BYTES, capabilities
from bot.platforms.dingtalk.form import own_params
from bot.platforms.dingtalk.render import render
from bot.platforms.dingtalk.values import read_click
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
from cards.samples import SAMPLES

DOCS = Path(__file__).resolve().parents[4] / "docs" / "platforms"
OWN = "https://deals.example.com"
UNDO = Action("deal.undo", "deal:17", "b5d7")
CARD: Card = (
    Title("已录单 #17 **粗**", "green", "1 线索确认"),
    Headline("120.00 万"),
    Fields((("产品", "CT机 <a atId=all>"), ("客户", ""))),
    Text("没问题不用点。\n[点我](http://evil.cn)"),
    Note("10:32 前可撤销"),
    Buttons(
        (Button("补信息", Action("deal.complete", "deal:17"), "primary"), Button("撤销", UNDO, "danger", line="撤销"))
    ),
)
FORM: Card = (
    Title("李雷申请 8.8 折", "orange", "折扣 · 等你初审"),
    Inputs(
        "decide",
        (
            Input("reason", "说明", "写一句"),
            Input("stage", "阶段", choices=(("s1", "线索"), ("s2", "报价")), value="s2", required=True),
            Input("amount", "金额", "120万", value="80", most=20),
        ),
        (Button("同意", Action("approval.approve", "request:3", "ab"), "primary", line="同意 ZK-1"),),
    ),
    Buttons((Button("看全程", Action("approval.trail", "request:3")),)),
)


def full(params: dict[str, str]) -> Any:
    return json.loads(params["sys_full_json_obj"])


def test_card_in_the_shared_template() -> None:
    message = render(CARD)

    assert message["template"] == "shared"
    assert message["shared"] == {
        "flowStatus": "3",
        "msgTitle": "已录单 #17 ＊＊粗＊＊",
        "msgContent": "",
        "staticMsgContent": (
            "1 线索确认\n\n**120.00 万**\n\n**产品**：CT机 ＜a atId=all＞<br>**客户**：—\n\n"
            "没问题不用点。<br>［点我］(http：//evil.cn)\n\n> 10:32 前可撤销"
        ),
        "sys_full_json_obj": json.dumps(
            {
                "order": ["msgTitle", "staticMsgContent", "msgButtons"],
                "msgButtons": [
                    {"text": "补信息", "color": "blue", "id": "dd/deal.complete/deal:17//", "request": True},
                    {"text": "撤销", "color": "red", "id": "dd/deal.undo/deal:17/b5d7/", "request": True},
                ],
            },
            ensure_ascii=False,
            separators=(",", ":"),
        ),
    }


def test_card_without_buttons_takes_them_away() -> None:
    assert full(render(CARD[:-1])["shared"]) == {"order": ["msgTitle", "staticMsgContent"]}


def test_card_has_a_twin_in_words() -> None:
    words_message = render(CARD)["words"]

    assert words_message["msgKey"] == "sampleMarkdown"
    param = json.loads(words_message["msgParam"])
    assert param["title"] == "已录单 #17 ＊＊粗＊＊"
    assert param["text"].startswith("**已录单 #17 ＊＊粗＊＊**\n\n1 线索确认\n\n**120.00 万**")
    assert param["text"].endswith("> 10:32 前可撤销\n\n> 回复 「撤销」")
    assert "<br>" not in param["text"]


def test_twin_in_a_group_says_how_to_call_the_bot() -> None:
    param = json.loads(render(CARD, mention="@我 ")["words"]["msgParam"])

    assert param["text"].endswith("> 回复 「@我 撤销」")


def test_words_are_a_text() -> None:
    message = render(words("还差金额，回个数就行，如 120万。http://evil.cn"), own=OWN)

    assert message["template"] == ""
    assert message["words"] == {
        "msgKey": "sampleText",
        "msgParam": '{"content":"还差金额，回个数就行，如 120万。http：//evil.cn"}',
    }


def test_words_with_a_page_of_ours_have_a_button() -> None:
    message = render(words(f"点开看 #17：{OWN}/p/abc"), own=OWN)

    assert message["words"]["msgKey"] == "sampleActionCard"
    assert json.loads(message["words"]["msgParam"]) == {
        "title": "点开看 #17：",
        "text": "点开看 #17：",
        "singleTitle": "打开",
        "singleURL": f"{OWN}/p/abc",
    }


def test_words_with_two_pages_stay_a_text() -> None:
    assert render(words(f"{OWN}/p/a 或 {OWN}/p/b"), own=OWN)["words"]["msgKey"] == "sampleText"


def test_card_that_becomes_words_can_be_redrawn_with_them() -> None:
    shared = render(words("看最新那张。"))["shared"]

    assert (shared["msgTitle"], shared["staticMsgContent"]) == ("看最新那张。", "看最新那张。")
    assert full(shared)["order"] == ["msgTitle", "staticMsgContent"]


def test_picture_is_a_message_of_its_own() -> None:
    message = render((Title("LDR"), Picture("trend", "LDR 八周", media="@lADP1")))

    assert message["pictures"] == [{"msgKey": "sampleImageMsg", "msgParam": '{"photoURL":"@lADP1"}'}]
    assert message["shared"]["staticMsgContent"] == ""


def test_picture_that_could_not_be_made_is_told() -> None:
    message = render((Title("LDR"), Picture("trend", "LDR 八周")))

    assert (message["pictures"], message["shared"]["staticMsgContent"]) == ([], "> 图：LDR 八周")


def test_things_to_fill_in_are_a_form() -> None:
    message = render(FORM, form=True)

    assert message["template"] == "form"
    params = message["form"]
    assert (params["title"], params["body"]) == ("李雷申请 8.8 折", "折扣 · 等你初审")
    assert (params["form_status"], params["form_btn_text"], params["card_status"]) == ("normal", "同意", "pending")
    assert json.loads(params["form"])["fields"] == [
        {"name": "reason", "label": "说明", "required": False, "type": "TEXT_AREA", "placeholder": "写一句"},
        {
            "name": "stage",
            "label": "阶段",
            "required": True,
            "type": "SELECT",
            "options": [{"value": "s1", "text": "线索"}, {"value": "s2", "text": "报价"}],
            "defaultValue": {"index": 1, "value": "s2"},
        },
        {
            "name": "amount",
            "label": "金额",
            "required": False,
            "type": "TEXT",
            "placeholder": "120万",
            "defaultValue": "80",
        },
        {"name": "_do", "type": "TEXT", "hidden": True, "defaultValue": "dd/approval.approve/request:3/ab/"},
    ]
    (button,) = json.loads(params["buttons"])
    assert (button["text"], params["buttons_visible"]) == ("看全程", "true")
    assert button["action"] == button["event"]["params"]["params"]["action"] == "dd/approval.trail/request:3//"


def test_of_several_buttons_one_is_chosen_in_the_form() -> None:
    inputs = FORM[1]
    assert isinstance(inputs, Inputs)
    reject = Button("驳回", Action("approval.reject", "request:3", "ab"))
    params = render((FORM[0], replace(inputs, buttons=(*inputs.buttons, reject))), form=True)["form"]

    decide = json.loads(params["form"])["fields"][-1]
    assert (decide["name"], decide["type"], decide["required"]) == ("_do", "SELECT", True)
    assert [option["text"] for option in decide["options"]] == ["同意", "驳回"]
    assert "defaultValue" not in decide
    assert params["form_btn_text"] == "提交"


def test_form_too_long_to_be_kept_for_a_person_is_left_out_there() -> None:
    params = render(FORM, form=True)["form"]

    assert own_params(params) == {key: params[key] for key in ("form", "form_status", "form_btn_text")}
    assert own_params({**params, "form": "x" * 1000}) == {"form_status": "normal", "form_btn_text": "同意"}
    assert own_params(render(FORM)["shared"]) == {}


def test_decided_card_closes_its_form() -> None:
    params = render(CARD[:-1], form=True)["form"]

    assert (params["form"], params["form_status"], params["card_status"]) == ('{"fields":[]}', "disabled", "done")
    assert (params["buttons"], params["buttons_visible"]) == ("[]", "false")


def test_without_a_form_template_the_form_is_told_in_words() -> None:
    message = render(FORM)

    assert message["template"] == "shared"
    assert "form" not in message
    assert "说明：（写一句）<br>阶段：s2<br>金额：80<br>回复 「同意 ZK-1」" in message["shared"]["staticMsgContent"]


def test_form_that_is_too_long_for_a_client_is_told_in_words() -> None:
    choices = tuple((f"value-{n}", "很长的选项" * 6) for n in range(60))
    message = render((FORM[0], Inputs("x", (Input("a", "选", choices=choices),), FORM[1].buttons)), form=True)  # type: ignore[union-attr]

    assert message["template"] == "shared"
    assert message["form"]["form_status"] == "disabled"


def test_menu_that_is_left_is_a_button_for_each_choice() -> None:
    menu = Menu("退回", Action("review.return", "e:1"), (("blurred", "看不清"), ("other", "其他")))
    rows = full(render((Title("看一眼"), Buttons((menu,))))["shared"])["msgButtons"]

    pressed = read_click({"content": {"cardPrivateData": {"params": {"id": rows[1]["id"]}}}})
    assert [row["text"] for row in rows] == ["看不清", "其他"]
    assert pressed is not None
    assert (pressed.action.name, pressed.values) == ("review.return", {"option": "other"})


def test_buttons_that_do_not_fit_become_lines() -> None:
    many = tuple(Button(f"按钮{n}", Action("x", "y", "z", {"k": "值" * 150}), line=f"行 {n}") for n in range(6))
    shared = render((Title("多"), Buttons(many)), mention="@我 ")["shared"]

    assert 0 < len(full(shared)["msgButtons"]) < 6
    assert "「@我 行 5」" in shared["staticMsgContent"]


def test_long_body_is_cut_on_a_character() -> None:
    body = render((Title("长"), Text("说" * 2000), Note("尾")))["shared"]["staticMsgContent"]

    assert len(body.encode()) <= VALUE_BYTES
    assert body.endswith("说…")


def test_long_body_loses_whole_lines_where_nothing_of_them_makes_sense() -> None:
    body = render((Text("a" * 888), Fields((("名", "值"),))))["shared"]["staticMsgContent"]

    assert body == "a" * 888 + "…"


def all_fit(message: Any) -> bool:
    """True when every value is a text within its limit and every JSON is whole."""
    for params in (message.get("shared", {}), message.get("form", {})):
        for key, value in params.items():
            limit = JSON_BYTES if key in ("sys_full_json_obj", "form", "buttons") else VALUE_BYTES
            if not isinstance(value, str) or len(value.encode()) > limit:
                return False
            if limit == JSON_BYTES:
                json.loads(value)
    sent = (message["words"], message["short"])
    return all(len(each["msgParam"].encode()) <= WORDS_BYTES and json.loads(each["msgParam"]) for each in sent)


@pytest.mark.parametrize("form", [False, True])
@pytest.mark.parametrize("direct", [False, True])
def test_every_sample_fits_with_nothing_cut(form: bool, direct: bool) -> None:
    caps = capabilities(direct=direct, form=form, clicks=True)

    for name, card in SAMPLES.items():
        message = render(fit(card, caps), own=OWN, form=form, mention=caps.mention)
        assert all_fit(message), name
        if message["template"]:
            assert not message[message["template"]].get("staticMsgContent", "").endswith("…"), name


def test_without_clicks_only_words_are_sent() -> None:
    caps = capabilities(direct=True, form=False, clicks=False)

    assert {render(fit(card, caps))["template"] for card in SAMPLES.values()} == {""}


text = st.text(max_size=300)
actions = st.builds(Action, text.map(lambda t: t[:9]), text.map(lambda t: t[:9]))
buttons = st.builds(Button, text, actions, line=text)
menus = st.builds(Menu, text, actions, st.lists(st.tuples(text, text), max_size=9).map(tuple))
inputs = st.builds(Input, text, text, text, text, st.lists(st.tuples(text, text), max_size=9).map(tuple))
blocks = st.one_of(
    st.builds(Title, text, st.just("red"), text),
    st.builds(Headline, text),
    st.builds(Text, text),
    st.builds(Note, text),
    st.builds(Fields, st.lists(st.tuples(text, text), max_size=9).map(tuple)),
    st.builds(Buttons, st.lists(buttons | menus, max_size=5).map(tuple)),
    st.builds(Inputs, text, st.lists(inputs, max_size=3).map(tuple), st.lists(buttons, max_size=3).map(tuple)),
    st.builds(Picture, text, text, media=text),
)


@settings(deadline=None)
@given(st.lists(blocks, max_size=6).map(tuple), st.booleans())
def test_any_card_is_drawn_within_the_limits(card: Card, form: bool) -> None:
    assert all_fit(render(card, own=OWN, form=form))


def test_described_template_has_the_variables_that_are_sent() -> None:
    described = json.loads((DOCS / "dingtalk-form-variables.json").read_text("utf-8"))
    sent = render(FORM, form=True)["form"]

    assert {each["name"] for each in described["variables"]} == set(described["sample"]) == set(sent)
    (button,) = json.loads(described["sample"]["buttons"])
    assert set(button) == set(json.loads(sent["buttons"])[0])
    pressed = read_click({"content": {"cardPrivateData": {"params": {"action": button["action"]}}}})
    assert pressed is not None
    assert pressed.action.name == "approval.trail"
    fields = json.loads(described["sample"]["form"])["fields"]
    assert [field["name"] for field in fields] == ["reason", "_do"]
