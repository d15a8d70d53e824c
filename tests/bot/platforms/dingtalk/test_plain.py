"""Text of people in places where DingTalk reads markdown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.dingtalk.plain import cut, defuse, literal, one_line


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("**粗** _斜_ ~~删~~ `码`", "＊＊粗＊＊ ＿斜＿ ～～删～～ ｀码｀"),
        ("[点我](http://evil.cn)", "［点我］(http：//evil.cn)"),
        ("![图](@lADP)", "!［图］(@lADP)"),
        ("<a atId=all>所有人</a><br>", "＜a atId=all＞所有人＜/a＞＜br＞"),
        ("dtmd://dingtalkclient/sendMessage?content=同意", "dtmd：//dingtalkclient/sendMessage?content=同意"),
        ("www.evil.cn", "www．evil.cn"),
        ("# 标题", "＃ 标题"),
        ("#17 华东医疗", "#17 华东医疗"),
        ("> 引用", "＞ 引用"),
        ("- 列", "－ 列"),
        ("1. 列", "1． 列"),
        ("-5%", "-5%"),
        ("标题\n---", "标题\n－－－"),
        ("&lt;b&gt; $x$ \\*", "＆lt;b＆gt; ＄x＄ ＼＊"),
        ("3 * 4", "3 ＊ 4"),
        ("\u202e倒\u200b着", "倒着"),
    ],
)
def test_every_letter_stands_as_it_was_typed(typed: str, shown: str) -> None:
    assert literal(typed) == shown


@given(st.text(max_size=80))
def test_no_mark_is_left(typed: str) -> None:
    shown = literal(typed)

    assert not set(shown) & set("*_`~[]<>\\|$&")
    assert "://" not in shown


def test_links_to_our_own_pages_stay() -> None:
    own = "https://deals.example.com"

    assert defuse(f"{own}/p/1 http://evil.cn", own=own) == f"{own}/p/1 http：//evil.cn"
    assert defuse(f"{own}.evil.cn/p", own=own) == "https：//deals.example.com.evil.cn/p"


@given(st.text(max_size=60), st.integers(0, 100))
def test_cut_text_is_whole_characters_within_its_bytes(text: str, size: int) -> None:
    short = cut(text, size)

    assert len(short.encode()) <= max(size, 0)
    assert short == text or text.startswith(short.removesuffix("…"))


def test_one_line_is_one_line() -> None:
    assert one_line(" a\r\nb\u2028c\t d ") == "a b c d"
