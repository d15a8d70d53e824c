"""Timer name to function. A new timed rule is one function in scheduler/ and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sales.deals import UNDO_TIMER
from scheduler import deals
from storage.tx import Tx

TimedRule = Callable[[Tx, str], None]

RULES: Mapping[str, TimedRule] = {UNDO_TIMER: deals.undo_closed}

LABELS: Mapping[str, str] = {UNDO_TIMER: "撤销到点"}
"""What people see a timer called, on the simulator's clock."""


def run(tx: Tx, name: str, subject: str) -> None:
    """Handle a due timer; `tx.now` is its due instant. R-TIME-5."""
    RULES[name](tx, subject)
