"""What the command line asks for. It counts as one admin, named by the operating-system user. R-ADM-1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from handlers import imports
from handlers.events import Ordered
from sales import proposals
from sales.calendar import day_of
from sales.decision import Audit, Decision, Notice, Reply, Urgency
from sales.errors import Refusal
from sales.people import AdminCode
from sales.quota import words_of
from sales.settings import FIRST_VERSION
from storage.tx import Tx


def run(tx: Tx, order: Ordered) -> Reply | None:
    """Find the order's function; its reply goes back to the command line, never to a chat."""
    return _ORDERS[order.name](tx, order.args)


def _issue_admin_code(tx: Tx, args: Mapping[str, Any]) -> Reply | None:
    """Keep the hash of a new one-time code. R-PPL-4."""
    tx.actor = str(args["by"])
    code = AdminCode(str(args["digest"]), tx.now + tx.policy.bind_code_life)
    day = day_of(tx.now, tx.policy).isoformat()
    tx.apply(Decision(saves=(code,), audits=(Audit("admin_code.issue", "admin_code", after={"day": day}),)))
    return None


def _roll_back(tx: Tx, args: Mapping[str, Any]) -> Reply | None:
    """The values of an earlier version in a new one; the reply says which, or why not. R-ADM-2."""
    tx.actor = str(args["by"])
    number = int(args["number"])
    newest, target = tx.config.newest(), tx.config.get(number)
    result: dict[str, Any] = {"version": None, "why": f"没有 v{number} 这一版。"}
    if target or number == FIRST_VERSION:
        after = target.settings if target else {}
        try:
            done = proposals.renew("rollback", str(number), newest=newest, after=after, by=tx.actor, now=tx.now)
        except Refusal as refusal:
            result["why"] = refusal.text
        else:
            tx.apply(done)
            result = {"version": done.saves[0].id, "why": ""}
    return Reply(card="words", args={"text": orjson.dumps(result).decode()})


def _quota_step(tx: Tx, args: Mapping[str, Any]) -> Reply | None:
    """A platform's month has run shorter: the admins are told, once a step. R-QUOTA."""
    text = words_of(str(args["platform"]), int(args["step"]))
    tx.apply(Decision(notices=(Notice("quota", "admins", "words", "", Urgency.TODAY, "R-QUOTA", {"text": text}),)))
    return None


_ORDERS: Mapping[str, Callable[[Tx, Mapping[str, Any]], Reply | None]] = {
    "admin_code": _issue_admin_code,
    "import": imports.rows,
    "config_rollback": _roll_back,
    "quota_step": _quota_step,
}
