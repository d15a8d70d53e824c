"""The chat page over the simulated vendors themselves: what their API takes is drawn, what is pressed comes out."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Locator, Page, expect

from simulator.app import make_app
from simulator.company import PLATFORMS, load_company
from simulator.options import COMPANY_FILE, Options
from tests.e2e import chat_samples as samples
from tests.support.browser import open_browser

Json = dict[str, Any]
COMPANY = load_company(COMPANY_FILE, PLATFORMS)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
GROUP = next(group for group in COMPANY.groups if group.platform == "dingtalk")


@dataclass(slots=True)
class Scene:
    """The page, the bot's side of the APIs, and the callbacks the bot was sent."""

    page: Page
    http: aiohttp.ClientSession
    base: str
    bot: str
    called: list[str] = field(default_factory=list)

    def column(self, person: str) -> Locator:
        return self.page.locator(f'[data-person="{person}"]')

    async def wecom(self, path: str, body: Json | None, **more: str) -> Json:
        app = COMPANY.wecom
        keys = {"corpid": app.corp_id, "corpsecret": app.secret}
        async with self.http.get(f"{self.base}/wecom/cgi-bin/gettoken", params=keys) as response:
            token = (await response.json())["access_token"]
        query = {"access_token": token, **more}
        method = "GET" if body is None else "POST"
        async with self.http.request(method, f"{self.base}/wecom/cgi-bin/{path}", params=query, json=body) as response:
            answer: Json = await response.json()
        return answer

    async def dingtalk(self, path: str, body: Json) -> Json:
        keys = {"appKey": COMPANY.dingtalk.app_key, "appSecret": COMPANY.dingtalk.app_secret}
        async with self.http.post(f"{self.base}/dingtalk/v1.0/oauth2/accessToken", json=keys) as response:
            token = (await response.json())["accessToken"]
        headers = {"x-acs-dingtalk-access-token": token}
        async with self.http.post(f"{self.base}/dingtalk/v1.0/{path}", json=body, headers=headers) as response:
            answer: Json = await response.json()
        return answer

    async def send_card(self, card: Json) -> Json:
        """A template card of the WeCom app to 李雷."""
        agent = COMPANY.wecom.agent_id
        body = {"touser": "m03", "msgtype": "template_card", "agentid": agent, "template_card": card}
        answer = await self.wecom("message/send", body)
        assert answer["errcode"] == 0, answer
        return answer


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """All vendors on one page; the bot answers every callback with an empty 200."""
    called: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        called.append(request.path)
        return web.Response()

    bot = web.Application()
    bot.router.add_route("*", "/callback/{rest:.*}", answer)
    async with TestServer(bot) as listening, aiohttp.ClientSession() as http, open_browser() as chromium:
        base = str(listening.make_url("")).rstrip("/")
        async with TestServer(make_app(Options(callback_base=base, vendors=PLATFORMS))) as server:
            page = await chromium.new_page(viewport={"width": 1280, "height": 800})
            problems: list[str] = []
            page.on("pageerror", lambda error: problems.append(str(error)))
            await page.goto(str(server.make_url("/")))
            await page.locator("[data-person]").first.wait_for()
            yield Scene(page, http, str(server.make_url("")).rstrip("/"), base, called)
            assert problems == []


async def test_wecom_card_is_pressed_and_then_closed_by_its_code(scene: Scene) -> None:
    sent = await scene.send_card(samples.WECOM_REJECT)
    card = scene.column("m03").get_by_role("article")

    await card.get_by_label("驳回的原因").select_option("price")
    await card.get_by_role("button", name="驳回").click()
    await expect(card.get_by_role("button", name="驳回")).not_to_have_attribute("aria-busy", "true")
    update = {
        "userids": ["m03"],
        "agentid": COMPANY.wecom.agent_id,
        "response_code": sent["response_code"],
        "button": {"replace_name": "已驳回"},
    }
    assert (await scene.wecom("message/update_template_card", update))["errcode"] == 0

    await expect(card.get_by_role("button", name="已驳回")).to_be_disabled()
    assert scene.called == ["/callback/wecom/app"]
    await expect(scene.column("m03").locator(".message-error")).to_have_count(0)


async def test_line_typed_in_each_column_reaches_the_bot_by_that_vendor(scene: Scene) -> None:
    for person in ("m03", "m02"):
        box = scene.column(person).locator("textarea")
        await box.fill("帮助")
        await box.press("Enter")
        await expect(scene.column(person).locator(".message.is-own")).to_contain_text("帮助")
    await scene.column("m01").get_by_role("tab", name="销售助手").click()
    await scene.column("m01").locator("textarea").fill("帮助")
    await scene.column("m01").locator("textarea").press("Enter")
    await expect(scene.column("m01").locator(".message.is-own")).to_contain_text("帮助")

    for _ in range(100):
        if len(scene.called) == 3:
            break
        await scene.page.wait_for_timeout(20)
    assert sorted(scene.called) == ["/callback/dingtalk/robot", "/callback/feishu", "/callback/wecom/app"]


async def test_dingtalk_card_that_nobody_listens_to_says_so_in_red(scene: Scene) -> None:
    body = {
        **samples.DINGTALK_ALERT,
        "cardData": {"cardParamMap": samples.DINGTALK_ALERT["cardParamMap"]},
        "outTrackId": "alert-1",
        "callbackType": "STREAM",
        "openSpaceId": f"dtv1.card//IM_GROUP.{GROUP.id}",
        "imGroupOpenSpaceModel": {"supportForward": False},
        "imGroupOpenDeliverModel": {"robotCode": COMPANY.dingtalk.robot_code},
    }
    del body["cardParamMap"]
    answer = await scene.dingtalk("card/instances/createAndDeliver", body)
    assert answer["result"]["deliverResults"][0]["success"], answer
    column = scene.column("m01")

    await column.get_by_role("button", name=re.compile("^知道了")).click()

    await expect(column.locator(".message-error")).to_contain_text("Stream")


async def test_a_file_to_the_wecom_app_is_told_not_to_arrive(scene: Scene) -> None:
    paper = {"name": "报价.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 quotation"}

    await scene.column("m03").locator('input[type="file"]').set_input_files(paper)  # type: ignore[arg-type]

    await expect(scene.column("m03").locator(".file")).to_contain_text("报价.pdf")
    await expect(scene.column("m03").locator(".message-error")).to_be_visible()
    assert scene.called == []


async def test_wecom_menu_made_by_the_api_stands_above_the_input(scene: Scene) -> None:
    entries = [
        {"name": "录入", "sub_button": [{"type": "click", "name": "录单", "key": "menu:log"}]},
        {"name": "拍凭证", "type": "pic_photo_or_album", "key": "menu:pic"},
    ]
    agent = str(COMPANY.wecom.agent_id)
    assert (await scene.wecom("menu/create", {"button": entries}, agentid=agent))["errcode"] == 0
    menu = scene.column("m03").get_by_label("助手的菜单")

    await menu.get_by_role("button", name="录入").click()
    await menu.get_by_role("menuitem", name="录单").click()
    async with scene.page.expect_file_chooser() as chooser:
        await menu.get_by_role("button", name="拍凭证").click()
    picture = {"name": "a.png", "mimeType": "image/png", "buffer": PNG}
    await (await chooser.value).set_files(picture)  # type: ignore[arg-type]

    await expect(scene.column("m03").locator(".message.is-own img")).to_be_visible()
    assert set(scene.called) == {"/callback/wecom/app"}
    assert len(scene.called) >= 2


async def test_link_of_a_card_signs_in_who_looks_at_it(scene: Scene) -> None:
    query = {
        "appid": COMPANY.wecom.corp_id,
        "redirect_uri": f"{scene.bot}/callback/landed",
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "s1",
        "agentid": COMPANY.wecom.agent_id,
    }
    url = f"{scene.base}/wecom/connect/oauth2/authorize?{urlencode(query)}#wechat_redirect"
    button = {"type": 1, "text": "打开", "url": url}
    await scene.send_card({**samples.WECOM_DEAL, "button_list": [button]})

    async with scene.page.expect_popup() as opened:
        await scene.column("m03").get_by_role("link", name=re.compile("^打开")).click()
    landed = await opened.value
    await landed.wait_for_url("**/callback/landed?*")
    [code] = parse_qs(urlsplit(landed.url).query)["code"]

    assert (await scene.wecom("auth/getuserinfo", None, code=code))["userid"] == "m03"


async def test_fault_panel_offers_what_each_vendor_can_do_wrong(scene: Scene) -> None:
    await scene.page.get_by_role("button", name="故障").click()
    form = scene.page.locator(".fault-form")
    await form.get_by_label("哪个平台").select_option("wecom")
    await form.get_by_label("哪一段").select_option("api")
    await form.get_by_label("路径").fill("/wecom/cgi-bin/message/send")
    await form.get_by_label("怎么坏").select_option("45009")
    await form.get_by_role("button", name="打开").click()
    await expect(scene.page.locator(".fault")).to_contain_text("错误码 45009")

    body = {"touser": "m03", "msgtype": "text", "agentid": COMPANY.wecom.agent_id, "text": {"content": "在吗"}}
    assert (await scene.wecom("message/send", body))["errcode"] == 45009
    assert (await scene.wecom("message/send", body))["errcode"] == 0
