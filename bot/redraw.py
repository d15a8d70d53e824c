"""Bring a card in a chat up to date, as far as its platform lets us: always, once, in an answer, or by a new line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from bot.drawing import Drawn
from bot.pictures import Pictures
from bot.platforms.base import Address, Platform, Sent, Shown
from cards.blocks import words
from cards.fit import Capabilities
from cards.plain import in_one_line
from sales.quota import cuts_redraw
from storage import live_cards, outbox
from storage.engine import Connection
from storage.live_cards import Live
from storage.outbox import Due

DAY_US = 86_400 * 1_000_000

Way = Literal["same", "update", "keep", "line", "anew", "cut"]
POINTER = "pointer"


LEFT_OUT: Mapping[str, str] = {
    "same": "it shows that already",
    "keep": "kept for the final state",
    "cut": "held back: the platform's month is short",
}
"""Why a redraw is not made, for the ledger."""


def way(live: Live, drawn: Drawn, caps: Capabilities, *, now: int, quota_step: int) -> Way:
    """How the change gets to the chat. `now` in business microseconds. R-MERGE, R-QUOTA.

    The one free update of a card is kept until nothing that was offered on it is left; an update that a click
    brought may be used at once. Without any, a state that offers something new comes as a new card, and the final
    state in a line of its own; a card that was followed by another stays as it is.
    """
    if live.content_hash == drawn.content_hash:
        return "same"
    too_old = live.sent_at is not None and now - live.sent_at > caps.update_days * DAY_US
    before, after = (set(filter(None, offers.split(","))) for offers in (live.offers, drawn.offers))
    final = not before & after
    if cuts_redraw(quota_step, can_act=bool(after), final=final and bool(before)):
        return "cut"
    if caps.update == "always" and not too_old:
        return "update"
    if caps.update == "once" and not too_old and live.handle and (final or len(live.handle.split()) > 1):
        return "update"
    if live.card == POINTER or not final:
        return "keep"
    return "anew" if after else "line"


async def update(live: Live, drawn: Drawn, platform: Platform, pictures: Pictures) -> None:
    """Redraw the message itself. Raises PlatformError."""
    placed = await pictures.place(drawn.card, platform)
    newest = live.handle.rpartition(" ")[2]
    await platform.update(
        Shown(live.message_id, live.chat, live.account, newest), platform.render(placed, live.chat)
    )  # fmt: skip


async def tell(due: Due, live: Live, drawn: Drawn, platform: Platform) -> None:
    """A short new message in place of a redraw. Raises PlatformError."""
    message: Mapping[str, Any] = platform.render(words(in_one_line(drawn.card)), live.chat)
    to = Address(chat=live.chat, account="" if live.chat else live.account)
    await platform.send(to, message, key=due.row.id)


async def send_anew(due: Due, live: Live, drawn: Drawn, platform: Platform, pictures: Pictures) -> Sent:
    """The card as a new message, where the old one cannot show what can be done now. Raises PlatformError."""
    message = platform.render(await pictures.place(drawn.card, platform), live.chat)
    to = Address(chat=live.chat, account="" if live.chat else live.account)
    return await platform.send(to, message, key=due.row.id)


def moved(conn: Connection, due: Due, live: Live, drawn: Drawn, sent: Sent, *, at: int) -> None:
    """The new message is the card from now on."""
    outbox.sent(conn, [due.row.id], at=at, message_id=sent.message_id)
    live_cards.sent(
        conn, live.id, message_id=sent.message_id, chat=sent.chat, content_hash=drawn.content_hash, at=at,
        handle=sent.handle, offers=drawn.offers,
    )  # fmt: skip


def recorded(conn: Connection, due: Due, live: Live, drawn: Drawn, *, at: int, used: bool) -> None:
    """The chat shows the new state; a handle that was used is gone."""
    handle = live.handle.rpartition(" ")[0] if used else live.handle
    outbox.sent(conn, [due.row.id], at=at, message_id=live.message_id)
    live_cards.redrawn(conn, live.id, content_hash=drawn.content_hash, offers=drawn.offers, handle=handle)
