"""Deals, customers and drafts as they are read, always within sight. R-PPL-2, R-CUS-5, R-UNDO, R-HOLD."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sales.customers import Peek
from storage.engine import IntegrityError, Store
from tests.support.facts import MICROSECOND, NOW, customer, deal, draft, keep, member, tx_of

LEAD = member("m01", "supervisor", name="王芳", team="华东")
REP = member("m03", superior_id="m01")
OTHER = member("m05", name="赵敏", team="华南")


@pytest.fixture
def filled(store: Store) -> Store:
    keep(
        store, LEAD, REP, OTHER,
        customer(1, external_id="id:C1"), customer(2, "瑞康医院", "m05"), customer(3, "华东医疗器械", "m05"),
        deal(17, external_id="id:D1"),
        deal(18, amount_fen=900, product="彩超", created_at=NOW + MICROSECOND),
        deal(19, amount_fen=950, owner_id="m05", logged_by="m05", customer_id=2),
        deal(20, state="undone", created_at=NOW + MICROSECOND),
        deal(21, chat="oc_2"),
    )  # fmt: skip
    return store


def test_list_holds_open_deals_in_sight_the_largest_first_r_ppl_2(filled: Store) -> None:
    with filled.snapshot() as conn:
        deals = tx_of(conn, filled).deals
        mine, total = deals.open_of(REP, limit=2)
        of_lead, _ = deals.open_of(LEAD, limit=10)
        of_other, _ = deals.open_of(OTHER, limit=10)

    assert ([d.id for d in mine], total) == ([17, 21], 3)
    assert [d.id for d in of_lead] == [17, 21, 18]
    assert [d.id for d in of_other] == [19]


def test_invisible_deal_and_customer_do_not_exist_r_ppl_2(filled: Store) -> None:
    with filled.snapshot() as conn:
        tx = tx_of(conn, filled)
        assert tx.deals.visible(19, REP) is None
        assert tx.deals.visible(4711, REP) is None
        assert tx.deals.visible(17, REP) == replace(deal(17, external_id="id:D1"), version=1)
        assert tx.customers.visible(2, REP) is None
        assert tx.customers.visible(4711, REP) is None
        assert tx.customers.visible(1, LEAD) == replace(customer(1, external_id="id:C1"), version=1)


def test_undo_looks_at_the_own_newest_of_this_chat_r_undo(filled: Store) -> None:
    with filled.snapshot() as conn:
        deals = tx_of(conn, filled).deals
        found = deals.newest_logged("m03", platform="feishu", chat="oc_1", since=NOW)
        late = deals.newest_logged("m03", platform="feishu", chat="oc_1", since=NOW + MICROSECOND)
        elsewhere = deals.newest_logged("m03", platform="dingtalk", chat="oc_1", since=NOW)

    assert [d.id for d in found] == [20, 18, 17]
    assert [d.id for d in late] == [20, 18]
    assert elsewhere == []


def test_other_live_deals_of_a_customer_are_counted_r_undo(filled: Store) -> None:
    with filled.snapshot() as conn:
        deals = tx_of(conn, filled).deals
        first, alone = deals.get(17), deals.get(19)
        assert first is not None
        assert alone is not None
        assert (deals.count_others(first), deals.count_others(alone)) == (2, 0)


def test_imported_rows_are_found_by_their_id(filled: Store) -> None:
    with filled.snapshot() as conn:
        tx = tx_of(conn, filled)
        known_deal, known_customer = tx.deals.by_external_id("id:D1"), tx.customers.by_external_id("id:C1")
        assert tx.deals.by_external_id("id:D9") is None
        assert tx.customers.by_external_id("id:C9") is None
    assert known_deal is not None
    assert known_customer is not None
    assert (known_deal.id, known_customer.id) == (17, 1)


def test_similar_customers_are_scored_and_marked_by_sight_r_cus_5(filled: Store) -> None:
    with filled.snapshot() as conn:
        near = {n.customer.id: n for n in tx_of(conn, filled).customers.similar("华东医疗", REP)}

    assert (near[1].score, near[1].visible) == (100.0, True)
    assert near[3].score < 100
    assert not near[3].visible


def test_customer_by_its_key_r_cus_5(filled: Store) -> None:
    with filled.snapshot() as conn:
        customers = tx_of(conn, filled).customers
        found = customers.by_key("瑞康医院")
        assert customers.by_key("没有") is None
    assert found is not None
    assert found.id == 2


def test_peeks_start_at_none_a_day_r_cus_5(filled: Store) -> None:
    keep(filled, Peek("m03:2026-11-19", "m03", 4))

    with filled.snapshot() as conn:
        customers = tx_of(conn, filled).customers
        assert customers.peek("m03:2026-11-19") == Peek("m03:2026-11-19", "m03", 4, 1)
        assert customers.peek("m03:2026-11-20") == Peek("m03:2026-11-20", "m03")


def test_open_draft_is_that_of_the_person_and_chat_r_hold(store: Store) -> None:
    keep(
        store, draft(1), draft(2, chat="oc_2"), draft(3, member_id="m04"),
        draft(4, state="parked", asked_at=NOW + MICROSECOND), draft(5, state="done"), draft(6, state="dropped"),
    )  # fmt: skip

    with store.snapshot() as conn:
        drafts = tx_of(conn, store).drafts
        found = drafts.open_in("m03", platform="feishu", chat="oc_1")
        assert drafts.open_in("m03", platform="feishu", chat="oc_9") is None
        assert [d.id for d in drafts.newest_kept("m03")] == [4, 2, 1]
        assert drafts.get(9) is None
    assert found is not None
    assert found.id == 1


def test_a_chat_has_one_open_draft_of_a_person_r_hold(store: Store) -> None:
    keep(store, draft(1))

    with pytest.raises(IntegrityError):
        keep(store, draft(2))


def test_numbers_taken_are_remembered_for_the_write(store: Store) -> None:
    with store.snapshot() as conn:
        tx = tx_of(conn, store)
        taken = [tx.next_number("deal"), tx.next_number("deal"), tx.next_number("customer")]

    assert taken == [1, 2, 1]
    assert tx.numbers_taken == {"deal": 2, "customer": 1}
