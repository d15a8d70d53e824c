"""Rights on the cards of gates, evidence, reviews and freezings. R-PPL-2, R-EVD-5, R-GATE-2."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cards import evidence
from cards.blocks import Buttons, Card, Fields, Headline, Text, Title
from cards.registry import show
from sales.freezes import Freeze
from sales.people import Member
from storage.engine import Store
from tests.support.facts import NOW, customer, keep, member, tx_of
from tests.support.gates import BOSS, DIRECTOR, DUE, REP, STRANGER, fill, gate_deal, requirement, submission

OPS = member("m08", "ops", name="郑晴")
FREEZE = Freeze(4, 17, 3, DUE, "m02")


def shown(store: Store, name: str, subject: str, viewer: Member | None, **args: str) -> Card | None:
    with store.snapshot() as conn:
        return show(name, tx_of(conn, store), subject=subject, viewer=viewer, args=args)


def labels(card: Card | None) -> list[str]:
    return [item.label for block in card or () if isinstance(block, Buttons) for item in block.items]


def fields(card: Card | None) -> dict[str, str]:
    return {name: value for block in card or () if isinstance(block, Fields) for name, value in block.pairs}


@pytest.mark.parametrize(
    ("name", "subject"),
    [("gate", "deal:17"), ("gate", "deal:99"), ("evidence", "submission:12"), ("evidence", "submission:99"),
     ("review", "review:12"), ("review", "review:99"), ("frozen", "freeze:4"), ("frozen", "freeze:99")],
)  # fmt: skip
@pytest.mark.parametrize("viewer", [STRANGER, None])
def test_nobody_outside_sees_anything_r_ppl_2(store: Store, name: str, subject: str, viewer: Member | None) -> None:
    fill(store, submission(12), FREEZE)

    assert shown(store, name, subject, viewer) is None


def test_gate_shows_what_is_there_and_what_is_missing_r_gate_1(store: Store) -> None:
    fill(store)
    keep(store, requirement("minutes", version=1, state="accepted"))

    card = shown(store, "gate", "deal:17", REP)

    assert fields(card) == {"✓ 已收": "会议纪要", "○ 还差": "客户签字的需求匹配表", "截止": "11-21 周六 10:22"}
    assert labels(card) == ["传凭证"]
    assert labels(shown(store, "gate", "deal:17", REP, refused="1")) == ["传凭证"]


def test_advance_is_drawn_only_where_it_works_r_gate_1(store: Store) -> None:
    fill(store)
    keep(store, *(requirement(key, version=1, state="accepted") for key in ("minutes", "sheet")))
    keep(store, replace(gate_deal(), version=1))
    assert labels(shown(store, "gate", "deal:17", REP, refused="1")) == ["推进"]
    assert labels(shown(store, "deal", "deal:17", REP)) == ["推进"]

    keep(store, replace(gate_deal(), version=2, frozen_at=DUE))

    assert labels(shown(store, "deal", "deal:17", REP)) == []


def test_review_is_for_who_was_asked_r_evd_5(store: Store) -> None:
    fill(store, submission(12))

    assert labels(shown(store, "review", "review:12", BOSS)) == ["通过", "退回"]
    assert shown(store, "review", "review:12", REP) is None
    assert shown(store, "review", "review:12", DIRECTOR) is None


def test_review_nobody_above_could_take_is_for_ops_r_evd_5(store: Store) -> None:
    fill(store, submission(12, reviewers=()), OPS)

    assert labels(shown(store, "review", "review:12", OPS)) == ["通过", "退回"]


def test_submission_has_buttons_for_its_sender_only_r_evd_1(store: Store) -> None:
    fill(store, submission(12))

    assert labels(shown(store, "evidence", "submission:12", REP)) == ["重拍一张", "不是这单"]
    assert labels(shown(store, "evidence", "submission:12", BOSS)) == []


@pytest.mark.parametrize(("seen", "words"), [(True, "和 #9 用过的是同一份"), (False, "和另一单用过的是同一份")])
def test_other_deal_is_named_to_who_may_see_it_r_ppl_2(store: Store, seen: bool, words: str) -> None:
    fill(store, gate_deal(9, owner_id="m03" if seen else "m05"))
    keep(store, submission(12, state="rejected", findings=("duplicate:deal:9",)))

    assert fields(shown(store, "evidence", "submission:12", REP))["✗ 重复"] == words


def test_question_offers_what_is_still_open_and_within_sight_r_evd_1(store: Store) -> None:
    offered = ("17:3:minutes", "17:3:sheet", "18:3:sheet", "19:3:sheet", "99:3:sheet")
    fill(store, gate_deal(18, state="lost"), gate_deal(19, owner_id="m05"), customer(2, "南通"))
    keep(store, requirement("minutes", version=1, state="accepted"))
    keep(store, submission(12, state="asking", requirement_id="", deal_id=0, offered=offered))

    card = shown(store, "evidence", "submission:12", REP)

    assert fields(card) == {"1 可能是": "#17 华东医疗 需求匹配表"}
    assert shown(store, "evidence", "submission:12", BOSS) is None


def frozen_card(store: Store, viewer: Member, **more: Any) -> Card | None:
    fill(store, replace(FREEZE, **more), OPS)
    keep(store, replace(gate_deal(), version=1, frozen_at=DUE))
    return shown(store, "frozen", "freeze:4", viewer)


def test_owner_gets_the_way_out_and_no_thaw_r_gate_2(store: Store) -> None:
    assert labels(frozen_card(store, REP)) == ["传凭证"]


def test_superior_gets_the_task_r_gate_2(store: Store) -> None:
    card = frozen_card(store, BOSS)

    assert labels(card) == ["解冻"]
    assert fields(card)["已解冻"] == "0 次（最多 2 次，每次 24 小时）"


def test_after_two_thaws_by_hand_the_button_is_gone_r_gate_2(store: Store) -> None:
    by_hand = Freeze(1, 17, 3, NOW, thawed_at=NOW, thawed_by="m02")
    keep(store, by_hand, replace(by_hand, id=2))

    assert labels(frozen_card(store, BOSS)) == []


def test_ops_with_the_task_sees_neither_customer_nor_amount_r_ppl_2(store: Store) -> None:
    card = frozen_card(store, OPS, asked="")

    assert card is not None
    assert [block for block in card if isinstance(block, Headline)] == []
    assert "客户" not in fields(card)
    assert card[0] == Title("#17 冻结了，帮李雷一把", "red", "第 3 关")


@pytest.mark.parametrize(
    ("other", "words", "row"),
    [
        ("open", "还差客户签字的需求匹配表。", ()),
        ("waiting", "还差的都交了，等需求匹配表看完。", (("◐ 在审", "需求匹配表"),)),
        ("accepted", "可以进第 4 阶段了。", ()),
    ],
)
def test_accepted_names_only_what_is_really_missing_r_evd_3(
    other: str, words: str, row: tuple[tuple[str, str], ...]
) -> None:
    minutes, sheet = requirement("minutes", state="accepted"), requirement("sheet", state=other)
    sent = replace(submission(), state="accepted", requirement_id=minutes.id, decided_by="m02", decided_at=NOW)
    data = evidence.EvidenceCard(
        sent, gate_deal(), minutes, (minutes, sheet), decider="王芳", decided="11-19 周四 14:31"
    )

    card = evidence.draw(data)

    assert [block.text for block in card if isinstance(block, Text)] == [words]
    assert [row for row in fields(card).items() if row[0].startswith("◐")] == list(row)
