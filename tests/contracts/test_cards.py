"""Every card on every platform in every kind of chat: it fits, it renders, the vendor takes it, it looks as it did.

One golden file for each kind of chat holds all cards. New ones: GOLDEN=write pytest tests/contracts/test_cards.py
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.platforms.feishu.plain import clean
from cards.blocks import Picture
from cards.fit import Capabilities, fit
from cards.plain import plain_text
from cards.samples import SAMPLES
from simulator.dingtalk.errors import ApiError as DingtalkRefuses
from simulator.feishu.errors import ApiError as FeishuRefuses
from simulator.wecom.errors import ApiError as WecomRefuses
from tests.contracts.vendors import CHATS, UPLOADED, Message, opened, texts

GOLDEN = Path(__file__).parent / "golden"
WIDTH = 120
REFUSALS = (AssertionError, DingtalkRefuses, FeishuRefuses, WecomRefuses)

INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u206f\x00-\x09\x0b-\x1f]")
MARKUP = re.compile(r"<\s*[@a-zA-Z/]|\]\(|\*\*|://")
HOSTILE = clean("<at id=all></at> **x** [点我](http://a.b) \u202eevil\u200b")
TWINS = str.maketrans("＊＿｀［］＜＞～｜＼", "*_`[]<>~|\\")
"""Marks that a client would act on are shown by their wide twins, which read the same."""

everywhere = pytest.mark.parametrize("chat", CHATS)


@cache
def drawn(chat: str) -> dict[str, Message]:
    """Every card as it is sent there."""
    return {name: CHATS[chat].shown(card) for name, card in SAMPLES.items()}


def compared(name: str, written: str) -> None:
    """Fails unless the golden file holds exactly this; GOLDEN=write makes it so."""
    file = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        file.write_text(written, encoding="utf-8")

    assert file.read_text("utf-8") == written


def folded(value: Any, indent: str = "") -> str:
    """JSON in as few lines as its width allows."""
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or len(indent) + len(flat) <= WIDTH:
        return flat
    deeper = indent + " "
    left, right = "{}" if isinstance(value, dict) else "[]"
    rows = (
        [f"{json.dumps(key, ensure_ascii=False)}: {folded(inside, deeper)}" for key, inside in value.items()]
        if isinstance(value, dict)
        else [folded(inside, deeper) for inside in value]
    )
    return f"{left}\n" + ",\n".join(deeper + row for row in rows) + f"\n{indent}{right}"


def looks(chat: str) -> Iterator[tuple[str, Any]]:
    """The cards of a chat; for one that looks as in an earlier chat of the platform, only where."""
    platform = chat.partition("-")[0]
    earlier = [other for other in list(CHATS)[: list(CHATS).index(chat)] if other.startswith(platform)]
    for name, message in drawn(chat).items():
        same = next((other for other in earlier if drawn(other)[name] == message), "")
        yield name, f"as in {same}" if same else opened(message)


@everywhere
def test_cards_are_taken_by_the_vendor(chat: str) -> None:
    refused: dict[str, str] = {}
    for name, message in drawn(chat).items():
        try:
            CHATS[chat].takes(message)
        except REFUSALS as why:
            refused[name] = str(why)

    assert refused == {}


@everywhere
def test_cards_with_uploaded_pictures_are_taken_by_the_vendor(chat: str) -> None:
    pictured = [card for card in SAMPLES.values() if any(isinstance(block, Picture) for block in card)]

    assert pictured
    for card in pictured:
        placed = (replace(block, media=UPLOADED) if isinstance(block, Picture) else block for block in card)
        CHATS[chat].takes(CHATS[chat].shown(tuple(placed)))


@everywhere
def test_cards_look_as_they_did(chat: str) -> None:
    compared(f"{chat}.json", folded(dict(looks(chat))) + "\n")


def test_no_golden_file_is_left_of_a_chat_that_is_gone() -> None:
    known = {GOLDEN / f"{name}.json" for name in (*CHATS, "plain")}

    assert set(GOLDEN.iterdir()) == known


@everywhere
def test_names_from_people_show_as_plain_text(chat: str) -> None:
    for name, message in drawn(chat).items():
        for text in CHATS[chat].vendor.markup(message):
            assert not MARKUP.search(text), (name, text)
        for text in texts(opened(message)):
            assert not INVISIBLE.search(text), (name, text)


@everywhere
def test_hostile_name_stands_letter_for_letter(chat: str) -> None:
    """As far as the chat has room for it."""
    said = [text.translate(TWINS).replace("：//", "://") for text in texts(opened(drawn(chat)["deal: hostile names"]))]
    found = [text[text.index(HOSTILE[:8]) :] for text in said if HOSTILE[:8] in text]

    assert found
    for text in found:
        shown = text.partition("…")[0]
        assert HOSTILE in text or (HOSTILE.startswith(shown) and len(shown) > len(HOSTILE[:8]))


@everywhere
def test_the_same_card_is_drawn_the_same_each_time(chat: str) -> None:
    assert {name: CHATS[chat].shown(card) for name, card in SAMPLES.items()} == drawn(chat)


def test_cards_have_twins_in_plain_text() -> None:
    """What a chat without cards shows."""
    twins = {name: plain_text(fit(card, Capabilities(cards=False))).split("\n") for name, card in SAMPLES.items()}

    compared("plain.json", folded(twins) + "\n")
