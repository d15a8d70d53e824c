"""Timed rules look at the facts again before they act. R-UNDO, R-TIME-5, R-WHY."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sales.deals import UNDO_TIMER
from sales.decision import Decision, Looked
from scheduler.registry import LABELS, RULES, run
from storage.engine import Store
from storage.tx import Tx
from tests.support.facts import deal, keep, tx_of


def decided(store: Store, subject: str) -> Decision:
    with store.snapshot() as conn:
        tx: Tx = tx_of(conn, store)
        run(tx, UNDO_TIMER, subject)
        return tx.decision


def test_card_of_an_open_deal_loses_its_undo_r_undo_r_time_5(store: Store) -> None:
    keep(store, deal(17))

    assert decided(store, "deal:17") == Decision(redraws=("deal:17",))


@pytest.mark.parametrize("state", ["undone", "lost", "won"])
def test_nothing_happens_to_a_deal_that_is_not_open_and_a_line_says_so_r_why(store: Store, state: str) -> None:
    keep(store, deal(17))
    keep(store, replace(deal(17), version=1, state=state))

    assert decided(store, "deal:17") == Decision(looked=(Looked("R-UNDO", "deal:17", "the deal is not open any more"),))


def test_nothing_happens_to_a_deal_that_is_not_there_r_why(store: Store) -> None:
    assert decided(store, "deal:99").looked[0].subject == "deal:99"


def test_every_timer_has_a_name_people_see() -> None:
    assert set(LABELS) == set(RULES)
