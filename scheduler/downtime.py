"""What is due too when a timer is handled late: its stronger successor speaks instead. R-TIME-6."""

from __future__ import annotations

from datetime import datetime

from storage import timers
from storage.tx import Tx


def due_until(tx: Tx) -> datetime:
    """Every timer up to this instant is due already; later than `tx.now` by more than seconds only after a downtime."""
    return max(tx.now, timers.received(tx.conn) or tx.now)
