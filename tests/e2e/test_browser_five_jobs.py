"""All five jobs on the chat page, by the people whose jobs they are, each on their platform. Leaves pictures.

A rep on WeCom logs a deal and sends a photo, the supervisor on Feishu decides on it and on a discount with the
director on DingTalk, the director takes an alert, the admin changes its threshold.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.support.browser import demo_page, picture, type_line

PATIENCE_MS = 15_000
SHEET = Path(__file__).resolve().parents[2] / "simulator" / "page" / "samples" / "requirement-sheet.jpg"


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """The chat page of a running demo."""
    async with demo_page() as opened:
        yield opened


async def test_first_screen_shows_a_decision_an_alarm_with_its_picture_and_one_key_to_press(page: Page) -> None:
    rep, boss, director = (page.locator(f'[data-person="{who}"]') for who in ("m03", "m02", "m01"))

    await expect(
        card(boss, "李雷申请 8.8 折（让 12%）").get_by_role("button", name=re.compile("^同意"))
    ).to_be_visible()
    await expect(card(boss, "请看一眼：会议纪要").locator("img")).to_have_js_property("complete", True)
    alarm = card(director, "LDR 21.95%，过了 20% 线")
    await expect(alarm).to_contain_text("9/41 条没人碰")
    await expect(alarm).to_contain_text("4/11")
    trend = director.get_by_role("log").locator("img")
    await expect(trend).to_have_count(1)
    await expect(trend).to_have_js_property("complete", True)
    for column, platform in ((rep, "wecom"), (boss, "feishu"), (director, "dingtalk")):
        await expect(column).to_have_attribute("data-platform", platform)
    await expect(page.get_by_text("线索消息 13:30")).to_be_visible()
    await expect(page.locator(".clock")).to_have_text("11-19 周四 09:10")
    await expect(rep.locator("textarea")).to_have_attribute("placeholder", "录单 华东医疗 CT机 120万")
    await expect(rep.get_by_text("按回车试试")).to_be_visible()
    await expect(page.locator(".message-error")).to_have_count(0)


async def test_five_jobs_by_the_people_whose_jobs_they_are(page: Page) -> None:
    rep, boss, director = (page.locator(f'[data-person="{who}"]') for who in ("m03", "m02", "m01"))

    await type_line(rep, "")
    await expect(card(rep, "已录单 #61 华东医疗")).to_contain_text("¥1,200,000.00", timeout=PATIENCE_MS)

    await send_evidence(rep, boss)
    await picture(page, "evidence")
    await ask_discount(rep, boss, director)
    await take_alert(director)
    await change_threshold(page, director)
    await picture(page, "setting")
    await expect(page.locator(".guide-item.is-done")).to_have_count(5)
    await expect(page.locator(".message-error")).to_have_count(0)


async def test_guide_shows_every_job_being_done(page: Page) -> None:
    await page.emulate_media(reduced_motion="reduce")
    rep, boss, director, admin = (page.locator(f'[data-person="{who}"]') for who in ("m03", "m02", "m01", "m16"))
    done = {
        "录一单": (rep, "已录单 #61 华东医疗"),
        "传凭证": (boss, "需求匹配表：通过"),
        "批个折扣": (rep, "已同意：8.8 折（让 12%）"),
        "看预警": (director, "张伟在处理"),
        "改个设置": (admin, "LDR 预警线改为 18%"),
    }
    for title, (column, words) in done.items():
        button = page.get_by_role("button", name=f"演示一下 {title}")

        await button.click()

        await expect(card(column, words)).to_be_visible(timeout=PATIENCE_MS)
        await expect(button).to_be_enabled(timeout=PATIENCE_MS)
    await expect(page.locator(".guide-item.is-done")).to_have_count(0)


async def test_starting_over_brings_the_first_screen_back(page: Page) -> None:
    rep, boss = page.locator('[data-person="m03"]'), page.locator('[data-person="m02"]')
    await type_line(rep, "")
    await expect(card(rep, "已录单 #61 华东医疗")).to_be_visible(timeout=PATIENCE_MS)
    request = card(boss, "李雷申请 8.8 折（让 12%）")
    await request.get_by_role("button", name=re.compile("^同意")).click()
    await expect(card(boss, "王芳 09:10 同意")).to_be_visible(timeout=PATIENCE_MS)
    await page.get_by_role("button", name=re.compile(r"^\+1 天")).click()
    await expect(page.locator(".clock")).to_have_text("11-20 周五 09:10", timeout=PATIENCE_MS)

    await page.get_by_role("button", name="重置").click()
    await page.get_by_role("dialog").get_by_role("button", name="重置").click()

    await expect(page.locator(".clock")).to_have_text("11-19 周四 09:10", timeout=PATIENCE_MS)
    await expect(request.get_by_role("button", name=re.compile("^同意"))).to_be_visible(timeout=PATIENCE_MS)
    await expect(page.get_by_text("线索消息 13:30")).to_be_visible()
    await expect(page.locator(".message-error")).to_have_count(0)
    await type_line(rep, "")
    await expect(card(rep, "已录单 #61 华东医疗")).to_be_visible(timeout=PATIENCE_MS)


async def send_evidence(rep: Locator, boss: Locator) -> None:
    """The signed sheet goes in as a photo; the supervisor accepts both papers; the deal moves on. R-EVD-1, R-EVD-5"""
    await type_line(rep, "传凭证 17 需求匹配表")
    await expect(rep.get_by_text("把 #17 的需求匹配表拍给我")).to_be_visible(timeout=PATIENCE_MS)
    await rep.locator('input[type="file"]').set_input_files(SHEET)
    asked = card(boss, "请看一眼：需求匹配表")
    await expect(asked.locator("img")).to_be_visible(timeout=PATIENCE_MS)

    await asked.get_by_role("button", name=re.compile("^通过")).click()

    await expect(card(boss, "需求匹配表：通过")).to_be_visible(timeout=PATIENCE_MS)
    await expect(card(rep, "需求匹配表 通过")).to_be_visible(timeout=PATIENCE_MS)


async def ask_discount(rep: Locator, boss: Locator, director: Locator) -> None:
    """A discount of a tenth is the supervisor's; one of 12 per cent goes on to the director. R-APR-1"""
    await type_line(rep, "申请 折扣 34 让5% 老客户第二台")
    small = card(boss, "李雷申请 9.5 折（让 5%）")
    await small.get_by_role("button", name=re.compile("^同意")).click(timeout=PATIENCE_MS)
    await expect(card(rep, "已同意：9.5 折（让 5%）")).to_be_visible(timeout=PATIENCE_MS)

    await card(boss, "李雷申请 8.8 折（让 12%）").get_by_role("button", name=re.compile("^同意")).click()
    await director.get_by_role("tab", name="销售助手").click()
    last = card(director, "李雷申请 8.8 折（让 12%）")
    await last.get_by_role("button", name=re.compile("^同意")).click(timeout=PATIENCE_MS)

    await expect(card(director, "已同意：8.8 折（让 12%）")).to_be_visible(timeout=PATIENCE_MS)
    await expect(card(rep, "已同意：8.8 折（让 12%）")).to_be_visible(timeout=PATIENCE_MS)


async def take_alert(director: Locator) -> None:
    """The group's card says who takes care of it. R-ALERT-5"""
    await director.get_by_role("tab", name="总监群（钉钉）").click()
    await card(director, "LDR 21.95%").get_by_role("button", name=re.compile("^知道了")).click()
    await expect(card(director, "张伟在处理")).to_be_visible(timeout=PATIENCE_MS)


async def change_threshold(page: Page, column: Locator) -> None:
    """Before and after, then in force. R-ADM-1"""
    await column.get_by_label("这一列是谁").select_option("m16")
    admin = page.locator('[data-person="m16"]')
    await type_line(admin, "配置 LDR 预警线 25")
    asked = card(admin, "改 LDR 预警线，确认吗")
    await expect(asked).to_contain_text("单周 LDR > 20%", timeout=PATIENCE_MS)
    await expect(asked).to_contain_text("单周 LDR > 25%")

    await asked.get_by_role("button", name=re.compile("^确认")).click()

    await expect(card(admin, "LDR 预警线改为 25%")).to_be_visible(timeout=PATIENCE_MS)


def card(column: Locator, words: str) -> Locator:
    """The newest card of the column with these words."""
    return column.get_by_role("article").filter(has_text=words).last
