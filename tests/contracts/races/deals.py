"""Deals, drafts and forms: taken back, lost, answered and dropped by two at once. R-QE, R-UNDO, R-HOLD."""

from __future__ import annotations

from tests.support.house import Person, button_of, words_of
from tests.support.races import Scenarios, Stage

SCENARIOS = Scenarios()


def people(stage: Stage) -> tuple[Person, Person, str]:
    """A rep, who leads them, and their group."""
    return stage.house.person("李雷"), stage.house.person("王芳"), stage.house.group("华东一组群")


def newest(stage: Stage) -> int:
    """The number of the deal logged last."""
    return int(stage.rows("SELECT coalesce(max(id), 0) FROM deals")[0][0])


@SCENARIOS.of("流失")
async def lost_by_rep_and_supervisor_is_lost_once_R_STG_1(stage: Stage) -> None:
    rep, boss, _ = people(stage)
    await rep.says("录单 华东医疗 CT机 120万")
    n = newest(stage)
    first, second = await stage.at_once(rep.says(f"流失 {n} 预算砍了"), boss.says(f"流失 {n} 丢给联影"))
    assert "记为流失" in first
    assert second == f"#{n} 已经不在走了，不用再记。"
    assert stage.audited(f"deal:{n}") == ["deal.open", "deal.lose"]


@SCENARIOS.of("撤销", "deal.undo", "流失")
async def taken_back_and_lost_at_once_has_one_end_R_UNDO(stage: Stage) -> None:
    rep, boss, group = people(stage)
    await rep.says("录单 华东医疗 CT机 120万")
    n = newest(stage)
    await stage.at_once(rep.says("撤销"), boss.says(f"流失 {n} 丢给联影"))
    assert stage.audited(f"deal:{n}") == ["deal.open", "deal.undo"]

    await rep.says("录单 华东医疗 CT机 120万")
    n, undo = newest(stage), button_of((await rep.sees())[-1], "撤销")
    twice = [stage.press(rep, "deal.undo", undo["s"], undo["t"], chat=chat) for chat in ("", group)]
    _, second = await stage.at_once(*twice)
    assert second == f"#{n} 已经撤销了，不用再点。"
    assert stage.audited(f"deal:{n}") == ["deal.open", "deal.undo"]


@SCENARIOS.of("撤销", "录单")
async def customer_goes_with_its_deal_only_while_it_has_no_other_R_UNDO(stage: Stage) -> None:
    rep, _, group = people(stage)
    await rep.says("录单 青龙白虎医院 CT机 120万")
    await stage.at_once(rep.says("撤销"), rep.says("录单 青龙白虎医院 DR 60万", chat=group, mention_bot=True))
    assert stage.again == 1


@SCENARIOS.of("draft.amount")
async def answer_typed_and_tapped_at_once_makes_one_deal_R_QE_3(stage: Stage) -> None:
    rep, _, group = people(stage)
    await rep.says("录单 华东医疗 CT机 一百二")
    before, tap = newest(stage), button_of((await rep.sees())[-1], "120.00 万")
    pressed = stage.press(rep, "draft.amount", tap["s"], tap["t"], args=tap["v"])
    await stage.at_once(pressed, rep.says("130万", chat=group, mention_bot=True))
    assert newest(stage) == before + 1
    assert stage.rows("SELECT count(*) FROM deals WHERE id > :n", n=before) == [(1,)]


@SCENARIOS.of("取消", "draft.other", "draft.amount")
async def dropped_and_answered_at_once_is_what_came_first_R_HOLD(stage: Stage) -> None:
    rep, _, group = people(stage)
    for label in ("取消", "都不是"):
        await rep.says("录单 华东医疗 CT机 一百二")
        before, card = newest(stage), (await rep.sees())[-1]
        tap = button_of(card, "120.00 万")
        other = button_of(card, "都不是") if label == "都不是" else None
        first = (
            stage.press(rep, "draft.other", other["s"], other["t"], chat=group) if other
            else rep.says("取消", chat=group, mention_bot=True)
        )  # fmt: skip
        _, second = await stage.at_once(first, stage.press(rep, "draft.amount", tap["s"], tap["t"], args=tap["v"]))
        assert newest(stage) == before
        assert second
        await rep.says("取消")


@SCENARIOS.of("录单", "deal")
async def form_sent_twice_at_once_makes_one_deal_R_HOLD(stage: Stage) -> None:
    rep, _, group = people(stage)
    await rep.says("录单")
    await rep.says("华东医疗")
    await rep.says("CT机")
    before = newest(stage)
    await stage.at_once(rep.says("120万"), rep.says("130万", chat=group, mention_bot=True))
    assert stage.rows("SELECT count(*) FROM deals WHERE id > :n", n=before) == [(1,)]
    assert any(f"已录单 #{newest(stage)}" in words_of(message) for message in await rep.sees())
