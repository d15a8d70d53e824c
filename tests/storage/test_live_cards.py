"""Which message shows what to whom, so that a card can follow its subject. R-MERGE."""

from __future__ import annotations

from storage import live_cards
from storage.engine import Store
from storage.outbox import Row
from tests.support.facts import committed


def card(card_id: str, subject: str = "deal:17", chat: str = "oc_1", **more: object) -> Row:
    given = {"platform": "feishu", "viewer": "m03", "card": "deal", "args": {"repaired": "录单"}, **more}
    return Row(card_id, "out:x", "reply", subject=subject, chat=chat, **given)  # type: ignore[arg-type]


def planned(store: Store, *rows: Row) -> None:
    for row in rows:
        committed(store, lambda conn, row=row: live_cards.plan(conn, row))  # type: ignore[misc]


def test_planned_card_is_found_by_id_and_subject_before_it_was_sent(store: Store) -> None:
    planned(store, card("c1"))

    with store.snapshot() as conn:
        assert live_cards.get(conn, "c1") == live_cards.Live(
            "c1", "feishu", "oc_1", "m03", "deal", "deal:17", {"repaired": "录单"}, "", "", None
        )
        assert live_cards.ids_of(conn, "deal:17") == [("c1", "feishu")]
        assert live_cards.ids_of(conn, "deal:1") == []
        assert live_cards.get(conn, "c2") is None


def test_sent_card_is_found_by_its_message(store: Store) -> None:
    planned(store, card("c1", chat=""))
    sent = {"message_id": "om_1", "chat": "oc_1", "content_hash": "h1", "at": 9}
    committed(store, lambda conn: live_cards.sent(conn, "c1", **sent))  # type: ignore[arg-type]
    committed(store, lambda conn: live_cards.redrawn(conn, "c1", content_hash="h2", offers="deal.undo", handle=""))

    with store.snapshot() as conn:
        found = live_cards.by_message(conn, "feishu", "om_1")
        assert live_cards.by_message(conn, "dingtalk", "om_1") is None
        assert live_cards.by_message(conn, "feishu", "forwarded") is None
    assert found is not None
    assert (found.id, found.chat, found.content_hash, found.sent_at) == ("c1", "oc_1", "h2", 9)


def test_handles_are_kept_newest_last_and_one_is_used_up_by_a_redraw(store: Store) -> None:
    planned(store, card("c1"))
    sent = {"message_id": "t1", "chat": "app:m03", "content_hash": "h1", "at": 9, "handle": "first"}
    committed(store, lambda conn: live_cards.sent(conn, "c1", offers="deal.lose,deal.undo", **sent))  # type: ignore[arg-type]
    committed(store, lambda conn: live_cards.pressed(conn, "c1", handle="clicked"))

    with store.snapshot() as conn:
        found = live_cards.get(conn, "c1")
    assert found is not None
    assert (found.handle, found.offers) == ("first clicked", "deal.lose,deal.undo")

    committed(store, lambda conn: live_cards.redrawn(conn, "c1", content_hash="h2", offers="", handle="first"))
    with store.snapshot() as conn:
        found = live_cards.get(conn, "c1")
    assert found is not None
    assert (found.handle, found.offers, found.content_hash) == ("first", "", "h2")


def test_answered_question_becomes_the_deal_it_led_to(store: Store) -> None:
    planned(store, card("c1", "draft:5", card="draft"), card("c2", "draft:6", card="draft"))

    committed(store, lambda conn: live_cards.become(conn, subject="draft:5", card="deal", new_subject="deal:17"))

    with store.snapshot() as conn:
        became, other = live_cards.get(conn, "c1"), live_cards.get(conn, "c2")
        assert live_cards.ids_of(conn, "draft:5") == []
    assert became is not None
    assert other is not None
    assert (became.card, became.subject, became.args) == ("deal", "deal:17", {})
    assert (other.card, other.subject) == ("draft", "draft:6")


def test_new_copy_retires_the_older_ones_of_its_chat_only_r_merge(store: Store) -> None:
    fresh = card("c4")
    planned(store, card("c1"), card("c2", chat="oc_2"), card("c3", "deal:18"), fresh)

    assert committed(store, lambda conn: live_cards.retire(conn, fresh)) == [("c1", "feishu")]

    with store.snapshot() as conn:
        retired = live_cards.get(conn, "c1")
        assert live_cards.ids_of(conn, "deal:17") == [("c2", "feishu"), ("c4", "feishu")]
    assert retired is not None
    assert (retired.card, retired.args) == ("pointer", {})


def test_lost_card_is_redrawn_no_more(store: Store) -> None:
    planned(store, card("c1"), card("c2"))

    committed(store, lambda conn: live_cards.lost(conn, "c1"))

    with store.snapshot() as conn:
        assert live_cards.ids_of(conn, "deal:17") == [("c2", "feishu")]
