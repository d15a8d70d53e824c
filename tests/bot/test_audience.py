"""Names of audiences become people and groups at the moment of sending. R-PPL-1, R-PPL-3, R-DEL."""

from __future__ import annotations

import pytest

from bot.audience import elsewhere, fan_out, resolve
from sales.chats import Chat
from sales.people import Account, Team
from storage.engine import Store
from storage.outbox import Row
from tests.support.facts import keep, member, tx_of

PEOPLE = (
    member("m01", "director", name="张伟", team="销售部"),
    member("m02", "supervisor", name="王芳", team="销售部/华东", superior_id="m01"),
    member("m03", name="李雷", team="销售部/华东/一组", superior_id="m02"),
    member("m07", "director", name="马总", team="大客户部"),
    member("m12", "marketing", "marketing_lead", name="林静", team="市场部"),
    member("m15", "ops", name="郑晴", team="运营部"),
    member("m16", "admin", name="刘洋", team="信息部"),
    member("m17", "marketing_lead", name="走了", state="left"),
)
TEAMS = (Team("销售部", "m01"), Team("销售部/华东", "m02"), Team("销售部/华东/一组", ""), Team("空部", "m99"))
GROUP = Chat("feishu:oc_9", "feishu", "oc_9", "总监群", bound_to="director")


@pytest.fixture
def filled(store: Store) -> Store:
    accounts = [Account(f"feishu:ou_{m.id}", "feishu", f"ou_{m.id}", m.id, f"oc_{m.id}") for m in PEOPLE[:5]]
    keep(store, *PEOPLE, *TEAMS, *accounts)
    return store


@pytest.mark.parametrize(
    ("audience", "found"),
    [
        ("member:m03", ["m03"]),
        ("superior:m03", ["m02"]),
        ("supervisor:team:销售部/华东", ["m02"]),
        ("supervisor:team:销售部/华东/一组", ["m02"]),
        ("supervisor:member:m03", ["m02"]),
        ("supervisor:company", ["m15"]),
        ("supervisor:team:空部", ["m15"]),
        ("director:team:销售部/华东", ["m01"]),
        ("director:member:m03", ["m01"]),
        ("director:member:m99", ["m01", "m07"]),
        ("director:company", ["m01", "m07"]),
        ("marketing_lead", ["m12"]),
        ("ops", ["m15"]),
        ("admins", ["m16"]),
        ("chat:director", ["m01", "m07"]),
        ("chat:没有这个群", ["m15"]),
        ("member:m17", ["m15"]),
        ("superior:m99", ["m15"]),
        ("legal", ["m15"]),
        ("nobody", ["m15"]),
    ],
)
def test_name_stands_for_people_and_nobody_for_ops_r_ppl_1(filled: Store, audience: str, found: list[str]) -> None:
    with filled.snapshot() as conn:
        assert [m.id for m in resolve(tx_of(conn, filled), audience)] == found


def test_without_ops_the_admins_are_told_r_ppl_1(store: Store) -> None:
    keep(store, PEOPLE[6])

    with store.snapshot() as conn:
        assert [m.id for m in resolve(tx_of(conn, store), "marketing_lead")] == ["m16"]


def row(audience: str) -> Row:
    return Row(id="a" * 32, lane="", kind="fanout", urgency=1, viewer=audience, card="alert", subject="alert:1")


def test_bound_group_gets_one_row_and_looks_itself_r_ppl_3(filled: Store) -> None:
    keep(filled, GROUP)

    with filled.snapshot() as conn:
        rows, unreachable = fan_out(tx_of(conn, filled), row("chat:director"))

    assert [(r.viewer, r.chat, r.account, r.lane) for r in rows] == [
        ("chat:feishu:oc_9", "oc_9", "", "out:feishu:oc_9")
    ]
    assert unreachable == []


def test_unbound_group_is_the_people_it_stands_for_r_ppl_1(filled: Store) -> None:
    with filled.snapshot() as conn:
        rows, unreachable = fan_out(tx_of(conn, filled), row("chat:director"))

    assert [(r.viewer, r.chat) for r in rows] == [("m01", "oc_m01"), ("m07", "oc_m07")]
    assert unreachable == []


def test_who_has_no_account_cannot_be_reached_r_del(filled: Store) -> None:
    with filled.snapshot() as conn:
        rows, unreachable = fan_out(tx_of(conn, filled), row("admins"))

    assert rows == []
    assert [m.id for m in unreachable] == ["m16"]


@pytest.mark.parametrize(
    ("kind", "event", "platform"),
    [("reply", "feishu:cli:e1", "feishu"), ("reply", "page:8:0a", "dingtalk"), ("lead", "feishu:cli:e1", "dingtalk")],
)
def test_answer_goes_back_to_the_platform_it_was_asked_on_r_tenant(
    filled: Store, kind: str, event: str, platform: str
) -> None:
    keep(filled, Account("dingtalk:s03", "dingtalk", "s03", "m03"))

    with filled.snapshot() as conn:
        tx = tx_of(conn, filled)
        row = Row(id="a" * 32, lane="x", kind="fanout", viewer="member:m03", message_kind=kind, inbound_id=event)
        [sent], _ = fan_out(tx, row)
        again = elsewhere(tx, sent)

    assert sent.platform == platform
    assert again is not None
    assert again.platform == ({"feishu", "dingtalk"} - {platform}).pop()
