"""Who may see a card: an invisible subject never reaches the drawing. R-PPL-2, R-CUS-5, R-PPL-4, R-MERGE."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cards import deal as deal_card
from cards import draft as draft_card
from cards.blocks import Buttons, Card, Fields, Headline, Note, Text, Title, words
from cards.registry import show
from sales.customers import Peek
from sales.deals import Deal
from sales.people import Member
from storage.engine import Store
from tests.support.facts import MICROSECOND, NOW, customer, deal, draft, keep, member, tx_of

BOSS = member("m00", "director", name="张伟", team="销售部")
LEAD = member("m01", "supervisor", name="王芳", team="销售部/华东")
REP = member("m03", superior_id="m01", team="销售部/华东/一组")
PEER = member("m04", name="韩梅梅", team="销售部/华东/一组")
FAR_LEAD = member("m05", "supervisor", name="周强", team="销售部/华南")
ADMIN = member("m09", "admin", "ops", name="刘洋", team="销售部")
GONE = replace(LEAD, id="m10", state="left")
PEOPLE = (BOSS, LEAD, REP, PEER, FAR_LEAD, ADMIN, GONE)
SEES = {"m00", "m01", "m03"}

viewers = pytest.mark.parametrize("viewer", [*PEOPLE, None], ids=lambda m: m.id if m else "nobody")


@pytest.fixture
def filled(store: Store) -> Store:
    keep(
        store, *PEOPLE, customer(1, tier="A"), customer(2, "华东医疗器材", "m04", town="无锡"),
        customer(3, "华东医疗器械（杭州）", town="杭州"), deal(17),
    )  # fmt: skip
    return store


def shown(
    store: Store, name: str, subject: str, viewer: Member | None, *, away: timedelta = timedelta(0), **args: str
) -> Card | None:
    with store.snapshot() as conn:
        return show(name, tx_of(conn, store, now=NOW + away), subject=subject, viewer=viewer, args=args)


def blocks(card: Card | None, kind: type[Any]) -> list[Any]:
    assert card is not None
    return [block for block in card if isinstance(block, kind)]


@viewers
def test_deal_is_shown_to_its_owner_and_who_leads_them_r_ppl_2(filled: Store, viewer: Member | None) -> None:
    seen = shown(filled, "deal", "deal:17", viewer) is not None

    assert seen is (viewer is not None and viewer.id in SEES)


@viewers
def test_deal_that_is_not_there_looks_like_one_out_of_sight_r_ppl_2(filled: Store, viewer: Member | None) -> None:
    assert shown(filled, "deal", "deal:4711", viewer) is None


def test_deal_without_its_customer_is_not_shown(store: Store) -> None:
    keep(store, REP, deal(17))

    assert shown(store, "deal", "deal:17", REP) is None


def test_fresh_deal_is_a_receipt_with_an_undo_for_who_logged_it_r_undo_r_qe_3(filled: Store) -> None:
    card = shown(filled, "deal", "deal:17", REP, repaired="录单")

    assert card is not None
    assert card[0] == Title("已录单 #17 华东医疗", "green", "1 线索确认")
    assert card[1] == Headline("120.00 万")
    assert card[2] == Fields(
        (
            ("产品", "CT机"), ("客户", "华东医疗 · A 级 · 老客户"), ("金额", "¥1,200,000.00"), ("负责", "李雷"),
            ("还可补", "签约日、预算、关键人"),
        )
    )  # fmt: skip
    assert card[3] == Note("已按「录单」理解 · 10:32 前可撤销")
    assert [button.label for button in blocks(card, Buttons)[0].items] == ["撤销"]


@pytest.mark.parametrize(
    ("away", "undo"), [(timedelta(minutes=10), True), (timedelta(minutes=10) + MICROSECOND, False)]
)
def test_undo_is_drawn_as_long_as_it_works_r_undo(filled: Store, away: timedelta, undo: bool) -> None:
    card = shown(filled, "deal", "deal:17", REP, away=away)

    assert [button.label for button in blocks(card, Buttons)[0].items] == (["撤销"] if undo else ["推进"])
    assert blocks(card, Note) == ([Note("10:32 前可撤销")] if undo else [])


def test_undo_is_drawn_for_nobody_else_r_undo(filled: Store) -> None:
    card = shown(filled, "deal", "deal:17", LEAD, repaired="录单")

    assert [button.label for button in blocks(card, Buttons)[0].items] == ["推进"]
    assert blocks(card, Note) == [Note("已按「录单」理解")]


@viewers
def test_list_holds_what_the_viewer_may_see_r_ppl_2(filled: Store, viewer: Member | None) -> None:
    card = shown(filled, "deals", "", viewer)

    if viewer is None:
        assert card is None
    elif viewer.id in SEES:
        assert blocks(card, Fields) == [Fields((("#17", "华东医疗 · CT机 · 120.00 万 · 第 1 阶段"),))]
    else:
        assert card == words("还没有商机。在聊天里说：录单 客户 产品 金额")


def test_list_has_ten_rows_and_says_how_many_are_left(filled: Store) -> None:
    keep(filled, *(deal(n, amount_fen=n * 1_000_000, customer_id=99) for n in range(101, 115)))

    card = shown(filled, "deals", "", REP)

    assert blocks(card, Headline) == [Headline("15 条")]
    rows = blocks(card, Fields)[0].pairs
    assert [number for number, _ in rows] == ["#17", *(f"#{n}" for n in range(114, 105, -1))]
    assert rows[1] == ("#114", "— · CT机 · 114.00 万 · 第 1 阶段")
    assert blocks(card, Note) == [Note("还有 5 条 · 说「商机 编号」看一条")]


@viewers
def test_question_is_shown_to_who_was_asked_and_to_nobody_else_r_ppl_2(filled: Store, viewer: Member | None) -> None:
    keep(filled, draft(5, amount_fen=None, ask="amount", amounts=(100, 120_000_000)))

    seen = shown(filled, "draft", "draft:5", viewer) is not None

    assert seen is (viewer is not None and viewer.id == "m03")


def test_question_that_is_not_there_is_nothing(filled: Store) -> None:
    assert shown(filled, "draft", "draft:9", REP) is None


def test_of_a_customer_outside_sight_only_name_town_and_owner_are_shown_r_cus_5(filled: Store) -> None:
    keep(filled, draft(5, customer="华东医疗器械", ask="customer", near=(2, 3, 1, 77)))

    card = shown(filled, "draft", "draft:5", REP)

    assert blocks(card, Fields)[0].pairs == (
        ("你写的", "华东医疗器械"),
        ("1 已有", "华东医疗器材（无锡） · 韩梅梅"),
        ("2 已有", "华东医疗器械（杭州） · 你的客户"),
        ("3 已有", "华东医疗 · 你的客户"),
    )


def test_customer_that_was_undone_is_offered_no_more_r_cus_5(filled: Store) -> None:
    keep(filled, replace(customer(2, "华东医疗器材"), version=1, state="undone"))
    keep(filled, replace(customer(3, "华东医疗器械"), version=1))
    keep(filled, draft(5, ask="customer", near=(2, 3)))

    with filled.snapshot() as conn:
        tx = tx_of(conn, filled)
        asked = tx.drafts.get(5)
        assert asked is not None
        data = draft_card.load(tx, asked, REP)
    assert data.choices == (draft_card.Choice(3, "华东医疗器械", "你的客户"),)
    assert blocks(draft_card.draw(data), Fields)[0].pairs[1] == ("2 已有", "华东医疗器械 · 你的客户")
    assert [b.label for b in blocks(draft_card.draw(data), Buttons)[0].items][:1] == ["是 2"]


@pytest.mark.parametrize(
    ("changed", "title", "labels"),
    [
        (
            {"ask": "amount", "amount_fen": None, "amounts": (1_200_000, 12_000)},
            "金额是哪个",
            ["1.20 万", "¥120.00"],
        ),
        ({"ask": "amount", "amount_fen": None}, "还差金额", ["取消"]),
        ({"ask": "amount", "amount_fen": None, "why": "not_positive"}, "还差金额", ["取消"]),
        ({"ask": "product", "product": ""}, "还差产品", ["取消"]),
        ({"ask": "customer", "customer": "", "product": "", "amount_fen": None}, "还差客户", ["取消"]),
        ({"ask": "customer", "near": (77,)}, "还差客户", ["取消"]),
        ({"ask": "customer", "near": (1,)}, "是这家客户吗", ["是 1", "都不是，新建", "取消"]),
        ({"state": "done", "deal_id": 17}, "已录成 #17", []),
        ({"state": "dropped"}, "不录了", []),
    ],
)
def test_question_shows_what_is_open_r_hold(
    filled: Store, changed: dict[str, Any], title: str, labels: list[str]
) -> None:
    keep(filled, draft(5, repaired="录单", **changed))

    card = shown(filled, "draft", "draft:5", REP)

    assert blocks(card, Title)[0].text == title
    drawn = [button.label for block in blocks(card, Buttons) for button in block.items]
    assert [label for label in drawn if label != "都不是"][: len(labels)] == (labels if labels else [])


def test_buttons_of_another_question_carry_another_stamp_r_hold() -> None:
    asked = draft(5, ask="amount", amounts=(1, 2))

    assert draft_card.mark(asked) != draft_card.mark(replace(asked, amounts=(1, 3)))
    assert draft_card.mark(asked) != draft_card.mark(replace(asked, ask="customer"))
    assert draft_card.mark(asked) == draft_card.mark(replace(asked, asked_at=NOW + MICROSECOND, version=9))


@viewers
def test_peeks_are_told_to_who_leads_the_member_r_ppl_2_r_cus_5(filled: Store, viewer: Member | None) -> None:
    keep(filled, Peek("m03:2026-11-19", "m03", 11))

    card = shown(filled, "peeks", "m03:2026-11-19", viewer)

    if viewer is None or viewer.id not in SEES:
        assert card is None
    else:
        assert blocks(card, Title)[0].text == "李雷今天碰到别人客户 11 次"


def test_peeks_of_nobody_are_nothing(filled: Store) -> None:
    assert shown(filled, "peeks", "m77:2026-11-19", BOSS) is None


@viewers
def test_old_copy_tells_nothing_of_its_subject_r_merge(filled: Store, viewer: Member | None) -> None:
    assert shown(filled, "pointer", "moved:deal:17", viewer) == (Title("这张旧了，看下面那张", "grey", "已更新"),)


@viewers
def test_digest_is_drawn_from_its_parts_and_never_loaded_r_merge(filled: Store, viewer: Member | None) -> None:
    assert shown(filled, "digest", "", viewer) is None


def test_stranger_is_told_nothing_about_the_company_r_ppl_4(filled: Store) -> None:
    text = str(shown(filled, "stranger", "", None, code="7K2M"))

    assert "7K2M" in text
    assert [name for name in ("华东", "启明", "李雷", "CT") if name in text] == []


def test_words_and_help_are_for_everybody(filled: Store) -> None:
    assert shown(filled, "words", "", None, text="好") == words("好")
    card = shown(filled, "help", "", None, row0="录单｜录单 华东医疗 CT机 120万", row1="退回｜撤销", role="销售")
    assert blocks(card, Title) == [Title("说一句就行，例如", "blue", "帮助 · 销售")]
    assert blocks(card, Fields) == [Fields((("录单", "录单 华东医疗 CT机 120万"), ("退回", "撤销")))]
    assert blocks(shown(filled, "help", "", None), Title) == [Title("说一句就行，例如", "blue", "帮助")]


def test_undone_and_lost_deals_are_grey_r_undo_r_stg_1(filled: Store) -> None:
    for state, tag in (("undone", "撤销"), ("lost", "流失")):
        with filled.snapshot() as conn:
            tx = tx_of(conn, filled)
            data = deal_card.load(tx, 17, REP)
        assert data is not None
        closed: Deal = replace(data.deal, state=state, lost_reason="预算砍了")
        card = deal_card.draw(replace(data, deal=closed))
        title = blocks(card, Title)[0]
        assert (title.tone, title.tag) == ("grey", tag)
        assert len(blocks(card, Text)) == (state == "undone")
