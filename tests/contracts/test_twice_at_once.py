"""Every handler that writes, run twice at once on one subject: one effect, and a polite answer for the other. 17.2."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.house import House, button_of, open_house, words_of
from tests.support.races import at_once
from tests.support.stores import postgres_url, sqlite_url


@pytest.fixture(params=["sqlite", "postgresql"])
async def company(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """The demo company on each store."""
    url = sqlite_url(tmp_path) if request.param == "sqlite" else postgres_url()
    async with open_house(url, tmp_path) as opened:
        for name in ("李雷", "王芳", "刘洋"):
            await opened.person(name).says("帮助")  # from now on their accounts are bound
        yield opened


def audited(house: House, action: str) -> int:
    """How often the log says so."""
    with house.bot.store.snapshot() as conn:
        return int(conn.execute(text("SELECT count(*) FROM audit WHERE action = :a"), {"a": action}).scalar_one())


async def test_deal_lost_by_rep_and_supervisor_is_lost_once(company: House, monkeypatch: pytest.MonkeyPatch) -> None:
    rep, boss = company.person("李雷"), company.person("王芳")
    await rep.says("录单 华东医疗 CT机 120万")

    again = await at_once(company, monkeypatch, [rep.says("流失 1 预算砍了"), boss.says("流失 1 丢给联影")])

    assert again == 1
    assert audited(company, "deal.lose") == 1
    assert sorted(["记为流失" in await rep.last(), "记为流失" in await boss.last()]) == [False, True]


async def test_deal_taken_back_and_lost_at_once_has_one_end(company: House, monkeypatch: pytest.MonkeyPatch) -> None:
    rep, boss = company.person("李雷"), company.person("王芳")
    await rep.says("录单 华东医疗 CT机 120万")

    await at_once(company, monkeypatch, [rep.says("撤销"), boss.says("流失 1 丢给联影")])

    assert audited(company, "deal.undo") + audited(company, "deal.lose") == 1


async def test_customer_goes_with_its_deal_only_while_it_has_no_other_R_UNDO(
    company: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    rep, group = company.person("李雷"), company.group("华东一组群")
    await rep.says("录单 青龙白虎医院 CT机 120万")

    await at_once(
        company,
        monkeypatch,
        [rep.says("撤销"), rep.says("录单 青龙白虎医院 DR 60万", chat=group, mention_bot=True)],
    )

    with company.bot.store.snapshot() as conn:
        orphans = conn.execute(
            text("SELECT count(*) FROM deals d JOIN customers c ON c.id = d.customer_id "
                 "WHERE d.state = 'open' AND c.state <> 'active'")
        ).scalar_one()  # fmt: skip
    assert orphans == 0
    assert audited(company, "deal.undo") == 1


async def test_answer_typed_and_tapped_at_once_makes_one_deal_R_QE_3(
    company: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    rep = company.person("李雷")
    await rep.says("录单 华东医疗 CT机 一百二")
    message = (await rep.sees())[-1]
    group = company.group("华东一组群")
    button = button_of(message, "120.00 万")

    await at_once(
        company,
        monkeypatch,
        [
            company.raw_click(rep, message["message_id"], button, event_id="tap"),
            rep.says("130万", chat=group, mention_bot=True),
        ],
    )

    assert audited(company, "deal.open") == 1


async def test_form_sent_twice_at_once_makes_one_deal_R_HOLD(company: House, monkeypatch: pytest.MonkeyPatch) -> None:
    rep, group = company.person("李雷"), company.group("华东一组群")
    await rep.says("录单")
    await rep.says("华东医疗")
    await rep.says("CT机")

    await at_once(
        company,
        monkeypatch,
        [rep.says("120万"), rep.says("130万", chat=group, mention_bot=True)],
    )

    assert audited(company, "deal.open") == 1
    assert "已录单 #1" in " ".join([words_of(message) for message in await rep.sees()])
