"""The main job as people do it, through the simulator, over real HTTP."""

from __future__ import annotations

from tests.support.house import House


async def test_line_becomes_deal_and_undo_takes_it_back_R_QE_1_R_UNDO(house: House) -> None:
    rep = house.person("李雷")

    await rep.says("录单 华东医疗 CT机 120万")
    assert "已录单 #1 华东医疗" in await rep.last()
    assert "120.00 万" in await rep.last()
    assert "¥1,200,000.00" in await rep.last()

    done = await rep.clicks("撤销")
    assert done["toast"]["content"] == "已撤销 #1 华东医疗。"
    assert "已撤销 #1 华东医疗" in await rep.last()
    assert len(await rep.sees()) == 1
