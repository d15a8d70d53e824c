"""Sealed values come back with the key and say nothing without it. R-PRIV."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.secrets import Secrets, Unreadable

OURS = Secrets(b"k" * 32)


@given(st.text())
def test_what_was_sealed_is_opened_again(plain: str) -> None:
    assert OURS.open(OURS.seal(plain)) == plain


def test_sealed_value_shows_nothing_and_is_never_the_same_twice() -> None:
    first, second = OURS.seal("13800005521"), OURS.seal("13800005521")

    assert first != second
    assert "5521" not in first
    assert "k" * 8 not in repr(OURS)
    assert OURS.seal("") == OURS.open("") == ""


@pytest.mark.parametrize("sealed", ["v1:", "v1:AAAA", "nonsense", "v1:" + "A" * 60])
def test_altered_value_is_unreadable(sealed: str) -> None:
    with pytest.raises(Unreadable, match="密钥文件"):
        OURS.open(sealed)


def test_value_of_another_key_file_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        OURS.open(Secrets(b"x" * 32).seal("13800005521"))
