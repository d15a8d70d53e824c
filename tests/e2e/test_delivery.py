"""When messages go out: at once, or held for a slot, merged, explained by the ledger. R-TIME-3, R-WHY."""

from __future__ import annotations

from sqlalchemy import text

from sales.decision import Decision, Notice, Urgency
from tests.support.house import House, words_of

NEAR = ["广州白云", "杭州西溪", "金华双龙", "温州瓯江", "合肥安和", "湖州仁和", "绍兴越秀"]
NEAR += ["嘉兴南湖", "台州海岳", "珠海康宁", "佛山顺康"]


async def test_superior_is_told_of_many_peeks_at_the_next_slot_R_CUS_5_R_TIME_3(house: House) -> None:
    rep, boss = house.person("李雷"), house.person("王芳")
    await boss.says("帮助")
    for name in NEAR:
        await rep.says(f"录单 {name} DR 65万")
        assert "是这家客户吗" in await rep.last(), name
        await rep.says("取消")
    assert len(await boss.sees()) == 1

    await house.later("4h")
    assert len(await boss.sees()) == 1
    await house.later("30m")

    messages = await boss.sees()
    assert len(messages) == 2
    assert "李雷今天碰到别人客户 11 次" in words_of(messages[1])
    sent_at = messages[1]["created_at"][11:16]
    assert "13:31" <= sent_at <= "13:36"


async def test_a_superior_who_never_wrote_is_found_by_mobile_R_DEL(house: House) -> None:
    boss = house.person("王芳")
    await house.person("李雷").says("录单 华东医疗 CT机 120万")

    await _notify(house, "first", Urgency.NOW)

    assert "#1 华东医疗" in await boss.last()
    await boss.says("商机 1")
    assert "#1 华东医疗" in await boss.last()


async def test_held_messages_of_one_person_go_out_as_one_list_R_TIME_3_R_MERGE(house: House) -> None:
    boss = house.person("王芳")
    await boss.says("帮助")
    await house.person("李雷").says("录单 华东医疗 CT机 120万")

    await _notify(house, "a", Urgency.TODAY)
    await _notify(house, "b", Urgency.TODAY)
    await house.later("5h")

    messages = await boss.sees()
    assert len(messages) == 2
    assert "2 件事" in words_of(messages[1])


async def test_night_holds_now_but_never_an_answer_R_TIME_3(house: House) -> None:
    boss = house.person("王芳")
    await boss.says("帮助")
    await house.person("李雷").says("录单 华东医疗 CT机 120万")
    await house.later("14h")

    await _notify(house, "night", Urgency.NOW)
    await boss.says("帮助")
    assert len(await boss.sees()) == 2
    await house.later("10h")

    assert len(await boss.sees()) == 3
    assert "08:0" in (await boss.sees())[2]["created_at"]


async def test_list_is_never_pushed_R_TIME_3(house: House) -> None:
    boss = house.person("王芳")
    await boss.says("帮助")
    await house.person("李雷").says("录单 华东医疗 CT机 120万")

    await _notify(house, "list", Urgency.LIST)
    await house.later("72h")

    assert len(await boss.sees()) == 1


async def test_ledger_tells_of_sent_and_acted_R_WHY(house: House) -> None:
    rep = house.person("李雷")
    await rep.says("录单 华东医疗 CT机 120万")
    await rep.clicks("撤销")

    with house.bot.store.snapshot() as conn:
        rows = conn.execute(
            text("SELECT kind, rule, policy_version, sent_at, acted_at, message_id FROM outbox ORDER BY seq")
        ).all()
    card = next(row for row in rows if row.message_id and row.kind == "reply")
    assert card.sent_at
    assert card.acted_at
    assert all(row.rule for row in rows if row.kind != "job")


async def test_redraws_within_three_seconds_are_one_R_MERGE(house: House) -> None:
    rep = house.person("李雷")
    await rep.says("录单 华东医疗 CT机 120万")
    before = len(await house.calls("/im/v1/messages/"))

    for n in range(5):
        await _apply(house, f"redraw-{n}", Decision(redraws=("deal:1",)))
    await house.quiet()

    assert len(await house.calls("/im/v1/messages/")) == before
    assert len(await rep.sees()) == 1


async def test_bot_added_to_a_group_says_one_line(house: House) -> None:
    group = house.group("华东一组群")

    await house.post("/sim/members", {"chat": group, "remove": "bot"})
    await house.post("/sim/members", {"chat": group, "add": "bot"})
    await house.quiet()

    assert "我是销售助手，@我 加一句话就行" in await house.person("李雷").last(chat=group)


async def _notify(house: House, key: str, urgency: Urgency) -> None:
    notice = Notice("test", "member:m02", "deal", "deal:1", urgency, "R-TIME-3")
    await _apply(house, key, Decision(notices=(notice,)))
    await house.quiet()


async def _apply(house: House, key: str, decision: Decision) -> None:
    """Commit a decision as if a rule had made it."""
    from sales.policy import Policy
    from storage import lanes
    from storage.apply import Step, write
    from storage.inbox import Inbound, oldest, receive

    store, now = house.bot.store, house.clock.business_us()
    row = Inbound(f"test:{key}", f"in:test:{key}", "test", "", "", "", b"{}", now, now, 0)

    def commit(conn: object) -> None:
        receive(conn, store, [row])  # type: ignore[arg-type]
        [claim] = lanes.claim(conn, store, queue=lanes.INBOX, limit=1, only=row.lane)  # type: ignore[arg-type]
        stored = oldest(conn, row.lane)  # type: ignore[arg-type]
        assert stored
        step = Step(claim, stored.seq, row, decision, None, "test", now, Policy(), {})
        write(conn, store, step)  # type: ignore[arg-type]

    await house.bot.writer.run(commit)
    house.bot.wakeup.wake("outbox")
