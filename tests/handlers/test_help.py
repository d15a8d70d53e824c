"""Help by role: what each says most, first. K25 of ux.md."""

import pytest

from handlers.context import COMMANDS
from handlers.help import rows_for
from handlers.router import SUBJECTS

FIELD_VALUE_CHARS = 26
"""One budget for all platforms. ux.md 0.3."""

LEADS = "线索｜我的线索 · 公海"
MORE = ["商机｜我的商机 · 商机 17", "解冻｜解冻 17 客户流程慢", LEADS, "指标｜LDR 本周"]


@pytest.mark.parametrize(
    ("role", "rows"),
    [
        (
            "rep",
            [
                "录单｜录单 华东医疗 CT机 120万",
                MORE[0],
                LEADS,
                MORE[3],
                "推进｜推进 17 · 传凭证 17",
                "申请｜申请 折扣 9 让12% 理由",
            ],
        ),
        ("supervisor", ["审批｜待我审批 · 同意 编号", "录单｜录单 华东医疗 CT机 120万", *MORE]),
        ("director", ["审批｜待我审批 · 同意 编号", "录单｜录单 华东医疗 CT机 120万", *MORE]),
        (
            "admin",
            [
                "配置｜配置 LDR 预警线 18 · 配置 历史",
                "绑定｜绑定 7K2M 李雷",
                "群｜群 绑定 总监（在群里 @我 说）",
                MORE[1],
                "问我｜撤销 · 取消 · 继续",
            ],
        ),
    ],
)
def test_help_begins_with_what_the_role_uses_most(role: str, rows: list[str]) -> None:
    assert rows_for({role}) == rows


@pytest.mark.parametrize("role", ["marketing", "marketing_lead"])
def test_marketing_is_told_of_the_pool_and_of_the_figures_of_leads(role: str) -> None:
    assert rows_for({role}) == ["线索｜公海 · 确认无效 12", "指标｜LDR 本周", "问我｜撤销 · 取消 · 继续"]


def test_nobody_is_shown_a_command_of_another_role() -> None:
    assert rows_for(()) == ["问我｜撤销 · 取消 · 继续"]


def test_every_example_begins_with_a_command_and_fits_a_field() -> None:
    assert SUBJECTS
    for declared in COMMANDS.values():
        for example in declared.example.split(" · ") if declared.topic else ():
            assert example.split()[0] in COMMANDS, example
        assert len(declared.example) <= FIELD_VALUE_CHARS, declared.example
