"""Files and buttons that are hard to bring about over the wire: replies, albums, old cards, results twice. R-EVD-1."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from handlers import router
from handlers.events import Clicked, Event, JobDone, Said, SentFile
from handlers.evidence import fetched
from sales.decision import Decision, Reply
from sales.evidence import Submission
from sales.gates import Requirement
from sales.people import Member
from storage import live_cards
from storage.engine import Store
from storage.inbox import Inbound
from storage.outbox import Row
from storage.types import to_us
from tests.support.facts import NOW, committed, deal, keep, tx_of
from tests.support.gates import BOSS, DUE, REP, SHA, STRANGER, fill, gate_deal, original, requirement, submission

IMAGE = SentFile("img_1", "image")


def acted(store: Store, event: Event, who: Member = REP, *, late: bool = False) -> tuple[Reply | None, Decision]:
    now = to_us(DUE if late else NOW)
    inbound = Inbound("e1", "in:x", "message", "feishu", f"ou_{who.id}", "oc_1", b"", now, now, 0)
    with store.snapshot() as conn:
        tx = tx_of(conn, store, now=DUE if late else NOW)
        return router.act(tx, inbound, event, who), tx.decision


def said(text: str = "", *files: SentFile, parent: str = "") -> Said:
    return Said("om_1", text, True, True, files, parent)


def got(store: Store, number: int = 12, *, late: bool = False, **result: Any) -> Decision:
    given = {"sha": SHA, "size": 9, "kind": "jpeg", "findings": ["type:ok:jpeg", "readable:ok"], **result}
    done = JobDone("j1", "fetch", {"submission": number}, given, str(result.get("error", "")))
    with store.snapshot() as conn:
        tx = tx_of(conn, store, now=DUE if late else NOW)
        fetched(tx, done)
        return tx.decision


def submissions(decision: Decision) -> list[Submission]:
    return [each for each in decision.saves if isinstance(each, Submission)]


def shows(store: Store, subject: str) -> None:
    """A card about the subject stands in the chat as message om_card."""

    def write(conn: Any) -> None:
        row = Row(id="r1", lane="out:x", kind="reply", platform="feishu", chat="oc_1", viewer="m03", card="deal",
                  subject=subject)  # fmt: skip
        live_cards.plan(conn, row)
        live_cards.sent(conn, "r1", message_id="om_card", chat="oc_1", content_hash="", at=0)

    committed(store, write)


@pytest.mark.parametrize("subject", ["deal:17", "moved:deal:17", "submission:12", "freeze:4"])
def test_the_card_replied_to_says_which_deal_r_evd_1(store: Store, subject: str) -> None:
    from sales.freezes import Freeze

    fill(store, gate_deal(18), Freeze(4, 17, 3, NOW), submission(12, state="rejected"))
    shows(store, subject)

    _, decision = acted(store, said("匹配表", IMAGE, parent="om_card"))

    assert [each.requirement_id for each in submissions(decision)] == ["17:3:sheet"]


@pytest.mark.parametrize("parent", ["om_card", "om_other", ""])
def test_a_reply_to_something_else_is_no_hint_r_evd_1(store: Store, parent: str) -> None:
    fill(store, gate_deal(18))
    shows(store, "draft:5")

    _, decision = acted(store, said("匹配表", IMAGE, parent=parent))

    assert [(each.requirement_id, each.offered) for each in submissions(decision)] == [
        ("", ("18:3:sheet", "17:3:sheet"))
    ]


def test_several_files_are_each_asked_about_with_a_card_of_their_own_r_evd_1(store: Store) -> None:
    fill(store)

    reply, decision = acted(store, said("17 会议纪要", IMAGE, replace(IMAGE, key="img_2")))

    first, second = submissions(decision)
    assert (first.requirement_id, second.requirement_id) == ("", "")
    assert reply == Reply(card="evidence", subject=f"submission:{first.id}")
    assert [notice.subject for notice in decision.notices] == [f"submission:{second.id}"]
    assert len(decision.jobs) == 2


def test_more_than_ten_files_are_too_many_r_evd_2(store: Store) -> None:
    fill(store)

    reply, decision = acted(store, said("", *[replace(IMAGE, key=f"img_{n}") for n in range(11)]))

    assert reply is not None
    assert reply.args["text"] == "一次最多看 10 个文件，分几次发给我。"
    assert decision == Decision()


def test_recordings_and_people_who_lead_no_deals_are_not_for_us(store: Store) -> None:
    fill(store)

    for event, who in ((said("", SentFile("f", "audio")), REP), (said("", IMAGE), replace(REP, roles=("legal",)))):
        reply, decision = acted(store, event, who)
        assert decision.jobs == ()
        assert reply is not None


@pytest.mark.parametrize("text", ["120万的单", "11-17 开的会", "17 页", "3.17", "第 17%"])
def test_a_number_with_a_unit_or_in_a_date_names_no_deal_r_evd_1(store: Store, text: str) -> None:
    fill(store, gate_deal(18))

    _, decision = acted(store, said(f"{text} 匹配表", IMAGE))

    assert submissions(decision)[0].offered == ("18:3:sheet", "17:3:sheet")


def test_a_deal_whose_stage_asks_for_nothing_takes_no_file_r_evd_1(store: Store) -> None:
    fill(store, deal(20, stage=2))

    _, decision = acted(store, said("20 的纪要", IMAGE))

    assert submissions(decision)[0].note == "#20 现在的阶段不要凭证"


def test_result_of_a_job_twice_or_for_nobody_changes_nothing(store: Store) -> None:
    fill(store, submission(12))

    assert got(store) == Decision()
    assert got(store, 99) == Decision()


def test_job_that_failed_is_told_and_the_requirement_stays_r_evd_4(store: Store) -> None:
    fill(store, submission(12, state="fetching", deal_id=0, reviewers=()))

    [refused] = submissions(got(store, error="NotAllowed"))

    assert (refused.state, refused.findings) == ("rejected", ("fetch:failed",))


def test_file_sent_before_due_and_fetched_after_thaws_as_a_late_proof_r_time_5(store: Store) -> None:
    from sales.freezes import Freeze

    fill(store, Freeze(4, 17, 3, DUE, "m02"), submission(12, state="fetching", deal_id=0, sent_at=DUE))
    keep(store, replace(gate_deal(), version=1, frozen_at=DUE), requirement("minutes", version=1, state="accepted"))

    decision = got(store, late=True)

    assert [audit.why for audit in decision.audits if audit.action == "deal.thaw"] == ["late proof"]
    assert any(isinstance(each, Requirement) and each.due == DUE for each in decision.saves)


@pytest.mark.parametrize(
    ("more", "note"),
    [
        ({"state": "lost"}, "那单现在不收这份凭证"),
        ({"stage": 4}, "那单现在不收这份凭证"),
        ({"owner_id": "m05"}, "那单现在不收这份凭证"),
    ],
)
def test_deal_that_went_on_meanwhile_leaves_the_file_kept_and_asked_about_r_evd_1(
    store: Store, more: dict[str, Any], note: str
) -> None:
    fill(store, submission(12, state="fetching", deal_id=0))
    keep(store, replace(gate_deal(), version=1, **more))

    [asking] = submissions(got(store))

    assert (asking.state, asking.note) == ("asking", note)


def test_accepted_requirement_takes_no_second_file_unasked_r_evd_1(store: Store) -> None:
    fill(store, submission(12, state="fetching", deal_id=0))
    keep(store, requirement("sheet", version=1, state="accepted"))

    [asking] = submissions(got(store))

    assert asking.note == "#17 的需求匹配表已经通过了"


def test_while_a_question_is_open_the_file_opens_no_second_one_r_hold(store: Store) -> None:
    from tests.support.facts import draft

    fill(store, submission(12, state="fetching", requirement_id="", deal_id=0, offered=("17:3:sheet",)), draft(5))

    decision = got(store)

    assert [type(each).__name__ for each in decision.saves] == ["Submission"]


@pytest.mark.parametrize(
    ("action", "subject", "who", "words"),
    [
        ("gate.advance", "deal:17", REP, "这张卡旧了"),
        ("gate.advance", "deal:17", STRANGER, "看不了"),
        ("gate.ear", "deal:17", REP, "这张卡旧了"),
        ("evidence.pick", "submission:12", REP, "这张卡旧了"),
        ("evidence.pick", "submission:12", BOSS, "看不了"),
        ("evidence.take_back", "submission:12", REP, "这张卡旧了"),
        ("evidence.take_back", "submission:x", REP, "看不了"),
        ("review.accept", "review:12", BOSS, "这张卡旧了"),
        ("review.accept", "review:99", BOSS, "看不了"),
        ("review.back", "review:12", STRANGER, "看不了"),
        ("freeze.thaw", "freeze:4", BOSS, "看不了"),
    ],
)
def test_old_and_forwarded_buttons_change_nothing_r_ppl_2(
    store: Store, action: str, subject: str, who: Member, words: str
) -> None:
    fill(store, submission(12), original())

    reply, decision = acted(store, Clicked("om_1", action, subject, "old", values={"option": "x"}), who)

    assert reply is not None
    assert words in reply.toast
    assert decision.saves == ()


def test_reason_to_be_typed_opens_an_ear_r_hold(store: Store) -> None:
    from cards.review import OTHER, mark

    fill(store, submission(12), original())

    reply, _ = acted(
        store, Clicked("om_1", "review.back", "review:12", mark(submission(12)), values={"option": OTHER}), BOSS
    )

    assert reply is not None
    assert "为什么退回" in reply.args["text"]


def test_line_that_logs_a_deal_is_logged_and_its_photo_kept_r_evd_1_r_qe_1(store: Store) -> None:
    fill(store)

    reply, decision = acted(store, said("录单 华东医疗 CT机 120万", IMAGE))

    assert reply is not None
    assert reply.card == "deal"
    assert [notice.card for notice in decision.notices] == ["evidence"]
    assert len(decision.jobs) == 1
