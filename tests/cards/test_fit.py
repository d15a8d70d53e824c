"""Any card can be cut to any chat, and the plain text always works. ux.md 0.1, 4."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.blocks import (
    ACTION_BYTES,
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
    is_words,
    words,
)
from cards.fit import Capabilities, fit
from cards.plain import plain_text
from cards.samples import SAMPLES

TEXTS = st.text(max_size=80)
BUTTONS = st.builds(Button, TEXTS, st.builds(Action, st.just("a.b")), line=TEXTS)
MENUS = st.builds(
    Menu, TEXTS, st.builds(Action, st.just("a.b")), st.lists(st.tuples(TEXTS, TEXTS), max_size=4).map(tuple)
)
INPUTS = st.builds(Input, TEXTS, TEXTS, TEXTS, TEXTS)
BLOCKS = st.one_of(
    st.builds(Title, TEXTS, tag=TEXTS),
    st.builds(Headline, TEXTS),
    st.builds(Fields, st.lists(st.tuples(TEXTS, TEXTS), max_size=14).map(tuple)),
    st.builds(Text, st.text(max_size=900)),
    st.builds(Note, TEXTS),
    st.builds(Buttons, st.lists(st.one_of(BUTTONS, MENUS), max_size=9).map(tuple)),
    st.builds(Inputs, TEXTS, st.lists(INPUTS, max_size=3).map(tuple), st.lists(BUTTONS, max_size=3).map(tuple)),
    st.builds(Picture, st.just("trend"), TEXTS),
)
CARDS = st.lists(BLOCKS, max_size=8).map(tuple)
CAPS = st.builds(
    Capabilities,
    cards=st.booleans(),
    buttons=st.integers(0, 6),
    button_chars=st.integers(1, 12),
    fields=st.integers(0, 10),
)


def button(label: str, line: str = "") -> Button:
    return Button(label, Action("a.b"), line=line)


@given(CARDS, CAPS)
def test_every_card_fits_every_chat(card: Card, caps: Capabilities) -> None:
    fitted = fit(card, caps)

    assert caps.cards or is_words(fitted)
    for block in fitted:
        match block:
            case Title(text, _, tag):
                assert len(text) <= 30
                assert len(tag) <= 22
            case Fields(pairs):
                assert len(pairs) <= caps.fields
                assert all(len(name) <= 8 and len(value) <= 60 for name, value in pairs)
            case Buttons(items):
                assert 0 < len(items) <= caps.buttons or not items
                assert all(len(item.label) <= caps.button_chars for item in items)


@given(CARDS, CAPS)
def test_fitting_twice_changes_nothing_more(card: Card, caps: Capabilities) -> None:
    assert fit(fit(card, caps), caps) == fit(card, caps)


@given(CARDS)
def test_every_card_has_a_text(card: Card) -> None:
    assert isinstance(plain_text(card), str)


def test_twin_says_everything_in_order() -> None:
    card: Card = (
        Title("已录单 #17", "green", "1 线索确认"), Headline("120.00 万"), Fields((("产品", "CT机"), ("负责", "李雷"))),
        Text("一句话。"), Note("10:32 前可撤销"), Buttons((button("撤销", "撤销"), button("看"))),
    )  # fmt: skip

    assert plain_text(card).splitlines() == [
        "【已录单 #17】 1 线索确认", "120.00 万", "产品：CT机", "负责：李雷", "一句话。", "10:32 前可撤销",
        "回复 「撤销」",
    ]  # fmt: skip


def test_twin_of_a_form_and_a_picture_says_what_they_hold() -> None:
    reason, who = Input("reason", "理由", "如 毛利不够"), Input("who", "给谁", "王芳", value="张伟")

    twin = plain_text((Picture("trend", "LDR 八周"), Inputs("form", (reason, who), (button("同意", "同意 ZK-1"),))))

    assert twin.splitlines() == ["（图：LDR 八周）", "理由：（如 毛利不够）", "给谁：张伟", "回复 「同意 ZK-1」"]


def test_title_without_a_tag_and_empty_buttons() -> None:
    assert plain_text((Title("好"), Buttons(()))) == "【好】"


def test_long_words_are_cut_with_a_mark() -> None:
    caps = Capabilities()

    assert fit((Title("长" * 40),), caps) == (Title("长" * 29 + "…"),)
    assert fit((Text("长" * 601),), caps) == (Text("长" * 599 + "…"),)
    assert fit((Text("长" * 600),), caps) == (Text("长" * 600),)


def test_buttons_over_the_limit_become_typed_lines() -> None:
    card: Card = (Buttons((button("一"), button("二"), button("三", "说三"), button("四", "说四"))),)

    assert fit(card, Capabilities(buttons=2)) == (
        Note("回复 「说三」 · 「说四」"),
        Buttons((button("一"), button("二"))),
    )
    assert fit(card, Capabilities(buttons=0)) == (Note("回复 「说三」 · 「说四」"),)
    assert fit((Buttons((button("一"), button("二"))),), Capabilities(buttons=1)) == (Buttons((button("一"),)),)


def test_chat_without_cards_gets_words() -> None:
    caps = Capabilities(cards=False)

    assert fit((Title("好"), Note("小字")), caps) == words("【好】\n小字")
    assert fit(words("好"), caps) == words("好")


@pytest.mark.parametrize("name", SAMPLES)
def test_no_sample_loses_a_word_on_the_widest_chat(name: str) -> None:
    if "hostile" not in name:
        said = tuple(block for block in SAMPLES[name] if not (isinstance(block, Note) and block.without))
        assert fit(SAMPLES[name], Capabilities()) == said


def test_what_makes_up_for_a_lack_is_drawn_only_where_it_lacks() -> None:
    page = Button("网页填", Action("page.open", "form:1"), without="inputs")
    upload = Button("传文件", Action("page.open", "deal:17"), without="files")
    card = (Title("t"), Note("PDF 发到{where}。", "files"), Buttons((page, upload)))

    assert fit(card, Capabilities()) == (Title("t"),)
    bare = fit(card, Capabilities(inputs=False, files_in=False, files_where="别处"))
    assert bare == (Title("t"), Note("PDF 发到别处。"), Buttons((page, upload)))
    assert fit(card, Capabilities(inputs=False))[1] == Buttons((page,))


def test_words_with_a_hint_are_words_either_way() -> None:
    said = (Text("好，拍给我。"), Note("PDF 发到{where}。", "files"))

    assert fit(said, Capabilities()) == words("好，拍给我。")
    assert fit(said, Capabilities(files_in=False)) == words("好，拍给我。PDF 发到我的单聊。")


def test_a_message_of_words_is_longer_than_the_text_of_a_card() -> None:
    said = "字" * 700

    assert fit(words(said), Capabilities(text_chars=160)) == words("字" * 599 + "…")
    assert fit((Title("t"), Text(said)), Capabilities(text_chars=160))[1] == Text("字" * 159 + "…")


def test_over_its_bytes_a_card_loses_its_last_fields_before_its_words() -> None:
    pairs = tuple((f"n{n}", "值" * 20) for n in range(8))
    card = (Title("标题"), Fields(pairs), Text("话" * 50))

    fitted = fit(card, Capabilities(bytes_limit=500))

    assert len(plain_text(fitted).encode()) <= 500
    assert fitted[0] == Title("标题")
    fields = fitted[1]
    assert isinstance(fields, Fields)
    assert fields.pairs == pairs[: len(fields.pairs)]
    assert 3 <= len(fields.pairs) < 8


@pytest.mark.parametrize(("size", "fits"), [(ACTION_BYTES - 3, True), (ACTION_BYTES - 2, False)])
def test_action_is_refused_when_no_button_could_carry_it(size: int, fits: bool) -> None:
    if fits:
        assert Action("a.b", "x" * size).subject == "x" * size
    else:
        with pytest.raises(ValueError, match=r"action a\.b carries 513 bytes, at most 512 fit"):
            Action("a.b", "x" * size)


def test_action_counts_the_bytes_of_its_arguments() -> None:
    with pytest.raises(ValueError, match="at most 512 fit"):
        replace(Action("a.b"), args={"客户": "长" * 170})
