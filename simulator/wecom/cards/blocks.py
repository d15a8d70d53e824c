"""One check per block of a template card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.wecom.cards.lengths import QUESTION_DESC, VOTE_TITLE, Lengths
from simulator.wecom.cards.node import Node

KEY_BYTES, OPTION_BYTES = 1024, 128
LINKS = (0, 1, 2)
MIN_RATIO, MAX_RATIO = 1.3, 2.25


@dataclass(frozen=True, slots=True)
class Use:
    """Where a card goes: which texts fit, and what differs from place to place."""

    lengths: Lengths
    kinds: frozenset[str]
    update: bool = False
    bot: bool = False
    webhook: bool = False


def source(card: Node, use: Use) -> None:
    """The grey line at the top."""
    if part := card.child("source"):
        part.text("icon_url")
        part.text("desc", characters=use.lengths.source)
        if card.value["card_type"] in ("vote_interaction", "multiple_interaction") and part.has("desc_color"):
            part.warn("desc_color", "is not known on this kind of card")
        part.number("desc_color", (0, 1, 2, 3), 0)


def main_title(card: Node, use: Use) -> None:
    """Title and the line below it."""
    kind = card.value["card_type"]
    part = card.child("main_title")
    title = ""
    if part is not None:
        questions = kind in ("vote_interaction", "multiple_interaction") and not use.bot
        short = kind == "vote_interaction" and not use.bot
        title = part.text("title", characters=VOTE_TITLE if short else use.lengths.title)
        part.text("desc", characters=QUESTION_DESC if questions else use.lengths.title_desc)
    if title or (kind == "text_notice" and card.text("sub_title_text")):
        return
    raise card.refuse("main_title.title", "is required")


def sub_title_text(card: Node, use: Use) -> None:
    """The paragraph."""
    card.text("sub_title_text", characters=use.lengths.sub_title)


def quote_area(card: Node, use: Use) -> None:
    """A quotation, with or without a link."""
    if part := card.child("quote_area"):
        link(part, LINKS)
        part.text("title")
        part.text("quote_text")


def emphasis_content(card: Node, use: Use) -> None:
    """The big number."""
    if part := card.child("emphasis_content"):
        part.text("title", characters=use.lengths.emphasis[0])
        part.text("desc", characters=use.lengths.emphasis[1])


def horizontal_content_list(card: Node, use: Use) -> None:
    """Rows of name and value."""
    for row in card.children("horizontal_content_list", at_least=0, at_most=6):
        kind = row.number("type", (0, 1, 2, 3), 0)
        row.text("keyname", needed=True, characters=use.lengths.row_name)
        row.text("value", characters=use.lengths.row_value)
        if kind == 1:
            row.url("url")
        if kind == 2:
            row.text("media_id", needed=True)
        if kind == 3:
            row.text("userid", needed=True)


def vertical_content_list(card: Node, use: Use) -> None:
    """Headings with text below."""
    for row in card.children("vertical_content_list", at_least=0, at_most=4):
        row.text("title", needed=True, characters=use.lengths.vertical[0])
        row.text("desc", characters=use.lengths.vertical[1])


def picture(card: Node, use: Use) -> None:
    """A picture, or a picture beside text: one of the two."""
    image, area = card.child("card_image"), card.child("image_text_area")
    if image is None and (area is None or use.webhook):
        raise card.refuse("card_image", "is required")
    if image is not None:
        image.url("url")
        ratio = image.value.get("aspect_ratio", MIN_RATIO)
        if isinstance(ratio, bool) or not isinstance(ratio, int | float) or not MIN_RATIO <= ratio <= MAX_RATIO:
            raise image.refuse("aspect_ratio", f"must be {MIN_RATIO} to {MAX_RATIO}")
    if area is not None:
        link(area, LINKS)
        area.text("title")
        area.text("desc")
        area.url("image_url")


def jump_list(card: Node, use: Use) -> None:
    """Lines that lead somewhere."""
    for row in card.children("jump_list", at_least=0, at_most=3):
        row.text("title", needed=True, characters=use.lengths.jump)
        if link(row, (0, 1, 2, 3) if use.bot else LINKS) == 3:
            row.text("question", needed=True)


def card_action(card: Node, use: Use) -> None:
    """Where a tap on the card leads; notice cards must lead somewhere."""
    part = card.child("card_action")
    notice = card.value["card_type"] in ("text_notice", "news_notice")
    if part is None:
        if notice:
            raise card.refuse("card_action", "is required")
        return
    if notice and part.number("type", LINKS, 0) == 0:
        raise part.refuse("type", "must be 1 or 2 on this kind of card")
    link(part, LINKS)


def action_menu(card: Node, use: Use) -> None:
    """The corner menu."""
    if part := card.child("action_menu"):
        part.text("desc")
        for row in part.children("action_list", at_least=1, at_most=3):
            row.text("text", needed=True)
            row.unique("key", "key", KEY_BYTES)


def button_list(card: Node, use: Use) -> None:
    """One to six buttons."""
    for row in card.children("button_list", at_least=1, at_most=6):
        row.text("text", needed=True, characters=use.lengths.button)
        row.number("style", (1, 2, 3, 4), 1)
        kind = row.number("type", (0,) if use.bot else (0, 1), 0)
        if kind == 1:
            row.url("url")
        else:
            row.unique("key", "key", KEY_BYTES)


def button_selection(card: Node, use: Use) -> None:
    """The dropdown of a button card."""
    if part := card.child("button_selection"):
        if use.update and not use.bot and part.has("disable"):
            part.warn("disable", "is documented for the smart bot only")
        part.text("title", characters=13 if use.bot else None)
        _question(part, use, 10, use.lengths.selection)


def checkbox(card: Node, use: Use) -> None:
    """The list of a vote card."""
    part = card.child("checkbox")
    if part is None:
        raise card.refuse("checkbox", "is required")
    mode = part.number("mode", (0, 1), 0)
    options = _question(part, use, 20, use.lengths.checkbox)
    ticked = 0
    for option in options:
        value = option.value.get("is_checked")
        if value is None:
            option.warn("is_checked", "is listed as required")
        elif not isinstance(value, bool):
            raise option.refuse("is_checked", "must be true or false")
        ticked += value is True
    if mode == 0 and ticked > 1:
        part.warn("option_list", "ticks several options of a single choice")


def select_list(card: Node, use: Use) -> None:
    """One to three dropdowns."""
    for row in card.children("select_list", at_least=1, at_most=3):
        row.text("title")
        _question(row, use, 10, use.lengths.choice)


def submit_button(card: Node, use: Use) -> None:
    """The one button of a card with questions; an update may leave it out."""
    part = card.child("submit_button")
    if part is None:
        if use.update:
            return
        raise card.refuse("submit_button", "is required")
    part.text("text", needed=True, characters=use.lengths.submit)
    part.unique("key", "key", KEY_BYTES)


def link(part: Node, allowed: tuple[int, ...]) -> int:
    """The type of a link, with what that type needs."""
    kind = part.number("type", allowed, 0)
    if kind == 1:
        part.url("url")
    if kind == 2:
        part.text("appid", needed=True)
    return kind


def _question(part: Node, use: Use, at_most: int, characters: int) -> list[Node]:
    """The options of a list, their ids unique in it."""
    part.unique("question_key", "question_key", KEY_BYTES)
    options = part.children("option_list", at_least=1, at_most=at_most)
    ids = {option.unique("id", f"{part.path} option", OPTION_BYTES) for option in options}
    for option in options:
        option.text("text", needed=True, characters=characters)
    if part.has("disable") and not use.update:
        part.warn("disable", "works in an update only")
    if (chosen := part.text("selected_id")) and chosen not in ids:
        part.warn("selected_id", "is none of the options: the first one is preselected")
    return options


Check = Callable[[Node, Use], None]
