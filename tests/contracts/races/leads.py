"""Leads: claimed, touched, given back and recycled by two at once. R-LEAD, R-TOUCH."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cards.lead import mark
from sales.calendar import day_of
from sales.imports import check_rows
from sales.leads import LIMIT, RECYCLE_TIMER, WARN_AFTER, WARN_TIMER, Assignment, Claim, Lead, cycle_subject
from tests.support.facts import POLICY
from tests.support.house import Person
from tests.support.races import Scenarios, Stage

SCENARIOS = Scenarios()
OLD = "这张卡旧了，看最新那张。"


def people(stage: Stage) -> tuple[Person, Person, Person, str]:
    """Two reps, who leads them, and a group."""
    house = stage.house
    return house.person("李雷"), house.person("韩梅梅"), house.person("王芳"), house.group("华东一组群")


def pooled(stage: Stage) -> Lead:
    """A lead nobody holds."""
    n = stage.number()
    stage.keep(Lead(n, f"id:L{n}", company=f"医院{n}", state="pool", pooled_at=stage.now()))
    found: Lead = stage.get(Lead, n)
    return found


def held(stage: Stage, *, ago: timedelta = timedelta(hours=1)) -> Lead:
    """A lead 李雷 holds since then."""
    n, start = stage.number(), stage.now() - ago
    stage.keep(Lead(n, f"id:L{n}", company=f"医院{n}", state="cycle", holder_id="m03", cycle_start=start))
    stage.keep(Assignment(f"A{n}", n, "m03", start))
    found: Lead = stage.get(Lead, n)
    return found


def of(lead: Lead) -> str:
    """What cards and the log call it."""
    return f"lead:{lead.id}"


def press(stage: Stage, who: Person, action: str, lead: Lead, **more: str) -> Any:
    """A press on the lead's card."""
    return stage.press(who, f"lead.{action}", of(lead), mark(lead), **more)


def touches(stage: Stage, lead: Lead) -> list[str]:
    """What was done towards it."""
    return [row[0] for row in stage.rows("SELECT kind FROM touches WHERE lead_id = :n ORDER BY kind", n=lead.id)]


@SCENARIOS.of("领取", "lead.claim")
async def one_lead_claimed_by_two_is_the_firsts_R_LEAD_POOL(stage: Stage) -> None:
    rep, peer, _, _ = people(stage)
    lead = pooled(stage)
    first, second = await stage.at_once(press(stage, peer, "claim", lead), rep.says(f"领取 {lead.id}"))
    assert (first, stage.again) == ("领到了", 1)
    assert second.startswith(f"晚了一步，#{lead.id} 已经不在公海了")
    assert stage.get(Lead, lead.id).holder_id == "m04"
    assert stage.audited(of(lead)) == ["lead.claim"]


@SCENARIOS.of("领取", "lead.claim")
async def the_last_claim_of_the_day_is_one_R_LEAD_POOL(stage: Stage) -> None:
    _, peer, _, group = people(stage)
    day = day_of(stage.now(), POLICY).isoformat()
    [(taken,)] = stage.rows("SELECT count(*) FROM claims WHERE member_id = 'm04'")
    for n in range(taken + 1, POLICY.claims_per_day):
        stage.keep(Claim(f"m04:{day}:{n}", "m04", 0, stage.now()))
    one, other = pooled(stage), pooled(stage)
    claims = (press(stage, peer, "claim", one), peer.says(f"领取 {other.id}", chat=group, mention_bot=True))
    await stage.at_once(*claims)
    states = [stage.get(Lead, lead.id).state for lead in (one, other)]
    assert (states, stage.again) == (["cycle", "pool"], 1)
    assert "满了，明天再领" in await peer.last()


@SCENARIOS.of("接通了", "lead.reached", "退回", "lead.return")
async def reached_and_given_back_at_once_R_TOUCH(stage: Stage) -> None:
    rep, _, boss, _ = people(stage)
    lead = held(stage)
    _, second = await stage.at_once(press(stage, rep, "reached", lead), boss.says(f"退回 {lead.id} 太远"))
    assert "退回公海了" in second
    assert (stage.get(Lead, lead.id).state, touches(stage, lead)) == ("pool", ["reached"])
    assert stage.get(Lead, lead.id).reached_at is not None

    lead = held(stage)
    _, second = await stage.at_once(press(stage, boss, "return", lead, option="far"), rep.says(f"接通了 {lead.id}"))
    assert (stage.get(Lead, lead.id).state, stage.audited(of(lead))) == ("pool", ["lead.return"])
    assert second


@SCENARIOS.of("接通了", "lead.reached")
async def reached_by_holder_and_leader_at_once_is_one_cycle_reached_R_TOUCH(stage: Stage) -> None:
    rep, _, boss, _ = people(stage)
    lead = held(stage)
    _, second = await stage.at_once(boss.says(f"接通了 {lead.id}"), press(stage, rep, "reached", lead))
    assert (second, touches(stage, lead)) == (OLD, ["reached"])


@SCENARIOS.of("没接", "lead.dialled")
async def dialled_twice_at_once_is_counted_twice_R_TOUCH(stage: Stage) -> None:
    rep, _, boss, _ = people(stage)
    lead = held(stage)
    first, second = await stage.at_once(rep.says(f"没接 {lead.id}"), boss.says(f"没接 {lead.id}"))
    assert (first[:7], second[:7]) == ("记了第 1 次", "记了第 2 次")
    assert touches(stage, lead) == ["dialled", "dialled"]

    lead = held(stage)
    _, second = await stage.at_once(boss.says(f"没接 {lead.id}"), press(stage, rep, "dialled", lead))
    assert (second, touches(stage, lead)) == (OLD, ["dialled"])


@SCENARIOS.of("号码错", "lead.wrong", "退回", "lead.return")
async def given_back_by_two_is_given_back_once_R_LEAD_INV(stage: Stage) -> None:
    rep, _, boss, _ = people(stage)
    lead = held(stage)
    _, second = await stage.at_once(rep.says(f"号码错 {lead.id}"), boss.says(f"退回 {lead.id} 太远"))
    assert second == f"#{lead.id} 不在谁手上，不用退。说「我的线索」看你的。"
    assert stage.audited(of(lead)) == ["lead.return"]

    lead = held(stage)
    _, second = await stage.at_once(press(stage, boss, "return", lead, option="far"), press(stage, rep, "wrong", lead))
    assert (second, stage.audited(of(lead))) == (OLD, ["lead.return"])


@SCENARIOS.of("lead.invalid", "确认无效", "领取")
async def confirmed_invalid_twice_and_while_claimed_R_LEAD_INV(stage: Stage) -> None:
    rep, _, _, group = people(stage)
    marketing = stage.house.person("林静")
    lead = held(stage)
    await rep.says(f"号码错 {lead.id}")
    pressed = press(stage, marketing, "invalid", lead, chat=group)
    first, second = await stage.at_once(pressed, marketing.says(f"确认无效 {lead.id}"))
    assert (first, second) == ("记为无效", f"#{lead.id} 没有等你确认的，不用再点。")
    assert stage.audited(of(lead)) == ["lead.return", "lead.invalid"]

    for invalid_first in (True, False):
        lead = held(stage)
        await stage.house.person("王芳").says(f"退回 {lead.id} 重复")
        confirm, claim = press(stage, marketing, "invalid", lead), rep_of_south(stage).says(f"领取 {lead.id}")
        await stage.at_once(*((confirm, claim) if invalid_first else (claim, confirm)))
        assert stage.again == 1
        assert stage.get(Lead, lead.id).state == ("invalid" if invalid_first else "cycle")


def rep_of_south(stage: Stage) -> Person:
    """A rep who has claims left."""
    return stage.house.person("赵敏")


@SCENARIOS.of(RECYCLE_TIMER, "接通了", "lead.reached", "退回")
async def recycled_at_the_very_touch_R_LEAD_48H(stage: Stage) -> None:
    rep, _, boss, _ = people(stage)
    for act in (lambda lead: rep.says(f"接通了 {lead.id}"), lambda lead: boss.says(f"退回 {lead.id} 太远")):
        for timer_first in (True, False):
            lead = held(stage, ago=LIMIT + timedelta(microseconds=1))
            assert lead.cycle_start is not None
            timer = stage.due(RECYCLE_TIMER, cycle_subject(lead.id, lead.cycle_start))
            _, second = await stage.at_once(*((timer, act(lead)) if timer_first else (act(lead), timer)))
            assert second or not timer_first
            assert stage.audited(of(lead)).count("lead.recycle") <= 1
            assert "lead.recycle" in stage.audited(of(lead)) or not timer_first


@SCENARIOS.of(WARN_TIMER, "没接")
async def warned_at_the_very_try_R_LEAD_24H(stage: Stage) -> None:
    rep, _, _, _ = people(stage)
    for timer_first in (True, False):
        lead = held(stage, ago=WARN_AFTER + timedelta(microseconds=1))
        assert lead.cycle_start is not None
        timer, act = stage.due(WARN_TIMER, cycle_subject(lead.id, lead.cycle_start)), rep.says(f"没接 {lead.id}")
        await stage.at_once(*((timer, act) if timer_first else (act, timer)))
        assert stage.audited(of(lead)) == (["lead.warn"] if timer_first else [])
        assert touches(stage, lead) == ["dialled"]


@SCENARIOS.of("import", "领取", "接通了", "退回")
async def imported_while_it_is_worked_on_R_IMP(stage: Stage) -> None:
    _, _, boss, _ = people(stage)
    at = (stage.now() - timedelta(minutes=30)).isoformat()
    for word in ("接通了 {}", "退回 {} 太远"):
        for import_first in (True, False):
            lead = held(stage)
            good, _ = check_rows("touches", ("touch_id", "lead_id", "member_id", "touched_at"),
                                 [(f"T{lead.id}", f"L{lead.id}", "m03", at)])  # fmt: skip
            rows = [{"key": row.key, "values": dict(row.values)} for row in good]
            order = stage.order("import", kind="touches", file="f" * 64, chunk=lead.id, rows=rows)
            act = boss.says(word.format(lead.id))
            await stage.at_once(*((order, act) if import_first else (act, order)))
            assert len(touches(stage, lead)) == (2 if "接通了" in word else 1)
