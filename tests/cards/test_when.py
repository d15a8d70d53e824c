"""Instants as people write them, stamps, and lists of what was held over. ux.md 1, R-TIME-1, R-MERGE."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cards import digest
from cards.blocks import Fields, Headline, Note, Title, words
from cards.stamp import stamp
from cards.when import clock, day_clock
from tests.support.facts import POLICY


@pytest.mark.parametrize(
    ("hour", "day", "hours"), [(7, "11-20 周五 15:20", "15:20"), (16, "11-21 周六 00:20", "00:20")]
)
def test_instants_are_written_on_the_tenants_clock_r_time_1(hour: int, day: str, hours: str) -> None:
    instant = datetime(2026, 11, 20, hour, 20, 59, tzinfo=UTC)

    assert (day_clock(instant, POLICY), clock(instant, POLICY)) == (day, hours)


def test_stamp_changes_with_every_fact_and_with_where_it_stands() -> None:
    stamps = {stamp("a", 1), stamp("a", 2), stamp("a1"), stamp("", "a", 1), stamp("\ud800")}

    assert len(stamps) == 5
    assert {len(each) for each in stamps} == {8}
    assert stamp("undo", 17) == stamp("undo", 17)


def test_digest_has_a_row_for_each_message_r_merge() -> None:
    parts = [(Title("甲", tag="x"), Headline("120.00 万")), words("一句话"), (Note("小字"),)]

    card = digest.draw(parts)

    assert card == (
        Title("3 件事", "blue", "攒在一起说"),
        Fields((("1", "甲 · 120.00 万"), ("2", "一句话"), ("3", ""))),
    )


def test_digest_says_how_many_are_left_r_merge() -> None:
    card = digest.draw([words(str(n)) for n in range(8)])

    assert len(card[1].pairs) == digest.ROWS  # type: ignore[union-attr]
    assert card[2] == Note("还有 2 件")
