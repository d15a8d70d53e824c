"""The one mapper: every entity comes back as it was saved, and a stale one is a conflict."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, text

from sales.alerts import Alert, Silence
from sales.chats import Chat, Hook
from sales.conversations import Conversation
from sales.customers import Customer, Peek
from sales.deals import Deal
from sales.freezes import Freeze
from sales.gates import GateRefusal, Requirement
from sales.leads import Assignment, Claim, Lead, TeamMove, Touch
from sales.links import Link
from sales.people import Account, AdminCode, Member, Stranger, Team
from sales.proposals import Proposal
from sales.settings import ConfigVersion
from storage.engine import IntegrityError, Store
from storage.entities import ROWS, Conflict, check, get, save, save_all, table_of
from storage.types import Instant, from_us, to_us
from tests.support.facts import MICROSECOND, NOW, committed, customer, deal, draft, keep, member
from tests.support.gates import original, submission
from tests.support.requests import entry, request

SAVED: tuple[Any, ...] = (
    Team("华东/一组", "m01", "华东"),
    member("m03", "rep", "supervisor", superior_id="m01", mobile="sealed", mobile_key="ab" * 32, state="away"),
    Account("feishu:ou_1", "feishu", "ou_1", "m03", "oc_1"),
    Stranger("feishu:ou_9", "feishu", "ou_9", "7K2M", NOW, NOW + MICROSECOND),
    AdminCode("ab" * 32, NOW, "m01"),
    customer(7, town="杭州", tier="A", region="华东", industry="医院", phone="1", external_id="id:7", created_with=7),
    Peek("m03:2026-11-19", "m03", 3),
    deal(
        17, stage=8, state="lost", close_on="2026-12-31", budget_fen=1, external_id="id:D1", lost_reason="预算",
        closed_at=NOW, amount_fen=100_000_000_000, entered_at=NOW, frozen_at=NOW + MICROSECOND,
    ),
    draft(
        5, customer_id=7, new_customer=True, amount_fen=None, ask="amount", amounts=(35, 40), near=(1, 2), why="range",
        repaired="录单", state="parked", deal_id=17,
    ),
    request(
        holders=("m02", "m06"), told=2, paused_at=NOW, closed_at=NOW + MICROSECOND, replaces=6, entries=3, version=0,
    ),
    entry(3, "approved", "m02", words="限本月签", toward="m06", step=1, round=2),
    Requirement("17:3:sheet", 17, 3, "sheet", NOW, NOW + MICROSECOND, NOW, "waiting", 2),
    GateRefusal("m03:3:17:2026-11-19", "m03", 17, 3, NOW, 2),
    Freeze(4, 17, 3, NOW, "m02", NOW + MICROSECOND, "m02", "客户流程慢", NOW),
    submission(12, offered=("17:3:sheet",), findings=("type:ok:jpeg",), note="x", decided_at=NOW, reason="看不清"),
    original(deal_id=17),
    Conversation(4, "m03", "feishu", "oc_1", "deal", "deal:17", "product", NOW, {"customer": "华东医疗"}, 10, "parked"),
    Lead(
        3, "id:L3", "MK3", "S3", 7, NOW, "刘主任", phone="sealed", extra={"x_from": "expo"}, state="pool",
        holder_id="m03", cycle_start=NOW, touched_at=NOW, reached_at=NOW, warned_at=NOW, pooled_at=NOW + MICROSECOND,
    ),
    Assignment("id:A1", 3, "m03", NOW, NOW + MICROSECOND, "returned", True, True, {"x_why": "far"}),
    Touch("id:T1", 3, "m03", NOW, "dialled", "call", "import", True, {"x_line": "2"}),
    Claim("m03:2026-11-19:1", "m03", 3, NOW),
    Link(8, "m03", "feishu", "ou_1", "upload", "deal:17", NOW, "ab" * 32, NOW),
    TeamMove("m03:1", "m03", "华东/一组", NOW),
    ConfigVersion(42, NOW, "m16", "set", "ldr_alarm_percent", {"ldr_alarm_percent": "17.5"}),
    Proposal(5, "m16", "rollback", "41", "", NOW, "done", 43),
    Chat("feishu:oc_1", "feishu", "oc_1", "总监群", "group", "director;marketing_lead", "removed"),
    Hook("a1b2", "v1:sealed"),
    Alert(
        1, "LDR", "company", "2026-W47", NOW, "20", 3, (), ({"n": 9, "d": 41},), "closed", 2, NOW,
        "m01", NOW, "今天清", NOW, NOW,
    ),
    Silence("LDR:company", NOW, "m01", 4),
)  # fmt: skip


@pytest.mark.parametrize("kind", ROWS, ids=lambda kind: kind.__name__)
def test_table_has_the_field_names_of_its_dataclass_in_order(kind: type[Any]) -> None:
    assert [column.name for column in table_of(kind).columns] == [field.name for field in fields(kind)]


def test_every_entity_has_a_sample_here() -> None:
    assert {type(entity) for entity in SAVED} == set(ROWS)


@pytest.mark.parametrize("entity", SAVED, ids=lambda entity: type(entity).__name__)
def test_entity_comes_back_as_it_was_saved(store: Store, entity: Any) -> None:
    keep(store, entity)

    with store.snapshot() as conn:
        assert get(conn, type(entity), entity.id) == replace(entity, version=1)


def test_unknown_id_is_nothing(store: Store) -> None:
    with store.snapshot() as conn:
        assert get(conn, Deal, 4711) is None


@pytest.mark.parametrize("kind", ROWS, ids=lambda kind: kind.__name__)
def test_instants_and_money_are_stored_as_whole_numbers_r_money(kind: type[Any]) -> None:
    table = table_of(kind)
    exact = [f.name for f in fields(kind) if f.type in ("datetime", "datetime | None") or f.name.endswith("_fen")]

    assert [name for name in exact if not isinstance(table.c[name].type, BigInteger | Instant)] == []


def test_money_comes_back_as_an_integer_of_fen_r_money(store: Store) -> None:
    keep(store, deal(amount_fen=12_345_678_901))

    with store.snapshot() as conn:
        found = get(conn, Deal, 17)
        raw = conn.execute(text("SELECT amount_fen FROM deals")).scalar_one()

    assert found is not None
    assert type(found.amount_fen) is int
    assert (type(raw), raw) == (int, 12_345_678_901)
    assert not isinstance(raw, Decimal)


@pytest.mark.parametrize("away", [-MICROSECOND, timedelta(0), MICROSECOND])
def test_instants_are_exact_to_the_microsecond_r_time_1(store: Store, away: timedelta) -> None:
    keep(store, deal(created_at=NOW + away, closed_at=None))

    with store.snapshot() as conn:
        found = get(conn, Deal, 17)

    assert found is not None
    assert found.created_at == NOW + away
    assert found.created_at.tzinfo is UTC
    assert found.closed_at is None


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001
def test_microseconds_since_1970_go_both_ways_r_time_1(instant: datetime) -> None:
    assert from_us(to_us(instant)) == instant


def test_saving_counts_the_version_up(store: Store) -> None:
    keep(store, customer())
    keep(store, replace(customer(), version=1, town="杭州"))

    with store.snapshot() as conn:
        found = get(conn, Customer, 1)

    assert found == replace(customer(), version=2, town="杭州")


@pytest.mark.parametrize("version", [2, 99])
def test_saving_another_version_than_the_stored_one_is_a_conflict(store: Store, version: int) -> None:
    keep(store, customer())

    with pytest.raises(Conflict):
        keep(store, replace(customer(), version=version, town="杭州"))

    with store.snapshot() as conn:
        assert get(conn, Customer, 1) == replace(customer(), version=1)


def test_only_one_of_two_saves_of_the_same_version_wins(store: Store) -> None:
    keep(store, member())
    read = replace(member(), version=1)
    keep(store, replace(read, name="甲"))

    with pytest.raises(Conflict):
        keep(store, replace(read, name="乙"))

    with store.snapshot() as conn:
        found = get(conn, Member, "m03")
    assert found is not None
    assert found.name == "甲"


def test_saving_many_writes_each_and_one_that_has_changed_is_a_conflict(store: Store) -> None:
    keep(store, member("m01"), member("m02"), customer())
    ours = [replace(member(n), version=1, name="甲") for n in ("m01", "m02")]
    committed(store, lambda conn: save_all(conn, [*ours, replace(customer(), version=1, town="杭州"), member("m05")]))

    with pytest.raises(Conflict):
        committed(store, lambda conn: save_all(conn, [replace(ours[0], version=2), ours[1]]))

    with store.snapshot() as conn:
        found = [get(conn, Member, n) for n in ("m01", "m02", "m05")]
        town = get(conn, Customer, 1)
    assert found == [replace(ours[0], version=2), replace(ours[1], version=2), replace(member("m05"), version=1)]
    assert town == replace(customer(), version=2, town="杭州")


@pytest.mark.parametrize("lock", [False, True])
def test_relying_on_what_has_changed_is_a_conflict(store: Store, lock: bool) -> None:
    keep(store, customer())
    read = replace(customer(), version=1)
    committed(store, lambda conn: check(conn, read, lock=lock and not store.is_sqlite))
    keep(store, replace(read, town="杭州"))

    with pytest.raises(Conflict):
        committed(store, lambda conn: check(conn, read, lock=lock and not store.is_sqlite))


def test_relying_on_what_is_not_there_is_a_conflict(store: Store) -> None:
    with pytest.raises(Conflict):
        committed(store, lambda conn: check(conn, replace(customer(9), version=1), lock=False))


def test_save_of_a_new_entity_twice_is_refused_by_the_key(store: Store) -> None:
    keep(store, deal())

    with pytest.raises(IntegrityError):
        committed(store, lambda conn: save(conn, deal()))
