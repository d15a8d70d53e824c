"""The chat page in a real browser: what is seen first, how cards are drawn and used; nothing typed becomes markup."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from simulator.app import make_app
from simulator.company import load_company
from simulator.options import COMPANY_FILE, Options
from tests.support.browser import open_browser

POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self'"
COMPANY = load_company(COMPANY_FILE)

Json = dict[str, Any]


@pytest.fixture
async def sim() -> AsyncIterator[str]:
    """The URL of a simulator whose bot answers every click with a toast and says nothing else."""

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"toast": {"type": "success", "content": "已办"}})

    bot = web.Application()
    bot.router.add_post("/callback/feishu", answer)
    async with TestServer(bot) as listening:
        options = Options(callback=str(listening.make_url("/callback/feishu")))
        async with TestServer(make_app(options)) as server:
            yield str(server.make_url("")).rstrip("/")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium without a window."""
    async with open_browser() as chromium:
        yield chromium


@pytest.fixture
async def page(browser: Browser, sim: str) -> AsyncIterator[Page]:
    """The page on a desk, under a strict policy; any error on its console fails the test."""
    opened = await browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)

    async def with_policy(route: Any) -> None:
        response = await route.fetch()
        await route.fulfill(response=response, headers={**response.headers, "Content-Security-Policy": POLICY})

    await opened.route(f"{sim}/", with_policy)
    await opened.goto(sim)
    await opened.locator("[data-person]").first.wait_for()
    yield opened
    assert problems == []


async def send(sim: str, person: str, content: Json) -> str:
    """The bot sends a card; its message id."""
    api, app, found = f"{sim}/feishu/open-apis", COMPANY.app, COMPANY.find(person)
    assert found is not None
    async with aiohttp.ClientSession() as http:
        secrets = {"app_id": app.app_id, "app_secret": app.app_secret}
        async with http.post(f"{api}/auth/v3/tenant_access_token/internal", json=secrets) as response:
            token = (await response.json())["tenant_access_token"]
        body = {"receive_id": found.open_id, "msg_type": "interactive", "content": json.dumps(content)}
        headers, query = {"Authorization": f"Bearer {token}"}, {"receive_id_type": "open_id"}
        async with http.post(f"{api}/im/v1/messages", params=query, json=body, headers=headers) as response:
            answer = await response.json()
    assert answer["code"] == 0, answer
    return str(answer["data"]["message_id"])


def words(content: str) -> Json:
    return {"tag": "plain_text", "content": content}


def button(label: str, **more: Any) -> Json:
    calls = [{"type": "callback", "value": {"a": label}}]
    return {"tag": "button", "text": words(label), "behaviors": calls, **more}


def card(title: str, *elements: Json) -> Json:
    header = {"title": words(title), "template": "orange"}
    return {"schema": "2.0", "header": header, "body": {"elements": list(elements)}}


async def test_first_screen_needs_no_scrolling_and_offers_one_key(page: Page) -> None:
    size = await page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")

    assert size == [1280, 800]
    people = page.locator("[data-person]")
    assert await people.evaluate_all("found => found.map((one) => one.dataset.person)") == ["m03", "m02", "m01"]
    box = page.locator('[data-person="m03"] textarea')
    await expect(box).to_have_attribute("placeholder", "录单 华东医疗 CT机 120万")
    await box.press("Enter")
    await expect(page.locator('[data-person="m03"] .message')).to_contain_text("录单 华东医疗 CT机 120万")
    await expect(page.locator(".guide-item.is-done")).to_have_count(1)
    await expect(box).not_to_have_attribute("placeholder", "录单 华东医疗 CT机 120万")


async def test_words_of_people_are_never_markup(page: Page, sim: str) -> None:
    nasty = "<img src=x onerror=alert(1)> **粗** <script>alert(2)</script>"
    link = {"tag": "markdown", "content": "**真粗** [坏](javascript:alert(3)) <script>alert(4)</script>"}

    await send(sim, "李雷", card(nasty, {"tag": "div", "text": words(nasty)}, link))

    drawn = page.locator('[data-person="m03"] article')
    await expect(drawn.locator(".card-title")).to_have_text(nasty)
    await expect(drawn.locator(".plain").last).to_have_text(nasty)
    await expect(drawn.locator("strong")).to_have_text("真粗")
    assert await drawn.locator("script, img, a").count() == 0


async def test_form_checks_what_is_required_and_keeps_what_was_typed(page: Page, sim: str) -> None:
    fields = [
        {"tag": "input", "name": "budget", "required": True, "label": words("预算")},
        {"tag": "input", "name": "note", "label": words("备注")},
        button("保存", name="save", form_action_type="submit"),
    ]
    await send(sim, "李雷", card("#17 补信息", {"tag": "form", "name": "fill", "elements": fields}))
    column = page.locator('[data-person="m03"]')

    await column.get_by_label("备注").fill("管钱的是王主任")
    await column.get_by_role("button", name="保存 #17").click()

    await expect(column.get_by_text("「预算」还空着")).to_be_visible()
    await expect(column.get_by_label("预算")).to_be_focused()
    await column.get_by_label("预算").fill("130万")
    await column.get_by_role("button", name="保存").click()
    await expect(column.locator(".toast")).to_contain_text("已办")
    await expect(column.get_by_label("备注")).to_have_value("管钱的是王主任")


async def test_buttons_ask_first_and_arrows_walk_between_them(page: Page, sim: str) -> None:
    confirm = {"title": words("驳回这个申请吗"), "text": words("李雷会马上看到。")}
    await send(sim, "王芳", card("申请 ZK-20261119-0003", button("同意"), button("驳回", confirm=confirm)))
    column = page.locator('[data-person="m02"]')

    await column.get_by_role("button", name="同意 ZK-20261119-0003").focus()
    await page.keyboard.press("ArrowRight")
    await expect(column.locator('[data-button-index="1"]')).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await expect(column.locator(".toast")).to_have_count(0)
    await column.get_by_role("button", name="驳回").click()
    await page.get_by_role("dialog").get_by_role("button", name="确定").click()

    await expect(column.locator(".toast")).to_contain_text("已办")


async def test_a_list_on_a_card_names_itself_and_can_be_picked_from_again(page: Page, sim: str) -> None:
    reasons = [{"text": words(reason), "value": reason} for reason in ("看不清", "不是这份")]
    calls = [{"type": "callback", "value": {"a": "back"}}]
    back = {"tag": "select_static", "placeholder": words("退回"), "options": reasons, "behaviors": calls}
    row = {"tag": "column_set", "columns": [{"tag": "column", "elements": [one]} for one in (button("通过"), back)]}
    await send(sim, "王芳", card("请看一眼：需求匹配表", row))
    column = page.locator('[data-person="m02"]')
    listed = column.get_by_label("退回")

    await listed.select_option("看不清")

    await expect(column.locator(".toast")).to_contain_text("已办")
    await expect(listed).to_have_value("")
    height = await listed.evaluate("one => one.getBoundingClientRect().height")
    assert height == await column.get_by_role("button", name="通过").evaluate(
        "one => one.getBoundingClientRect().height"
    )


async def test_director_s_column_opens_on_the_group_and_the_guide_names_five_jobs(page: Page) -> None:
    tab = page.locator('[data-person="m01"]').get_by_role("tab", name="总监群")

    await expect(tab).to_have_attribute("aria-selected", "true")
    titles = await page.locator(".guide-item h3").all_text_contents()
    assert titles == ["录一单", "传凭证", "批个折扣", "看预警", "改个设置"]


async def test_guide_presses_the_newest_card_for_all_to_see_and_only_a_hand_ticks(page: Page, sim: str) -> None:
    await send(sim, "王芳", card("旧的", button("同意")))
    await page.emulate_media(reduced_motion="reduce")

    await page.get_by_role("button", name="演示一下 批个折扣").click()

    await expect(page.locator('[data-person="m02"] .toast')).to_contain_text("已办")
    await expect(page.locator('[data-person="m01"]').get_by_text("这里现在没有〔同意〕可点")).to_be_visible(
        timeout=15_000
    )
    await expect(page.locator(".guide-item.is-done")).to_have_count(0)
    await page.locator('[data-person="m02"]').get_by_role("button", name="同意").click()
    await expect(page.locator(".guide-item.is-done h3")).to_contain_text(["批个折扣"])


async def test_a_fault_shows_the_vendors_code_under_the_message(page: Page, sim: str) -> None:
    await send(sim, "张伟", card("预警", button("知道了")))
    async with aiohttp.ClientSession() as http:
        await http.post(f"{sim}/sim/faults", json={"path": "callback", "kind": "drop"})

    await page.locator('[data-person="m01"]').get_by_role("tab", name="销售助手").click()
    await page.locator('[data-person="m01"]').get_by_role("button", name="知道了").click()

    await expect(page.locator('[data-person="m01"] .message-error')).to_contain_text("200342")


async def test_phone_shows_one_person_and_the_guide_in_the_chat(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})

    await expect(page.locator("[data-person]:visible")).to_have_count(1)
    await expect(page.locator('[data-person="m03"] .rail')).to_be_visible()
    await page.locator("#people").get_by_role("button", name="王芳").click()
    await expect(page.locator('[data-person="m02"] textarea')).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
