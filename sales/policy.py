"""Every default a rule uses, in one frozen value. Admin settings replace fields of it, never code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal


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
    link_life: timedelta = timedelta(minutes=15)
    page_life: timedelta = timedelta(hours=8)
    near_name_score: float = 75.0
    amount_limit_fen: int = 100_000_000_000
    peeks_per_day: int = 10
    settle: timedelta = timedelta(seconds=5)
    fact_backdate: timedelta = timedelta(hours=24)
    claims_per_day: int = 5
    claim_pause: timedelta = timedelta(days=30)
    invalid_confirm: timedelta = timedelta(days=7)
    lead_news_window: timedelta = timedelta(seconds=20)
    ldr_healthy_to: Decimal = Decimal(12)
    ldr_alarm_percent: Decimal = Decimal(20)
    ldr_cycles_running: int = 20
    ldr_cycles_final: int = 5
    alert_repeat: timedelta = timedelta(hours=24)
    alert_calm: timedelta = timedelta(hours=6)
    proposal_life: timedelta = timedelta(hours=24)
    approval_limit: timedelta = timedelta(hours=48)
    urge_pause: timedelta = timedelta(hours=1)
    discount_alone_percent: Decimal = Decimal(10)
    gate_limit: timedelta = timedelta(hours=48)
    thaw_life: timedelta = timedelta(hours=24)
    thaws_by_hand: int = 2
    rejections_extended: int = 2
    review_nudge: timedelta = timedelta(hours=24)
    review_limit: timedelta = timedelta(hours=48)
