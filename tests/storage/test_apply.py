"""The write step: everything a decision says in one transaction, or nothing of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from sales.decision import Audit, Become, CancelTimer, Decision, Job, Looked, Notice, Reply, StartTimer, Urgency
from sales.people import Member
from storage import entities, inbox, lanes, live_cards, names, outbox, timers
from storage.apply import Step, Written, row_id, write
from storage.engine import Connection, IntegrityError, Store
from storage.entities import Conflict
from storage.inbox import Inbound
from storage.lanes import LeaseLost
from storage.outbox import DONE, HELD, SUPERSEDED, UNPUSHED, WAITING, Row
from storage.types import to_us
from tests.support.facts import NOW, POLICY, committed, customer, deal, draft, keep, member

LANE = "in:feishu:oc_1"
EVENT = Inbound("feishu:t:1", LANE, "message", "feishu", "ou_1", "oc_1", b"{}", 1, 1, 0)


def step_of(
    store: Store, decision: Decision, *, reply: Reply | None = None, event: Inbound = EVENT, **more: Any
) -> Step:
    """A claimed lane with this event in it, and what its handler decided."""
    committed(store, lambda conn: inbox.receive(conn, store, [event]))
    claims = committed(store, lambda conn: lanes.claim(conn, store, queue=lanes.INBOX, limit=1, only=event.lane))
    with store.snapshot() as conn:
        stored = inbox.oldest(conn, event.lane)
    assert stored is not None
    given: dict[str, Any] = {
        "claim": claims[0], "seq": stored.seq, "inbound": event, "decision": decision, "reply": reply, "actor": "m03",
        "now": to_us(NOW), "policy": POLICY, "numbers_taken": {}, **more,
    }  # fmt: skip
    return Step(**given)


def wrote(store: Store, step: Step) -> Written:
    return committed(store, lambda conn: write(conn, store, step))


def rows(store: Store, kind: str) -> list[Row]:
    with store.snapshot() as conn:
        ids = conn.execute(text("SELECT id FROM outbox WHERE kind = :k ORDER BY seq"), {"k": kind}).scalars().all()
        return [row for each in ids if (row := outbox.get(conn, each))]


def test_everything_is_written_and_the_lane_given_back(store: Store) -> None:
    keep(store, member())
    decision = Decision(
        saves=(customer(1), deal(1)),
        relies=(replace(member(), version=1),),
        audits=(Audit("deal.open", "deal:1", after={"amount_fen": 1}),),
        timers=(StartTimer("undo", "deal:1", NOW),),
        looked=(Looked("R-UNDO", "deal:9", "gone"),),
    )

    written = wrote(store, step_of(store, decision, reply=Reply("deal", "deal:1"), numbers_taken={"deal": 1}))

    assert written.reply is not None
    assert (written.reply.card, written.reply.chat, written.reply.state, written.more) == (
        "deal",
        "oc_1",
        WAITING,
        False,
    )
    with store.snapshot() as conn:
        assert conn.execute(text("SELECT who, chat, action, at FROM audit")).all() == [
            ("m03", "feishu:oc_1", "deal.open", to_us(NOW))
        ]
        assert [c.id for c in names.candidates(conn, "华东医疗")] == [1]
        assert timers.next_due(conn) == (to_us(NOW), "undo", "deal:1")
        assert conn.execute(text("SELECT last FROM numbers")).scalar_one() == 1
        assert not inbox.has_waiting(conn, LANE)
        assert lanes.soonest_due_ms(conn, store, queue=lanes.INBOX) is None
        assert live_cards.ids_of(conn, "deal:1") == [(written.reply.id, "feishu")]
    assert [(r.rule, r.state, r.error) for r in rows(store, "looked")] == [("R-UNDO", SUPERSEDED, "gone")]


@pytest.mark.parametrize("fault", ["stale", "relied on", "fence", "key"])
def test_nothing_is_written_when_one_thing_does_not_hold(store: Store, fault: str) -> None:
    keep(store, customer(1), deal(1))
    new = deal(2)
    decisions = {
        "stale": (Decision(saves=(new, replace(deal(1), version=7))), Conflict),
        "relied on": (Decision(saves=(new,), relies=(replace(customer(1), version=7),)), Conflict),
        "fence": (Decision(saves=(new,)), LeaseLost),
        "key": (Decision(saves=(new, deal(1))), IntegrityError),
    }
    decision, expected = decisions[fault]
    step = step_of(store, replace(decision, audits=(Audit("a", "deal:2"),)), reply=Reply("deal", "deal:2"))
    if fault == "fence":
        step = replace(step, claim=step.claim._replace(fence=99))

    with pytest.raises(expected):
        wrote(store, step)

    with store.snapshot() as conn:
        counts = [conn.execute(text(f"SELECT count(*) FROM {t}")).scalar_one() for t in ("deals", "audit", "outbox")]
        assert inbox.has_waiting(conn, LANE)
    assert counts == [1, 0, 0]


def test_lane_with_more_rows_stays_with_its_holder(store: Store) -> None:
    step = step_of(store, Decision())
    committed(store, lambda conn: inbox.receive(conn, store, [EVENT._replace(id="feishu:t:2")]))

    assert wrote(store, step).more

    assert committed(store, lambda conn: lanes.claim(conn, store, queue=lanes.INBOX, limit=9)) == []
    committed(store, lambda conn: lanes.hold(conn, store, step.claim))


def test_message_id_is_always_the_same_for_the_same_event_and_part() -> None:
    assert row_id("feishu:t:1", "reply") == row_id("feishu:t:1", "reply")
    assert len({row_id("feishu:t:1", part) for part in ("reply", "card", "notice0", "job0")}) == 4
    assert len(row_id("e\ud800", "reply")) == 32


def test_reply_of_the_command_line_is_for_no_chat(store: Store) -> None:
    order = EVENT._replace(platform="", chat="", account="", kind="order", lane="in:order")

    written = wrote(store, step_of(store, Decision(), reply=Reply("words"), event=order))

    assert written.reply is not None
    assert written.reply.state == DONE


def test_click_waits_inline_with_its_toast_and_the_card_follows(store: Store) -> None:
    step = step_of(store, Decision(), reply=Reply("deal", "deal:1", toast="已录单"), hold_ms=2_000)

    written = wrote(store, step)

    toast, card = rows(store, "reply")[0], rows(store, "card")[0]
    assert written.reply == replace(toast, hold_until=written.reply.hold_until if written.reply else 0)
    assert (toast.state, toast.toast, toast.card, toast.subject) == (HELD, "已录单", "", "")
    assert (card.state, card.card, card.subject, card.after_id) == (WAITING, "deal", "deal:1", toast.id)


def test_click_with_only_a_toast_is_one_held_row(store: Store) -> None:
    wrote(store, step_of(store, Decision(), reply=Reply(toast="好"), hold_ms=2_000))

    assert [row.state for row in rows(store, "reply")] == [HELD]
    assert rows(store, "card") == []


def test_cards_of_a_changed_subject_are_redrawn_each_once_r_merge(store: Store) -> None:
    old = Row("c1", "out:x", "reply", platform="feishu", chat="oc_2", card="deal", subject="deal:1")
    question = replace(old, id="c2", card="draft", subject="draft:5")
    for card in (old, question):
        committed(store, lambda conn, card=card: live_cards.plan(conn, card))  # type: ignore[misc]
    become = Become("draft:5", "deal", "deal:1")

    wrote(store, step_of(store, Decision(redraws=("deal:1", "deal:1"), becomes=(become,))))

    assert [row.args["card_id"] for row in rows(store, "redraw")] == ["c1", "c2"]


def test_new_card_in_a_chat_turns_the_older_one_into_a_pointer_r_merge(store: Store) -> None:
    old = Row("c1", "out:x", "reply", platform="feishu", chat="oc_1", card="deal", subject="deal:1")
    committed(store, lambda conn: live_cards.plan(conn, old))

    wrote(store, step_of(store, Decision(), reply=Reply("deal", "deal:1")))

    assert [row.args["card_id"] for row in rows(store, "redraw")] == ["c1"]
    with store.snapshot() as conn:
        pointer = live_cards.get(conn, "c1")
    assert pointer is not None
    assert pointer.card == "pointer"


def test_pressed_card_is_noted_as_acted_on_r_why(store: Store) -> None:
    card = Row("c1", "out:x", "reply", platform="feishu", chat="oc_1", card="deal", subject="deal:1", state=DONE)

    def sent(conn: Connection) -> None:
        outbox.plan(conn, store, [card])
        live_cards.plan(conn, card)
        live_cards.sent(conn, "c1", message_id="om_1", chat="oc_1", content_hash="", at=1)

    committed(store, sent)

    wrote(store, step_of(store, Decision(), clicked_message="om_1"))

    with store.snapshot() as conn:
        assert conn.execute(text("SELECT acted_at FROM outbox WHERE id = 'c1'")).scalar_one() == to_us(NOW)


@pytest.mark.parametrize(
    ("urgency", "hour", "state", "why"),
    [
        (Urgency.NOW, 2, WAITING, ""),
        (Urgency.NOW, 15, WAITING, "quiet hours"),
        (Urgency.TODAY, 2, WAITING, "slot"),
        (Urgency.LIST, 2, UNPUSHED, "list"),
    ],
)
def test_notice_waits_for_its_class_and_the_ledger_says_why_r_time_3_r_why(
    store: Store, urgency: Urgency, hour: int, state: int, why: str
) -> None:
    notice = Notice("peeked", "superior:m03", "peeks", "m03:1", urgency, "R-CUS-5", {"a": "b"})
    now = to_us(datetime(2026, 11, 19, hour, 22, tzinfo=UTC))

    wrote(store, step_of(store, Decision(notices=(notice,)), now=now))

    [row] = rows(store, "fanout")
    assert (row.state, row.held_why, row.viewer, row.rule, row.args) == (
        state,
        why,
        "superior:m03",
        "R-CUS-5",
        {"a": "b"},
    )


def test_job_knows_the_lane_that_asked(store: Store) -> None:
    wrote(store, step_of(store, Decision(jobs=(Job("lookup", {"account": "ou_1"}),))))

    [row] = rows(store, "job")
    assert row.args == {"account": "ou_1", "lane": LANE, "asked_by": EVENT.id}


def test_cancelled_timer_and_saved_roles(store: Store) -> None:
    wrote(store, step_of(store, Decision(saves=(member(),), timers=(StartTimer("undo", "deal:1", NOW),))))
    again = EVENT._replace(id="feishu:t:2")

    wrote(store, step_of(store, Decision(saves=(draft(),), timers=(CancelTimer("undo", "deal:1"),)), event=again))

    with store.snapshot() as conn:
        assert timers.next_due(conn) is None
        assert entities.get(conn, Member, "m03") == replace(member(), version=1)
        assert orjson.loads(conn.execute(text("SELECT roles FROM members")).scalar_one()) == ["rep"]
