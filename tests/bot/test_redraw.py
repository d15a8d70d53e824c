"""How a change gets to a chat: always, once, by a click's handle, or as a line of its own. R-MERGE, R-QUOTA."""

from __future__ import annotations

from typing import Any

import pytest

from bot.drawing import Drawn
from bot.redraw import DAY_US, LEFT_OUT, way
from cards.fit import Capabilities
from storage.live_cards import Live

SENT = 1_000_000
LIVE = Live(
    "c1", "wecom", "app:m03", "m03", "deal", "deal:17", {}, "t1", "old", SENT, "m03", "first", "deal.lose,deal.undo"
)
ALWAYS = Capabilities(update="always", update_days=14)
ONCE = Capabilities(update="once", update_days=3)
NEVER = Capabilities(update="never")


def drawn(offers: str, content: str = "new") -> Drawn:
    return Drawn((), content, offers)


def how(live: Live, card: Drawn, caps: Capabilities, *, now: int = SENT, quota_step: int = 0) -> str:
    return way(live, card, caps, now=now, quota_step=quota_step)


@pytest.mark.parametrize("caps", [ALWAYS, ONCE, NEVER])
def test_what_shows_the_same_is_left_alone_R_MERGE(caps: Capabilities) -> None:
    assert how(LIVE, drawn("", "old"), caps) == "same"


def test_where_it_is_always_possible_every_change_is_drawn_R_MERGE() -> None:
    assert how(LIVE, drawn("deal.undo"), ALWAYS) == "update"
    assert how(replace_handle(""), drawn(""), ALWAYS) == "update"


def test_the_one_update_is_kept_until_nothing_of_what_was_offered_is_left_R_MERGE() -> None:
    assert how(LIVE, drawn("deal.undo"), ONCE) == "keep"
    assert how(LIVE, drawn("deal.again"), ONCE) == "update"
    assert how(LIVE, drawn(""), ONCE) == "update"


def test_an_update_that_a_click_brought_may_be_used_at_once_R_MERGE() -> None:
    assert how(replace_handle("first clicked"), drawn("deal.undo"), ONCE) == "update"


def test_without_a_handle_the_final_state_is_a_line_of_its_own_R_MERGE() -> None:
    assert how(replace_handle(""), drawn("deal.undo"), ONCE) == "keep"
    assert how(replace_handle(""), drawn(""), ONCE) == "line"
    assert how(LIVE, drawn(""), NEVER) == "line"


def test_what_offers_something_new_comes_as_a_new_card_where_the_old_one_cannot_change_R_MERGE() -> None:
    silent = LIVE._replace(offers="", handle="")

    assert how(silent, drawn("evidence.pick"), ONCE) == "anew"
    assert how(replace_handle(""), drawn("deal.again"), ONCE) == "anew"
    assert how(LIVE, drawn("deal.again"), ONCE) == "update"


def test_a_card_that_was_followed_by_another_stays_silent_R_MERGE() -> None:
    old = LIVE._replace(card="pointer", handle="")

    assert how(old, drawn(""), ONCE) == "keep"
    assert how(old, drawn(""), NEVER) == "keep"
    assert how(old._replace(handle="first"), drawn(""), ONCE) == "update"


@pytest.mark.parametrize("caps", [ALWAYS, ONCE])
def test_after_the_window_the_final_state_is_a_line_of_its_own_R_MERGE(caps: Capabilities) -> None:
    last = SENT + caps.update_days * DAY_US

    assert how(LIVE, drawn(""), caps, now=last) == "update"
    assert how(LIVE, drawn(""), caps, now=last + 1) == "line"
    assert how(LIVE, drawn("deal.undo"), caps, now=last + 1) == "keep"


@pytest.mark.parametrize("caps", [ALWAYS, ONCE])
def test_a_short_month_leaves_out_who_cannot_act_R_QUOTA(caps: Capabilities) -> None:
    group = LIVE._replace(offers="alert.ack")

    assert how(group, drawn(""), ALWAYS, quota_step=1) == "update"
    assert how(group, drawn("alert.ack"), ALWAYS, quota_step=1) == "update"
    assert how(LIVE._replace(offers=""), drawn(""), caps, quota_step=1) == "cut"
    assert how(LIVE._replace(offers=""), drawn(""), caps, quota_step=0) == "update"
    assert how(group, drawn(""), caps, quota_step=4) == "cut"


def test_every_way_that_sends_nothing_says_why() -> None:
    ways: dict[str, Any] = dict(LEFT_OUT)

    assert set(ways) == {"same", "keep", "cut"}


def replace_handle(handle: str) -> Live:
    return LIVE._replace(handle=handle)
