"""The chat page with three platforms: each column draws and presses what its wire has, and nothing of another's."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Locator, Page, expect

from simulator import vendors
from simulator.app import make_app
from simulator.chats import Chat
from simulator.control.desk import DESK, Desk
from simulator.options import Options
from tests.e2e import chat_samples as samples
from tests.support.browser import open_browser
from tests.support.paper_vendor import PaperVendor

Json = dict[str, Any]
PLATFORMS = ("feishu", "wecom", "dingtalk")


@dataclass(slots=True)
class Scene:
    """A simulator whose vendors are of paper, with its page open."""

    desk: Desk
    page: Page
    papers: dict[str, PaperVendor]

    def column(self, person: str) -> Locator:
        return self.page.locator(f'[data-person="{person}"]')

    def home(self, person: str, platform: str, face: str = "") -> Chat:
        return self.desk.parts.world.p2p(self.desk.person(person), platform, face)

    def post(self, chat: Chat, msg_type: str, **content: Any) -> str:
        return self.papers[chat.platform].post(chat, msg_type, **content).message_id

    def done(self, platform: str) -> list[tuple[str, str, Any]]:
        return self.papers[platform].done


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium without a window."""
    async with open_browser() as chromium:
        yield chromium


@pytest.fixture
async def scene(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    """The page on a desk; an error on its console fails the test."""
    monkeypatch.setattr(vendors, "MAKERS", {name: partial(PaperVendor, name) for name in PLATFORMS})
    app = make_app(Options(vendors=PLATFORMS))
    desk = app[DESK]
    async with TestServer(app) as server:
        page = await browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        await page.goto(str(server.make_url("/")))
        await page.locator("[data-person]").first.wait_for()
        papers = {name: vendor for name, vendor in desk.vendors.items() if isinstance(vendor, PaperVendor)}
        yield Scene(desk, page, papers)
        assert [one for one in problems if "409" not in one] == []


async def test_three_people_on_three_platforms_with_their_own_chats(scene: Scene) -> None:
    columns = scene.page.locator("[data-person]")

    places = await columns.evaluate_all("all => all.map((one) => [one.dataset.person, one.dataset.platform])")
    tabs = [await columns.nth(n).get_by_role("tab").all_text_contents() for n in range(3)]

    assert places == [["m03", "wecom"], ["m02", "feishu"], ["m01", "dingtalk"]]
    assert tabs == [
        ["销售助手", "智能机器人", "华东一组群（企业微信）"],
        ["销售助手", "总监群", "华东一组群"],
        ["销售助手", "总监群（钉钉）"],
    ]
    shapes = await columns.locator(".avatar").evaluate_all(
        "all => all.map((one) => getComputedStyle(one).borderRadius)"
    )
    assert len(set(shapes)) == 3


async def test_one_person_can_be_looked_at_on_every_platform(scene: Scene) -> None:
    column = scene.column("m03")

    await column.get_by_label("这一列是哪个平台").select_option("dingtalk")

    await expect(column).to_have_attribute("data-platform", "dingtalk")
    await column.locator("textarea").fill("在吗")
    await column.locator("textarea").press("Enter")
    await expect(column.locator(".message")).to_contain_text("在吗")
    assert scene.done("dingtalk") == [("say", "m03", "在吗")]
    assert scene.desk.parts.world.messages.popitem()[1].chat_id == scene.home("李雷", "dingtalk").id
    await column.get_by_label("这一列是谁").select_option("m16")
    await expect(scene.column("m16")).to_have_attribute("data-platform", "feishu")


async def test_wecom_button_card_shows_what_the_wire_has_and_presses_by_key(scene: Scene) -> None:
    scene.post(scene.home("李雷", "wecom"), "template_card", card=samples.WECOM_DEAL)
    card = scene.column("m03").get_by_role("article")

    await expect(card).to_have_attribute("aria-label", "已录单 #17 华东医疗，10 分钟内可撤销")
    await expect(card.locator(".card-header")).to_have_count(0)
    await expect(card.locator("dt")).to_have_text(["产品", "阶段", "负责人", "关键人"])
    await expect(card.locator("dd").nth(2)).to_have_text("李雷")
    shown = await card.locator("dd").nth(3).inner_text()
    assert len(shown) <= 30
    tops = await card.locator(".wc-buttons > *").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().left)"
    )
    assert len(tops) == 3
    assert len(set(tops)) == 1
    await expect(card.get_by_role("link", name="打开 #17 （新窗口）")).to_have_attribute("href", samples.LINK)

    await card.get_by_role("button", name="补信息 #17").click()
    await card.get_by_role("button", name="更多 #17").click()
    await card.get_by_role("menuitem", name="别再提醒").click()

    await settled(scene, "wecom", 2)
    assert scene.done("wecom") == [("click", "m03", ("fill", {})), ("click", "m03", ("mute", {}))]


async def test_wecom_choices_go_with_the_press_and_a_replaced_button_is_grey(scene: Scene) -> None:
    chat = scene.home("李雷", "wecom")
    message = scene.post(chat, "template_card", card=samples.WECOM_REJECT)
    card = scene.column("m03").get_by_role("article")

    await card.get_by_label("驳回的原因").select_option(label="毛利不够")
    await card.get_by_role("button", name="驳回").click()
    await settled(scene, "wecom", 1)
    item = scene.desk.parts.world.messages[message]
    item.card = {**samples.WECOM_REJECT, "replace_text": "已驳回"}
    scene.desk.parts.world.changed(item)

    assert scene.done("wecom") == [("click", "m03", ("no", {"reason": "price"}))]
    await expect(card.get_by_role("button", name="已驳回")).to_be_disabled()
    await expect(card.get_by_role("button", name="同意")).to_have_count(0)
    await expect(card.get_by_label("驳回的原因")).to_be_disabled()


@pytest.mark.parametrize(
    ("sample", "values"),
    [
        (samples.WECOM_VOTE, {"ev": ["sheet", "minutes"]}),
        (samples.WECOM_MULTIPLE, {"stage": "s2", "product": "ct"}),
    ],
    ids=["vote", "multiple"],
)
async def test_wecom_cards_with_one_submit(scene: Scene, sample: Json, values: Json) -> None:
    scene.post(scene.home("李雷", "wecom"), "template_card", card=sample)
    card = scene.column("m03").get_by_role("article")

    if "checkbox" in sample:
        await card.get_by_label("会议纪要").check()
    await card.get_by_role("button", name=re.compile("^提交")).click()
    await settled(scene, "wecom", 1)

    assert scene.done("wecom") == [("click", "m03", ("save", values))]


async def test_wecom_notices_and_words(scene: Scene) -> None:
    chat = scene.home("李雷", "wecom")
    for msg_type, card in (
        ("template_card", samples.WECOM_NOTICE),
        ("news", samples.WECOM_NEWS),
        ("textcard", samples.WECOM_TEXTCARD),
    ):
        scene.post(chat, msg_type, card=card)
    scene.post(chat, "markdown", text=samples.WECOM_MARKDOWN)
    column = scene.column("m03")

    notice, news, textcard = (column.get_by_role("article").nth(n) for n in range(3))
    await expect(notice.get_by_role("link", name="LDR 21.95%，过了 20% 线")).to_have_attribute("href", samples.LINK)
    await expect(notice.get_by_role("link", name="看明细")).to_be_visible()
    await expect(news.get_by_role("link")).to_contain_text("本周 LDR 趋势")
    await expect(textcard.locator("p")).to_have_text(["W47", "漏斗变慢", "详见页面"])
    words = column.locator(".bubble.is-markdown")
    await expect(words.locator("strong")).to_have_text("21.95%")
    await expect(words.locator(".mention")).to_have_text("@王芳")
    await expect(words.locator("li")).to_have_count(0)
    await expect(words).to_contain_text("- 不是列表")


async def test_wecom_menu_stands_above_the_input(scene: Scene) -> None:
    chat = scene.home("李雷", "wecom")
    chat.menu = [
        {"name": "录入", "sub_button": [{"type": "click", "name": "录单", "key": "menu:log"}]},
        {"name": "我的", "type": "click", "key": "menu:mine"},
    ]
    scene.desk.parts.feed.publish("chats")
    menu = scene.column("m03").get_by_label("助手的菜单")

    await menu.get_by_role("button", name="录入").click()
    await menu.get_by_role("menuitem", name="录单").click()
    await menu.get_by_role("button", name="我的").click()
    await settled(scene, "wecom", 2)

    assert scene.done("wecom") == [("menu", "m03", "menu:log"), ("menu", "m03", "menu:mine")]
    await expect(scene.column("m02").locator(".chat-menu")).to_be_hidden()


async def test_dingtalk_card_is_a_title_a_body_and_buttons_two_in_a_row(scene: Scene) -> None:
    group = scene.desk.chat("总监群（钉钉）")
    scene.post(group, "card", card=samples.DINGTALK_ALERT)
    card = scene.column("m01").get_by_role("article")

    await expect(card.locator(".card-title")).to_have_text("LDR 21.95%，过了 20% 线")
    await expect(card.locator("strong").first).to_have_text("9/41 条没人碰")
    lefts = await card.locator(".dt-buttons > *").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().left)"
    )
    assert lefts[0] == lefts[2] < lefts[1]
    await card.get_by_role("button", name=re.compile("^知道了")).click()
    await settled(scene, "dingtalk", 1)

    assert scene.done("dingtalk") == [("click", "m01", ("ack", {}))]
    await expect(card.get_by_role("link", name=re.compile("^看明细"))).to_have_attribute("href", samples.LINK)


async def test_dingtalk_private_data_is_for_one_pair_of_eyes(scene: Scene) -> None:
    group = scene.desk.chat("总监群（钉钉）")
    mine = samples.dingtalk_card("你已确认", "张伟 09:12")
    scene.post(group, "card", card=samples.DINGTALK_ALERT, card_for={"m01": mine})

    await scene.column("m02").get_by_label("这一列是哪个平台").select_option("dingtalk")
    await scene.column("m02").get_by_role("tab", name="总监群（钉钉）").click()

    await expect(scene.column("m01").locator(".card-title")).to_have_text("你已确认")
    await expect(scene.column("m02").locator(".card-title")).to_have_text("LDR 21.95%，过了 20% 线")


async def test_dingtalk_form_checks_keeps_and_sends(scene: Scene) -> None:
    scene.post(scene.desk.chat("总监群（钉钉）"), "card", card=samples.DINGTALK_FORM)
    column = scene.column("m01")

    await expect(column.get_by_label("阶段")).to_have_value("s2")
    await column.get_by_label("签约日").fill("2026-12-31")
    await column.get_by_role("button", name="保存 #17").click()
    await expect(column.get_by_text("「金额」还空着")).to_be_visible()
    await column.get_by_label("金额").fill("130")
    await column.get_by_role("button", name="保存 #17").click()
    await settled(scene, "dingtalk", 1)

    filled = {"amount": "130", "stage": "s2", "day": "2026-12-31", "note": ""}
    assert scene.done("dingtalk") == [("submit", "m01", ("form", filled))]


async def test_dingtalk_words_links_and_lines(scene: Scene) -> None:
    group = scene.desk.chat("总监群（钉钉）")
    scene.post(group, "markdown", text=samples.DINGTALK_MARKDOWN, card={"title": "今天 4 件"})
    scene.post(group, "actionCard", card=samples.DINGTALK_ACTION_CARD)
    scene.post(group, "card", card={"cardTemplateId": samples.AI_TEMPLATE, "cardParamMap": {"msgTitle": "没有状态"}})
    column = scene.column("m01")

    await expect(column.locator(".is-markdown li")).to_have_text(["#6 合肥安和 快掉了", "第 2 件"])
    action = column.get_by_role("article", name="周报")
    await expect(action.get_by_role("link")).to_have_count(2)
    await expect(action.get_by_text("漏斗变慢 华东一组 3 单停在第 3 关")).to_be_visible()  # one line break is a blank
    await expect(column.get_by_text("空卡片")).to_be_visible()
    await column.get_by_role("button", name="待我审批").click()

    await expect(column.locator(".message.is-own")).to_contain_text("待我审批")
    assert scene.done("dingtalk") == [("say", "m01", "待我审批")]


async def test_words_of_people_are_never_markup_anywhere(scene: Scene) -> None:
    nasty = "<img src=x onerror=alert(1)> [坏](javascript:alert(2))"
    scene.post(scene.home("李雷", "wecom"), "markdown", text=nasty)
    scene.post(
        scene.home("李雷", "wecom"),
        "template_card",
        card={
            **samples.WECOM_DEAL,
            "main_title": {"title": nasty},
            "card_action": {"type": 1, "url": "javascript:alert(3)"},
        },
    )
    scene.post(scene.desk.chat("总监群（钉钉）"), "card", card=samples.dingtalk_card(nasty, nasty))

    for person in ("m03", "m01"):
        await expect(scene.column(person).get_by_role("article")).to_be_visible()
        assert await scene.column(person).locator("img, script, a[href^=javascript]").count() == 0
    await expect(scene.column("m01").locator(".card-title")).to_have_text(nasty)


async def test_a_refusal_is_told_in_red_with_the_vendor_s_code(scene: Scene) -> None:
    chat = scene.home("李雷", "wecom")
    refused = {**samples.WECOM_DEAL, "button_list": [{"text": "点我", "key": "refused"}]}
    message = scene.post(chat, "template_card", card=refused)
    column = scene.column("m03")

    await column.get_by_role("button", name="点我 #17").click()
    await expect(column.locator(".toast")).to_contain_text("这里点不动")
    world = scene.desk.parts.world
    world.show_error(chat.id, world.messages[message], 40058, "invalid response_code")

    await expect(column.locator(".message-error")).to_have_text("✗ 40058 · invalid response_code")


async def test_guide_plays_in_the_column_of_its_person_and_platform(scene: Scene) -> None:
    await scene.page.emulate_media(reduced_motion="reduce")
    first = scene.column("m03").get_by_label("这一列是哪个平台")
    await first.select_option("feishu")

    await scene.page.get_by_role("button", name="演示一下 录一单").click()

    await expect(scene.column("m03")).to_have_attribute("data-platform", "wecom")
    await expect(scene.column("m03").locator(".message.is-own")).to_contain_text("录单 华东医疗 CT机 120万")
    assert scene.done("wecom") == [("say", "m03", "录单 华东医疗 CT机 120万")]


async def test_phone_and_dark_keep_their_rules_on_every_platform(scene: Scene) -> None:
    scene.post(scene.home("李雷", "wecom"), "template_card", card=samples.WECOM_DEAL)
    scene.post(scene.desk.chat("总监群（钉钉）"), "card", card=samples.DINGTALK_FORM)
    await scene.page.set_viewport_size({"width": 320, "height": 640})
    await scene.page.emulate_media(color_scheme="dark")

    for name in ("李雷", "张伟"):
        await scene.page.locator("#people").get_by_role("button", name=name).click()
        assert await scene.page.evaluate("document.documentElement.scrollWidth") == 320
        wide = "all => all.filter((one) => one.getBoundingClientRect().right > 320).length"
        assert await scene.page.locator("article:visible *").evaluate_all(wide) == 0


async def settled(scene: Scene, platform: str, count: int) -> None:
    """Returns when so many things were done on a platform's wire."""
    for _ in range(100):
        if len(scene.done(platform)) >= count:
            return
        await scene.page.wait_for_timeout(20)
