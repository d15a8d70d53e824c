"""Pages over real HTTP: a link from chat, the form and the files on a phone, the answer on the page and in chat. R-LINK."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.files import pdf, photo
from tests.support.house import House
from tests.support.pages import link_of, public_house, visitor


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    async with public_house(monkeypatch, tmp_path) as opened:
        yield opened


async def test_form_filled_in_on_a_page_is_the_deal_R_LINK_R_QE_1(house: House) -> None:
    rep = house.person("李雷")
    url = await link_of(rep, "打开 录单")

    async with visitor(house) as phone:
        page = await phone.open(url)
        done = await phone.fill(url, page, customer="华东医疗", product="CT机", amount="120万")

    print(page.words); print(done.status, done.words); print(await rep.last())
    assert "已录单" in done.words
    assert "已录单" in await rep.last()


async def test_files(house: House) -> None:
    rep = house.person("李雷")
    url = await link_of(rep, "传文件")
    async with visitor(house) as phone:
        page = await phone.open(url)
        done = await phone.upload(url, page, ("a.jpg", photo(), "image/jpeg"), ("b.pdf", pdf(), "application/pdf"))
    print(page.words); print(done.status, done.words); print(await rep.last())
    assert 0
