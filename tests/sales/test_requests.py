"""Request types as data: bands, steps, numbers. R-APR-1, R-APR-2."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from sales.errors import Refusal
from sales.requests import FINAL, FIRST, Band, checked, request_number, steps_for, types
from tests.support.facts import POLICY

TEN = Fraction(10)
DISCOUNT = types(POLICY)["discount"]


@pytest.mark.parametrize(
    ("percent", "steps"),
    [
        (Fraction(1, 1000), (FIRST,)),
        (TEN, (FIRST,)),
        (TEN + Fraction(1, 10**9), (FIRST, FINAL)),
        (Fraction(99), (FIRST, FINAL)),
    ],
)
def test_upper_edge_of_a_band_is_inside_r_apr_1(percent: Fraction, steps: object) -> None:
    assert steps_for(DISCOUNT, percent) == steps


@pytest.mark.parametrize(
    ("bands", "says"),
    [
        ((Band(Fraction(0), TEN, (FIRST,)), Band(Fraction(12), None, (FIRST,))), "10 到 12 没人管"),
        ((Band(Fraction(0), TEN, (FIRST,)), Band(Fraction(8), None, (FIRST,))), "从 8 起的一档和前一档重了"),
        ((Band(Fraction(0), None, (FIRST,)), Band(TEN, None, (FIRST,))), "从 10 起的一档和前一档重了"),
        ((Band(Fraction(1), None, (FIRST,)),), "0 到 1 没人管"),
        ((Band(Fraction(0), TEN, (FIRST,)),), "超过 10 的没人管"),
        ((Band(Fraction(0), Fraction(0), (FIRST,)),), "是空的"),
        ((Band(Fraction(0), None, ()),), "没有审批人"),
        ((), "超过 0 的没人管"),
    ],
)
def test_gaps_and_overlaps_are_refused_r_apr_1(bands: tuple[Band, ...], says: str) -> None:
    with pytest.raises(Refusal) as caught:
        checked(bands)

    assert caught.value.rule == "R-APR-1"
    assert says in caught.value.text


def test_bands_that_fit_are_taken_as_they_are_r_apr_1() -> None:
    assert checked(DISCOUNT.bands) == DISCOUNT.bands


@pytest.mark.parametrize(("count", "number"), [(3, "ZK-20261119-0003"), (12345, "ZK-20261119-12345")])
def test_number_is_of_the_day_r_apr_2(count: int, number: str) -> None:
    assert request_number(DISCOUNT, day=date(2026, 11, 19), count=count) == number
