"""Every handler that writes, run twice at once on one subject: one effect, and a polite answer for the other. 17.2."""

from __future__ import annotations

from pathlib import Path

import pytest

from handlers import router
from handlers.context import ACTIONS, COMMANDS, FINISHED
from handlers.orders import _ORDERS
from sales.deals import UNDO_TIMER
from sales.leadnews import TELL_TIMER
from scheduler.registry import RULES
from tests.contracts.races import alerts, approvals, deals, evidence, leads, settings
from tests.support.house import open_house
from tests.support.races import Scenarios, Stage

SUBJECTS: dict[str, Scenarios] = {
    "alerts": alerts.SCENARIOS,
    "approvals": approvals.SCENARIOS,
    "deals": deals.SCENARIOS,
    "evidence": evidence.SCENARIOS,
    "leads": leads.SCENARIOS,
    "settings": settings.SCENARIOS,
}

READS = "reads only"
SAME_DRAFT = "saves the draft or form it belongs to, whose version the scenarios of 取消 and draft.amount race"
UNRACED = {
    **dict.fromkeys(
        (
            "帮助", "商机", "我的商机", "我的线索", "公海", "号码", "LDR", "缺什么", "看全程", "我发起的", "待我审批",
            "approval.trail", "alert.drill", "metric.open", "config.history", "deal.again", "deals.mine", "lead.open",
            "leads.pool", "choose", "sure", "never_mind",
        ),
        READS,
    ),
    **dict.fromkeys(("继续", "draft.customer", "draft.new_customer", "draft.drop"), SAME_DRAFT),
    **dict.fromkeys(("form.drop", "form.submit"), SAME_DRAFT),
    **dict.fromkeys(("打开", "传文件", "page.open"), "a link of its own each time; a form is opened as by its word"),
    "群机器人": "keeps the key under its own hash, then only asks as 群 does",
    "群": "only asks: a proposal of its own, confirmed by proposal.confirm",
    "config.rollback": "only asks, as 配置 does",
    "approval.more": "only asks whom; the answer is approval_transfer",
    "quota_step": "sends only, one event for each step of a month",
    "admin_code": "a code of its own each time",
    UNDO_TIMER: "redraws only",
    TELL_TIMER: "sends only, and from the one lane of timers",
    "lookup": "binds by the key of the account, as 绑定 does",
}  # fmt: skip
"""Handlers without a scenario, and why."""

JOBS = ("fetch", "lookup")


@pytest.mark.parametrize("subject", SUBJECTS)
async def test_at_once_there_is_one_effect_and_a_polite_answer(
    subject: str, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(store_url, tmp_path) as house:
        for name in ("张伟", "王芳", "李雷", "韩梅梅", "赵敏", "林静", "郑晴", "刘洋"):
            await house.person(name).says("帮助")  # from now on their accounts are bound
        stage = Stage(house, monkeypatch)
        for scenario in SUBJECTS[subject]:
            await scenario(stage)


def test_every_handler_has_a_scenario_or_a_reason() -> None:
    assert router.SUBJECTS  # importing it registers them
    commands = {command.words[0] for command in COMMANDS.values()}
    handlers = {*commands, *ACTIONS, *FINISHED, *RULES, *_ORDERS, *JOBS}
    raced = {name for found in SUBJECTS.values() for names in found.values() for name in names}

    assert sorted(handlers - raced - set(UNRACED)) == []
    assert sorted((raced | set(UNRACED)) - handlers) == []
    assert sorted(raced & set(UNRACED)) == []
