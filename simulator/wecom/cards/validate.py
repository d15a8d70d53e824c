"""Which kind of card carries which blocks, and the one entry that checks a card."""

from __future__ import annotations

import re
from typing import Any

from simulator.wecom.cards import blocks
from simulator.wecom.cards.blocks import Check, Use
from simulator.wecom.cards.lengths import APP, SHORT
from simulator.wecom.cards.node import Node, Notes
from simulator.wecom.errors import CardRefused
from simulator.words import words

NOTICES = words("text_notice news_notice")
INTERACTIVE = words("button_interaction vote_interaction multiple_interaction")
SEND = Use(APP, NOTICES | INTERACTIVE)
UPDATE = Use(APP, NOTICES | INTERACTIVE, update=True)
WEBHOOK = Use(SHORT, NOTICES, webhook=True)
BOT = Use(SHORT, NOTICES | INTERACTIVE, bot=True)
BOT_UPDATE = Use(SHORT, NOTICES | INTERACTIVE, bot=True, update=True)

_COMMON: tuple[tuple[str, Check], ...] = (("source", blocks.source), ("main_title", blocks.main_title))
_ROWS: tuple[tuple[str, Check], ...] = (
    ("action_menu", blocks.action_menu),
    ("quote_area", blocks.quote_area),
    ("horizontal_content_list", blocks.horizontal_content_list),
    ("card_action", blocks.card_action),
)
KINDS: dict[str, tuple[tuple[str, Check], ...]] = {
    "text_notice": (
        *_COMMON,
        *_ROWS,
        ("emphasis_content", blocks.emphasis_content),
        ("sub_title_text", blocks.sub_title_text),
        ("jump_list", blocks.jump_list),
    ),
    "news_notice": (
        *_COMMON,
        *_ROWS,
        ("vertical_content_list", blocks.vertical_content_list),
        ("card_image image_text_area", blocks.picture),
        ("jump_list", blocks.jump_list),
    ),
    "button_interaction": (
        *_COMMON,
        *_ROWS,
        ("sub_title_text", blocks.sub_title_text),
        ("button_selection", blocks.button_selection),
        ("button_list", blocks.button_list),
    ),
    "vote_interaction": (*_COMMON, ("checkbox", blocks.checkbox), ("submit_button", blocks.submit_button)),
    "multiple_interaction": (*_COMMON, ("select_list", blocks.select_list), ("submit_button", blocks.submit_button)),
}
_ALL_BLOCKS = frozenset(name for kind in KINDS.values() for names, _ in kind for name in names.split())
TASK_BYTES = 128
_TASK = re.compile(r"[0-9A-Za-z_\-@]+")


def check_card(card: Any, use: Use) -> list[str]:
    """Warnings about a card the vendor accepts; CardRefused with the field's path otherwise."""
    if not isinstance(card, dict):
        raise CardRefused("template_card", "must be an object")
    notes = Notes()
    node = Node(card, "template_card", notes)
    kind = node.text("card_type", needed=True)
    if kind not in use.kinds:
        raise node.refuse("card_type", f"{kind!r} can not be sent here")
    _check_task(node, use)
    allowed = {name for names, _ in KINDS[kind] for name in names.split()}
    for name in card:
        if name in _ALL_BLOCKS - allowed and card[name] is not None:
            raise node.refuse(name, f"does not belong to {kind}")
        if name not in _ALL_BLOCKS and name not in ("card_type", "task_id", "replace_text", "feedback"):
            node.warn(name, "is not known")
    for _, check in KINDS[kind]:
        check(node, use)
    if node.has("replace_text"):
        if not use.update or kind not in INTERACTIVE:
            raise node.refuse("replace_text", "belongs to the update of an interactive card")
        node.text("replace_text", characters=use.lengths.button)
    return notes.warnings


def calls_back(card: dict[str, Any]) -> bool:
    """True when a person can press something on this card that comes back to the app."""
    return card.get("card_type") in INTERACTIVE or bool(card.get("action_menu"))


def _check_task(card: Node, use: Use) -> None:
    if use.webhook:
        for name in ("task_id", "action_menu"):
            if card.has(name):
                raise card.refuse(name, "can not be used here")
        return
    task_id = card.text("task_id", size=TASK_BYTES)
    if task_id and not _TASK.fullmatch(task_id):
        raise card.refuse("task_id", "holds characters other than 0-9 A-Z a-z _ - @")
    if use.update and not use.bot:
        if task_id:
            card.warn("task_id", "is not part of an update")
    elif not task_id and calls_back(card.value):
        raise card.refuse("task_id", "is required")
