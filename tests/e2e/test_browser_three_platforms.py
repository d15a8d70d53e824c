"""Three people on three platforms: a deal logged on WeCom, its request decided on DingTalk, the Feishu copy changes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Locator, Page, expect

from tests.support.browser import demo_page, picture, type_line

PATIENCE_MS = 15_000
ASKED = "李雷申请 8.7 折（让 13%）"
AGREED = "已同意：8.7 折（让 13%）"


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """The chat page of a running demo."""
    async with demo_page() as opened:
        yield opened


async def test_deal_of_wecom_decided_on_dingtalk_changes_its_copy_on_feishu_R_APR_1_R_APR_3(page: Page) -> None:
    rep, boss, director = (page.locator(f'[data-person="{who}"]') for who in ("m03", "m02", "m01"))
    await type_line(rep, "录单 华东医疗 CT机 120万")
    await expect(card(rep, "已录单 #61 华东医疗")).to_be_visible(timeout=PATIENCE_MS)
    await type_line(rep, "申请 折扣 61 让13% 对手报 100 万")
    await press(card(boss, ASKED), "同意")
    on_feishu = card(boss, "#61 华东医疗")
    await expect(on_feishu).to_contain_text("王芳 09:10 同意", timeout=PATIENCE_MS)
    await expect(on_feishu).not_to_contain_text(AGREED)

    await director.get_by_role("tab", name="销售助手").click()
    await press(card(director, ASKED), "同意")

    await expect(card(director, AGREED)).to_be_visible(timeout=PATIENCE_MS)
    await expect(on_feishu).to_contain_text(AGREED, timeout=PATIENCE_MS)
    await expect(card(rep, AGREED)).to_be_visible(timeout=PATIENCE_MS)
    await expect(boss.get_by_role("article").filter(has_text="#61 华东医疗")).to_have_count(1)
    await expect(page.locator(".message-error")).to_have_count(0)
    await picture(page, "approval-two-platforms")


async def press(asked: Locator, label: str) -> None:
    """The card's button with this label, once it is there."""
    await asked.get_by_role("button", name=re.compile(f"^{label}")).click(timeout=PATIENCE_MS)


def card(column: Locator, words: str) -> Locator:
    """The newest card of the column with these words."""
    return column.get_by_role("article").filter(has_text=words).last
