"""Numbers that another key file sealed: people read a sentence, cards are drawn, and an import heals. R-PRIV."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from tests.e2e.test_leads import LEADS, greeted, imported, with_lead
from tests.support.house import House, open_house
from tests.support.stores import sqlite_url


def poison(house: House) -> int:
    """Events that could not be handled and messages that could not be sent."""
    with house.bot.store.snapshot() as conn:
        inbox = conn.execute(text("SELECT count(*) FROM inbox WHERE state = 2 OR tries > 0")).scalar_one()
        outbox = conn.execute(text("SELECT count(*) FROM outbox WHERE state = 2")).scalar_one()
    return int(inbox) + int(outbox)


async def test_number_of_another_key_file_is_a_sentence_and_an_import_seals_it_anew_r_priv(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    async with open_house(url, tmp_path) as house:
        await greeted(house, "李雷")
        await with_lead(house)
    (tmp_path / "key").unlink()

    async with open_house(url, tmp_path, kinds=()) as house:
        rep = house.person("李雷")
        await rep.says("号码 1")
        refused = await rep.last()
        await rep.says("我的线索")
        await rep.clicks("看 #1")
        card = await rep.last()
        await rep.says("接通了 1")
        touched = await rep.last()
        await imported(house, "leads", LEADS, ("L1", "江南康复医院1", "刘主任", "13800000001", "DR"))
        await rep.says("号码 1")

        assert refused == "号码存着，现在的密钥打不开。请管理员放回原来的密钥文件。"
        assert "刘主任 · 号码打不开" in card
        assert "接通了" in touched
        assert "13800000001" in await rep.last()
        assert poison(house) == 0
