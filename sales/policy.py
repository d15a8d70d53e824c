"""Every default a rule uses, in one frozen value. Admin settings will replace fields of it, never code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules' numbers as they are in force. `version` goes into timers and the delivery ledger. R-ADM-2."""

    version: int = 1
    zone: str = "Asia/Shanghai"
    quiet_from: time = time(22, 0)
    quiet_to: time = time(8, 0)
    slots: tuple[time, ...] = (time(8, 30), time(13, 30), time(17, 45))
    spread_minutes: tuple[int, int] = (1, 6)
    undo_window: timedelta = timedelta(minutes=10)
    draft_idle: timedelta = timedelta(minutes=30)
    draft_kept: timedelta = timedelta(days=7)
    bind_code_life: timedelta = timedelta(minutes=30)
    near_name_score: float = 75.0
    amount_limit_fen: int = 100_000_000_000
    peeks_per_day: int = 10
    settle: timedelta = timedelta(seconds=5)
    fact_backdate: timedelta = timedelta(hours=24)
