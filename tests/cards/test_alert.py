"""Who sees the alert, and what of it; the way down adds up. R-PPL-2, R-PPL-3, R-ALERT-5, R-DRILL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cards.blocks import Button, Buttons, Card, Fields, Headline, Menu, Title
from cards.registry import show
from sales.alerts import Alert, Reading, Silence, kept
from sales.chats import Chat, as_viewer
from sales.leads import Assignment, Lead
from sales.people import Member
from storage.engine import Store
from tests.support.facts import NOW, keep, member, tx_of

EAST, SOUTH = "销售部/华东", "销售部/华南"
BEGUN = NOW - timedelta(hours=49)
ALERT = Alert(
    1, "LDR", "company", "2026-W47", NOW, "20", 1, (("W47", "100.00"),),
    (kept(Reading(NOW, 5, 5, True, ((EAST, 3, 3), (SOUTH, 2, 2)))),), told=1,
)  # fmt: skip
CHATS = {
    "directors": Chat("feishu:oc_1", "feishu", "oc_1", "总监群", bound_to="director;marketing_lead"),
    "marketing": Chat("feishu:oc_2", "feishu", "oc_2", "市场群", bound_to="marketing"),
    "everybody": Chat("feishu:oc_3", "feishu", "oc_3", "大群", bound_to="director;rep"),
    "team": Chat("feishu:oc_4", "feishu", "oc_4", "华东群", bound_to=f"team:{EAST}"),
    "unbound": Chat("feishu:oc_5", "feishu", "oc_5", "闲聊群"),
}
BOSS = member("m01", "director", name="张伟", team="销售部")
LEAD = member("m02", "supervisor", name="王芳", team=EAST)
REP, PEER = member("m03", team=EAST), member("m07", name="赵敏", team=SOUTH)
MARKETING = member("m12", "marketing_lead", name="林静", team="市场部")


@pytest.fixture
def filled(store: Store) -> Store:
    cold: list[Any] = []
    for n, holder in enumerate(("m03", "m03", "m03", "m07", "m07"), 1):
        cold += [Lead(n, f"id:L{n}"), Assignment(f"a{n}", n, holder, BEGUN + timedelta(minutes=n))]
    keep(store, *CHATS.values(), BOSS, LEAD, REP, PEER, MARKETING, *cold, ALERT)
    return store


def shown(store: Store, name: str, subject: str, viewer: Member | None, **args: str) -> Card | None:
    with store.snapshot() as conn:
        return show(name, tx_of(conn, store), subject=subject, viewer=viewer, args=args)


def rows(card: Card | None) -> list[tuple[str, str]]:
    return [pair for block in card or () if isinstance(block, Fields) for pair in block.pairs]


def labels(card: Card | None) -> list[str]:
    found: list[Button | Menu] = [item for block in card or () if isinstance(block, Buttons) for item in block.items]
    return [item.label for item in found]


@pytest.mark.parametrize(
    ("viewer", "teams", "buttons"),
    [
        (BOSS, 2, ["知道了", "静默", "看明细"]),
        (MARKETING, 2, ["知道了", "看明细"]),
        (as_viewer(CHATS["directors"]), 2, ["知道了", "静默", "看明细"]),
        (as_viewer(CHATS["marketing"]), 2, ["知道了", "看明细"]),
        (as_viewer(CHATS["everybody"]), 0, ["知道了", "静默", "看明细"]),
    ],
)
def test_alert_is_cut_to_its_viewer_r_ppl_3_r_alert_5(
    filled: Store, viewer: Member, teams: int, buttons: list[str]
) -> None:
    card = shown(filled, "alert", "alert:1", viewer)

    assert len(rows(card)) == teams
    assert labels(card) == buttons


@pytest.mark.parametrize(
    "viewer",
    [LEAD, REP, None, replace(BOSS, state="left"), as_viewer(CHATS["team"]), as_viewer(CHATS["unbound"])],
    ids=["supervisor", "rep", "nobody", "left", "team", "unbound"],
)
def test_company_figure_is_not_for_everybody_r_ppl_2(filled: Store, viewer: Member | None) -> None:
    assert shown(filled, "alert", "alert:1", viewer) is None


def test_silence_is_on_the_card_until_its_last_instant_r_alert_5(filled: Store) -> None:
    keep(filled, Silence("LDR:company", NOW + timedelta(hours=4), "m01", 4))

    silent = shown(filled, "alert", "alert:1", BOSS)
    with filled.snapshot() as conn:
        over = show("alert", tx_of(conn, filled, now=NOW + timedelta(hours=4)), subject="alert:1", viewer=BOSS, args={})

    assert labels(silent) == ["取消静默", "看明细"]
    assert labels(over) == ["知道了", "静默", "看明细"]


@pytest.mark.parametrize(
    ("scope", "title", "found"),
    [
        ("company", "全公司 LDR 100.00%", ["华东 100.00%（3/3）", "华南 100.00%（2/2）"]),
        (f"team:{SOUTH}", "华南 LDR 100.00%", ["赵敏 100.00%（2/2）"]),
        ("member:m07", "赵敏 LDR 100.00%", ["L4", "L5"]),
    ],
)
def test_way_down_adds_up_to_what_was_told_r_drill(filled: Store, scope: str, title: str, found: list[str]) -> None:
    card = shown(filled, "drill", "drill:1", BOSS, scope=scope, reading="0")

    assert card is not None
    assert card[0] == Title(title, "blue", "W47 · 11-19 周四 10:22")
    assert [value.split(" · ")[0] for _, value in rows(card)] == found
    assert isinstance(card[1], Headline)


def test_supervisor_goes_down_the_own_teams_only_r_ppl_2(filled: Store) -> None:
    assert [value for _, value in rows(shown(filled, "drill", "drill:1", LEAD))] == ["华东 100.00%（3/3）"]
    assert rows(shown(filled, "drill", "drill:1", LEAD, scope="member:m07")) == []


@pytest.mark.parametrize("viewer", [REP, None, as_viewer(CHATS["directors"]), replace(LEAD, team="")])
def test_way_down_is_for_nobody_else_and_never_in_a_group_r_ppl_3(filled: Store, viewer: Member | None) -> None:
    assert shown(filled, "drill", "drill:1", viewer) is None
    assert shown(filled, "drill", "drill:9", BOSS) is None
