"""The pages in Chromium on a phone of 390 by 844: one thumb, camera, dark mode, what was typed survives. ux.md 6."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, FilePayload, Page, expect

from tests.support.browser import open_browser, picture
from tests.support.files import pdf, photo
from tests.support.house import House
from tests.support.pages import link_of, public_house


@dataclass(slots=True)
class Phone:
    """A phone before a house: any script fault or breach of the policy fails the test."""

    house: House
    page: Page
    faults: list[str]

    def here(self, url: str) -> str:
        """The address of this test's server."""
        base = self.house.callback.removesuffix("/callback/feishu")
        return base + url[url.index("/p/") :]

    async def open(self, url: str) -> None:
        """The link tapped, and its one button."""
        await self.page.goto(self.here(url))
        await self.page.get_by_role("button", name="打开", exact=True).click()
        await expect(self.page.get_by_role("heading", name="打开这一页")).to_have_count(0)


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """With a public address."""
    async with public_house(monkeypatch, tmp_path) as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium without a window."""
    async with open_browser() as chromium:
        yield chromium


async def phone_of(house: House, browser: Browser, **more: Any) -> tuple[Phone, BrowserContext]:
    """One phone, light unless told otherwise."""
    given = {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "has_touch": True, **more}
    screen = await browser.new_context(**given)
    page, faults = await screen.new_page(), []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
    return Phone(house, page, faults), screen


@pytest.fixture
async def phone(house: House, browser: Browser) -> AsyncIterator[Phone]:
    """李雷's."""
    opened, screen = await phone_of(house, browser)
    yield opened
    assert opened.faults == []
    await screen.close()


def file(name: str, content: bytes) -> FilePayload:
    """As the phone hands it to the page."""
    kind = "application/pdf" if name.endswith(".pdf") else "image/jpeg"
    return {"name": name, "mimeType": kind, "buffer": content}


async def fits(page: Page) -> None:
    """Nothing is scrolled sideways, and every button can be hit by a thumb. ux.md 6."""
    for width in (320, 390):
        await page.set_viewport_size({"width": width, "height": 844})
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for target in await page.locator("button:visible, a.button:visible, label.button:visible, input[type=text]").all():
        box = await target.bounding_box()
        assert box, await target.inner_text()
        assert box["height"] >= 44, await target.inner_text()


async def test_form_is_filled_in_with_a_fault_first_R_LINK_R_HOLD(house: House, phone: Phone) -> None:
    rep, page = house.person("李雷"), phone.page
    await phone.open(await link_of(rep, "打开 录单"))
    await fits(page)
    await page.get_by_label("客户").fill("华东医疗")
    await page.get_by_label("产品").fill("CT机")
    await page.get_by_label("金额").fill("很多")
    await page.get_by_role("button", name="录单").click()

    await expect(page.get_by_text("没看懂这个金额")).to_be_visible()
    await expect(page.get_by_label("金额")).to_be_focused()
    await expect(page.get_by_label("客户")).to_have_value("华东医疗")
    await picture(page, "page-form-fault")
    await page.get_by_label("金额").fill("120万")
    await page.get_by_role("button", name="录单").click()

    await expect(page.get_by_role("heading", name="已录单")).to_be_visible()
    await fits(page)
    await picture(page, "page-form-done")
    await house.quiet()
    assert "已录单" in await rep.last()


async def test_what_was_typed_survives_a_reload_and_an_expired_link_R_LINK(house: House, phone: Phone) -> None:
    rep, page = house.person("李雷"), phone.page
    await phone.open(await link_of(rep, "打开 录单"))
    await page.get_by_label("客户").fill("华东医疗")
    await page.reload()
    await expect(page.get_by_label("客户")).to_have_value("华东医疗")
    await page.get_by_label("产品").fill("CT机")
    await house.later("9h")

    await page.get_by_role("button", name="录单").click()
    await expect(page.get_by_text("链接过期了。回聊天说「打开」，马上给你新的。")).to_be_visible()
    await phone.open(await link_of(rep, "打开 录单"))

    await expect(page.get_by_label("客户")).to_have_value("华东医疗")
    await expect(page.get_by_label("产品")).to_have_value("CT机")


async def test_photos_and_files_go_up_together_R_LINK_R_EVD_1(house: House, phone: Phone) -> None:
    rep, page = house.person("李雷"), phone.page
    await phone.open(await link_of(rep, "传文件"))
    await fits(page)
    assert await page.locator("#camera").get_attribute("capture") == "environment"
    await page.locator("#camera").set_input_files(file("IMG_1.jpg", photo()))
    await page.locator("#pick").set_input_files([file("纪要.pdf", pdf()), file("空.pdf", b"")])
    await expect(page.locator("#files li")).to_have_count(2)
    await expect(page.get_by_text("空.pdf：0 字节，请重新选。")).to_be_visible()
    await picture(page, "page-upload")
    await page.get_by_role("button", name="传上去").click()

    await expect(page.get_by_role("heading", name="收到，正在看")).to_be_visible()
    await fits(page)
    await house.quiet()
    assert len(await rep.sees()) == 3  # the link, and a card for each file


async def test_chosen_file_can_be_dropped_and_none_is_said_under_the_field(house: House, phone: Phone) -> None:
    page = phone.page
    await phone.open(await link_of(house.person("李雷"), "传文件"))
    await page.locator("#pick").set_input_files(file("<b>a</b>.jpg", photo()))
    await expect(page.locator("#files")).to_contain_text("<b>a</b>.jpg")
    await page.get_by_role("button", name="去掉 <b>a</b>.jpg").click()
    await page.get_by_role("button", name="传上去").click()

    await expect(page.get_by_text("先拍一张，或选个文件。")).to_be_visible()


async def test_network_that_breaks_loses_no_file_R_LINK(house: House, phone: Phone) -> None:
    page = phone.page
    await phone.open(await link_of(house.person("李雷"), "传文件"))
    await page.locator("#pick").set_input_files(file("a.jpg", photo()))
    await page.context.set_offline(True)
    await page.get_by_role("button", name="传上去").click()
    await expect(page.get_by_text("网络断了，文件都在，再点一次。")).to_be_visible()
    await page.context.set_offline(False)
    await page.get_by_role("button", name="传上去").click()

    await expect(page.get_by_role("heading", name="收到，正在看")).to_be_visible()


async def test_works_without_script_R_LINK(house: House, browser: Browser) -> None:
    phone, screen = await phone_of(house, browser, java_script_enabled=False)
    page = phone.page
    await page.goto(phone.here(await link_of(house.person("李雷"), "传文件")))
    await page.get_by_role("button", name="打开", exact=True).click()
    await page.locator("#pick").set_input_files(file("a.jpg", photo()))
    await page.get_by_role("button", name="传上去").click()

    await expect(page.get_by_role("heading", name="收到，正在看")).to_be_visible()
    await screen.close()


async def test_dark_follows_the_system_and_the_switch(house: House, browser: Browser) -> None:
    phone, screen = await phone_of(house, browser, color_scheme="dark")
    await phone.open(await link_of(house.person("李雷"), "打开 录单"))
    colour = "getComputedStyle(document.body).backgroundColor"
    assert await phone.page.evaluate(colour) == "rgb(18, 21, 27)"
    await picture(phone.page, "page-form-dark")
    await phone.page.get_by_role("button", name="浅色").click()

    assert await phone.page.evaluate(colour) == "rgb(242, 244, 247)"
    await phone.page.reload()
    assert await phone.page.evaluate(colour) == "rgb(242, 244, 247)"
    assert phone.faults == []
    await screen.close()
