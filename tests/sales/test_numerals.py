"""The value of one figure. R-QE-4."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sales.numerals import value


def _each(table: str) -> list[str]:
    return table.split()


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("120万", "1200000"),
        ("十五万六", "156000"),
        ("1亿2", "120000000"),
        ("两百三十", "230"),
        ("1百20万", "1200000"),
        ("1千200", "1200"),
        ("3.6千万", "36000000"),
        ("零点五亿", "50000000"),
        ("十二点五万", "125000"),
        ("一百零五万零三十", "1050030"),
        ("1万5000.50", "15000.50"),
        ("零", "0"),
        ("二十五", "25"),
        ("12w5", "125000"),
        ("1.2m", "1200000"),
        ("一百万零五", "1000005"),
    ],
)
def test_value_of_known_figures_r_qe_4(text: str, yuan: str) -> None:
    assert value(text) == Decimal(yuan)


@pytest.mark.parametrize(
    "text",
    _each("""
        1,20万 012 .5 一百五万 一千五十 一百十万 1.5亿2千万 120万万 120万500 3m5
        三三百万 百 一百零 十百 一百零五十
        1.5百20
        二十零五 万 亿5 0万5 1万2.5
        一百两 一点 点五 一十百 12点5点3 1百205 一万零 1亿零 120万十百
    """),
)
def test_value_refuses_what_can_be_read_in_two_ways_r_qe_3(text: str) -> None:
    assert value(text) is None


@settings(deadline=None)
@given(st.integers(1, 10**12))
def test_value_agrees_with_cn2an_on_chinese_numerals(number: int) -> None:
    import cn2an

    assert value(cn2an.an2cn(number, "low")) in (Decimal(number), None)
    if number < 10**8 or number % 10**8 == 0:
        assert value(cn2an.an2cn(number, "low")) == Decimal(number)
        assert value(cn2an.an2cn(number, "up")) == Decimal(number)


@settings(deadline=None)
@given(st.text(alphabet="0123456789.,零一二两三五九十百千万亿点wkm个 壹佰万", max_size=30))
def test_value_never_raises(text: str) -> None:
    found = value(text)
    assert found is None or found >= 0
