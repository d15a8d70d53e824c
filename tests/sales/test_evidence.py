"""A file becomes a submission of one requirement. R-EVD-1, R-EVD-3, R-EVD-4, R-EVD-5."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sales.decision import Audit, Become, Decision, Job, Notice, StartTimer, Urgency
from sales.evidence import (
    ESCALATE_TIMER,
    MEANINGS,
    NUDGE_TIMER,
    Link,
    Original,
    Submission,
    ask_whose,
    is_rejected,
    link,
    meaning_of,
    receive,
    refuse,
    same_as,
    submit,
)
from sales.gates import Requirement
from tests.sales.test_freezes import DEAL, FREEZE, FROZEN, MINUTES, SHEET
from tests.sales.test_gates import DUE, needed
from tests.support.facts import NOW, POLICY

SHA = "ab" * 32
ORIGINAL = Original(SHA, 9, "jpeg")
FETCHING = Submission(
    12, "m03", "feishu", "oc_1", "IMG.jpg", "", NOW, requirement_id=SHEET.id, sha=SHA, version=1
)  # fmt: skip
WAITING = replace(FETCHING, state="waiting", deal_id=17, reviewers=("m02",))


def linked(text: str = "", **hints: tuple[Requirement, ...]) -> Link:
    return link(**{"replied": (), "ear": (), "named": (), "own": (), **hints}, text=text)


def submitted(**more: Any) -> Decision:
    given = {
        "requirement": SHEET, "requirements": (MINUTES, SHEET), "deal": DEAL, "frozen": None, "original": ORIGINAL,
        "earlier": None, "reviewer": "m02", "now": NOW, "policy": POLICY, **more,
    }  # fmt: skip
    return submit(FETCHING, **given)


def test_hints_are_taken_in_order_r_evd_1() -> None:
    a, b, c, d = MINUTES, SHEET, needed("legal", stage=5), needed("tech", stage=5)

    assert linked(replied=(a,), ear=(b,), named=(c,), own=(d,)) == Link((a,), True)
    assert linked(ear=(b,), named=(c,), own=(d,)) == Link((b,), True)
    assert linked(named=(c,), own=(d,)) == Link((c,), True)
    assert linked(own=(d,)) == Link((d,), True)
    assert linked() == Link()


def test_two_that_fit_are_asked_and_words_decide_r_evd_1() -> None:
    assert linked(own=(MINUTES, SHEET)) == Link((MINUTES, SHEET), False)
    assert linked("博仁的匹配表，见图", own=(MINUTES, SHEET)) == Link((SHEET,), True)


def test_the_only_open_one_is_meant_and_nothing_is_replaced_unasked_r_evd_1() -> None:
    waiting = replace(MINUTES, state="waiting")

    assert linked(own=(waiting, SHEET)) == Link((SHEET,), True)
    assert linked(own=(waiting,)) == Link((waiting,), False)
    assert linked(ear=(waiting,)) == Link((waiting,), True)
    assert linked(named=(replace(MINUTES, state="accepted"),), own=(SHEET,)) == Link((SHEET,), True)


@given(
    st.lists(st.sampled_from([MINUTES, SHEET, replace(MINUTES, state="waiting"), replace(SHEET, state="accepted")])),
    st.text(max_size=20),
)
def test_an_accepted_requirement_is_never_offered_and_two_are_never_guessed_r_evd_1(
    own: list[Requirement], text: str
) -> None:
    found = linked(text, own=tuple(own))

    assert all(each.state != "accepted" for each in found.options)
    assert not found.sure or len(found.options) == 1


def test_file_is_fetched_by_a_job_r_evd_1() -> None:
    assert receive(FETCHING, message_id="om_1", key="img_1", kind="image") == Decision(
        saves=(FETCHING,),
        jobs=(Job("fetch", {"submission": 12, "message": "om_1", "key": "img_1", "kind": "image"}),),
    )


def test_worst_finding_decides_r_evd_4() -> None:
    assert not is_rejected(["type:ok:jpeg", "readable:ok"])
    assert not is_rejected(["type:ok:heic", "readable:unsure"])
    assert is_rejected(["type:ok:pdf", "readable:unsure", "password:locked"])


def test_finding_says_what_to_do_with_its_detail_r_evd_4() -> None:
    meaning = meaning_of("limits:bytes:23.5 MB")

    assert meaning is not None
    assert meaning.words == "23.5 MB，最多 20 MB，压一下再发"
    assert meaning_of("readable:ok") is None
    assert {each.verdict for each in MEANINGS.values()} == {"rejected", "doubtful"}


def test_submission_waits_for_the_superior_and_counts_r_evd_3_r_evd_5() -> None:
    assert submitted() == Decision(
        saves=(WAITING, replace(SHEET, state="waiting"), replace(ORIGINAL, deal_id=17)),
        relies=(DEAL,),
        audits=(Audit("evidence.submit", "submission:12", after={"requirement": SHEET.id, "sha256": SHA}),),
        notices=(Notice("review", "member:m02", "review", "review:12", Urgency.NOW, "R-EVD-5"),),
        redraws=("submission:12", "deal:17"),
        timers=(
            StartTimer(NUDGE_TIMER, "submission:12", NOW + timedelta(hours=24)),
            StartTimer(ESCALATE_TIMER, "submission:12", NOW + timedelta(hours=48)),
        ),
    )


def test_with_nobody_above_ops_reviews_r_evd_5() -> None:
    decision = submitted(reviewer="")

    assert decision.notices[0].audience == "ops"
    assert decision.saves[0] == replace(WAITING, reviewers=())


def test_newer_file_replaces_the_waiting_one_without_asking_twice_r_evd_1() -> None:
    earlier = replace(WAITING, id=9, reviewers=("m02", "m01"))

    decision = submitted(earlier=earlier, requirement=replace(SHEET, state="waiting"))

    assert decision.saves[0] == replace(earlier, state="replaced")
    assert decision.saves[1] == replace(WAITING, reviewers=("m02", "m01"))
    assert decision.notices == ()
    assert decision.becomes == (Become("review:9", "review", "review:12"),)
    assert decision.redraws == ("submission:12", "deal:17", "submission:9")


def test_same_bytes_on_another_deal_are_refused_and_the_requirement_stays_r_evd_4() -> None:
    decision = submitted(original=replace(ORIGINAL, deal_id=9, version=1))

    refused = replace(FETCHING, state="rejected", deal_id=17, findings=("duplicate:deal:9",))
    assert decision == Decision(
        saves=(refused,),
        relies=(DEAL,),
        audits=(Audit("evidence.refuse", "submission:12", after={"requirement": SHEET.id}, why="duplicate:deal:9"),),
        redraws=("submission:12",),
    )


def test_evidence_of_a_frozen_deal_thaws_it_r_gate_2() -> None:
    decision = submitted(
        deal=FROZEN, frozen=FREEZE, requirements=(replace(MINUTES, state="accepted"), SHEET), now=DUE
    )  # fmt: skip

    assert decision.relies == ()
    assert DEAL in decision.saves
    assert "freeze:4" in decision.redraws


def test_same_file_again_is_the_same_submission_r_evd_1() -> None:
    again = replace(FETCHING, id=13)

    assert same_as(again, earlier=WAITING) == Decision(
        saves=(replace(again, state="same"),),
        relies=(WAITING,),
        becomes=(Become("submission:13", "evidence", "submission:12"),),
    )


def test_file_without_a_target_is_kept_and_asked_about_r_evd_1_r_hold() -> None:
    assert ask_whose(WAITING, note="x") == Decision(
        saves=(replace(WAITING, state="asking", requirement_id="", deal_id=0, note="x"),), redraws=("submission:12",)
    )


def test_refused_file_says_why_in_the_log_r_evd_4() -> None:
    decision = refuse(replace(FETCHING, findings=("type:ok:pdf", "password:locked")))

    assert decision.relies == ()
    assert decision.audits[0].why == "password:locked"
