"""Samples of the cards between a press and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cards import choices
from cards.blocks import Action, Buttons, Card, Menu

_BACK = Menu(
    "退回",
    Action("review.back", "submission:12", "3-9f2c"),
    (("blurred", "看不清"), ("other_paper", "不是这份"), ("unsealed", "没盖章签字"), ("other", "其他（写一句）")),
)
_ROLL_BACK: Mapping[str, Any] = {
    "do": "setting.rollback", "of": "config:42", "stamp": "42", "ask": "回到 v41 的设置？", "label": "回滚",
}  # fmt: skip


def _drawn(card: Card | None) -> Card:
    assert card is not None
    return card


SAMPLES: Mapping[str, Card] = {
    "choices: reasons to send a paper back": _drawn(choices.draw((Buttons((_BACK,)),), "review.back")),
    "sure: a roll-back": _drawn(choices.draw_sure(_ROLL_BACK)),
}
