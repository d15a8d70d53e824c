"""Asking, deciding, returning, handing over, urging, withdrawing. R-APR-3, R-APR-6, R-APR-7."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales import approvals
from sales.approval_trail import ESCALATE, NUDGE, OVERDUE, Case, Entry, Request
from sales.decision import Audit, CancelTimer, Decision, Notice, StartTimer, Urgency
from sales.errors import Refusal
from sales.people import Member
from tests.support.facts import MICROSECOND, NOW, POLICY, deal
from tests.support.requests import ADMIN, BOSS, FAR, LEAD, LIMIT, OPS, PEER, PEOPLE, REP, after, case, entry, request

DEAL = deal(amount_fen=90_000_000, version=1)
LATER = NOW + timedelta(minutes=26)
FRESH: dict[str, Any] = {"holders": (), "version": 0}


def saved(decision: Decision) -> Request:
    return next(one for one in reversed(decision.saves) if isinstance(one, Request))


def entries(decision: Decision) -> list[tuple[str, str, str]]:
    return [(one.who, one.did, one.words) for one in decision.saves if isinstance(one, Entry)]


def told(decision: Decision) -> list[tuple[str, str]]:
    return [(notice.kind, notice.audience) for notice in decision.notices]


def approve(found: Case, actor: Member, now: datetime = LATER, words: str = "") -> Decision:
    return approvals.approve(found, actor=actor, now=now, policy=POLICY, words=words)


def refused(act: Callable[[], Decision]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.text


def twice_approved() -> Case:
    first = case()
    second = after(first, approve(first, LEAD))
    return after(second, approve(second, BOSS, NOW + timedelta(minutes=57)))


def test_asking_fills_the_first_seat_and_starts_its_clock_r_apr_1_r_apr_4() -> None:
    decision = approvals.submit(case(**FRESH), deal=DEAL, now=NOW)

    assert saved(decision) == replace(request(), version=0, entries=1)
    assert decision.saves[0] == DEAL
    assert decision.relies == (LEAD,)
    assert entries(decision) == [("m03", "asked", "对手报 80 万，客户三台一起签")]
    assert decision.notices == (
        Notice("approval.assigned", "member:m02", "approval", "request:7", Urgency.NOW, "R-APR-3", {"for": "assigned"}),
    )
    assert decision.timers == (
        StartTimer(NUDGE, "request:7", NOW + timedelta(hours=36)),
        StartTimer(OVERDUE, "request:7", NOW + timedelta(hours=48)),
        StartTimer(ESCALATE, "request:7", NOW + timedelta(hours=72)),
    )
    assert [audit.action for audit in decision.audits] == ["request.ask"]


def test_own_request_of_the_director_waits_with_ops_r_apr_6() -> None:
    decision = approvals.submit(case(initiator_id="m01", **FRESH), deal=DEAL, now=NOW)

    assert saved(decision).holders == ("m15",)
    alone = approvals.submit(case(people=[BOSS], initiator_id="m01", **FRESH), deal=DEAL, now=NOW)
    assert (saved(alone).state, saved(alone).holders) == ("open", ())
    assert told(alone) == [("approval.assigned", "ops")]


@pytest.mark.parametrize(("changed", "rule"), [({"state": "lost"}, "R-APR-7"), ({"frozen_at": NOW}, "R-GATE-2")])
def test_closed_and_frozen_deals_take_no_request_r_apr_7_r_gate_2(changed: dict[str, Any], rule: str) -> None:
    with pytest.raises(Refusal) as caught:
        approvals.submit(case(**FRESH), deal=replace(DEAL, **changed), now=NOW)

    assert caught.value.rule == rule


def test_other_terms_withdraw_the_open_one_and_refer_to_it_r_apr_7() -> None:
    earlier = case(id=6, number="ZK-20261119-0002", amount_fen=85_000_000)

    decision = approvals.submit(case(**FRESH), deal=DEAL, now=LATER, earlier=earlier)

    old, new = (one for one in decision.saves if isinstance(one, Request))
    assert (old.id, old.state, old.closed_at) == (6, "withdrawn", LATER)
    assert (new.id, new.replaces, new.state) == (7, 6, "open")
    assert entries(decision)[0] == ("m03", "withdrawn", "改成 ZK-20261119-0003")


def test_first_approval_opens_the_next_seat_with_a_new_clock_r_apr_3_r_apr_4() -> None:
    decision = approve(case(told=1), LEAD, words="  可以 ")

    moved = saved(decision)
    assert (moved.step, moved.holders, moved.told) == (1, ("m01",), 0)
    assert (moved.opened_at, moved.due_at) == (LATER, LATER + LIMIT)
    assert entries(decision) == [("m02", "approved", "可以")]
    assert told(decision) == [("approval.assigned", "member:m01")]
    assert decision.relies == (BOSS,)
    assert decision.redraws == ("request:7",)
    assert decision.audits == (
        Audit(
            "request.approve", "request:7", {"state": "open", "step": 0, "holders": ["m02"]},
            {"state": "open", "step": 1, "holders": ["m01"]}, "可以",
        ),
    )  # fmt: skip


def test_request_of_a_frozen_deal_is_not_decided_r_gate_2() -> None:
    said = refused(lambda: approve(case(paused_at=NOW), LEAD))

    assert said.endswith("冻结着，先不能定；凭证到齐就解冻，时限也停着。")


def test_last_approval_closes_it_and_tells_the_initiator_r_apr_3() -> None:
    decision = approve(case(entry(1, "approved", "m02"), step=1, holders=("m01",)), BOSS)

    closed = saved(decision)
    assert (closed.state, closed.holders, closed.closed_at) == ("approved", (), LATER)
    assert told(decision) == [("approval.decided", "member:m03")]
    assert decision.timers == tuple(CancelTimer(name, "request:7") for name in (NUDGE, OVERDUE, ESCALATE))


def test_step_with_nobody_new_is_passed_with_the_reason_r_apr_6() -> None:
    decision = approve(case(initiator_id="m02", holders=("m01",)), BOSS)

    assert saved(decision).state == "approved"
    assert entries(decision) == [("m01", "approved", ""), ("", "passed", "张伟前面定过了")]
    assert decision.audits[0].after["passed"] == ["张伟前面定过了"]


def test_nobody_decides_their_own_request_r_apr_3() -> None:
    found = case(holders=("m03",))

    assert refused(lambda: approve(found, REP)) == "自己的申请要别人定，可以催一下。"


def test_late_double_and_strange_clicks_are_told_how_it_stands_r_apr_3() -> None:
    found, done = case(), twice_approved()
    now = NOW + timedelta(hours=1)

    assert refused(lambda: approve(found, PEER)) == "这张卡等王芳定，你看看就好。"
    assert refused(lambda: approve(done, BOSS, now)) == "你 11:19 已同意，不用再点。"
    assert refused(lambda: approve(done, LEAD, now)) == "你 10:48 已同意，不用再点。"
    assert refused(lambda: approve(done, FAR, now)) == "晚了一步：张伟 11:19 已同意。"
    assert refused(lambda: approve(done, FAR, now + timedelta(days=1))) == "晚了一步：张伟 11-19 11:19 已同意。"


def test_who_shared_the_seat_is_told_who_was_first_r_apr_3() -> None:
    found = case(holders=("m02", "m06"))

    moved = after(found, approve(found, FAR))

    assert refused(lambda: approve(moved, LEAD)) == "晚了一步：周强 10:48 已同意。"


def test_away_or_left_holder_decides_nothing_r_apr_3() -> None:
    assert refused(lambda: approve(case(), replace(LEAD, state="away"))) == "这张卡等王芳定，你看看就好。"


def test_rejection_needs_a_reason_and_ends_it_r_apr_3() -> None:
    found = case()

    said = refused(lambda: approvals.reject(found, actor=LEAD, now=LATER, policy=POLICY, words="  "))
    decision = approvals.reject(found, actor=LEAD, now=LATER, policy=POLICY, words="毛利不够")

    assert said == "写个原因再点驳回，如「驳回 ZK-20261119-0003 毛利不够」。"
    assert saved(decision).state == "rejected"
    assert told(decision) == [("approval.decided", "member:m03")]
    assert decision.audits[0].why == "毛利不够"


def test_return_stops_the_clock_and_resubmission_opens_the_same_step_anew_r_apr_3() -> None:
    found = case(told=2)

    said = refused(lambda: approvals.give_back(found, actor=LEAD, now=LATER, policy=POLICY, words=""))
    back = approvals.give_back(found, actor=LEAD, now=LATER, policy=POLICY, words="差对手报价")
    returned = after(found, back)
    again = approvals.resubmit(returned, actor=REP, deal=DEAL, now=NOW + LIMIT, reason="对手报价附上")

    assert said.startswith("写一句要补什么再退回")
    assert saved(back).state == "returned"
    assert {type(timer) for timer in back.timers} == {CancelTimer}
    assert told(back) == [("approval.returned", "member:m03")]
    opened = saved(again)
    assert (opened.state, opened.step, opened.round, opened.holders, opened.told) == ("open", 0, 2, ("m02",), 0)
    assert (opened.due_at, opened.reason) == (NOW + LIMIT + LIMIT, "对手报价附上")
    assert told(again) == [("approval.assigned", "member:m02")]
    assert refused(lambda: approve(returned, BOSS)) == "王芳 10:48 已退回补充，等李雷再交。"
    assert refused(lambda: approve(returned, LEAD)) == "你 10:48 已退回补充，不用再点。"
    assert approve(after(returned, again), LEAD, NOW + LIMIT).saves


def test_resubmission_is_the_initiators_and_needs_words_r_apr_3() -> None:
    returned = case(entry(1, "returned", "m02", words="差报价"), state="returned")

    def again(found: Case = returned, actor: Member = REP, reason: str = "补了", **changed: Any) -> Decision:
        return approvals.resubmit(found, actor=actor, deal=replace(DEAL, **changed), now=LATER, reason=reason)

    assert refused(lambda: again(actor=LEAD)) == "等李雷补充，你看看就好。"
    assert refused(lambda: again(reason=" ")) == "补一句再交。"
    assert refused(lambda: again(case())) == "这张已经交过了，不用再点。"
    assert "不在走了" in refused(lambda: again(state="lost"))


def test_resubmission_to_who_has_left_fills_the_seat_again_r_apr_6() -> None:
    people = [person for person in PEOPLE if person.id != "m02"] + [replace(LEAD, state="left")]
    returned = case(entry(1, "returned", "m02"), people=people, state="returned", version=2)

    decision = approvals.resubmit(returned, actor=REP, deal=DEAL, now=LATER, reason="补了")
    assert saved(decision).holders == ("m01",)

    nobody = case(
        entry(1, "approved", "m01"), people=[REP, replace(BOSS, id="m77", state="left")], step=1, state="returned",
        holders=("m77",),
    )  # fmt: skip
    passed = approvals.resubmit(nobody, actor=REP, deal=DEAL, now=LATER, reason="补了")
    assert saved(passed).state == "approved"
    assert told(passed) == [("approval.decided", "member:m03")]


def test_transfer_moves_the_seat_and_not_the_clock_r_apr_3() -> None:
    found = case()

    decision = approvals.transfer(found, actor=LEAD, to=FAR, now=LATER, policy=POLICY)

    assert saved(decision) == replace(found.request, holders=("m06",), entries=1)
    assert decision.timers == ()
    assert decision.relies == (FAR,)
    assert told(decision) == [("approval.assigned", "member:m06")]
    assert refused(lambda: approve(after(found, decision), LEAD)) == "这张卡等周强定，你看看就好。"


@pytest.mark.parametrize(
    ("to", "says"),
    [
        (REP, "李雷是申请人，自己的申请要别人定，换一位。"),
        (PEER, "韩梅梅定不了折扣，转给在岗的主管或总监。"),
        (replace(FAR, state="away"), "周强定不了折扣，转给在岗的主管或总监。"),
        (LEAD, "王芳前面定过了，换一位。"),
        (BOSS, "现在就等张伟定，不用转。"),
    ],
)
def test_transfer_goes_to_who_may_decide_and_is_new_r_apr_3(to: Member, says: str) -> None:
    found = case(entry(1, "approved", "m02"), step=1, holders=("m01",))

    assert refused(lambda: approvals.transfer(found, actor=BOSS, to=to, now=LATER, policy=POLICY)) == says


def test_overdue_seat_may_be_taken_by_who_leads_it_r_apr_4() -> None:
    found = case(told=2)

    decision = approvals.take(found, actor=BOSS, now=LATER, policy=POLICY)

    assert saved(decision).holders == ("m01",)
    assert approvals.may_take(found, BOSS)
    for actor in (REP, LEAD, PEER, FAR, replace(BOSS, state="away")):
        assert not approvals.may_take(found, actor)
    assert not approvals.may_take(case(told=1), BOSS)
    assert not approvals.may_take(replace(found, kind=replace(found.kind, superior_may_take=False)), BOSS)
    said = refused(lambda: approvals.take(found, actor=PEER, now=LATER, policy=POLICY))
    assert said == "这张卡等王芳定，你看看就好。"


def test_urging_reminds_the_seat_at_most_once_an_hour_r_apr_3() -> None:
    found = case()
    urged = after(found, approvals.urge(found, actor=REP, now=NOW, policy=POLICY))
    hour = NOW + POLICY.urge_pause

    assert told(approvals.urge(found, actor=REP, now=NOW, policy=POLICY)) == [("approval.urged", "member:m02")]
    said = refused(lambda: approvals.urge(urged, actor=REP, now=hour, policy=POLICY))
    assert said == "10:22 催过了，过一小时再催。"
    assert approvals.urge(urged, actor=REP, now=hour + MICROSECOND, policy=POLICY).timers == ()
    assert approvals.urge(found, actor=BOSS, now=NOW, policy=POLICY).saves
    for actor in (LEAD, PEER):
        said = refused(lambda actor=actor: approvals.urge(found, actor=actor, now=NOW, policy=POLICY))  # type: ignore[misc]
        assert said == "这张卡等王芳定，你看看就好。"
    done = twice_approved()
    assert refused(lambda: approvals.urge(done, actor=REP, now=LATER, policy=POLICY)).startswith("晚了一步")


def test_initiator_takes_it_back_until_the_last_decision_r_apr_3() -> None:
    for found in (case(), case(state="returned"), case(entry(1, "approved", "m02"), step=1, holders=("m01",))):
        decision = approvals.withdraw(found, actor=REP, now=LATER, policy=POLICY)
        assert saved(decision).state == "withdrawn"
        assert refused(lambda found=found: approvals.withdraw(found, actor=LEAD, now=LATER, policy=POLICY)) == (  # type: ignore[misc]
            "撤回要李雷自己来。"
        )
    gone = after(case(), approvals.withdraw(case(), actor=REP, now=LATER, policy=POLICY))
    assert refused(lambda: approve(gone, LEAD)) == "晚了一步：李雷 10:48 已撤回。"
    done = twice_approved()
    assert refused(lambda: approvals.withdraw(done, actor=REP, now=LATER, policy=POLICY)) == (
        "晚了一步：张伟 11:19 已同意。"
    )


def test_lost_deal_ends_an_open_request_r_apr_7() -> None:
    found = case()

    decision = approvals.no_longer_needed(found, now=LATER, why="商机 #17 流失")

    assert saved(decision).state == "unneeded"
    assert refused(lambda: approve(after(found, decision), LEAD)) == "晚了一步：商机流失，不用定了。"
    assert approvals.no_longer_needed(twice_approved(), now=LATER, why="") == Decision()


def test_seat_of_who_is_away_is_filled_again_and_the_clock_goes_on_r_apr_6() -> None:
    people = [person for person in PEOPLE if person.id != "m02"] + [replace(LEAD, state="away")]
    found = case(people=people)

    decision = approvals.refill(found, now=LATER)

    assert saved(decision) == replace(found.request, holders=("m01",), entries=1)
    assert (decision.timers, decision.relies) == ((), (BOSS,))
    assert told(decision) == [("approval.assigned", "member:m01")]
    assert approvals.refill(case(), now=LATER) == Decision()
    assert approvals.refill(case(people=people, state="returned"), now=LATER) == Decision()


def test_seat_that_nobody_can_fill_stays_as_it_is_r_apr_6() -> None:
    assert approvals.refill(case(people=[ADMIN], initiator_id="m16", holders=()), now=LATER) == Decision()
    passed = case(entry(1, "approved", "m02"), people=[REP, LEAD], step=1, holders=("m99",))
    assert approvals.refill(passed, now=LATER) == Decision()


def test_a_word_stands_with_the_own_approval_r_hold() -> None:
    done = twice_approved()

    decision = approvals.remark(done, actor=BOSS, words=" 限本月签 ")

    [said] = decision.saves
    assert (said.who, said.words, said.version) == ("m01", "限本月签", 1)
    assert decision.redraws == ("request:7",)
    assert refused(lambda: approvals.remark(done, actor=OPS, words="x")) == "这张卡上没有你的同意，写不上。"


ACTORS = {person.id: person for person in PEOPLE}
DOING = ("approve", "reject", "return", "resubmit", "transfer", "take", "urge", "withdraw", "lost", "refill")


def doing(found: Case, what: str, actor: Member, now: datetime) -> Decision:
    match what:
        case "approve":
            return approve(found, actor, now)
        case "reject":
            return approvals.reject(found, actor=actor, now=now, policy=POLICY, words="不行")
        case "return":
            return approvals.give_back(found, actor=actor, now=now, policy=POLICY, words="补")
        case "resubmit":
            return approvals.resubmit(found, actor=actor, deal=DEAL, now=now, reason="补了")
        case "transfer":
            return approvals.transfer(found, actor=actor, to=FAR, now=now, policy=POLICY)
        case "take":
            return approvals.take(found, actor=actor, now=now, policy=POLICY)
        case "urge":
            return approvals.urge(found, actor=actor, now=now, policy=POLICY)
        case "withdraw":
            return approvals.withdraw(found, actor=actor, now=now, policy=POLICY)
        case "lost":
            return approvals.no_longer_needed(found, now=now, why="丢了")
        case _:
            return approvals.refill(found, now=now)


@given(
    st.sampled_from(["m03", "m02", "m01"]),
    st.lists(st.tuples(st.sampled_from(DOING), st.sampled_from(sorted(ACTORS)), st.integers(0, 2)), max_size=14),
)
def test_whatever_is_done_in_any_order_the_rules_hold_r_apr_3_r_apr_6_r_apr_7(
    initiator: str, story: list[tuple[str, str, int]]
) -> None:
    begun = case(initiator_id=initiator, **FRESH)
    found = after(begun, approvals.submit(begun, deal=DEAL, now=NOW))
    for n, (what, who, told_so_far) in enumerate(story, 1):
        found = replace(found, request=replace(found.request, told=max(found.request.told, told_so_far)))
        before = found
        try:
            found = after(found, doing(found, what, ACTORS[who], NOW + n * timedelta(hours=2)))
        except Refusal:
            continue
        if before.request.state not in ("open", "returned"):
            assert found == before
    end = found.request
    assert (end.base_fen, end.amount_fen, end.number) == (90_000_000, 79_200_000, "ZK-20261119-0003")
    deciders = [e.who for e in found.trail if e.did in ("approved", "rejected", "returned")]
    assert initiator not in deciders
    assert len(found.deciders) == len(set(found.deciders))
    if end.state == "approved":
        assert found.deciders
        assert end.step == len(end.steps)
    if end.state == "open":
        assert initiator not in end.holders
        assert not set(end.holders) & set(found.deciders)
    assert [e.n for e in found.trail] == list(range(1, end.entries + 1))
