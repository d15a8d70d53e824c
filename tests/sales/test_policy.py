"""The defaults are those of the rulebook. R-ADM-2."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import time, timedelta

import pytest

from sales.policy import Policy


def test_defaults_are_the_rulebooks_r_adm_2() -> None:
    assert Policy() == Policy(
        version=1,
        zone="Asia/Shanghai",
        quiet_from=time(22),
        quiet_to=time(8),
        slots=(time(8, 30), time(13, 30), time(17, 45)),
        spread_minutes=(1, 6),
        undo_window=timedelta(minutes=10),
        draft_idle=timedelta(minutes=30),
        draft_kept=timedelta(days=7),
        bind_code_life=timedelta(minutes=30),
        near_name_score=75,
        amount_limit_fen=1_000_000_000 * 100,
        peeks_per_day=10,
        settle=timedelta(seconds=5),
        fact_backdate=timedelta(hours=24),
    )


def test_policy_in_force_is_never_changed_in_place_r_adm_2() -> None:
    with pytest.raises(FrozenInstanceError):
        Policy().version = 2  # type: ignore[misc]
