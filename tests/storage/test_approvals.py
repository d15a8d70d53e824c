"""Requests as they are read, on both stores. R-APR."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from storage.approvals import Approvals
from storage.engine import IntegrityError, Store
from tests.support.facts import NOW, POLICY, committed, keep, tx_of
from tests.support.requests import BOSS, LEAD, PEER, PEOPLE, REP, entry, request

FIRST = request(version=0)


@contextmanager
def reading(store: Store) -> Iterator[Approvals]:
    with store.snapshot() as conn:
        yield Approvals(conn, tx_of(conn, store).people, POLICY)


@pytest.fixture
def filled(store: Store) -> Store:
    keep(store, *(replace(person, version=0) for person in PEOPLE), FIRST)
    return store


def test_request_is_found_by_id_and_by_number_in_any_case_r_apr_2(filled: Store) -> None:
    with reading(filled) as found:
        assert found.get(7) == request()
        assert found.by_number("zk-20261119-0003") == request()
        assert found.get(8) is None
        assert found.by_number("ZK-20261119-0004") is None


def test_one_number_is_one_request_r_apr_2(filled: Store) -> None:
    with pytest.raises(IntegrityError):
        keep(filled, replace(FIRST, id=8))


def test_one_place_in_the_timeline_is_taken_once_r_apr_3(filled: Store) -> None:
    keep(filled, entry(1, "approved", "m02"))

    with pytest.raises(IntegrityError):
        keep(filled, entry(1, "rejected", "m06"))


def test_case_has_the_timeline_in_order_and_the_whole_circle_r_apr_6(filled: Store) -> None:
    acts = [entry(n, "urged", "m03") for n in (10, 2, 1)] + [entry(11, "transferred", "m02", toward="m06")]
    keep(filled, *acts)

    with reading(filled) as found:
        case = found.case(request())

    assert [one.n for one in case.trail] == [1, 2, 10, 11]
    assert set(case.circle) == {"m01", "m02", "m03", "m06", "m15", "m16"}
    assert case.initiator == REP


def test_circle_ends_where_superiors_form_a_loop_r_apr_6(store: Store) -> None:
    keep(store, replace(REP, version=0), replace(LEAD, superior_id="m04", version=0),
         replace(PEER, superior_id="m02", version=0))  # fmt: skip

    with reading(store) as found:
        assert set(found.case(request()).circle) == {"m02", "m03", "m04"}


def test_waiting_are_the_own_seats_the_first_due_first_r_apr_2(filled: Store) -> None:
    def other(number: int, **more: object) -> object:
        return request(id=number, number=f"ZK-20261119-{number:04d}", version=0, **more)

    keep(
        filled, other(8, due_at=NOW), other(9, holders=("m01", "m02"), due_at=NOW + timedelta(hours=1)),
        other(10, state="returned"), other(11, holders=("m020",)),
    )  # fmt: skip

    with reading(filled) as found:
        rows, total = found.waiting_for(LEAD, limit=2)
        asked, all_asked = found.asked_by(REP, limit=2)
        mine = found.waiting_for(BOSS, limit=9)[0]

    assert ([row.id for row in rows], total) == ([8, 9], 3)
    assert ([row.id for row in asked], all_asked) == ([11, 10], 5)
    assert [row.id for row in mine] == [9]


def test_of_a_deal_open_and_returned_ones_are_left_r_apr_7(filled: Store) -> None:
    states = ("returned", "approved", "rejected", "withdrawn", "unneeded")
    keep(filled, *(request(id=n, number=f"ZK-{n}", state=s, version=0) for n, s in enumerate(states, 20)))

    with reading(filled) as found:
        assert [one.id for one in found.open_of_deal(17)] == [7, 20]
        assert found.open_of_deal(18) == []


def test_a_push_is_known_once_it_is_in_the_chat_r_time_3(filled: Store) -> None:
    def shown() -> bool:
        with reading(filled) as found:
            return found.was_shown("request:7", LEAD, "nudge")

    insert = text(
        "INSERT INTO live_cards (id, platform, chat, viewer, card, subject, args, message_id, content_hash) "
        "VALUES ('a', 'feishu', 'oc', 'm02', 'approval', 'request:7', '{\"for\":\"nudge\"}', '', '')"
    )
    assert not shown()
    committed(filled, lambda conn: conn.execute(insert))
    assert not shown()
    committed(filled, lambda conn: conn.execute(text("UPDATE live_cards SET message_id = 'om'")))
    assert shown()
