"""Evidence and gates over real HTTP: photos, reviews, stages, and everything that can be wrong. R-EVD-1 to R-EVD-5."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.files import path_of
from tests.support.facts import tx_of
from tests.support.files import EML, office, pdf, photo, sends
from tests.support.house import House, Person, open_house, words_of
from tests.support.stores import postgres_url, sqlite_url


async def in_gate_3(house: House, *, number: int = 1, customer: str = "华东医疗") -> tuple[Person, Person]:
    """李雷's deal stands in gate 3."""
    rep, boss = house.person("李雷"), house.person("王芳")
    await rep.says(f"录单 {customer} CT机 120万")
    await rep.says(f"推进 {number}")
    await rep.says(f"推进 {number}")
    return rep, boss


def stored(house: House) -> list[Path]:
    """Every original on disk."""
    return [file for file in (house.bot.settings.data_dir / "files").rglob("*") if file.is_file()]


async def all_said(who: Person) -> str:
    return "\n".join(words_of(message) for message in await who.sees())


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_two_photos_are_reviewed_and_the_deal_goes_on_R_GATE_1_R_EVD_5(kind: str, tmp_path: Path) -> None:
    url = sqlite_url(tmp_path) if kind == "sqlite" else postgres_url()
    async with open_house(url, tmp_path) as house:
        rep, boss = await in_gate_3(house)
        assert "凭证 0/2 · 11-21 周六 09:10 前" in await rep.last()

        await rep.says("推进 1")
        assert "#1 还不能进第 4 阶段" in await rep.last()
        await rep.says("传凭证 1 会议纪要")
        assert await rep.last() == "好，把 #1 的会议纪要拍给我，或发 PDF。"
        await sends(rep, photo("white"))
        assert "会议纪要 待主管看" in await rep.last()
        assert "请看一眼：会议纪要" in await boss.last()

        await boss.clicks("通过")
        assert "会议纪要：通过" in await boss.last()
        assert "会议纪要 通过 #1 第 3 关 1/2" in await rep.last()
        assert "还差客户签字的需求匹配表" in await rep.last()

        await sends(rep, photo("red"))
        assert "需求匹配表 待主管看" in await rep.last()
        await boss.clicks("通过")
        assert "可以进第 4 阶段了" in await rep.last()
        await rep.clicks("推进")
        assert "4 方案呈现" in await rep.last()
        assert len(stored(house)) == 2


async def test_a_photo_without_a_hint_is_asked_about_and_a_number_answers_R_EVD_1_R_HOLD(house: House) -> None:
    rep, _ = await in_gate_3(house)

    await sends(rep, photo())
    assert "这份是哪单的" in await rep.last()
    assert "#1 华东医疗 会议纪要" in await rep.last()
    await rep.says("2")
    assert "需求匹配表 待主管看" in await rep.last()


async def test_a_button_answers_too_and_not_this_one_asks_again_R_EVD_1(house: House) -> None:
    rep, boss = await in_gate_3(house)
    await sends(rep, photo())

    await rep.clicks("是 1")
    assert "会议纪要 待主管看" in await rep.last()
    await rep.clicks("不是这单")
    assert "这份是哪单的" in await rep.last()
    assert "不用看了" in await boss.last()
    await rep.clicks("是 1")
    assert "需求匹配表 待主管看" in await rep.last()
    await rep.says("缺什么 1")
    assert "○ 还差 会议纪要 ◐ 在审 客户签字的需求匹配表" in await rep.last()


async def test_name_and_kind_in_the_text_link_the_photo_R_EVD_1(house: House) -> None:
    rep, _ = await in_gate_3(house)
    await in_gate_3(house, number=2, customer="南通海安医院")

    await sends(rep, photo(), text="华东医疗的需求匹配表，见图")

    assert "需求匹配表 待主管看 #1 第 3 关" in await rep.last()


async def test_none_fits_and_the_file_is_kept_until_a_number_comes_R_EVD_1_R_HOLD(house: House) -> None:
    rep = house.person("李雷")
    await sends(rep, photo())
    assert "文件我存着" in await rep.last()
    assert len(stored(house)) == 1

    await in_gate_3(house)
    await sends(rep, photo())
    await rep.clicks("都不是")
    assert "回商机编号" in await rep.last()
    await rep.says("1 的会议纪要")
    assert "会议纪要 待主管看" in await rep.last()


async def test_retake_replaces_the_photo_and_the_review_shows_the_new_one_R_EVD_1(house: House) -> None:
    rep, boss = await in_gate_3(house)
    await sends(rep, photo(), text="1 会议纪要")
    seen = len(await boss.sees())

    await rep.clicks("重拍一张")
    await sends(rep, photo("blue"))

    assert "会议纪要 待主管看" in await rep.last()
    assert "换成新的了" in await all_said(rep)
    assert len(await boss.sees()) == seen
    await boss.clicks("通过")
    assert "会议纪要 通过" in await rep.last()


async def test_sent_back_with_a_typed_reason_R_EVD_5_R_HOLD(house: House) -> None:
    rep, boss = await in_gate_3(house)
    await sends(rep, photo(), text="1 会议纪要")

    await boss.says("凭证退回 1 日期对不上")

    assert await boss.last() == "已退回"
    assert "会议纪要 没通过" in await rep.last()
    assert "日期对不上" in await rep.last()
    await rep.clicks("重新传")
    await sends(rep, photo("blue"))
    assert "会议纪要 待主管看" in await rep.last()


async def test_nobody_reviews_their_own_and_a_second_decision_is_late_R_EVD_5(house: House) -> None:
    rep, boss = await in_gate_3(house)
    await sends(rep, photo(), text="1 会议纪要")

    await rep.says("凭证通过 1")
    assert "自己的凭证要别人看，等王芳点" in await rep.last()
    await house.person("陈宇").says("凭证通过 1")
    assert "看不了" in await house.person("陈宇").last()
    await boss.says("凭证通过 1")
    await boss.says("凭证退回 1 看不清")
    assert await boss.last() == "你已经通过了，不用再点。"


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "empty.jpg", "0 字节"),
        (EML + b"x" * (21 << 20), "big.eml", "最多 20 MB"),
        (pdf(password="1234"), "locked.pdf", "去掉密码再发我"),
        (pdf(script="app.alert(1)"), "active.pdf", "另存成普通 PDF 再发"),
        (pdf(pages=201), "long.pdf", "201 页，最多 200 页"),
        (photo()[:300], "half.jpg", "坏了或没传完"),
        (b"MZ\x90\x00", "photo.jpg", "发照片或 PDF"),
    ],
)
async def test_bad_file_is_refused_with_what_to_do_and_kept_R_EVD_4(
    house: House, content: bytes, name: str, words: str
) -> None:
    rep, boss = await in_gate_3(house)
    await rep.says("传凭证 1 会议纪要")

    await sends(rep, content, name=name, kind="file")

    assert "会议纪要 没通过" in await rep.last()
    assert words in await rep.last()
    assert await boss.sees() == []
    assert len(stored(house)) == 1
    await rep.clicks("重新传")
    await sends(rep, photo())
    assert "会议纪要 待主管看" in await rep.last()


async def test_thirty_one_megabytes_are_more_than_the_platform_gives_R_EVD_2(house: House) -> None:
    rep, _ = await in_gate_3(house)
    await rep.says("传凭证 1 会议纪要")

    await sends(rep, EML + b"x" * (31 << 20), name="big.eml", kind="file")

    assert "压到 20 MB 内" in await rep.last()


@pytest.mark.parametrize(
    ("content", "name"),
    [(pdf(), "a.pdf"), (office("word/document.xml"), "a.docx"), (EML, "a.eml"), (photo(kind="PNG"), "a.png")],
)
async def test_each_type_goes_to_review_R_EVD_1(house: House, content: bytes, name: str) -> None:
    rep, boss = await in_gate_3(house)
    await rep.says("传凭证 1 会议纪要")

    await sends(rep, content, name=name, kind="file")

    assert "会议纪要 待主管看" in await rep.last()
    assert "请看一眼" in await boss.last()


async def test_same_file_on_two_deals_is_refused_there_R_EVD_4(house: House) -> None:
    rep, _ = await in_gate_3(house)
    await in_gate_3(house, number=2, customer="南通海安医院")
    await sends(rep, photo(), text="#1 会议纪要")

    await sends(rep, photo(), text="#2 会议纪要")

    assert "和 #1 用过的是同一份" in await rep.last()
    assert "请发 #2 自己的那份" in await rep.last()


async def test_same_file_twice_for_one_requirement_is_one_submission_R_EVD_1(house: House) -> None:
    rep, boss = await in_gate_3(house)
    await sends(rep, photo(), text="#1 会议纪要")
    seen = len(await boss.sees())

    await sends(rep, photo(), text="#1 会议纪要")

    assert "会议纪要 待主管看" in await rep.last()
    assert len(await boss.sees()) == seen
    assert "换成新的了" not in await all_said(rep)


async def test_a_deal_one_may_not_see_or_that_is_lost_takes_no_file_and_the_file_is_kept_R_PPL_2(house: House) -> None:
    await in_gate_3(house)
    other = house.person("陈宇")

    await sends(other, photo(), text="#1 的会议纪要")
    assert "#1 你现在看不了，要传先请负责人授权。文件我存着" in await other.last()

    rep = house.person("李雷")
    await rep.says("流失 1 预算砍了")
    await sends(rep, photo("blue"), text="1 会议纪要")
    assert "#1 已经不在走了，不收凭证。文件我存着" in await rep.last()
    await rep.says("取消")
    await rep.says("传凭证 1")
    assert "不收凭证" in await rep.last()
    assert len(stored(house)) == 2


async def test_originals_are_on_disk_by_their_hash_R_EVD_1(house: House) -> None:
    rep, _ = await in_gate_3(house)
    await sends(rep, photo(), text="#1 会议纪要")

    with house.bot.store.snapshot() as conn:
        kept = tx_of(conn, house.bot.store).evidence.submission(1)
    assert kept is not None
    assert path_of(house.bot.settings.data_dir / "files", kept.sha).read_bytes() == photo()


async def test_text_into_the_listening_ear_is_told_to_send_a_file_R_HOLD(house: House) -> None:
    rep, _ = await in_gate_3(house)
    await rep.says("传凭证 1 会议纪要")

    await rep.says("等一下")
    assert await rep.last() == "等你的照片或 PDF。不传了就说「取消」。"
    await rep.says("取消")
    assert await rep.last() == "好，「传凭证」不办了。"
