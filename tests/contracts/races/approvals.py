"""Requests: decided, handed over, taken, urged and withdrawn by two at once, and against their clock. R-APR."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cards.approval_rows import mark
from sales.approval_trail import ESCALATE, LATE, NUDGE, OVERDUE, Request, subject_of
from tests.support.facts import customer, deal
from tests.support.house import Person
from tests.support.races import Scenarios, Stage
from tests.support.requests import LIMIT, request

SCENARIOS = Scenarios()


def people(stage: Stage) -> tuple[Person, Person, Person, str]:
    """Who asks, who leads them, who leads both, and a group."""
    house = stage.house
    return house.person("李雷"), house.person("王芳"), house.person("张伟"), house.group("华东一组群")


def asked(stage: Stage, *, deal_id: int = 0, **more: Any) -> Request:
    """A request of 李雷, waiting for 王芳, for a deal of its own where none is given."""
    n, now = stage.number(), stage.now()
    given = {"holders": ("m02",), "created_at": now, "opened_at": now, "due_at": now + LIMIT, **more}
    if not deal_id:
        stage.keep(
            customer(n, f"客户{n}"), deal(n, customer_id=n, amount_fen=90_000_000, created_at=now, chat="")
        )  # fmt: skip
    stage.keep(request(id=n, number=f"ZK-20261119-{n}", deal_id=deal_id or n, version=0, **given))
    found: Request = stage.get(Request, n)
    return found


def decide(stage: Stage, who: Person, action: str, found: Request, **more: str) -> Any:
    """A press on the request's card."""
    return stage.press(who, f"approval.{action}", subject_of(found), mark(found), **more)


def entries(stage: Stage, found: Request) -> list[str]:
    """What the timeline says was done, in order."""
    query = "SELECT did FROM request_entries WHERE request_id = :n ORDER BY n"
    return [row[0] for row in stage.rows(query, n=found.id)]


def state(stage: Stage, found: Request) -> str:
    """The request's state now."""
    return str(stage.get(Request, found.id).state)


@SCENARIOS.of("approval.approve")
async def two_holders_approve_and_one_is_late_R_APR_3(stage: Stage) -> None:
    _, boss, director, _ = people(stage)
    found = asked(stage, holders=("m01", "m02"), step=1)
    first, second = await stage.at_once(
        decide(stage, boss, "approve", found), decide(stage, director, "approve", found)
    )
    assert (first, state(stage, found), stage.again) == ("已同意", "approved", 1)
    assert second.startswith("晚了一步：王芳")
    assert stage.audited(subject_of(found)) == ["request.approve"]


@SCENARIOS.of("同意", "approval.approve")
async def one_person_approves_by_line_and_by_button_and_one_step_passes_R_APR_3(stage: Stage) -> None:
    _, boss, _, group = people(stage)
    found = asked(stage)
    typed = boss.says(f"同意 {found.number} 可以", chat=group, mention_bot=True)
    await stage.at_once(typed, decide(stage, boss, "approve", found))
    assert entries(stage, found) == ["approved"]
    assert stage.get(Request, found.id).step == 1


@SCENARIOS.of("驳回", "approval.reject", "approval.approve")
async def approved_and_rejected_at_once_is_what_came_first_R_APR_3(stage: Stage) -> None:
    _, boss, director, _ = people(stage)
    found = asked(stage, holders=("m01", "m02"), step=1)
    typed = director.says(f"驳回 {found.number} 毛利不够")
    first, second = await stage.at_once(typed, decide(stage, boss, "approve", found))
    assert (state(stage, found), entries(stage, found)) == ("rejected", ["rejected"])
    assert "已驳回" in first
    assert second.startswith("晚了一步：张伟")

    found = asked(stage, holders=("m01", "m02"), step=1)
    _, second = await stage.at_once(
        decide(stage, boss, "approve", found), decide(stage, director, "reject", found, reason="毛利不够")
    )
    assert (state(stage, found), entries(stage, found)) == ("approved", ["approved"])
    assert second.startswith("晚了一步：王芳")


@SCENARIOS.of("撤回", "approval.withdraw", "approval.approve")
async def withdrawn_and_approved_at_once_is_what_came_first_R_APR_3(stage: Stage) -> None:
    rep, _, director, _ = people(stage)
    found = asked(stage, holders=("m01",), step=1)
    _, second = await stage.at_once(decide(stage, director, "approve", found), decide(stage, rep, "withdraw", found))
    assert (state(stage, found), entries(stage, found)) == ("approved", ["approved"])
    assert second.startswith("晚了一步：张伟")

    found = asked(stage, holders=("m01",), step=1)
    _, second = await stage.at_once(rep.says(f"撤回 {found.number}"), decide(stage, director, "approve", found))
    assert (state(stage, found), entries(stage, found)) == ("withdrawn", ["withdrawn"])
    assert second.startswith("晚了一步：李雷")


@SCENARIOS.of("退回补充", "approval.return", "approval.approve")
async def returned_and_approved_at_once_is_what_came_first_R_APR_3(stage: Stage) -> None:
    _, boss, director, _ = people(stage)
    found = asked(stage, holders=("m01", "m02"), step=1)
    returned = decide(stage, boss, "return", found, reason="差对手报价")
    _, second = await stage.at_once(returned, decide(stage, director, "approve", found))
    assert (state(stage, found), entries(stage, found)) == ("returned", ["returned"])
    assert "王芳" in second
    assert "李雷再交" in second

    found = asked(stage, holders=("m01", "m02"), step=1)
    typed = boss.says(f"退回补充 {found.number} 差对手报价")
    await stage.at_once(decide(stage, director, "approve", found), typed)
    assert (state(stage, found), entries(stage, found)) == ("approved", ["approved"])


@SCENARIOS.of("我来定", "approval.take", "approval.approve")
async def taken_and_decided_at_once_is_what_came_first_R_APR_4(stage: Stage) -> None:
    _, boss, director, _ = people(stage)
    found = asked(stage, told=LATE)
    first, second = await stage.at_once(decide(stage, director, "take", found), decide(stage, boss, "approve", found))
    assert first == "这张归你定了"
    assert second == "这张卡等张伟定，你看看就好。"
    assert (stage.get(Request, found.id).holders, entries(stage, found)) == (("m01",), ["taken"])

    found = asked(stage, told=LATE)
    typed = director.says(f"我来定 {found.number}")
    _, second = await stage.at_once(decide(stage, boss, "reject", found, reason="不行"), typed)
    assert (state(stage, found), entries(stage, found)) == ("rejected", ["rejected"])
    assert second.startswith("晚了一步：王芳")


@SCENARIOS.of("转交", "approval.approve", "approval_transfer")
async def handed_over_and_decided_at_once_is_what_came_first_R_APR_3(stage: Stage) -> None:
    _, boss, _, group = people(stage)
    found = asked(stage)
    typed = boss.says(f"转交 {found.number} 周强", chat=group, mention_bot=True)
    _, second = await stage.at_once(typed, decide(stage, boss, "approve", found))
    assert (stage.get(Request, found.id).holders, entries(stage, found)) == (("m06",), ["transferred"])
    assert second == "这张卡等周强定，你看看就好。"

    found = asked(stage)
    await stage.at_once(decide(stage, boss, "more", found, option="transfer"))
    both = (boss.says("周强"), boss.says("马骏", chat=group, mention_bot=True))
    await stage.at_once(*both)
    assert (stage.get(Request, found.id).holders, entries(stage, found)) == (("m06",), ["transferred"])


@SCENARIOS.of("催办", "approval.urge")
async def urged_by_two_is_urged_once_an_hour_R_APR_3(stage: Stage) -> None:
    rep, _, director, _ = people(stage)
    found = asked(stage)
    typed = rep.says(f"催办 {found.number}")
    first, second = await stage.at_once(decide(stage, director, "urge", found), typed)
    assert first == "催过王芳了"
    assert "催过了，过一小时再催" in second
    assert entries(stage, found) == ["urged"]


@SCENARIOS.of("approval.resubmit")
async def resubmitted_twice_is_one_new_round_R_APR_3(stage: Stage) -> None:
    rep, _, _, group = people(stage)
    found = asked(stage, state="returned")
    again = [decide(stage, rep, "resubmit", found, reason="补上了", chat=chat) for chat in ("", group)]
    first, second = await stage.at_once(*again)
    assert (first, second) == ("交上去了", "这张已经交过了，不用再点。")
    assert (stage.get(Request, found.id).round, entries(stage, found)) == (2, ["resubmitted"])


@SCENARIOS.of("approval_word")
async def the_word_after_an_approval_is_taken_once_R_HOLD(stage: Stage) -> None:
    _, boss, _, group = people(stage)
    found = asked(stage)
    await stage.at_once(decide(stage, boss, "approve", found))
    await stage.at_once(boss.says("按年框走"), boss.says("尽快", chat=group, mention_bot=True))
    words = stage.rows("SELECT words FROM request_entries WHERE request_id = :n", n=found.id)
    assert words == [("按年框走",)]
    assert stage.audited(subject_of(found)) == ["request.approve", "request.remark"]


@SCENARIOS.of("approval_reject", "approval_return", "approval.approve")
async def a_reason_told_after_the_press_meets_a_decision_R_APR_3_R_HOLD(stage: Stage) -> None:
    _, boss, director, _ = people(stage)
    found = asked(stage, holders=("m01", "m02"), step=1)
    await stage.at_once(decide(stage, director, "reject", found))
    assert state(stage, found) == "open"
    _, second = await stage.at_once(director.says("毛利不够"), decide(stage, boss, "approve", found))
    assert (state(stage, found), entries(stage, found)) == ("rejected", ["rejected"])
    assert second.startswith("晚了一步：张伟")

    found = asked(stage, holders=("m01", "m02"), step=1)
    await stage.at_once(decide(stage, director, "return", found))
    _, second = await stage.at_once(decide(stage, boss, "approve", found), director.says("差发票抬头"))
    assert (state(stage, found), entries(stage, found)) == ("approved", ["approved"])
    assert second.startswith("晚了一步：王芳")


@SCENARIOS.of("approval_resubmit")
async def what_was_added_is_told_twice_and_is_one_new_round_R_APR_3_R_HOLD(stage: Stage) -> None:
    rep, _, _, group = people(stage)
    found = asked(stage, state="returned")
    await stage.at_once(decide(stage, rep, "resubmit", found))
    await stage.at_once(rep.says("补上了"), rep.says("补上了", chat=group, mention_bot=True))
    assert (stage.get(Request, found.id).round, entries(stage, found)) == (2, ["resubmitted"])


@SCENARIOS.of("申请", "discount")
async def asked_by_two_for_one_deal_is_one_request_R_APR_7(stage: Stage) -> None:
    rep, boss, _, _ = people(stage)
    n = stage.number()
    stage.keep(customer(n, f"客户{n}"), deal(n, customer_id=n, amount_fen=90_000_000, created_at=stage.now()))
    line = f"申请 折扣 {n} 让12% 对手报 80 万"
    _, second = await stage.at_once(rep.says(line), boss.says(line))
    assert stage.again == 1
    assert "正在批（李雷），等它有结果" in second
    assert stage.rows("SELECT count(*) FROM requests WHERE deal_id = :n", n=n) == [(1,)]


@SCENARIOS.of("申请", "流失", "撤销", "approval.approve")
async def asked_or_decided_while_the_deal_ends_R_APR_7_R_UNDO(stage: Stage) -> None:
    rep, boss, director, group = people(stage)
    for end in ("流失", "撤销"):
        await rep.says(f"录单 青龙{end}医院 CT机 90万")
        [(n,)] = stage.rows("SELECT max(id) FROM deals WHERE id < 5000")
        asking = rep.says(f"申请 折扣 {n} 让12% 对手报 80 万", chat=group, mention_bot=True)
        ending = boss.says(f"流失 {n} 预算砍了") if end == "流失" else rep.says("撤销")
        await stage.at_once(ending, asking)
        assert stage.rows("SELECT count(*) FROM requests WHERE deal_id = :n AND state = 'open'", n=n) == [(0,)]

    found = asked(stage, holders=("m01",), step=1)
    await stage.at_once(boss.says(f"流失 {found.deal_id} 预算砍了"), decide(stage, director, "approve", found))
    assert (state(stage, found), entries(stage, found)) == ("unneeded", ["unneeded"])


@SCENARIOS.of(NUDGE, OVERDUE, ESCALATE, "approval.approve")
async def clock_and_decision_at_once_leave_one_timeline_R_APR_4(stage: Stage) -> None:
    _, _, director, _ = people(stage)
    for rule, hours in ((NUDGE, 40), (OVERDUE, 50), (ESCALATE, 144)):
        ran = timedelta(hours=hours)
        found = asked(stage, holders=("m01",), step=1, opened_at=stage.now() - ran, due_at=stage.now() - ran + LIMIT)
        _, second = await stage.at_once(stage.due(rule, subject_of(found)), decide(stage, director, "approve", found))
        assert second == "已同意"
        assert stage.audited(subject_of(found)) == ["request.clock", "request.approve"]

        found = asked(stage, holders=("m01",), step=1, opened_at=stage.now() - ran, due_at=stage.now() - ran + LIMIT)
        await stage.at_once(decide(stage, director, "approve", found), stage.due(rule, subject_of(found)))
        assert (stage.again, stage.audited(subject_of(found))) == (1, ["request.approve"])
