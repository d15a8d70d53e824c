"""Timed rules of gates look again before they act; fired late they act as of their due instant. R-GATE-2, R-EVD-5."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from sales.decision import Decision
from sales.evidence import ESCALATE_TIMER, NUDGE_TIMER
from sales.freezes import Freeze
from sales.gates import FREEZE_TIMER
from scheduler.registry import run
from storage.engine import Store
from tests.support.facts import MICROSECOND, NOW, keep, tx_of
from tests.support.gates import DUE, fill, gate_deal, requirement, submission


def fired(store: Store, name: str, subject: str, *, at: datetime = DUE) -> Decision:
    with store.snapshot() as conn:
        tx = tx_of(conn, store, now=at)
        run(tx, name, subject)
        return tx.decision


@pytest.mark.parametrize(("early", "frozen"), [(MICROSECOND, False), (timedelta(0), True), (-MICROSECOND, True)])
def test_gate_freezes_at_48_hours_exactly_and_its_superior_has_the_task_r_gate_2(
    store: Store, early: timedelta, frozen: bool
) -> None:
    fill(store)

    decision = fired(store, FREEZE_TIMER, "deal:17", at=DUE - early)

    made = [each for each in decision.saves if isinstance(each, Freeze)]
    assert [(each.asked, each.frozen_at) for each in made] == ([("m02", DUE - early)] if frozen else [])
    assert [each.audience for each in decision.notices] == (["member:m03", "member:m02"] if frozen else [])


def test_gate_with_live_evidence_does_not_freeze_r_evd_3(store: Store) -> None:
    fill(store)
    keep(store, *(replace(requirement(key), version=1, state="waiting") for key in ("minutes", "sheet")))

    decision = fired(store, FREEZE_TIMER, "deal:17")

    assert decision.saves == decision.notices == ()
    assert decision.looked


@pytest.mark.parametrize("state", ["lost", "won", "undone"])
def test_closed_deal_does_not_freeze(store: Store, state: str) -> None:
    fill(store)
    keep(store, replace(gate_deal(), version=1, state=state))

    assert fired(store, FREEZE_TIMER, "deal:17").saves == ()


def test_deal_that_is_not_there_leaves_a_line_r_why(store: Store) -> None:
    assert fired(store, FREEZE_TIMER, "deal:99").looked[0].subject == "deal:99"


def test_waiting_review_is_nudged_and_then_goes_up_r_evd_5(store: Store) -> None:
    fill(store, submission())

    nudged = fired(store, NUDGE_TIMER, "submission:12", at=NOW + timedelta(hours=24))
    passed = fired(store, ESCALATE_TIMER, "submission:12", at=NOW + timedelta(hours=48))

    assert [each.audience for each in nudged.notices] == ["member:m02"]
    assert [each.audience for each in passed.notices] == ["member:m01"]
    assert passed.saves[0].reviewers == ("m02", "m01")


@pytest.mark.parametrize("name", [NUDGE_TIMER, ESCALATE_TIMER])
@pytest.mark.parametrize("more", [{"state": "accepted"}, {"state": "asking", "deal_id": 0, "requirement_id": ""}])
def test_decided_or_taken_back_nobody_is_asked_r_evd_5_r_why(store: Store, name: str, more: dict[str, object]) -> None:
    fill(store, submission(**more))

    decision = fired(store, name, "submission:12")

    assert decision.saves == decision.notices == ()
    assert len(decision.looked) == 1


def test_review_of_a_deal_that_is_gone_goes_nowhere(store: Store) -> None:
    fill(store, submission(deal_id=99))

    assert fired(store, ESCALATE_TIMER, "submission:12") == Decision()
