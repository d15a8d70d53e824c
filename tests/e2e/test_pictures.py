"""Pictures in cards: made aside, uploaded once, never a reason not to send (decision 0010)."""

from __future__ import annotations

from typing import Any

from cards.blocks import Picture, Title
from tests.support.files import photo, sends
from tests.support.house import House, Person


async def reviewed(house: House) -> tuple[Person, Person]:
    """李雷's photo is with 王芳; he and she."""
    rep, boss = house.person("李雷"), house.person("王芳")
    await rep.says("录单 华东医疗 CT机 120万")
    await rep.says("推进 1")
    await rep.says("推进 1")
    await rep.says("传凭证 1 会议纪要")
    await sends(rep, photo("white"))
    return rep, boss


def pictures_in(message: dict[str, Any]) -> list[str]:
    """Keys of the images a card shows."""
    return [part["img_key"] for part in message["card"]["body"]["elements"] if part["tag"] == "img"]


async def test_photo_is_shown_in_the_review_card_and_uploaded_once(house: House) -> None:
    _, boss = await reviewed(house)

    assert len(pictures_in((await boss.sees())[-1])) == 1
    await boss.clicks("通过")

    assert len(await house.calls("/im/v1/images")) == 1


async def test_picture_nobody_can_make_leaves_its_words(house: House) -> None:
    card = (Title("LDR"), Picture("trend", "八周", {"nothing": "to draw"}))

    placed = await house.bot.outbox._pictures.place(card, house.bot.platforms["feishu"])

    assert placed == card
    assert await house.calls("/im/v1/images") == []


async def test_drawing_goes_on_after_its_process_was_killed(house: House) -> None:
    _, boss = await reviewed(house)
    pictures = house.bot.outbox._pictures
    assert pictures._process
    for child in (pictures._process._processes or {}).values():
        child.kill()
        child.join()

    rep = house.person("李雷")
    await rep.says("传凭证 1 需求匹配表")
    await sends(rep, photo("red"))
    await rep.says("传凭证 1 需求匹配表")
    await sends(rep, photo("blue"))

    assert len(pictures_in((await boss.sees())[-1])) == 1


async def test_card_waits_for_a_platform_that_takes_no_picture_just_now(house: House) -> None:
    await house.post("/sim/faults", {"kind": "429", "path": "/im/v1/images", "count": 1})

    _, boss = await reviewed(house)

    assert len(pictures_in((await boss.sees())[-1])) == 1
    assert "可能重复" not in await boss.last()
