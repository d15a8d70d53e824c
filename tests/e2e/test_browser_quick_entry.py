"""`make demo` in a real browser: the line, the card, a doubtful amount, taken back. Leaves pictures of them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from tests.support.browser import demo_page, picture, type_line

PATIENCE_MS = 15_000
KEEP = """([shown, faces]) => {
  for (const card of document.querySelectorAll("#cards > section")) if (!shown.includes(card.id)) card.remove();
  for (const face of document.querySelectorAll(".face")) {
    if (!faces.includes(`${face.dataset.platform}-${face.dataset.chat}`)) face.remove();
  }
  document.getElementById("cards").style.padding = "24px";
}"""


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """The chat page of a running demo."""
    async with demo_page() as opened:
        yield opened


async def test_line_card_question_and_undo_on_the_chat_page_R_QE_1_R_QE_2_R_QE_3_R_UNDO(page: Page) -> None:
    rep = page.locator('[data-person="m03"]')
    await expect(rep).to_have_attribute("data-platform", "wecom")
    await first_screens(page)

    await type_line(rep, "")
    card = rep.get_by_role("article").filter(has_text="已录单 #61 华东医疗")
    await expect(card).to_be_visible(timeout=PATIENCE_MS)
    await expect(card).to_contain_text("¥1,200,000.00")
    await picture(page, "deal-card")

    await type_line(rep, "录单 芜湖弘康 彩超 260")
    question = rep.get_by_role("article").filter(has_text="金额是哪个")
    await expect(question).to_be_visible(timeout=PATIENCE_MS)
    await picture(page, "which-amount")
    await question.get_by_role("button", name=re.compile("260.00 万")).click()
    second = rep.get_by_role("article").filter(has_text="已录单 #62 芜湖弘康")
    await expect(second).to_be_visible(timeout=PATIENCE_MS)

    await card.get_by_role("button", name=re.compile("撤销")).click()
    await expect(rep.get_by_role("article").filter(has_text="已撤销 #61")).to_be_visible(timeout=PATIENCE_MS)
    await picture(page, "undone")

    boss = page.locator('[data-person="m02"]')
    await type_line(boss, "我的商机")
    await expect(boss.get_by_role("article").filter(has_text="芜湖弘康")).to_be_visible(timeout=PATIENCE_MS)


async def first_screens(page: Page) -> None:
    """The page as it opens, by day and by night."""
    await expect(page.locator('[data-person="m01"] img')).to_have_js_property("complete", True)
    await picture(page, "first-screen")
    await page.emulate_media(color_scheme="dark")
    await picture(page, "first-screen-dark")
    await page.emulate_media(color_scheme="light")


async def test_gallery_shows_every_card(page: Page) -> None:
    await page.goto(page.url + "gallery")
    await expect(page.locator("body[data-ready=yes]")).to_be_visible(timeout=PATIENCE_MS)

    from cards.samples import SAMPLES

    assert await page.locator("#cards section").count() == len(SAMPLES)
    await expect(page.locator("#cards").get_by_text("未支持的组件")).to_have_count(0)
    await picture(page, "card-gallery")
    await side_by_side(page)


async def side_by_side(page: Page) -> None:
    """One deal, one request and one alarm in the three direct chats: what is written once, drawn three ways."""
    shown = {"deal-fresh", "approval-waiting-for-me", "alert-fired"}
    faces = ("wecom-app", "feishu-direct", "dingtalk-direct")
    await page.evaluate(KEEP, [sorted(shown), faces])
    await expect(page.locator("#cards .face")).to_have_count(len(shown) * len(faces))
    await picture(page, "card-three-ways", of=page.locator("#cards"))
