"""What is still sent when a platform's month runs short. R-QUOTA."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from sales.decision import Urgency

STEPS = (Fraction(80, 100), Fraction(90, 100), Fraction(95, 100), Fraction(1))
"""Shares of the month from which on more is cut."""

DECISIONS = frozenset({"approval", "review", "alert", "frozen"})
"""Cards that ask for a decision or raise an alarm: cut last."""


def step_of(used: Mapping[str, int], allowed: Mapping[str, int]) -> int:
    """How many steps the fullest of the month's allowances has passed: 0 to 4. R-QUOTA."""
    shares = [Fraction(used.get(what, 0), most) for what, most in allowed.items() if most > 0]
    worst = max(shares, default=Fraction(0))
    return sum(worst >= step for step in STEPS)


def cuts_redraw(step: int, *, can_act: bool, final: bool) -> bool:
    """True when a redraw is left out. From the first step on only copies whose viewer can still act, and the final
    state of all, are redrawn; at the end nothing that costs a call is. R-QUOTA."""
    return step >= len(STEPS) or (step >= 1 and not can_act and not final)


def cuts_message(step: int, *, urgency: Urgency, card: str) -> bool:
    """True when a message is left out. Lists go at the second step; at the third all but answers, decisions wanted and
    alarms; at the end everything. R-QUOTA."""
    if step >= len(STEPS) or (step >= 2 and urgency is Urgency.LIST):
        return True
    return step >= 3 and urgency is not Urgency.ANSWER and card not in DECISIONS


def words_of(platform: str, step: int) -> str:
    """What admins are told once a step. R-QUOTA."""
    now = {
        1: "用掉 80%，没人要点的卡片先不重画。",
        2: "用掉 90%，列表先不推。",
        3: "用掉 95%，只发回答、要拍板的和预警。",
        4: "用完了，下个月 1 日前只在点卡片时回话。",
    }
    return f"{platform} 这个月的调用额度{now[step]}要加额度去平台后台买；看用量说「诊断」。"
