"""What the command line asks for. It counts as one admin, named by the operating-system user. R-ADM-1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from handlers import imports
from handlers.events import Ordered
from sales.calendar import day_of
from sales.decision import Audit, Decision, Reply
from sales.people import AdminCode
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


_ORDERS: Mapping[str, Callable[[Tx, Mapping[str, Any]], Reply | None]] = {
    "admin_code": _issue_admin_code,
    "import": imports.rows,
}
