"""How a discount is written, and that what it comes to is exact. R-APR-1, R-MONEY."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.discounts import Ask, Off, discount_words, percent_off, price_of, read_ask, read_off, short_words
from sales.errors import Refusal

TWELVE = Off(percent=Fraction(12))


@pytest.mark.parametrize(
    ("text", "ask"),
    [
        ("9 让12% 对手报 80 万 客户三台一起签", Ask("9", "让12%", "对手报 80 万 客户三台一起签")),
        ("9 8.8折 对手报80万", Ask("9", "8.8折", "对手报80万")),
        ("9 到 79.2万 理由", Ask("9", "到 79.2万", "理由")),
        ("8.8折 9 理由", Ask("9", "8.8折", "理由")),
        ("9打88折", Ask("9", "打88折")),
        ("#9，让 12 个点，因为", Ask("9", "让 12 个点", "因为")),
        ("9号 降到79.2万，量大", Ask("9", "降到79.2万", "量大")),
        ("让12%", Ask(off="让12%")),
        ("17", Ask("17")),
        ("9 12% 理由", Ask("9", "", "12% 理由")),
        ("", Ask()),
        ("对手太低", Ask(reason="对手太低")),
    ],
)
def test_parts_of_a_line_r_apr_1(text: str, ask: Ask) -> None:
    assert read_ask(text) == ask


@pytest.mark.parametrize(
    "text",
    [
        "8.8折",
        "88折",
        "打八八折",
        "八点八折",
        "八点八 折",
        "8.8折扣",
        "让12%",
        "让 12 个点",
        "降价12%",
        "优惠 12%",
        "让１２％",
    ],
)
def test_ways_to_say_twelve_percent_off_r_apr_1(text: str) -> None:
    assert read_off(text) == TWELVE


@pytest.mark.parametrize(
    ("text", "fen"), [("到 79.2万", 79_200_000), ("79.2万", 79_200_000), ("成交价：792000元", 79_200_000)]
)
def test_a_price_may_be_given_instead_r_apr_1(text: str, fen: int) -> None:
    assert read_off(text) == Off(price_fen=fen)


@pytest.mark.parametrize(
    "text", ["12%", "88", "80折", "10折", "0.88折", "让0%", "让100%", "让150%", "随便", "", "35-40万"]
)
def test_what_can_be_read_in_two_ways_is_asked_r_hold(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_off(text)

    assert "8.8折" in caught.value.text


def test_price_is_exact_in_fen_or_asked_r_money() -> None:
    assert price_of(90_000_000, TWELVE) == 79_200_000
    assert price_of(90_000_000, Off(price_fen=79_200_001)) == 79_200_001
    with pytest.raises(Refusal, match="不是整分"):
        price_of(101, TWELVE)


@pytest.mark.parametrize("off", [Off(price_fen=100), Off(price_fen=101), Off(price_fen=0)])
def test_price_is_below_the_base_and_above_nothing_r_apr_1(off: Off) -> None:
    with pytest.raises(Refusal, match=r"¥1\.00 低"):
        price_of(100, off)


@pytest.mark.parametrize(
    ("base", "price", "words"),
    [
        (90_000_000, 79_200_000, "8.8 折（让 12%）"),
        (90_000_000, 81_000_000, "9 折（让 10%）"),
        (10_000, 8_750, "8.75 折（让 12.5%）"),
        (90_000_000, 80_000_000, "约 8.89 折（让 11.11%）"),
        (100_000_000, 89_999_999, "约 9 折（让 10%）"),
    ],
)
def test_discount_is_always_told_both_ways_ux_0_10(base: int, price: int, words: str) -> None:
    assert discount_words(base, price) == words
    assert short_words(base, price) == words.partition("（")[0]


@given(st.integers(2, 10**13), st.integers(1, 9999))
def test_percent_gives_its_price_exactly_or_is_refused_r_money(base: int, basis_points: int) -> None:
    percent = Fraction(basis_points, 100)
    try:
        price = price_of(base, Off(percent=percent))
    except Refusal:
        assert (base * (10_000 - basis_points)) % 10_000 or base * (10_000 - basis_points) < 10_000
    else:
        assert percent_off(base, price) == percent
        assert isinstance(price, int)
