"""Timed rules of deals. R-UNDO."""

from __future__ import annotations

from sales.decision import Decision, Looked
from storage.tx import Tx


def undo_closed(tx: Tx, subject: str) -> None:
    """Ten minutes are over: the card loses its 撤销. R-UNDO. Nothing to do when the deal was taken back or closed."""
    deal = tx.deals.get(int(subject.removeprefix("deal:")))
    if deal is None or deal.state != "open":
        tx.apply(Decision(looked=(Looked("R-UNDO", subject, "the deal is not open any more"),)))
        return
    tx.apply(Decision(redraws=(subject,)))
