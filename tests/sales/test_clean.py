"""Typed text made plain. ux.md 3."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sales.clean import BROKEN, clean
from sales.traditional import simplify


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("錄單　華東醫療　１２０萬", "录单 华东医疗 120万"),
        ("1\u200b20\u200d万\ufeff\ufe0f", "120万"),
        ("录单\x00华东\x07", "录单华东"),
        ("a\ud800b", "ab"),
        ("好\r\n\r\n 的\t吧", "好\n的 吧"),
        ("客户：华东；金额！", "客户:华东;金额!"),
        ("华东，CT，120万", "华东，CT，120万"),
        ("１，２００，０００", "1,200,000"),
        ("1，200，000", "1，200，000"),
        ("−5万 50–60 50∼60", "-5万 50—60 50~60"),
        ("③120万 ⑴⒈", "120万"),
        ("120½万", f"120{BROKEN}万"),
        ("\u202e021万", f"{BROKEN}021万"),
        ("\u202a120万\u202c", "120万"),
        ("١٢٠万", "120万"),
        ("👍120万✅", "120万"),
    ],
)
def test_text_is_made_plain(typed: str, plain: str) -> None:
    assert clean(typed) == plain


@settings(deadline=None)
@given(st.text(max_size=80))
def test_cleaning_never_raises_and_is_done_once(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert not any(char < " " and char != "\n" for char in once)
    assert len(simplify(text)) == len(text)
