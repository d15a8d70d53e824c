"""A link from chat, the page on a phone, the answer on the page and what follows in chat, over real HTTP. R-LINK."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.files import pdf, photo
from tests.support.house import House
from tests.support.pages import link_in, link_of, public_house, visitor


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """With a public address."""
    async with public_house(monkeypatch, tmp_path) as opened:
        yield opened


async def test_form_filled_in_on_a_page_is_the_deal_in_chat_R_LINK_R_QE_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store_url: str
) -> None:
    async with public_house(monkeypatch, tmp_path, store=store_url) as house:
        rep = house.person("李雷")
        url = await link_of(rep, "打开 录单")
        async with visitor(house) as phone:
            page = await phone.open(url)
            done = await phone.fill(url, page, customer="华东医疗", product="CT机", amount="120万")

        assert done.words.startswith("录一单 已录单 #")
        assert "¥1,200,000.00" in done.words
        assert done.words.endswith("聊天里也有，接着在那边办。")
        assert "已录单 #" in await rep.last()
        await rep.says("撤销")
        assert (await rep.last()).startswith("已撤销 #")


async def test_doubtful_amount_of_a_page_is_asked_in_chat_as_for_a_line_R_QE_3(house: House) -> None:
    rep = house.person("李雷")
    url = await link_of(rep, "打开 录单")
    async with visitor(house) as phone:
        page = await phone.open(url)
        done = await phone.fill(url, page, customer="华东医疗", product="CT机", amount="一百二")

    assert "金额是哪个" in done.words
    await rep.clicks("120.00 万")
    assert any("已录单" in str(message) for message in await rep.sees())


async def test_request_asked_on_a_page_reaches_who_decides_R_LINK_R_APR_1(house: House) -> None:
    rep, boss = house.person("李雷"), house.person("王芳")
    url = await link_of(rep, "打开 申请")
    async with visitor(house) as phone:
        page = await phone.open(url)
        done = await phone.fill(url, page, deal="#39", off="让5%", reason="对手报低价")

    assert "已送王芳" in done.words
    assert "李雷申请" in await boss.last()


async def test_files_of_a_page_are_judged_in_chat_R_LINK_R_EVD_1(house: House) -> None:
    rep, boss = house.person("李雷"), house.person("王芳")
    url = await link_of(rep, "传文件 39")
    async with visitor(house) as phone:
        page = await phone.open(url)
        done = await phone.upload(url, page, ("纪要.pdf", pdf(), "application/pdf"), text="#39 会议纪要")

    assert "收到，正在看" in done.words
    assert "会议纪要" in await rep.last()
    assert "#39" in await boss.last()


async def test_link_asked_for_in_a_group_goes_to_the_asker_alone_R_LINK_R_PPL_3(house: House) -> None:
    rep, group = house.person("李雷"), house.group("华东一组群")
    await rep.says("你好")
    await rep.says("传文件", chat=group, mention_bot=True)

    assert "/p/" not in "".join([str(message) for message in await rep.sees(chat=group)])
    async with visitor(house) as phone:
        assert "照片和文件" in (await phone.open(link_in(await rep.last()))).words


async def test_button_on_a_forwarded_card_gives_the_clicker_a_link_of_their_own_R_LINK(house: House) -> None:
    rep, boss = house.person("李雷"), house.person("王芳")
    await rep.says("录单 华东医疗 CT机 120万")
    await boss.says("你好")
    message = (await rep.sees())[-1]["message_id"]
    button = {"a": "page.open", "s": "deal:39"}
    await house.raw_click(boss, message, button, event_id="b1")

    with house.bot.store.snapshot() as conn:
        made = [tuple(row) for row in conn.execute(text("SELECT member_id, purpose, subject FROM links"))]
    assert made == [("m02", "upload", "deal:39")]
    async with visitor(house) as phone:
        assert (await phone.open(link_in(await boss.last()))).value("text") == "#39 "


async def test_who_asked_and_who_opened_is_in_the_audit_log_R_LINK_R_AUD(house: House) -> None:
    url = await link_of(house.person("李雷"), "传文件")
    async with visitor(house) as phone:
        page = await phone.open(url)
        await phone.upload(url, page, ("a.jpg", photo(), "image/jpeg"))

    with house.bot.store.snapshot() as conn:
        rows = conn.execute(text("SELECT who, action, subject FROM audit WHERE action LIKE 'link.%' ORDER BY seq"))
        assert [tuple(row) for row in rows] == [("m03", "link.make", "link:1"), ("m03", "link.open", "link:1")]
