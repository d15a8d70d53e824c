"""How money is written. R-MONEY."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sales.money import format_wan, format_yuan, yuan_text


@pytest.mark.parametrize(
    ("fen", "wan", "yuan", "plain"),
    [
        (120_000_000, "120.00 万", "¥1,200,000.00", "1200000.00"),
        (120_000_050, "¥1,200,000.50", "¥1,200,000.50", "1200000.50"),
        (123_456_789, "¥1,234,567.89", "¥1,234,567.89", "1234567.89"),
        (100_000_000_000, "100000.00 万", "¥1,000,000,000.00", "1000000000.00"),
        (10_000, "0.01 万", "¥100.00", "100.00"),
        (9_999, "¥99.99", "¥99.99", "99.99"),
        (1, "¥0.01", "¥0.01", "0.01"),
        (0, "0.00 万", "¥0.00", "0.00"),
        (-120_000_000, "-120.00 万", "-¥1,200,000.00", "-1200000.00"),
        (-1, "-¥0.01", "-¥0.01", "-0.01"),
    ],
)
def test_money_is_written_exactly_r_money(fen: int, wan: str, yuan: str, plain: str) -> None:
    assert (format_wan(fen), format_yuan(fen), yuan_text(fen)) == (wan, yuan, plain)


@settings(deadline=None)
@given(st.integers(-(10**13), 10**13))
def test_money_never_says_yi_and_never_rounds_r_money(fen: int) -> None:
    text = format_wan(fen)
    assert "亿" not in text
    assert yuan_text(fen).replace(".", "").lstrip("-").lstrip("0") == str(abs(fen)).lstrip("0")
    assert text.endswith(" 万") == (fen % 10_000 == 0)
