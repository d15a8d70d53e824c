"""Timed rules of requests look again at the facts. R-APR-4, R-APR-6, R-WHY."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sales.approval_trail import ESCALATE, NUDGE, OVERDUE, Request
from sales.decision import Decision, Looked
from scheduler.registry import LABELS, RULES, run
from storage.engine import Store
from tests.support.facts import NOW, keep, tx_of
from tests.support.requests import LEAD, PEOPLE, request


def ran(store: Store, name: str, hours: int, subject: str = "request:7") -> Decision:
    with store.snapshot() as conn:
        tx = tx_of(conn, store, now=NOW + timedelta(hours=hours))
        run(tx, name, subject)
        return tx.decision


@pytest.mark.parametrize(("name", "hours", "told"), [(NUDGE, 36, 1), (OVERDUE, 48, 2), (ESCALATE, 72, 3)])
def test_each_tells_at_its_instant_r_apr_4(store: Store, name: str, hours: int, told: int) -> None:
    keep(store, *(replace(person, version=0) for person in PEOPLE), request(version=0, told=told - 1))

    assert [one.told for one in ran(store, name, hours).saves if isinstance(one, Request)] == [told]
    assert ran(store, name, hours - 1).looked == (Looked("R-APR-4", "request:7", "its clock was started anew"),)
    assert name in RULES
    assert name in LABELS


def test_nudge_fills_the_seat_of_who_is_away_again_r_apr_6(store: Store) -> None:
    people = [replace(person, version=0) for person in PEOPLE if person.id != "m02"]
    keep(store, *people, replace(LEAD, state="away", version=0), request(version=0))

    decision = ran(store, NUDGE, 36)

    assert [one.holders for one in decision.saves if isinstance(one, Request)] == [("m01",)]


@pytest.mark.parametrize("name", [NUDGE, OVERDUE, ESCALATE])
def test_no_such_request_is_one_line_in_the_ledger_r_why(store: Store, name: str) -> None:
    assert ran(store, name, 99) == Decision(looked=(Looked("R-APR-4", "request:7", "there is no such request"),))
