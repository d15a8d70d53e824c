"""A person decides; never the uploader, never the owner; 24 h a nudge, 48 h the next above. R-EVD-5, R-GATE-2."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sales.decision import Audit, Decision, Looked, Notice, StartTimer, Urgency
from sales.errors import Refusal
from sales.evidence import Submission
from sales.gates import FREEZE_TIMER
from sales.reviews import (
    accept,
    check_reviewer,
    escalate,
    may_review,
    next_reviewer,
    nudge,
    reopen,
    send_back,
    take_back,
)
from tests.sales.test_evidence import ORIGINAL, WAITING
from tests.sales.test_freezes import BOSS, DEAL, MINUTES, REP, SHEET
from tests.sales.test_gates import DUE
from tests.support.facts import MICROSECOND, NOW, POLICY, member

DIRECTOR = member("m01", "director", name="张伟")
OPS = member("m08", "ops")
LIVE = replace(SHEET, state="waiting")
USED = replace(ORIGINAL, deal_id=17, version=1)
SHOWN = ("submission:12", "review:12", "deal:17")


def asked(who: str, kind: str = "review", card: str = "review", subject: str = "review:12") -> Notice:
    return Notice(kind, f"member:{who}", card, subject, Urgency.NOW, "R-EVD-5")


def back(**more: Any) -> Decision:
    given = {
        "requirement": LIVE, "requirements": (MINUTES, LIVE), "original": USED, "deal": DEAL, "actor": BOSS,
        "reason": "看不清", "now": NOW, "policy": POLICY, **more,
    }  # fmt: skip
    return send_back(WAITING, **given)


def test_first_superior_who_is_there_and_not_involved_r_evd_5() -> None:
    gone = replace(BOSS, state="left")

    assert next_reviewer([BOSS, DIRECTOR], barred=("m03",)) == "m02"
    assert next_reviewer([gone, DIRECTOR], barred=()) == "m01"
    assert next_reviewer([BOSS, DIRECTOR], barred=("m02",)) == "m01"
    assert next_reviewer([], barred=()) == ""


@pytest.mark.parametrize(
    ("who", "submission", "may"),
    [
        (BOSS, WAITING, True),
        (DIRECTOR, WAITING, False),
        (OPS, WAITING, False),
        (OPS, replace(WAITING, reviewers=()), True),
        (BOSS, replace(WAITING, reviewers=()), False),
        (REP, replace(WAITING, reviewers=("m03",)), False),
        (BOSS, replace(WAITING, member_id="m02"), False),
    ],
)
def test_who_may_review_r_evd_5(who: Any, submission: Submission, may: bool) -> None:
    assert may_review(who, submission, deal=DEAL) is may


@pytest.mark.parametrize(
    ("submission", "actor", "words"),
    [
        (replace(WAITING, state="replaced"), BOSS, "换成新的了"),
        (replace(WAITING, state="accepted", decided_by="m02"), BOSS, "你已经通过了"),
        (replace(WAITING, state="rejected", decided_by="m01"), BOSS, "张伟已经退回了"),
        (replace(WAITING, state="asking"), BOSS, "现在不用看了"),
        (WAITING, REP, "自己的凭证要别人看，等王芳点"),
        (replace(WAITING, member_id="m02"), BOSS, "自己的凭证要别人看"),
        (WAITING, DIRECTOR, "这张卡等王芳点"),
    ],
)
def test_others_and_late_ones_are_told_who_decides_r_evd_5(submission: Submission, actor: Any, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        check_reviewer(submission, deal=DEAL, actor=actor, names="王芳", decider="张伟")


def test_the_reviewer_passes_the_check() -> None:
    check_reviewer(WAITING, deal=DEAL, actor=BOSS, names="王芳", decider="")


def test_accepted_meets_the_requirement_and_the_sender_hears_r_evd_5() -> None:
    assert accept(WAITING, requirement=LIVE, deal=DEAL, actor=BOSS, now=NOW) == Decision(
        saves=(
            replace(WAITING, state="accepted", decided_by="m02", decided_at=NOW),
            replace(SHEET, state="accepted"),
        ),
        relies=(DEAL,),
        audits=(Audit("evidence.accept", "submission:12", after={"requirement": SHEET.id}),),
        notices=(asked("m03", "verdict", "evidence", "submission:12"),),
        redraws=SHOWN,
    )


def test_owner_hears_too_when_somebody_else_sent_it_r_evd_5() -> None:
    decision = accept(replace(WAITING, member_id="m04"), requirement=LIVE, deal=DEAL, actor=BOSS, now=NOW)

    assert [notice.audience for notice in decision.notices] == ["member:m04", "member:m03"]


def test_sent_back_opens_the_requirement_with_its_due_as_it_was_r_evd_5() -> None:
    assert back() == Decision(
        saves=(
            replace(WAITING, state="rejected", decided_by="m02", decided_at=NOW, reason="看不清"),
            SHEET,
            replace(USED, deal_id=0),
        ),
        relies=(DEAL,),
        audits=(Audit("evidence.reject", "submission:12", after={"requirement": SHEET.id}, why="看不清"),),
        notices=(asked("m03", "verdict", "evidence", "submission:12"),),
        redraws=SHOWN,
        timers=(StartTimer(FREEZE_TIMER, "deal:17", DUE),),
    )


def test_sending_back_needs_a_reason() -> None:
    with pytest.raises(Refusal, match="退回要一句理由"):
        back(reason=" ")


@pytest.mark.parametrize(
    ("now", "extended", "freeze_at", "after"),
    [
        (DUE - MICROSECOND, 0, DUE, 0),
        (DUE, 0, DUE + timedelta(hours=24), 1),
        (DUE, 1, DUE + timedelta(hours=24), 2),
        (DUE, 2, DUE, 2),
    ],
)
def test_rejection_behind_due_gives_24_hours_twice_r_gate_2(
    now: Any, extended: int, freeze_at: Any, after: int
) -> None:
    found = reopen(replace(LIVE, extended=extended), now=now, policy=POLICY)

    assert (found.state, found.freeze_at, found.extended, found.due) == ("open", freeze_at, after, DUE)


def test_third_rejection_behind_due_freezes_at_once_r_gate_2() -> None:
    now = DUE + timedelta(hours=3)

    assert back(requirement=replace(LIVE, extended=2), requirements=(LIVE,), now=now).timers == (
        StartTimer(FREEZE_TIMER, "deal:17", now),
    )


def test_requirement_that_is_never_due_is_simply_open_again() -> None:
    assert reopen(replace(LIVE, freeze_at=None), now=DUE, policy=POLICY) == replace(SHEET, freeze_at=None)


def taken(**more: Any) -> Decision:
    given = {
        "requirement": LIVE, "requirements": (MINUTES, LIVE), "original": USED, "deal": DEAL,
        "offered": ("9:3:sheet",), "actor": REP, "now": NOW, **more,
    }  # fmt: skip
    return take_back(given.pop("submission", WAITING), **given)


def test_not_this_deal_keeps_the_file_and_asks_again_r_evd_1() -> None:
    decision = taken()

    asking = replace(WAITING, state="asking", requirement_id="", deal_id=0, offered=("9:3:sheet",))
    assert decision.saves == (asking, SHEET, replace(USED, deal_id=0))
    assert decision.redraws == SHOWN
    assert decision.timers == (StartTimer(FREEZE_TIMER, "deal:17", DUE),)


@pytest.mark.parametrize("more", [{"actor": BOSS}, {"submission": replace(WAITING, state="accepted")}])
def test_only_the_sender_takes_back_what_is_not_decided_r_evd_1(more: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        taken(**more)


def test_nudge_asks_whoever_was_asked_last_r_evd_5() -> None:
    assert nudge(replace(WAITING, reviewers=("m02", "m01"))) == Decision(notices=(asked("m01"),))
    assert nudge(replace(WAITING, reviewers=())).notices[0].audience == "ops"
    assert nudge(WAITING, goes_up=True) == Decision(
        looked=(Looked("R-TIME-6", f"submission:{WAITING.id}", "it goes up now"),)
    )
    assert nudge(replace(WAITING, state="accepted")) == Decision(
        looked=(Looked("R-EVD-5", "submission:12", "it was decided"),)
    )


def test_escalation_asks_the_next_above_who_may_decide_too_r_evd_5() -> None:
    decision = escalate(WAITING, superiors=[BOSS, DIRECTOR], deal=DEAL)

    assert decision == Decision(
        saves=(replace(WAITING, reviewers=("m02", "m01")),),
        audits=(Audit("evidence.escalate", "submission:12", after={"to": "m01"}),),
        notices=(asked("m01"),),
        redraws=("submission:12", "review:12"),
    )


@pytest.mark.parametrize("more", [{"superiors": [BOSS]}, {"state": "accepted"}])
def test_escalation_looks_again_r_evd_5_r_why(more: dict[str, Any]) -> None:
    submission = replace(WAITING, state=more.get("state", "waiting"))

    decision = escalate(submission, superiors=more.get("superiors", [BOSS, DIRECTOR]), deal=DEAL)

    assert decision == Decision(looked=(Looked("R-EVD-5", "submission:12", "decided, or nobody is above"),))
