"""Draw a message at the moment of sending: read now, with the viewer's rights, fitted to the chat. style.md 8."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import orjson

from bot.clock import Clock
from bot.platforms.base import Platform
from cards import digest
from cards.blocks import Card, Note, Picture, Text, is_words, words
from cards.fit import fit
from cards.plain import offers
from cards.registry import show
from sales.chats import GROUP
from storage import live_cards, outbox
from storage.config import Policies
from storage.engine import Connection, Store
from storage.live_cards import Live
from storage.numbers import Numbers
from storage.outbox import Due, Row
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Drawn:
    """A card fitted to its chat, the hash that tells whether a redraw would change anything, and what it offers."""

    card: Card
    content_hash: str
    offers: str
    live: Live | None = None


class Drawer:
    """Everything here runs in a database thread, on a snapshot of its own."""

    def __init__(self, store: Store, clock: Clock, policies: Policies) -> None:
        self._store = store
        self._clock = clock
        self._policies = policies
        self._numbers = Numbers()

    def tx(self, conn: Connection) -> Tx:
        """A transaction to read with, at this instant."""
        return Tx(conn, self._store, now=self._clock.business(), policy=self._policies(conn), numbers=self._numbers)

    def draw(self, due: Due, platform: Platform) -> Drawn | None:
        """The message, or one list of several that were held over; None when nothing is left to show."""
        with self._store.snapshot() as conn:
            tx = self.tx(conn)
            cards = [card for row in (due.row, *due.merged) if (card := _show(tx, row)) is not None]
        if not cards:
            return None
        card = cards[0] if len(cards) == 1 else digest.draw(cards)
        if fate_is_open(due, platform):
            card = _maybe_double(card)
        direct = not (due.row.reply_to or due.row.viewer.startswith(GROUP))
        return _rendered(card, platform, due.row.chat, direct=direct)

    def draw_again(self, row: Row, platform: Platform) -> Drawn | None:
        """What the live card of a redraw row should show now; None when it is gone or not to be seen any more."""
        with self._store.snapshot() as conn:
            live = live_cards.get(conn, str(row.args.get("card_id", "")))
            if live is None:
                return None
            return self._now(conn, live, platform)

    def _now(self, conn: Connection, live: Live, platform: Platform) -> Drawn | None:
        tx = self.tx(conn)
        card = show(live.card, tx, subject=live.subject, viewer=tx.chats.viewer(live.viewer), args=live.args)
        if card is None:
            return None
        drawn = _rendered(card, platform, live.chat, direct=not live.viewer.startswith(GROUP))
        return replace(drawn, live=live)

    def draw_clicked(self, message_id: str, platform: Platform) -> Drawn | None:
        """What the pressed card shows now; None when it is not a card of ours that follows its subject."""
        with self._store.snapshot() as conn:
            live = live_cards.by_message(conn, platform.name, message_id)
            return self._now(conn, live, platform) if live else None


def fate_is_open(due: Due, platform: Platform) -> bool:
    """True when an earlier try may have reached the person and the platform's send key no longer guards us."""
    row = due.row
    if not row.tries or not (row.unknown or row.state == outbox.SENDING):
        return False
    if not row.first_try_at or row.unknown >= outbox.UNGUARDED:
        return True  # it was being answered inline
    caps = platform.capabilities(due.row.chat, direct=True)
    seconds = caps.idempotent_seconds
    if row.card in ("", "words") and caps.words_once_seconds is not None:
        seconds = caps.words_once_seconds
    window = seconds * 1000
    return due.machine_ms - row.first_try_at > window


def _show(tx: Tx, row: Row) -> Card | None:
    if not row.card:
        return words(row.toast)
    return show(row.card, tx, subject=row.subject, viewer=tx.chats.viewer(row.viewer), args=row.args)


def _rendered(card: Card, platform: Platform, chat: str, *, direct: bool) -> Drawn:
    fitted = fit(card, platform.capabilities(chat, direct=direct))
    pictures = [dict(block.data) for block in fitted if isinstance(block, Picture)]
    shown = orjson.dumps([platform.render(fitted, chat), pictures], option=orjson.OPT_SORT_KEYS)
    return Drawn(fitted, hashlib.sha256(shown).hexdigest(), offers(fitted))


def _maybe_double(card: Card) -> Card:
    if is_words(card):
        return tuple(Text(block.text + "（可能重复）") if isinstance(block, Text) else block for block in card)
    return (*card, Note("可能重复"))
