"""Timer name to function. A new timed rule is one function in scheduler/ and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sales import alerts as firing
from sales.approval_trail import ESCALATE, NUDGE, OVERDUE
from sales.deals import UNDO_TIMER
from sales.evidence import ESCALATE_TIMER, NUDGE_TIMER
from sales.gates import FREEZE_TIMER
from sales.leadnews import TELL_TIMER
from sales.leads import RECYCLE_TIMER, WARN_TIMER
from scheduler import alerts, approvals, deals, gates, leads
from storage.tx import Tx

TimedRule = Callable[[Tx, str], None]

RULES: Mapping[str, TimedRule] = {
    UNDO_TIMER: deals.undo_closed,
    FREEZE_TIMER: gates.gate_due,
    NUDGE_TIMER: gates.review_nudge,
    ESCALATE_TIMER: gates.review_overdue,
    NUDGE: approvals.nudge,
    OVERDUE: approvals.overdue,
    ESCALATE: approvals.escalate,
    WARN_TIMER: leads.warn,
    RECYCLE_TIMER: leads.recycle,
    TELL_TIMER: leads.tell,
    firing.EVALUATE: alerts.evaluate,
    firing.REPEAT: alerts.repeat,
    firing.RESOLVE: alerts.resolve,
    firing.FINAL: alerts.final,
}

LABELS: Mapping[str, str] = {
    UNDO_TIMER: "撤销到点",
    FREEZE_TIMER: "凭证到期",
    NUDGE_TIMER: "凭证催看",
    ESCALATE_TIMER: "凭证上报",
    NUDGE: "审批催一次",
    OVERDUE: "审批超时",
    ESCALATE: "审批再上报",
    WARN_TIMER: "线索 24 小时",
    RECYCLE_TIMER: "首触截止",
    TELL_TIMER: "线索消息",
    firing.EVALUATE: "预警计算",
    firing.REPEAT: "预警重发",
    firing.RESOLVE: "预警恢复",
    firing.FINAL: "LDR 定数",
}
"""What people see a timer called, on the simulator's clock."""


def run(tx: Tx, name: str, subject: str) -> None:
    """Handle a due timer; `tx.now` is its due instant. R-TIME-5."""
    RULES[name](tx, subject)
