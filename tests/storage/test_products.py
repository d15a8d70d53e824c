"""Product names in use, kept in memory and read again after 50 new deals."""

from __future__ import annotations

from storage.engine import Store
from storage.numbers import keep as keep_numbers
from storage.products import STALE_AFTER, Products
from tests.support.facts import committed, deal, keep


def numbered(store: Store, last: int) -> None:
    committed(store, lambda conn: keep_numbers(conn, {"deal": last}))


def names(store: Store, products: Products) -> tuple[str, ...]:
    with store.snapshot() as conn:
        return products.names(conn)


def test_names_come_most_used_first(store: Store) -> None:
    keep(store, deal(1), deal(2, product="彩超"), deal(3, product="彩超"))

    assert names(store, Products()) == ("彩超", "CT机")


def test_list_is_read_again_after_fifty_new_deals(store: Store) -> None:
    products = Products()
    assert names(store, products) == ()
    keep(store, deal(1))

    numbered(store, STALE_AFTER - 1)
    assert names(store, products) == ()
    numbered(store, STALE_AFTER)
    assert names(store, products) == ("CT机",)
