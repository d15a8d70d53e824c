"""Every card on every platform in every kind of chat: it fits, it renders, the vendor takes it, it looks as it did.

A platform joins with one row per kind of chat. New golden files: GOLDEN=write pytest tests/contracts/test_cards.py
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.platforms.pace import Pace
from bot.platforms.base import Platform
from bot.platforms.feishu import Feishu, FeishuKeys
from bot.platforms.feishu.caps import LIMITS
from bot.platforms.feishu.plain import clean
from bot.platforms.feishu.render import tags
from cards.blocks import Card
from cards.fit import fit
from cards.plain import plain_text
from cards.samples import SAMPLES
from simulator.feishu.cards.known import Known
from simulator.feishu.cards.validate import validate_card

GOLDEN = Path(__file__).parent / "golden"
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u206f\x00-\x09\x0b-\x1f]")

Message = Mapping[str, Any]


def feishu() -> Platform:
    keys = FeishuKeys(app_id="cli_1", app_secret="s", verification_token="t", api_base="http://127.0.0.1:1")
    return Feishu(keys, business_us=lambda: 0, machine=lambda: 0.0, pace=Pace(LIMITS, lambda: 0.0))


def feishu_takes(message: Message) -> None:
    """Within the limits of docs/platforms/feishu.md 6.2, and accepted by a validator as strict as the vendor's."""
    content = json.loads(message["content"])
    assert len(message["content"].encode()) <= 28_000
    assert tags(content) <= 200
    if message["msg_type"] == "interactive":
        validate_card(content, Known(image=lambda key: False, person=lambda key: False))


def feishu_shows(message: Message) -> list[str]:
    """Every text of the message that could be markup; plain_text elements cannot."""
    content = json.loads(message["content"])
    if message["msg_type"] == "text":
        return [content["text"]]
    found: list[str] = []

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            if part.get("tag") in ("markdown", "lark_md"):
                found.append(part["content"])
            for value in part.values():
                walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(content)
    return found


@dataclass(frozen=True)
class Chat:
    """One kind of chat on one platform, and what its vendor insists on."""

    platform: Callable[[], Platform]
    direct: bool
    takes: Callable[[Message], None]
    markup: Callable[[Message], list[str]]

    def shown(self, card: Card) -> Message:
        """The message as it is sent."""
        platform = self.platform()
        return platform.render(fit(card, platform.capabilities("", direct=self.direct)))


CHATS: Mapping[str, Chat] = {
    "feishu-direct": Chat(feishu, True, feishu_takes, feishu_shows),
    "feishu-group": Chat(feishu, False, feishu_takes, feishu_shows),
}

everywhere = pytest.mark.parametrize("chat", CHATS)
each_sample = pytest.mark.parametrize("name", SAMPLES)


def golden(chat: str, name: str) -> Path:
    return GOLDEN / chat / f"{re.sub(r'[^a-z]+', '-', name)}.json"


@everywhere
@each_sample
def test_card_is_taken_by_the_vendor(chat: str, name: str) -> None:
    CHATS[chat].takes(CHATS[chat].shown(SAMPLES[name]))


@everywhere
@each_sample
def test_card_looks_as_it_did(chat: str, name: str) -> None:
    message = CHATS[chat].shown(SAMPLES[name])
    drawn = {**message, "content": json.loads(message["content"])}
    written = json.dumps(drawn, ensure_ascii=False, indent=2) + "\n"
    file = golden(chat, name)
    if os.environ.get("GOLDEN") == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(written, encoding="utf-8")

    assert file.read_text("utf-8") == written


@everywhere
def test_no_golden_file_is_left_of_a_card_that_is_gone(chat: str) -> None:
    known = {golden(chat, name) for name in SAMPLES}
    if os.environ.get("GOLDEN") == "write":
        for file in known ^ (known | set((GOLDEN / chat).glob("*"))):
            file.unlink()

    assert set((GOLDEN / chat).iterdir()) - known == set()


@everywhere
@each_sample
def test_names_from_people_show_as_plain_text(chat: str, name: str) -> None:
    message = CHATS[chat].shown(SAMPLES[name])

    for text in CHATS[chat].markup(message):
        assert not re.search(r"<\s*at|\]\(|\*\*|://", text)
    assert INVISIBLE.findall(message["content"].replace("\\n", "")) == []


@everywhere
def test_hostile_name_stands_letter_for_letter(chat: str) -> None:
    message = CHATS[chat].shown(SAMPLES["deal: hostile names"])

    assert clean("<at id=all></at> **x** [点我](http://a.b) \u202eevil\u200b") in message["content"].replace('\\"', '"')


@everywhere
@each_sample
def test_the_same_card_is_drawn_the_same_each_time(chat: str, name: str) -> None:
    assert CHATS[chat].shown(SAMPLES[name]) == CHATS[chat].shown(SAMPLES[name])


@each_sample
def test_card_has_a_twin_in_plain_text(name: str) -> None:
    file = GOLDEN / "plain" / golden("", name).with_suffix(".txt").name
    twin = plain_text(SAMPLES[name])
    if os.environ.get("GOLDEN") == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(twin + "\n", encoding="utf-8")

    assert file.read_text("utf-8") == twin + "\n"
