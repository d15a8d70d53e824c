"""Links in the store: signed over all they say, opened by one browser, forgotten in time. R-LINK."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from sales.links import Link, opened
from storage.engine import Store
from storage.links import Links, forget, open_once
from storage.pages import Pages
from storage.types import to_us
from tests.support.facts import NOW, committed, keep

LINK = Link(8, "m03", "feishu", "ou_1", "upload", "deal:17", NOW)
PAGES = Pages("https://sales.example.com/desk/", b"k" * 32)
TOKEN = PAGES.token(LINK)


def test_address_is_below_the_public_url_and_says_nothing_but_a_number_R_LINK() -> None:
    assert PAGES.url(LINK) == f"https://sales.example.com/desk/p/{TOKEN}"
    assert PAGES.folder == "/desk/p/"
    assert PAGES.is_https
    assert TOKEN.startswith("8-")
    assert len(TOKEN) == 34
    assert not Pages("http://10.0.0.1", b"").is_https


def test_token_is_genuine_for_what_it_was_signed_for_R_LINK() -> None:
    assert PAGES.number(TOKEN) == 8
    assert PAGES.is_genuine(LINK, TOKEN)


@pytest.mark.parametrize(
    "change",
    [
        {"id": 9}, {"member_id": "m01"}, {"platform": "wecom"}, {"account": "ou_2"}, {"purpose": "form"},
        {"subject": "deal:18"}, {"made_at": NOW + timedelta(microseconds=1)},
    ],
    ids=str,
)  # fmt: skip
def test_altered_row_is_not_what_was_signed_R_LINK(change: dict[str, object]) -> None:
    assert not PAGES.is_genuine(replace(LINK, **change), TOKEN)  # type: ignore[arg-type]


def test_another_key_file_opens_nothing_R_LINK() -> None:
    assert not Pages("https://sales.example.com/desk/", b"x" * 32).is_genuine(LINK, TOKEN)


def test_proofs_of_two_purposes_differ_and_the_key_is_never_printed() -> None:
    assert PAGES.proof("csrf", [8]) != PAGES.proof("draft", [8])
    assert "kkk" not in repr(PAGES)


@given(st.one_of(st.text(max_size=60), st.from_regex(r"[0-9]{0,14}-[0-9a-fA-F]{30,34}", fullmatch=True)))
def test_whatever_stands_in_the_address_is_a_number_or_nothing_R_LINK(token: str) -> None:
    number = PAGES.number(token)

    assert number == 0 or token.startswith(f"{number}-")
    assert not PAGES.is_genuine(LINK, token)


@pytest.mark.parametrize(
    "token", ["", "8", f"8-{'0' * 31}", f"8-{'0' * 33}", f"٨-{'0' * 32}", f"{TOKEN}\n", f" {TOKEN}"]
)
def test_what_is_no_token_names_no_link(token: str) -> None:
    assert PAGES.number(token) == 0


def test_newest_link_of_a_person_is_found(store: Store) -> None:
    keep(store, LINK, replace(LINK, id=9), replace(LINK, id=10, member_id="m01"))

    with store.snapshot() as conn:
        found = Links(conn).newest("m03")
        assert found is not None
        assert found.id == 9
        assert Links(conn).newest("m07") is None
        assert Links(conn).get(10) == replace(LINK, id=10, member_id="m01", version=1)


def test_two_browsers_at_once_one_gets_the_page_R_LINK_R_AUD(store: Store) -> None:
    keep(store, LINK)
    read = replace(LINK, version=1)

    def opens(browser: str) -> bool:
        decision = opened(read, browser=browser, now=NOW)
        return committed(store, lambda conn: open_once(conn, store, decision, who="m03", at=7))

    first, second = opens("b1"), opens("b2")

    with store.snapshot() as conn:
        found = Links(conn).get(8)
        entries = conn.execute(text("SELECT who, chat, action, subject FROM audit")).all()
    assert (first, second) == (True, False)
    assert found is not None
    assert (found.browser, found.opened_at) == ("b1", NOW)
    assert [tuple(entry) for entry in entries] == [("m03", "page", "link.open", "link:8")]


def test_links_are_forgotten_in_time_R_PRIV(store: Store) -> None:
    keep(store, LINK, replace(LINK, id=9, made_at=NOW + timedelta(days=1)))

    gone = committed(store, lambda conn: forget(conn, made_before=to_us(NOW) + 1))

    with store.snapshot() as conn:
        assert (gone, Links(conn).get(8)) == (1, None)
        assert Links(conn).get(9) is not None
