"""What the vendor accepts as a template card, and with which words it refuses the rest."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.wecom.cards.blocks import Use
from simulator.wecom.cards.controls import NotPossible, chosen, controls, find, questions
from simulator.wecom.cards.validate import BOT, BOT_UPDATE, SEND, UPDATE, WEBHOOK, check_card
from simulator.wecom.errors import CardRefused
from tests.simulator.wecom.helpers import Json, buttons, choices, news, notice, vote

MENU = {"desc": "更多", "action_list": [{"text": "为什么", "key": "why"}]}


def path_of(card: Any, use: Use = SEND) -> str:
    with pytest.raises(CardRefused) as caught:
        check_card(card, use)
    assert caught.value.code == 40058
    assert caught.value.path in caught.value.text
    return caught.value.path.removeprefix("template_card.")


@pytest.mark.parametrize("card", [buttons(), vote(), choices(), notice(), news()])
def test_minimal_card_is_accepted_without_a_word(card: Json) -> None:
    assert check_card(card, SEND) == []


def test_full_notice_is_accepted() -> None:
    rows = [
        {"keyname": "负责人", "value": "查看", "type": 3, "userid": "m03"},
        {"keyname": "链接", "value": "看", "type": 1, "url": "https://h.example"},
        {"keyname": "文件", "value": "a.pdf", "type": 2, "media_id": "M"},
        {"keyname": "纯文字", "value": "值"},
    ]
    card = notice(
        source={"desc": "销售助手", "desc_color": 2},
        task_id="t-1@a_b",
        action_menu=MENU,
        quote_area={"type": 1, "url": "https://h.example", "title": "引", "quote_text": "文"},
        emphasis_content={"title": "62%", "desc": "达成率"},
        sub_title_text="正文",
        horizontal_content_list=rows,
        jump_list=[{"type": 1, "title": "打开", "url": "https://h.example"}, {"title": "字"}],
    )
    assert check_card(card, SEND) == []


BROKEN: list[tuple[Json, str]] = [
    ({}, "card_type"),
    (notice(card_type="new_notice"), "card_type"),
    (notice(main_title={"desc": "只有说明"}), "main_title.title"),
    (notice(main_title="标题"), "main_title"),
    (notice(card_action=None), "card_action"),
    (notice(card_action={"type": 0}), "card_action.type"),
    (notice(card_action={"type": 1, "url": "h.example"}), "card_action.url"),
    (notice(card_action={"type": 2}), "card_action.appid"),
    (notice(button_list=[]), "button_list"),
    (notice(action_menu=MENU), "task_id"),
    (notice(action_menu={"action_list": []}, task_id="t"), "action_menu.action_list"),
    (notice(source={"desc_color": 4}), "source.desc_color"),
    (notice(horizontal_content_list=[{"value": "值"}]), "horizontal_content_list[0].keyname"),
    (notice(horizontal_content_list=[{"keyname": "名"}] * 7), "horizontal_content_list"),
    (notice(horizontal_content_list=[{"keyname": "名", "type": 2}]), "horizontal_content_list[0].media_id"),
    (notice(jump_list=[{"title": "一"}] * 4), "jump_list"),
    (notice(jump_list=[{"type": 1, "title": "一"}]), "jump_list[0].url"),
    (notice(jump_list=[{"type": 3, "title": "问", "question": "问"}]), "jump_list[0].type"),
    (notice(replace_text="已处理"), "replace_text"),
    (news(card_image=None), "card_image"),
    (news(card_image={"url": "https://h.example", "aspect_ratio": 3}), "card_image.aspect_ratio"),
    (news(card_image={"url": "https://h.example", "aspect_ratio": "1.5"}), "card_image.aspect_ratio"),
    (news(vertical_content_list=[{"title": "一"}] * 5), "vertical_content_list"),
    (news(emphasis_content={"title": "1"}), "emphasis_content"),
    (buttons(task_id=""), "task_id"),
    (buttons(task_id="审批-1"), "task_id"),
    (buttons(task_id="x" * 129), "task_id"),
    (buttons(button_list=[]), "button_list"),
    (buttons(button_list=[{"text": str(i), "key": str(i)} for i in range(7)]), "button_list"),
    (buttons(button_list=[{"text": "一", "key": "k"}, {"text": "二", "key": "k"}]), "button_list[1].key"),
    (buttons(button_list=[{"text": "一"}]), "button_list[0].key"),
    (buttons(button_list=[{"text": "一", "key": "k" * 1025}]), "button_list[0].key"),
    (buttons(button_list=[{"text": "一", "key": "k", "style": 5}]), "button_list[0].style"),
    (buttons(button_list=[{"text": "一", "type": 1}]), "button_list[0].url"),
    (buttons(button_list=["同意"]), "button_list[0]"),
    (buttons(action_menu={"action_list": [{"text": "为什么", "key": "ok"}]}), "button_list[0].key"),
    (vote(checkbox=None), "checkbox"),
    (vote(submit_button=None), "submit_button"),
    (vote(checkbox={"question_key": "q", "option_list": []}), "checkbox.option_list"),
    (vote(button_list=[{"text": "一", "key": "k"}]), "button_list"),
    (choices(select_list=[]), "select_list"),
    (choices(select_list=choices()["select_list"] * 2), "select_list"),
    (choices(select_list=choices()["select_list"][:1] * 2), "select_list[1].question_key"),
]


@pytest.mark.parametrize(("card", "path"), BROKEN)
def test_refusal_names_the_field(card: Json, path: str) -> None:
    assert path_of(card) == path


@pytest.mark.parametrize("card", [None, [], "card", 1])
def test_a_card_is_an_object(card: Any) -> None:
    assert path_of(card) == "template_card"


def test_a_picture_may_stand_beside_text() -> None:
    area = {"type": 1, "url": "https://h.example", "title": "题", "image_url": "https://h.example/p.png"}
    assert check_card(news(card_image=None, image_text_area=area), SEND) == []
    assert path_of(news(card_image=None, image_text_area={"title": "题"})) == "image_text_area.image_url"


def test_ticks_are_truths_and_one_of_a_single_choice() -> None:
    card = vote()
    card["checkbox"]["option_list"][0]["is_checked"] = "true"
    assert path_of(card) == "checkbox.option_list[0].is_checked"
    both = [{"id": i, "text": i, "is_checked": True} for i in "ab"]
    single = vote(checkbox={"question_key": "q", "mode": 0, "option_list": both, "disable": True})
    assert [w.split(" ")[0].removeprefix("template_card.checkbox.") for w in check_card(single, SEND)] == [
        "disable",
        "option_list",
    ]


def test_option_ids_are_unique_and_short() -> None:
    card = vote()
    card["checkbox"]["option_list"][1]["id"] = "q"
    assert path_of(card) == "checkbox.option_list[1].id"
    card["checkbox"]["option_list"][1]["id"] = "é" * 65
    assert path_of(card) == "checkbox.option_list[1].id"


def test_at_most_ten_choices_but_twenty_ticks() -> None:
    many = [{"id": str(i), "text": str(i), "is_checked": False} for i in range(20)]
    assert check_card(vote(checkbox={"question_key": "q", "mode": 1, "option_list": many}), SEND) == []
    with_many = choices(select_list=[{"question_key": "q", "option_list": many[:11]}])
    assert path_of(with_many) == "select_list[0].option_list"


@pytest.mark.parametrize(
    ("card", "warned"),
    [
        (buttons(main_title={"title": "长" * 37}), "main_title.title"),
        (vote(main_title={"title": "长" * 17}), "main_title.title"),
        (buttons(button_list=[{"text": "十一个字的按钮文字太长", "key": "k"}]), "button_list[0].text"),
        (notice(horizontal_content_list=[{"keyname": "六个字的名称"}]), "horizontal_content_list[0].keyname"),
        (notice(sub_title_text="长" * 161), "sub_title_text"),
        (notice(nonsense=1), "nonsense"),
        (buttons(button_list=[{"text": "一", "key": "k", "style": "1"}]), "button_list[0].style"),
        (vote(source={"desc": "助手", "desc_color": 1}), "source.desc_color"),
    ],
)
def test_what_is_only_cut_is_warned_about(card: Json, warned: str) -> None:
    assert [w.split(" ")[0] for w in check_card(card, SEND)] == [f"template_card.{warned}"]


def test_wrong_preselection_and_missing_tick_are_warned_about() -> None:
    card = choices()
    card["select_list"][0]["selected_id"] = "s9"
    assert "first one is preselected" in check_card(card, SEND)[0]
    box = vote()
    del box["checkbox"]["option_list"][0]["is_checked"]
    assert "listed as required" in check_card(box, SEND)[0]


def test_texts_of_webhook_and_bot_are_shorter() -> None:
    card = notice(main_title={"title": "长" * 27})
    assert check_card(card, SEND) == []
    assert len(check_card(card, WEBHOOK)) == len(check_card(card, BOT)) == 1


@pytest.mark.parametrize("card", [buttons(), vote(), choices()])
def test_a_webhook_only_notices(card: Json) -> None:
    assert path_of(card, WEBHOOK) == "card_type"


@pytest.mark.parametrize(
    ("card", "path"),
    [
        (notice(task_id="t"), "task_id"),
        (notice(action_menu=MENU), "action_menu"),
        (news(card_image=None, image_text_area={"image_url": "https://h.example"}), "card_image"),
    ],
)
def test_a_webhook_card_calls_nobody_back(card: Json, path: str) -> None:
    assert path_of(card, WEBHOOK) == path


def test_a_bot_card_has_no_link_buttons_but_questions() -> None:
    assert path_of(buttons(), BOT) == "button_list[2].type"
    assert check_card(notice(jump_list=[{"type": 3, "title": "问", "question": "问"}]), BOT) == []


def test_an_update_may_grey_and_leave_the_button_out() -> None:
    card = vote(submit_button=None, replace_text="已提交")
    del card["task_id"]
    card["checkbox"]["disable"] = True
    assert check_card(card, UPDATE) == []
    assert "not part of an update" in check_card(vote(), UPDATE)[0]
    assert path_of({"select_list": [{"question_key": "q", "selected_id": "i"}]}, UPDATE) == "card_type"
    assert path_of({**card, "replace_text": None}, BOT_UPDATE) == "task_id"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from([buttons(), vote(), choices(), notice(), news()]), st.data())
def test_any_spoiled_card_is_accepted_or_refused_in_words(card: Json, data: st.DataObject) -> None:
    spoiled = copy.deepcopy(card)
    name = data.draw(st.sampled_from([*card, "jump_list", "quote_area", "action_menu", "horizontal_content_list"]))
    spoiled[name] = data.draw(JSON)
    try:
        check_card(spoiled, SEND)
    except CardRefused:
        return
    assert controls(spoiled) is not None
    assert questions(spoiled) is not None


def test_controls_in_the_order_they_are_drawn() -> None:
    found = [(c.kind, c.label, c.key) for c in controls(buttons(action_menu=MENU))]
    assert found == [
        ("button", "同意", "ok"),
        ("button", "驳回", "no"),
        ("link", "详情", ""),
        ("menu", "为什么", "why"),
    ]
    assert find(controls(buttons()), "驳") == controls(buttons())[1]
    assert find(controls(buttons()), 2) == controls(buttons())[2]
    assert find(controls(buttons()), "没有") is None


def test_a_greyed_card_has_nothing_to_press() -> None:
    assert controls(buttons(replace_text="已同意")) == []


def test_the_first_option_counts_when_nobody_touches_it() -> None:
    assert chosen(buttons(), {}) == [("reason", ["none"])]
    assert chosen(choices(), {}) == [("stage", ["s1"]), ("prod", ["p1"])]
    assert chosen(vote(), {}) == [("ev", ["q"])]


def test_choices_by_text_and_by_title() -> None:
    assert chosen(choices(), {"阶段": "方案"}) == [("stage", ["s2"]), ("prod", ["p1"])]
    assert chosen(vote(), {"ev": ["报价单", "m"]}) == [("ev", ["q", "m"])]
    assert chosen(vote(), {"ev": []}) == [("ev", [])]


@pytest.mark.parametrize(
    ("card", "values"), [(choices(), {"阶段": "没有"}), (choices(), {"stage": ["s1", "s2"]}), (choices(), {"x": "s1"})]
)
def test_what_the_client_does_not_offer(card: Json, values: Json) -> None:
    with pytest.raises(NotPossible):
        chosen(card, values)


def test_a_locked_question_cannot_be_changed() -> None:
    card = vote()
    card["checkbox"]["disable"] = True
    with pytest.raises(NotPossible):
        chosen(card, {"ev": ["m"]})
