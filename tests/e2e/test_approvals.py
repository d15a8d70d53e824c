"""A discount from asking to decision, through the simulator, over real HTTP. R-APR."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from tests.support.house import House, Person, button_of, words_of

ASK = "申请折扣 1 让12% 对手报80万 客户三台一起签"
NUMBER = "ZK-20261119-0001"


async def asked(house: House, line: str = ASK) -> tuple[Person, Person, Person]:
    """李雷 has a deal of 90 万 and has asked for a discount; he, 王芳 and 张伟."""
    rep = house.person("李雷")
    await rep.says("录单 华东医疗 彩超 90万")
    await rep.says(line)
    return rep, house.person("王芳"), house.person("张伟")


async def presses(person: Person, button: str, reason: str = "", *, message_id: str = "") -> str:
    """Press a button of the newest card with something in its field; the toast."""
    where = {"message_id": message_id} if message_id else {"chat": person.chat}
    values = {"values": {"reason": reason}, "button": button, "user": person.id, **where}
    done = await person.house.post("/sim/submit", values)
    await person.house.quiet()
    return str((done.get("toast") or {}).get("content", ""))


async def picks(person: Person, option: str) -> dict[str, Any]:
    """Pick a choice of the newest card's menu."""
    done = await person.house.post("/sim/click", {"user": person.id, "chat": person.chat, "option": option})
    await person.house.quiet()
    return dict(done)


async def card(person: Person) -> str:
    """All words of the newest card in the chat."""
    return words_of([message for message in await person.sees() if message["card"]][-1])


def audited(house: House, action: str) -> int:
    """How many audit entries of this kind there are."""
    with house.bot.store.snapshot() as conn:
        return int(
            conn.execute(text("SELECT count(*) FROM audit WHERE action = :action"), {"action": action}).scalar_one()
        )


async def test_over_ten_percent_goes_to_both_and_back_R_APR_1_R_APR_2_R_APR_3(house: House) -> None:
    rep, boss, director = await asked(house)

    first = await rep.last()
    assert "8.8 折（让 12%）已送王芳" in first
    assert "¥792,000.00" in first
    assert NUMBER in first
    wanted = await boss.last()
    assert "李雷申请 8.8 折（让 12%） 折扣 · 等你初审 ¥792,000.00" in wanted
    assert "原价 ¥900,000.00，让 ¥108,000.00" in wanted
    assert "之后 让超过 10%，再到张伟 时限 11-21 周六 09:10" in wanted
    assert await director.sees() == []

    assert await presses(boss, "同意") == "已同意，到张伟了"
    assert "初审已过，等张伟" in await card(boss)
    assert "王芳 09:10 同意" in await card(rep)
    assert "折扣 · 等你决策" in await director.last()

    assert await presses(director, "同意") == "已同意"
    assert "要说一句吗？回我就写在卡上。" in await card(director)
    await director.says("限本月签")
    for person in (rep, boss, director):
        assert "已同意：8.8 折（让 12%） 折扣 · 办结" in await card(person)
        assert "张伟 09:10 同意：限本月签" in await card(person)
    await director.says(f"同意 {NUMBER}")
    assert await director.last() == "你 09:10 已同意，不用再点。"
    assert audited(house, "request.approve") == 2


async def test_ten_percent_is_the_supervisors_alone_R_APR_1(house: House) -> None:
    rep, boss, director = await asked(house, "申请 折扣 1 9折 老客户")

    assert "之后" not in await boss.last()
    await boss.says(f"同意 {NUMBER.lower()} 可以")

    assert "王芳 09:10 同意：可以" in await card(rep)
    assert await director.sees() == []


async def test_what_is_missing_is_asked_R_APR_1_R_HOLD(house: House) -> None:
    rep, boss, _ = await asked(house, "申请 折扣")
    assert "哪条商机" in await rep.last()
    await rep.says("1")
    assert "让多少" in await rep.last()
    await rep.says("12%")
    assert "没看懂" in await rep.last()
    await rep.says("到 79.2万")
    assert "为什么要让" in await rep.last()
    await rep.says("对手报 80 万")

    assert "8.8 折（让 12%）已送王芳" in await rep.last()
    assert "对手报 80 万" in await boss.last()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("申请 折扣 99 让12% 理由", "这条你现在看不了"),
        ("申请 折扣 1 到 95万 理由", "成交价要比原价 ¥900,000.00 低"),
        ("申请 折扣 1 让12% ", "为什么要让"),
        ("申请 账期 1 60天", "现在能申请的是折扣"),
    ],
)
async def test_what_cannot_be_asked_is_said_with_the_way_on_R_APR_1(house: House, line: str, says: str) -> None:
    rep, boss, _ = await asked(house, line)

    assert says in await rep.last()
    assert await boss.sees() == []


async def test_price_that_is_no_whole_fen_is_asked_R_MONEY(house: House) -> None:
    rep = house.person("李雷")
    await rep.says("录单 华东医疗 彩超 100.01元")
    await rep.says("申请 折扣 1 让12.5% 对手低")
    assert await rep.last() == "这个折扣算下来不是整分，回个成交价就行，如 79.2万。"

    await rep.says("到 90元")

    assert "已送王芳 折扣 · 初审 ¥90.00" in await rep.last()


async def test_rejection_needs_a_reason_R_APR_3(house: House) -> None:
    rep, boss, _ = await asked(house)

    assert await presses(boss, "驳回") == "写个原因再点驳回"
    assert "等你初审" in await card(boss)
    assert await presses(boss, "驳回", "毛利不够") == "已驳回"

    assert "没同意：8.8 折（让 12%） 折扣 · 驳回" in await card(rep)
    assert "王芳 09:10 驳回：毛利不够" in await card(rep)
    assert audited(house, "request.reject") == 1


async def test_returned_for_more_and_asked_again_R_APR_3(house: House) -> None:
    rep, boss, _ = await asked(house)

    assert await presses(boss, "退回补充", "差对手报价单") == "已退回，等李雷补充"
    assert "8.8 折等李雷补充" in await card(boss)
    assert "王芳问：差对手报价单" in await card(rep)
    await house.later("60h")
    assert "超时" not in await card(rep)
    assert await presses(rep, "再交", "对手报 80 万，报价单在档案里") == "交上去了"

    assert "等你初审" in await boss.last()
    assert "时限 11-23 周一 21:10" in await boss.last()
    await boss.says(f"同意 {NUMBER}")
    assert "初审 王芳 21:10 同意" in await card(boss)


async def test_the_same_line_again_completes_a_returned_request_R_APR_3_R_APR_7(house: House) -> None:
    rep, boss, _ = await asked(house)
    await rep.says(ASK)
    assert f"一样的已经在批：{NUMBER}" in await rep.last()
    await boss.says(f"退回补充 {NUMBER} 差报价单")

    await rep.says("申请 折扣 1 让12% 报价单补上了")

    assert "报价单补上了" in await boss.last()
    await rep.says("申请 折扣 1 让15% 对手又降了")
    assert "ZK-20261119-0002" in await rep.last()
    await rep.says(f"我发起的 {NUMBER}")
    assert "已撤回：8.8 折（让 12%）" in await rep.last()
    assert "改成 ZK-20261119-0002" in await rep.last()
    await rep.says("我发起的")
    assert "2 件" in await rep.last()


async def test_only_the_seat_decides_and_everybody_else_is_told_so_R_APR_3_R_PPL_2(house: House) -> None:
    rep, boss, director = await asked(house)
    for who in ("周强", "韩梅梅"):
        await house.person(who).says("帮助")
    sent = (await boss.sees())[-1]
    approve = button_of(sent, "同意")

    for n, (who, says) in enumerate(
        [
            ("周强", "这张卡等王芳定，你看看就好。"),
            ("韩梅梅", "这张卡等王芳定，你看看就好。"),
            ("李雷", "自己的申请要别人定"),
        ]
    ):
        await house.raw_click(house.person(who), sent["message_id"], approve, event_id=f"forwarded-{n}")
        assert says in toasts(house)[-1]
    await house.person("周强").says(f"同意 {NUMBER}")
    assert await house.person("周强").last() == "这条你现在看不了。要看，找负责人授权。"
    await house.raw_click(house.person("张三"), sent["message_id"], approve, event_id="stranger")
    assert audited(house, "request.approve") == 0
    assert await director.sees() == []
    assert "等你初审" in await card(boss)
    assert rep.id == "m03"


def toasts(house: House) -> list[str]:
    """Every toast so far, oldest first."""
    with house.bot.store.snapshot() as conn:
        return [row[0] for row in conn.execute(text("SELECT toast FROM outbox WHERE toast <> '' ORDER BY seq"))]


async def test_double_clicks_replays_and_old_cards_change_nothing_R_APR_3(house: House) -> None:
    _, boss, _ = await asked(house)
    sent = (await boss.sees())[-1]
    approve, back = button_of(sent, "同意"), button_of(sent, "退回补充")

    for event_id in ("one", "one", "two", "three"):
        await house.raw_click(boss, sent["message_id"], approve, event_id=event_id)

    assert toasts(house)[-2:] == ["你 09:10 已同意，不用再点。"] * 2
    assert audited(house, "request.approve") == 1
    await house.raw_click(boss, sent["message_id"], back, event_id="late")
    assert toasts(house)[-1] == "你 09:10 已同意，不用再点。"


async def test_near_miss_of_a_decision_is_asked_R_HOLD(house: House) -> None:
    _, boss, director = await asked(house)

    await boss.says(f"同义 {NUMBER}")

    assert f"是要同意吗？点一下，或说「同意 {NUMBER}」。" in await boss.last()
    assert audited(house, "request.approve") == 0
    await boss.says("驳会 ZK-20261119-0099")
    assert await boss.last() == "是要驳回吗？要就原样说「驳回 编号」，编号在卡上；说「待我审批」看有哪些。"
    await boss.clicks("同意")
    assert "折扣 · 等你决策" in await director.last()


async def test_transfer_by_menu_and_by_line_R_APR_3(house: House) -> None:
    rep, boss, director = await asked(house)
    far = house.person("周强")

    await picks(boss, "转交")
    assert "转给谁" in await boss.last()
    await boss.says("李雷")
    assert "自己的申请要别人定，换一位" in await boss.last()
    await boss.says("周强")
    assert await boss.last() == f"{NUMBER} 转给周强了，时限不变。"
    assert "已送周强" in await card(rep)
    await far.says(f"转交 {NUMBER} 张伟")
    assert "等你初审" in await director.last()
    await director.says(f"同意 {NUMBER}")

    assert "跳过：张伟前面定过了" in await card(rep)
    await picks_trail(rep)


async def picks_trail(person: Person) -> None:
    await person.clicks("看全程")
    shown = await person.last()
    assert "周强 转交给张伟" in shown
    assert "系统 跳过：张伟前面定过了" in shown


async def test_urge_and_withdraw_R_APR_3(house: House) -> None:
    rep, boss, _ = await asked(house)

    done = await rep.clicks("催一下")
    assert done["toast"]["content"] == "催过王芳了"
    assert len([m for m in await boss.sees() if "等你初审" in words_of(m)]) >= 1
    await rep.says(f"催办 {NUMBER}")
    assert await rep.last() == "09:10 催过了，过一小时再催。"
    await boss.says(f"撤回 {NUMBER}")
    assert await boss.last() == "撤回要李雷自己来。"

    await rep.says(f"撤回 {NUMBER}")
    assert "已撤回：8.8 折（让 12%）" in await card(boss)
    await boss.says(f"同意 {NUMBER}")
    assert await boss.last() == "晚了一步：李雷 09:10 已撤回。"


async def test_lists_of_both_sides_R_APR_2(house: House) -> None:
    rep, boss, _ = await asked(house)

    await boss.says("待我审批")
    assert f"{NUMBER} · 李雷 8.8 折 ¥792,000.00 · 11-21 周六 09:10 前" in await boss.last()
    await boss.says("同意")
    assert "待我审批" in await boss.last()
    await rep.says("我发起的")
    assert f"{NUMBER} · #1 8.8 折 ¥792,000.00 · 审批中" in await rep.last()
    await boss.says(f"待我审批 {NUMBER}")
    assert "等你初审" in await boss.last()


async def test_a_deal_with_a_request_is_not_undone_any_more_R_UNDO(house: House) -> None:
    rep, _, _ = await asked(house)

    await rep.says("撤销")

    assert "撤不了" in await rep.last()


async def test_supervisors_own_request_is_decided_above_and_the_second_step_passed_R_APR_6(house: House) -> None:
    boss, director = house.person("王芳"), house.person("张伟")
    await boss.says("录单 华东医疗 彩超 90万")
    await boss.says(ASK)
    assert "已送张伟" in await boss.last()

    await director.says(f"同意 {NUMBER}")

    assert "跳过：张伟前面定过了" in await card(boss)
    assert "已同意" in await card(boss)
