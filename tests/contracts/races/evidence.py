"""Files, reviews, stages and freezings: what two do at once with one deal. R-EVD, R-GATE."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from cards import evidence as evidence_card
from cards import frozen as frozen_card
from cards import gate as gate_card
from cards import review as review_card
from sales.deals import Deal
from sales.evidence import ESCALATE_TIMER, NUDGE_TIMER, Original, Submission
from sales.freezes import Freeze
from sales.gates import FREEZE_TIMER, Requirement, opened
from tests.contracts.races.approvals import asked as requested
from tests.contracts.races.approvals import decide, people
from tests.support.facts import POLICY, customer, deal
from tests.support.files import photo, sends
from tests.support.house import Person
from tests.support.races import Scenarios, Stage

SCENARIOS = Scenarios()
LATE = timedelta(hours=48)


def gated(stage: Stage, *, owner: str = "m03", late: bool = False, accepted: bool = False, **more: Any) -> Deal:
    """A deal in gate 3; `late`: its evidence is due now."""
    n, since = stage.number(), stage.now() - (LATE if late else timedelta())
    given = {"customer_id": n, "owner_id": owner, "stage": 3, "entered_at": since, "created_at": since, **more}
    stage.keep(customer(n, f"客户{n}", owner_id=owner), deal(n, **given))
    found: Deal = stage.get(Deal, n)
    for one in opened(found, since=since, policy=POLICY):
        stage.keep(one)
        if accepted:
            waiting(stage, found, one.key, state="accepted")
    return found


def waiting(stage: Stage, found: Deal, key: str = "sheet", **more: Any) -> Submission:
    """A photo of 李雷 for one of its requirements, waiting for 王芳 and 张伟."""
    n, wanted = stage.number(), f"{found.id}:3:{key}"
    sha = f"{n:064d}"
    given = {
        "member_id": "m03", "platform": "feishu", "chat": stage.house.person("李雷").chat, "name": "IMG.jpg",
        "text": "", "sent_at": stage.now(), "requirement_id": wanted, "deal_id": found.id, "sha": sha, "size": 9,
        "kind": "jpeg", "state": "waiting", "reviewers": ("m02", "m01"), **more,
    }  # fmt: skip
    stage.keep(Submission(n, **given))
    if given["state"] in ("waiting", "accepted"):
        stage.keep(Original(sha, 9, "jpeg", found.id))
        stage.keep(replace(stage.get(Requirement, wanted), state=given["state"]))
    kept: Submission = stage.get(Submission, n)
    return kept


def asking(stage: Stage, *found: Deal) -> Submission:
    """A photo of 李雷 that asks which of the deals' sheets it is."""
    offered = tuple(f"{one.id}:3:sheet" for one in found)
    sent = waiting(stage, found[0], state="asking", requirement_id="", deal_id=0, reviewers=(), offered=offered)
    stage.keep(Original(sent.sha, 9, "jpeg"))
    return sent


def frozen_deal(stage: Stage) -> tuple[Deal, Freeze]:
    """A deal that stands in a freezing since now; 王芳 has the task."""
    found = gated(stage, late=True, frozen_at=stage.now())
    frozen = Freeze(stage.number(), found.id, 3, stage.now(), "m02")
    stage.keep(frozen)
    return found, stage.get(Freeze, frozen.id)


def of(found: Submission) -> str:
    """What the log calls it."""
    return f"submission:{found.id}"


def review(stage: Stage, who: Person, action: str, found: Submission, **more: str) -> Any:
    """A press on the review card."""
    return stage.press(who, f"review.{action}", f"review:{found.id}", review_card.mark(found), **more)


def press_file(stage: Stage, who: Person, action: str, found: Submission, *, chat: str = "", to: str = "") -> Any:
    """A press on the card of the file."""
    stamp = evidence_card.mark(found)
    return stage.press(who, f"evidence.{action}", of(found), stamp, chat=chat, args={"to": to} if to else {})


@SCENARIOS.of("review.accept", "review.back", "凭证通过", "凭证退回")
async def superior_accepts_and_next_above_rejects_R_EVD_5(stage: Stage) -> None:
    _, boss, director, _ = people(stage)
    found = waiting(stage, gated(stage))
    first, second = await stage.at_once(
        review(stage, boss, "accept", found), review(stage, director, "back", found, option="看不清")
    )
    assert (first, second) == ("已通过", "王芳已经通过了，不用再点。")
    assert stage.audited(of(found)) == ["evidence.accept"]

    found = waiting(stage, gated(stage))
    _, second = await stage.at_once(director.says(f"凭证退回 {found.id} 看不清"), boss.says(f"凭证通过 {found.id}"))
    assert second == "张伟已经退回了，不用再点。"
    assert stage.audited(of(found)) == ["evidence.reject"]


@SCENARIOS.of("review_reason", "review.accept")
async def reason_is_typed_while_another_accepts_R_HOLD(stage: Stage) -> None:
    _, boss, director, group = people(stage)
    found = waiting(stage, gated(stage))
    await stage.at_once(review(stage, boss, "back", found, option="other"))
    _, second = await stage.at_once(review(stage, director, "accept", found), boss.says("日期对不上"))
    assert second == "张伟已经通过了，不用再点。"
    assert stage.audited(of(found)) == ["evidence.accept"]

    found = waiting(stage, gated(stage))
    await stage.at_once(review(stage, boss, "back", found, option="other"))
    await stage.at_once(boss.says("日期对不上"), boss.says("没有章", chat=group, mention_bot=True))
    assert stage.get(Submission, found.id).reason == "日期对不上"
    assert stage.audited(of(found)) == ["evidence.reject"]


@SCENARIOS.of("evidence.take_back", "review.accept")
async def taken_back_and_accepted_at_once_R_EVD_1(stage: Stage) -> None:
    rep, boss, _, _ = people(stage)
    found = waiting(stage, gated(stage))
    _, second = await stage.at_once(press_file(stage, rep, "take_back", found), review(stage, boss, "accept", found))
    assert stage.audited(of(found)) == ["evidence.take_back"]
    assert second in ("这张卡旧了，看最新那张。", "这份凭证你现在看不了。", "这份现在不用看了。")

    found = waiting(stage, gated(stage))
    _, second = await stage.at_once(review(stage, boss, "accept", found), press_file(stage, rep, "take_back", found))
    assert (second, stage.audited(of(found))) == ("这份已经有结果了，改不了归属。", ["evidence.accept"])


@SCENARIOS.of("evidence.pick", "evidence.none")
async def two_answers_to_whose_it_is_are_one_R_EVD_1(stage: Stage) -> None:
    rep, _, _, group = people(stage)
    one, other = gated(stage), gated(stage)
    found = asking(stage, one, other)
    first, second = await stage.at_once(
        press_file(stage, rep, "pick", found, to=f"{one.id}:3:sheet"),
        press_file(stage, rep, "pick", found, to=f"{other.id}:3:sheet", chat=group),
    )
    assert (first, second) == ("记好了", "这张卡旧了，看最新那张。")
    assert stage.get(Submission, found.id).deal_id == one.id

    found = asking(stage, other)
    _, second = await stage.at_once(
        press_file(stage, rep, "none", found),
        press_file(stage, rep, "pick", found, to=f"{other.id}:3:sheet", chat=group),
    )
    assert stage.audited(of(found)) in ([], ["evidence.submit"])
    assert second in ("这张卡旧了，看最新那张。", "这项现在不用传了，看最新那张卡。", "记好了")


@SCENARIOS.of("evidence_whose", "evidence.pick", "fetch")
async def typed_and_pressed_answer_at_once_are_one_R_HOLD(stage: Stage) -> None:
    rep, _, _, group = people(stage)
    gated(stage), gated(stage)
    await sends(rep, photo("green"))
    [(n,)] = stage.rows("SELECT max(id) FROM submissions WHERE id < 5000")
    found = stage.get(Submission, n)
    assert found.state == "asking"
    wanted = found.offered[0]
    await stage.at_once(
        press_file(stage, rep, "pick", found, to=wanted, chat=group),
        rep.says("2"),
    )
    assert stage.audited(of(found)) == ["evidence.submit"]
    assert stage.get(Submission, n).requirement_id == wanted


@SCENARIOS.of("fetch")
async def same_file_for_two_deals_counts_for_one_R_EVD_4(stage: Stage) -> None:
    rep, peer = stage.house.person("李雷"), stage.house.person("韩梅梅")
    one, other = gated(stage), gated(stage, owner="m04")
    async with stage.held() as meet:
        await meet(
            sends(rep, photo("navy"), text=f"#{one.id} 会议纪要"),
            sends(peer, photo("navy"), text=f"#{other.id} 会议纪要"),
        )
        await meet(lanes=2)
    states = stage.rows("SELECT state FROM submissions WHERE deal_id IN (:a, :b) ORDER BY state", a=one.id, b=other.id)
    assert states == [("rejected",), ("waiting",)]
    assert stage.again == 1


@SCENARIOS.of("fetch")
async def two_files_for_one_requirement_leave_one_that_waits_R_EVD_1(stage: Stage) -> None:
    rep, boss, _, _ = people(stage)
    colours = {("olive", "teal"): "replaced", ("gold", "gold"): "same"}
    for (one, other), earlier in colours.items():
        found = gated(stage)
        async with stage.held() as meet:
            line = f"#{found.id} 会议纪要"
            await meet(sends(rep, photo(one), text=line), sends(boss, photo(other), text=line))
            await meet(lanes=2)
        query = "SELECT state FROM submissions WHERE requirement_id = :r ORDER BY state"
        assert stage.rows(query, r=f"{found.id}:3:minutes") == [(earlier,), ("waiting",)]


@SCENARIOS.of("fetch", "review.accept", "流失")
async def file_arrives_while_an_older_one_is_accepted_or_the_deal_is_lost_R_EVD_1(stage: Stage) -> None:
    rep, boss, _, _ = people(stage)
    found = gated(stage)
    older = waiting(stage, found, "minutes")
    async with stage.held() as meet:
        await meet(sends(rep, photo("maroon"), text=f"#{found.id} 会议纪要"))
        await meet(review(stage, boss, "accept", older), lanes=2)
    assert stage.get(Submission, older.id).state in ("accepted", "replaced")

    found = gated(stage)
    async with stage.held() as meet:
        await meet(sends(rep, photo("purple"), text=f"#{found.id} 会议纪要"))
        await meet(boss.says(f"流失 {found.id} 预算砍了"), lanes=2)
    assert stage.get(Deal, found.id).state == "lost"


@SCENARIOS.of(FREEZE_TIMER, "fetch")
async def evidence_arrives_at_the_very_due_R_GATE_2(stage: Stage) -> None:
    rep, _, _, _ = people(stage)
    for timer_first in (True, False):
        found = gated(stage, late=True)
        waiting(stage, found, "minutes")
        async with stage.held() as meet:
            colour = "#123456" if timer_first else "#654321"
            await meet(sends(rep, photo(colour), text=f"#{found.id} 需求匹配表"))
            await meet(stage.due(FREEZE_TIMER, f"deal:{found.id}"), lanes=2)
        assert stage.get(Deal, found.id).frozen_at is None
        assert stage.again == 1


@SCENARIOS.of(FREEZE_TIMER, "推进", "gate.advance")
async def advanced_twice_and_while_it_freezes_R_GATE_1_R_GATE_2(stage: Stage) -> None:
    rep, boss, _, _ = people(stage)
    found = gated(stage, accepted=True)
    pressed = stage.press(boss, "gate.advance", f"deal:{found.id}", gate_card.mark(found))
    first, second = await stage.at_once(pressed, rep.says(f"推进 {found.id}"))
    assert first == f"#{found.id} 进第 4 阶段"
    assert stage.get(Deal, found.id).stage in (4, 5)

    found = gated(stage, accepted=True)
    twice = [stage.press(who, "gate.advance", f"deal:{found.id}", gate_card.mark(found)) for who in (boss, rep)]
    first, second = await stage.at_once(*twice)
    assert (second, stage.get(Deal, found.id).stage) == ("这张卡旧了，看最新那张。", 4)

    found = gated(stage, late=True)
    _, second = await stage.at_once(stage.due(FREEZE_TIMER, f"deal:{found.id}"), rep.says(f"推进 {found.id}"))
    assert f"#{found.id} 冻结着" in second
    assert stage.audited(f"deal:{found.id}") == ["deal.freeze"]


@SCENARIOS.of("解冻", "freeze.thaw", "thaw_reason")
async def thawed_by_hand_by_two_is_one_thaw_R_GATE_2(stage: Stage) -> None:
    _, boss, director, group = people(stage)
    found, frozen = frozen_deal(stage)
    subject, stamp = f"freeze:{frozen.id}", frozen_card.mark(frozen)
    pressed = stage.press(director, "freeze.thaw", subject, stamp, option="关键人出差")
    first, second = await stage.at_once(pressed, boss.says(f"解冻 {found.id} 客户流程慢"))
    assert (first, second) == (f"#{found.id} 已解冻 24 小时", f"#{found.id} 没有冻结，不用解。")
    assert stage.audited(f"deal:{found.id}") == ["deal.thaw"]

    found, frozen = frozen_deal(stage)
    subject, stamp = f"freeze:{frozen.id}", frozen_card.mark(frozen)
    await stage.at_once(stage.press(boss, "freeze.thaw", subject, stamp, option=frozen_card.OTHER))
    await stage.at_once(boss.says("等客户盖章"), boss.says("出差了", chat=group, mention_bot=True))
    assert stage.get(Freeze, frozen.id).reason == "等客户盖章"
    assert stage.audited(f"deal:{found.id}") == ["deal.thaw"]


@SCENARIOS.of("解冻", "fetch")
async def thawed_by_hand_and_by_evidence_at_once_is_one_thaw_R_GATE_2(stage: Stage) -> None:
    rep, boss, _, _ = people(stage)
    found, _ = frozen_deal(stage)
    waiting(stage, found, "minutes")
    async with stage.held() as meet:
        await meet(sends(rep, photo("#224466"), text=f"#{found.id} 需求匹配表"))
        await meet(boss.says(f"解冻 {found.id} 客户流程慢"), lanes=2)
    assert stage.get(Deal, found.id).frozen_at is None
    assert stage.audited(f"deal:{found.id}") == ["deal.thaw"]


@SCENARIOS.of(FREEZE_TIMER, "approval.approve", "approval.resubmit", "申请")
async def requests_stand_still_with_the_deal_that_freezes_R_APR_4(stage: Stage) -> None:
    rep, boss, _, _ = people(stage)
    acts = {"open": ("approve", boss), "returned": ("resubmit", rep)}
    for was, (action, who) in acts.items():
        for timer_first in (True, False):
            found = gated(stage, late=True)
            request = requested(stage, deal_id=found.id, state=was)
            act = decide(stage, who, action, request, reason="补上了")
            timer = stage.due(FREEZE_TIMER, f"deal:{found.id}")
            await stage.at_once(*((timer, act) if timer_first else (act, timer)))
            assert stage.get(Deal, found.id).frozen_at is not None

    found = gated(stage, late=True)
    await stage.at_once(
        rep.says(f"申请 折扣 {found.id} 让12% 对手报 80 万"), stage.due(FREEZE_TIMER, f"deal:{found.id}")
    )


@SCENARIOS.of(NUDGE_TIMER, ESCALATE_TIMER, "review.accept")
async def review_clock_and_decision_at_once_R_EVD_5(stage: Stage) -> None:
    _, boss, _, _ = people(stage)
    for rule in (NUDGE_TIMER, ESCALATE_TIMER):
        for timer_first in (True, False):
            found = waiting(stage, gated(stage), reviewers=("m02",))
            timer, act = stage.due(rule, of(found)), review(stage, boss, "accept", found)
            await stage.at_once(*((timer, act) if timer_first else (act, timer)))
            assert stage.get(Submission, found.id).state == "accepted"
            assert stage.audited(of(found)).count("evidence.accept") == 1


@SCENARIOS.of("传凭证", "gate.ear")
async def two_ears_opened_at_once_leave_one_open_R_HOLD(stage: Stage) -> None:
    rep, _, _, group = people(stage)
    found = gated(stage)
    pressed = stage.press(
        rep, "gate.ear", f"deal:{found.id}", gate_card.mark(found), args={"to": f"{found.id}:3:sheet"}
    )
    await stage.at_once(pressed, rep.says(f"传凭证 {found.id} 会议纪要", chat=group, mention_bot=True))
    query = "SELECT count(*) FROM conversations WHERE member_id = 'm03' AND state = 'open' AND chat = :c"
    assert stage.rows(query, c=rep.chat) == [(1,)]
    await rep.says("取消")
