"""The breaker: frozen at due, thawed by evidence or by hand. R-GATE-2, R-TIME-5."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sales.decision import NOTHING, Audit, Decision, Looked, Notice, StartTimer, Urgency
from sales.errors import Refusal
from sales.freezes import Freeze, freeze, may_thaw, overdue, thaw_by_evidence, thaw_by_hand
from sales.gates import FREEZE_TIMER, Requirement
from tests.sales.test_gates import DUE, at_stage, needed
from tests.support.facts import MICROSECOND, POLICY, member

REP, BOSS = member("m03"), member("m02", "supervisor", name="王芳")
DEAL = at_stage(3)
FROZEN = at_stage(3, frozen_at=DUE)
FREEZE = Freeze(4, 17, 3, DUE, "m02", version=1)
SHEET, MINUTES = needed("sheet"), needed("minutes")


def told(audience: str) -> Notice:
    return Notice("freeze", audience, "frozen", "freeze:4", Urgency.NOW, "R-GATE-2")


def frozen(*requirements: Requirement, at: object = DUE, asked: str = "m02", **more: object) -> Decision:
    return freeze(
        replace(DEAL, **more),  # type: ignore[arg-type]
        requirements=requirements, freeze_id=4, asked=asked, now=at,  # type: ignore[arg-type]
    )  # fmt: skip


def by_hand(**more: object) -> Decision:
    given = {
        "frozen": FREEZE, "requirements": (MINUTES, SHEET), "thaws": 0, "actor": BOSS, "sees": True,
        "reason": " 客户流程慢 ", "now": DUE, "policy": POLICY, **more,
    }  # fmt: skip
    return thaw_by_hand(given.pop("deal", FROZEN), **given)  # type: ignore[arg-type]


def test_deal_without_evidence_freezes_at_due_and_two_people_are_told_r_gate_2() -> None:
    assert frozen(replace(MINUTES, state="accepted"), SHEET) == Decision(
        saves=(FROZEN, replace(FREEZE, version=0)),
        relies=(replace(MINUTES, state="accepted"), SHEET),
        audits=(Audit("deal.freeze", "deal:17", after={"stage": 3}, why="sheet"),),
        notices=(told("member:m03"), told("member:m02")),
        redraws=("deal:17",),
    )


def test_without_a_superior_ops_has_the_task_r_gate_2() -> None:
    assert frozen(SHEET, asked="").notices[1] == told("ops")


@pytest.mark.parametrize(("late", "is_frozen"), [(-MICROSECOND, False), (timedelta(0), True), (MICROSECOND, True)])
def test_due_instant_counts_to_the_microsecond_r_gate_2_r_time_5(late: timedelta, is_frozen: bool) -> None:
    decision = frozen(SHEET, at=DUE + late)

    assert bool(decision.saves) is is_frozen
    assert decision.timers == (() if is_frozen else (StartTimer(FREEZE_TIMER, "deal:17", DUE),))


@pytest.mark.parametrize("state", ["waiting", "accepted"])
def test_live_submission_keeps_the_deal_going_r_evd_3(state: str) -> None:
    decision = frozen(replace(SHEET, state=state))

    assert decision == Decision(
        looked=(Looked("R-GATE-2", "deal:17", "no evidence is late, or the deal does not move anyway"),)
    )


@pytest.mark.parametrize("more", [{"state": "lost"}, {"frozen_at": DUE}])
def test_deal_that_does_not_move_is_not_frozen_again(more: dict[str, object]) -> None:
    decision = frozen(SHEET, **more)

    assert decision.saves == decision.timers == ()
    assert len(decision.looked) == 1


@pytest.mark.parametrize(
    ("proved", "now", "why"),
    [
        (DUE + MICROSECOND, DUE + timedelta(hours=1), "凭证到齐"),
        (DUE, DUE + timedelta(hours=24), "凭证在到期前就发了"),
        (DUE, DUE + timedelta(hours=24) + MICROSECOND, "凭证到齐"),
    ],
)
def test_evidence_thaws_and_a_late_proof_says_so_r_gate_2_r_time_5(proved: object, now: object, why: str) -> None:
    after = (replace(MINUTES, state="waiting"), replace(SHEET, state="accepted"))

    decision = thaw_by_evidence(
        FROZEN, frozen=FREEZE, requirements=after, proved_at=proved, now=now, policy=POLICY  # type: ignore[arg-type]
    )  # fmt: skip

    assert decision == Decision(
        saves=(DEAL, replace(FREEZE, thawed_at=now, reason=why)),  # type: ignore[arg-type]
        audits=(Audit("deal.thaw", "deal:17", after={"by": "evidence"}, why="late proof" if "前" in why else ""),),
        notices=(told("member:m03"), told("member:m02")),
        redraws=("deal:17", "freeze:4"),
    )


def test_one_of_two_is_not_enough_to_thaw_r_gate_2() -> None:
    after = (replace(MINUTES, state="waiting"), SHEET)

    assert thaw_by_evidence(
        FROZEN, frozen=FREEZE, requirements=after, proved_at=DUE, now=DUE, policy=POLICY
    ) == NOTHING  # fmt: skip


def test_nothing_thaws_that_is_not_frozen() -> None:
    given = {"requirements": (), "proved_at": DUE, "now": DUE, "policy": POLICY}

    assert thaw_by_evidence(DEAL, frozen=FREEZE, **given) == NOTHING  # type: ignore[arg-type]
    assert thaw_by_evidence(FROZEN, frozen=None, **given) == NOTHING  # type: ignore[arg-type]


def test_superior_thaws_for_24_hours_with_a_reason_r_gate_2() -> None:
    until = DUE + timedelta(hours=24)

    assert by_hand(requirements=(replace(MINUTES, state="waiting"), SHEET)) == Decision(
        saves=(
            DEAL,
            replace(FREEZE, thawed_at=DUE, thawed_by="m02", reason="客户流程慢", until=until),
            replace(SHEET, freeze_at=until),
        ),
        audits=(Audit("deal.thaw", "deal:17", after={"by": "m02", "until": until.isoformat()}, why="客户流程慢"),),
        notices=(told("member:m03"),),
        redraws=("deal:17", "freeze:4"),
        timers=(StartTimer(FREEZE_TIMER, "deal:17", until),),
    )


def test_thaw_never_changes_the_due_that_counts_r_gate_2() -> None:
    assert [each.due for each in by_hand().saves if isinstance(each, Requirement)] == [DUE, DUE]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"deal": DEAL}, "没有冻结"),
        ({"frozen": replace(FREEZE, thawed_at=DUE)}, "没有冻结"),
        ({"actor": replace(REP, roles=("supervisor",))}, "自己的商机要上级来解冻"),
        ({"actor": member("m09", "supervisor"), "sees": False}, "等负责人的上级来解冻"),
        ({"actor": member("m09"), "sees": True}, "等负责人的上级来解冻"),
        ({"thaws": 2}, "手动解冻满 2 次了，只等凭证：会议纪要、客户签字的需求匹配表"),
        ({"reason": "  "}, "解冻要一句理由"),
    ],
)
def test_thaw_by_hand_is_refused_r_gate_2(more: dict[str, object], words: str) -> None:
    with pytest.raises(Refusal, match=words) as caught:
        by_hand(**more)

    assert caught.value.rule == "R-GATE-2"


def test_second_thaw_by_hand_is_the_last_one_that_works_r_gate_2() -> None:
    assert by_hand(thaws=1).saves


def test_who_was_given_the_task_may_thaw_without_sight_r_gate_2() -> None:
    assert may_thaw(member("m02", "ops"), deal=FROZEN, frozen=FREEZE, sees=False)
    assert not may_thaw(member("m03", "director"), deal=FROZEN, frozen=replace(FREEZE, asked="m03"), sees=True)


def test_overdue_is_what_has_a_freezing_due_that_came() -> None:
    assert overdue([MINUTES, replace(SHEET, freeze_at=None)], now=DUE) == (MINUTES,)
    assert overdue([MINUTES], now=DUE - MICROSECOND) == ()
