"""Requirements, submissions and freezings as they are read. R-GATE-1, R-EVD-1, R-EVD-3."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sales.freezes import Freeze
from sales.gates import GateRefusal
from storage.engine import IntegrityError, Store
from tests.support.facts import NOW, deal, keep, tx_of
from tests.support.gates import DUE, fill, gate_deal, original, requirement, submission


def test_requirements_of_a_stage_in_order_r_gate_1(store: Store) -> None:
    fill(store)

    with store.snapshot() as conn:
        tx = tx_of(conn, store)
        assert [each.key for each in tx.evidence.requirements(gate_deal())] == ["minutes", "sheet"]
        assert {each.due for each in tx.evidence.requirements(gate_deal())} == {DUE}
        assert [each.version for each in tx.evidence.requirements(gate_deal(stage=5))] == [0, 0, 0]


def test_requirements_of_an_owner_are_those_of_open_deals_at_a_stage_with_evidence_r_evd_1(store: Store) -> None:
    fill(store, deal(18, stage=2), gate_deal(19, state="lost"), gate_deal(20, owner_id="m05"), gate_deal(21))

    with store.snapshot() as conn:
        tx = tx_of(conn, store)
        assert [each.id for each in tx.evidence.of_owner("m03")] == [
            "21:3:minutes", "21:3:sheet", "17:3:minutes", "17:3:sheet",
        ]  # fmt: skip
        assert tx.evidence.of_deals([gate_deal(19, state="lost")]) == []


def test_live_submission_is_the_waiting_or_accepted_one_and_there_is_one_r_evd_3(store: Store) -> None:
    fill(store, submission(11, state="rejected"), submission(12))

    with store.snapshot() as conn:
        live = tx_of(conn, store).evidence.live("17:3:sheet")
        assert live is not None
        assert live.id == 12
        assert tx_of(conn, store).evidence.live("17:3:minutes") is None
    with pytest.raises(IntegrityError):
        keep(store, submission(13, state="accepted"))


def test_same_bytes_are_one_original_r_evd_4(store: Store) -> None:
    keep(store, original())

    with pytest.raises(IntegrityError):
        keep(store, original(deal_id=9))


def test_thaws_by_hand_are_counted_per_deal_and_gate_r_gate_2(store: Store) -> None:
    by_hand = Freeze(1, 17, 3, NOW, thawed_at=NOW, thawed_by="m02")
    other_gate, by_evidence = replace(by_hand, id=2, stage=5), replace(by_hand, id=3, thawed_by="")
    keep(store, by_hand, other_gate, by_evidence, Freeze(4, 17, 3, DUE), Freeze(5, 18, 3, DUE))

    with store.snapshot() as conn:
        evidence = tx_of(conn, store).evidence
        assert evidence.thaws_by_hand(gate_deal()) == 1
        standing = evidence.open_freeze(17)
        assert standing is not None
        assert standing.id == 4
        assert evidence.open_freeze(19) is None


def test_refusals_are_added_up_over_days_r_gate_1(store: Store) -> None:
    first = GateRefusal("m03:3:17:2026-11-19", "m03", 17, 3, NOW, 2)
    keep(store, first, replace(first, id="m03:3:17:2026-11-20", at=NOW + timedelta(days=1), times=1))

    with store.snapshot() as conn:
        evidence = tx_of(conn, store).evidence
        assert evidence.refusals(gate_deal()) == 3
        assert evidence.refusals(gate_deal(18)) == 0
        assert evidence.refusal(first.id) == replace(first, version=1)


def test_chain_of_superiors_ends_at_the_top_or_the_first_repeat_r_evd_5(store: Store) -> None:
    fill(store)

    with store.snapshot() as conn:
        assert [each.id for each in tx_of(conn, store).evidence.superiors_of("m03")] == ["m02", "m01"]


def test_loop_of_superiors_is_cut(store: Store) -> None:
    from tests.support.gates import BOSS, REP

    keep(store, REP, replace(BOSS, superior_id="m03"))

    with store.snapshot() as conn:
        assert [each.id for each in tx_of(conn, store).evidence.superiors_of("m03")] == ["m02"]


def test_a_requirement_in_the_database_is_the_one_that_was_saved(store: Store) -> None:
    fill(store)

    with store.snapshot() as conn:
        assert tx_of(conn, store).evidence.requirements(gate_deal())[1] == requirement("sheet", version=1)
