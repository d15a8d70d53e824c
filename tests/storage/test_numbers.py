"""Short numbers: never the same twice, whoever takes them."""

from __future__ import annotations

import pytest

from sales.deals import Deal
from storage import entities
from storage.engine import IntegrityError, Store
from storage.numbers import Numbers, keep
from tests.support.facts import committed, deal


def taken(store: Store, numbers: Numbers, kind: str = "deal") -> int:
    with store.snapshot() as conn:
        return numbers.take(conn, kind)[0]


def used(store: Store, number: int) -> None:
    def write(conn: object) -> None:
        entities.save(conn, deal(number))  # type: ignore[arg-type]
        keep(conn, {"deal": number})  # type: ignore[arg-type]

    committed(store, write)


def test_numbers_count_up_per_kind(store: Store) -> None:
    numbers = Numbers()

    assert [taken(store, numbers) for _ in range(3)] == [1, 2, 3]
    assert taken(store, numbers, "customer") == 1


def test_new_process_goes_on_after_the_kept_number(store: Store) -> None:
    committed(store, lambda conn: keep(conn, {"deal": 41, "customer": 7}))

    assert taken(store, Numbers()) == 42
    assert taken(store, Numbers(), "customer") == 8


def test_kept_number_never_goes_down(store: Store) -> None:
    committed(store, lambda conn: keep(conn, {"deal": 41}))
    committed(store, lambda conn: keep(conn, {"deal": 40}))
    committed(store, lambda conn: keep(conn, {}))

    assert taken(store, Numbers()) == 42


def test_two_processes_with_the_same_number_clash_and_the_loser_takes_the_next(store: Store) -> None:
    one, other = Numbers(), Numbers()
    assert (taken(store, one), taken(store, other)) == (1, 1)
    used(store, 1)

    with pytest.raises(IntegrityError):
        used(store, 1)
    again = taken(store, other)
    used(store, again)

    assert again == 2
    with store.snapshot() as conn:
        assert [entities.get(conn, Deal, n) is not None for n in (1, 2, 3)] == [True, True, False]
