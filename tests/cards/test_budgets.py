"""One budget for all platforms, taken from the tightest. ux.md 0.3, 0.5; and every card is in the gallery."""

from __future__ import annotations

import re

import pytest

from cards.blocks import Button, Buttons, Fields, Headline, Text, Title
from cards.registry import CARDS
from cards.samples import SAMPLES

OURS = [name for name in SAMPLES if "hostile" not in name]
LISTS = ("deals", "help", "digest", "drill", "approvals", "trail")
"""Their rows are lines of their own, cut on a whole row (ux.md 1); names of fields are examples and numbers."""

AMOUNT = re.compile(r"(¥[0-9,]+\.[0-9]{2}|[0-9]+\.[0-9]{2} 万)")
WITHOUT_A_LINE = {
    "alert.acknowledge",
    "alert.silence",
    "alert.unsilence",
    "deal.again",
    "draft.new_customer",
    "draft.other",
    "lead.open",
    "proposal.confirm",
    "proposal.drop",
}
"""Buttons that stand for no one line: any other number, a full name, the line that the answer repeats, and what is
only decided on the card that shows it, and the way from a row of a list to its card."""

each_card = pytest.mark.parametrize("name", OURS)


def buttons(name: str) -> list[Button]:
    return [button for block in SAMPLES[name] if isinstance(block, Buttons) for button in block.items]


@each_card
def test_title_is_at_most_22_characters(name: str) -> None:
    assert [b.text for b in SAMPLES[name] if isinstance(b, Title) and len(b.text) > 22] == []


@each_card
def test_headline_is_at_most_14_characters(name: str) -> None:
    assert [b.text for b in SAMPLES[name] if isinstance(b, Headline) and len(b.text) > 14] == []


@each_card
def test_fields_are_at_most_six_of_5_and_26_characters(name: str) -> None:
    pairs = [pair for block in SAMPLES[name] if isinstance(block, Fields) for pair in block.pairs]

    assert len(pairs) <= 6
    assert [field for field, _ in pairs if len(field) > 5] == []
    if not name.startswith(LISTS):
        assert [value for _, value in pairs if len(value) > 26] == []


@each_card
def test_free_text_is_at_most_112_characters(name: str) -> None:
    assert sum(len(block.text) for block in SAMPLES[name] if isinstance(block, Text)) <= 112


@each_card
def test_buttons_are_at_most_six_of_6_characters_and_amounts_stay_whole(name: str) -> None:
    labels = [button.label for button in buttons(name)]

    assert len(labels) <= 6
    most = 10 if name.startswith("choices:") else 6  # a choice is as long in a list as on a button
    assert [label for label in labels if len(label) > most and not AMOUNT.fullmatch(label)] == []


@each_card
def test_question_has_no_primary_button(name: str) -> None:
    title = next((block for block in SAMPLES[name] if isinstance(block, Title)), None)

    if title and "等你" in title.tag:
        assert [b.label for b in buttons(name) if isinstance(b, Button) and b.style == "primary"] == []


@each_card
def test_button_is_a_shortcut_for_a_line(name: str) -> None:
    silent = {button.action.name for button in buttons(name) if not button.line}

    assert silent <= WITHOUT_A_LINE or name.startswith("sure:")  # the pressed button's own line does without asking


@each_card
def test_state_is_a_word_before_it_is_a_colour(name: str) -> None:
    titles = [block for block in SAMPLES[name] if isinstance(block, Title)]

    assert [title.text for title in titles if not title.tag] == []


def test_every_card_has_a_sample() -> None:
    assert {name.partition(":")[0] for name in SAMPLES} == {*CARDS, "choices"}
