"""Gates: what entering a stage opens, and when a deal may leave it. R-GATE-1, R-STG-1, R-STG-2, R-IMP."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from sales.deals import UNDO_TIMER, Deal
from sales.decision import Audit, CancelTimer, Decision, StartTimer
from sales.errors import Refusal
from sales.gates import (
    FREEZE_TIMER,
    Advance,
    GateRefusal,
    Requirement,
    advance,
    can_advance,
    evidence_of,
    freeze_timer,
    imported,
    missing_of,
    next_freeze,
    opened,
    refusal_id,
    requirements_of,
)
from sales.processes import DEFAULT
from tests.support.facts import MICROSECOND, NOW, POLICY, deal, member

REP = member("m03")
HOURS_48 = timedelta(hours=48)
DUE = NOW + HOURS_48
REFUSED = GateRefusal("m03:3:17:2026-11-19", "m03", 17, 3, NOW)


def at_stage(stage: int, **more: object) -> Deal:
    return replace(deal(17), stage=stage, entered_at=NOW, version=2, **more)  # type: ignore[arg-type]


def needed(key: str, state: str = "open", *, stage: int = 3, **more: object) -> Requirement:
    due = DUE if DEFAULT.stage(stage).mandatory else None
    given = {"due": due, "freeze_at": due, "state": state, "version": 1, **more}
    return Requirement(f"17:{stage}:{key}", 17, stage, key, NOW, **given)  # type: ignore[arg-type]


def moved(at: Deal, *requirements: Requirement) -> Advance:
    return advance(at, requirements=requirements, refused=REFUSED, actor=REP, now=NOW, policy=POLICY)


def test_default_process_has_eight_stages_and_three_gates_r_stg_1() -> None:
    assert [stage.number for stage in DEFAULT.stages] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [stage.number for stage in DEFAULT.stages if stage.mandatory] == [3, 5, 6]


def test_default_evidence_r_stg_2() -> None:
    assert {stage.number: [each.key for each in stage.evidence] for stage in DEFAULT.stages if stage.evidence} == {
        3: ["minutes", "sheet"], 5: ["proposal", "legal", "tech"], 6: ["chain", "purchasing"], 7: ["prices", "list"],
        8: ["contract"],
    }  # fmt: skip
    autos = [each.key for stage in DEFAULT.stages for each in stage.evidence if each.auto]
    assert autos == ["minutes", "tech", "prices"]


@pytest.mark.parametrize(("stage", "due"), [(3, DUE), (5, DUE), (6, DUE), (7, None), (8, None)])
def test_only_a_mandatory_gate_sets_a_due_instant_48_hours_on_r_gate_1(stage: int, due: object) -> None:
    new = opened(at_stage(stage), since=NOW, policy=POLICY)

    assert [(each.due, each.freeze_at, each.state) for each in new] == [(due, due, "open")] * len(new)
    assert [each.key for each in new] == [each.key for each in DEFAULT.stage(stage).evidence]


def test_deal_goes_one_stage_on_and_opens_its_gate_r_gate_1() -> None:
    result = moved(at_stage(2))

    there = replace(at_stage(2), stage=3, entered_at=NOW)
    new = opened(there, since=NOW, policy=POLICY)
    assert result == Advance(
        Decision(
            saves=(there, *new),
            audits=(Audit("deal.advance", "deal:17", before={"stage": 2}, after={"stage": 3}),),
            redraws=("deal:17",),
            timers=(CancelTimer(UNDO_TIMER, "deal:17"), StartTimer(FREEZE_TIMER, "deal:17", DUE)),
        ),
        there,
    )


def test_stage_without_a_gate_starts_no_clock() -> None:
    accepted = (needed("minutes", "accepted"), needed("sheet", "accepted"))

    result = moved(at_stage(3), *accepted)

    assert result.deal.stage == 4
    assert result.decision.relies == accepted
    assert result.decision.timers == (CancelTimer(UNDO_TIMER, "deal:17"),)


@pytest.mark.parametrize("state", ["open", "waiting"])
def test_deal_stays_until_all_is_accepted_and_the_refusal_is_counted_r_gate_1(state: str) -> None:
    lacking = needed("sheet", state)
    never_opened = replace(needed("legal"), version=0)

    result = moved(at_stage(3), needed("minutes", "accepted"), lacking, never_opened)

    assert result.missing == (lacking, never_opened)
    assert result.deal == at_stage(3)
    assert result.decision == Decision(
        saves=(replace(REFUSED, times=1),),
        relies=(at_stage(3), needed("minutes", "accepted"), lacking),
        audits=(Audit("gate.refuse", "deal:17", after={"stage": 3, "by": "m03"}, why="sheet,legal"),),
    )


def test_last_stage_with_its_evidence_is_won_r_stg_1() -> None:
    contract = needed("contract", "accepted", stage=8)

    result = moved(at_stage(8), contract)

    assert result.deal.state == "won"
    assert result.decision.saves == (replace(at_stage(8), state="won", closed_at=NOW),)
    assert result.decision.relies == (contract,)
    assert result.decision.timers == (CancelTimer(FREEZE_TIMER, "deal:17"),)


@pytest.mark.parametrize("more", [{"state": "lost"}, {"state": "won"}, {"state": "undone"}, {"frozen_at": NOW}])
def test_closed_or_frozen_deal_does_not_move_r_gate_2(more: dict[str, object]) -> None:
    with pytest.raises(Refusal):
        moved(at_stage(3, **more), needed("minutes", "accepted"))

    assert not can_advance(at_stage(3, **more), [])


def test_can_advance_says_what_advance_does() -> None:
    assert can_advance(at_stage(3), [needed("minutes", "accepted")])
    assert not can_advance(at_stage(3), [needed("minutes", "waiting")])


def test_requirement_that_was_never_opened_is_open_and_never_due_r_gate_1() -> None:
    kept = needed("sheet", "accepted")
    old = replace(at_stage(3), entered_at=None)

    found = requirements_of(old, [kept, needed("legal", stage=5)])

    assert found == (Requirement("17:3:minutes", 17, 3, "minutes", old.created_at), kept)
    assert requirements_of(at_stage(4), []) == ()
    assert missing_of(found) == found[:1]
    assert evidence_of(kept).name == "需求匹配表"


def test_next_freeze_is_the_earliest_of_what_is_not_submitted_r_gate_2_r_evd_3() -> None:
    early, late = needed("minutes", freeze_at=NOW + MICROSECOND), needed("sheet")

    assert next_freeze([late, early], now=NOW) == NOW + MICROSECOND
    assert next_freeze([replace(early, state="waiting"), late], now=NOW) == DUE
    assert next_freeze([replace(early, state="accepted"), replace(late, freeze_at=None)], now=NOW) is None
    assert next_freeze([early], now=DUE) == DUE
    assert freeze_timer(at_stage(3), [late], now=NOW) == (StartTimer(FREEZE_TIMER, "deal:17", DUE),)
    assert freeze_timer(at_stage(3), [], now=NOW) == ()


def test_imported_open_deal_freezes_no_earlier_than_48_hours_after_the_import_r_imp() -> None:
    owed = imported(at_stage(3), now=NOW, policy=POLICY)

    assert owed == opened(at_stage(3), since=NOW, policy=POLICY)
    assert freeze_timer(at_stage(3), owed, now=NOW) == (StartTimer(FREEZE_TIMER, "deal:17", DUE),)
    assert imported(at_stage(3, state="won"), now=NOW, policy=POLICY) == ()


def test_refusal_is_counted_once_a_day_and_deal() -> None:
    assert refusal_id(REP, at_stage(3), date(2026, 11, 19)) == "m03:3:17:2026-11-19"
