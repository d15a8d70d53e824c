"""Who left by a platform's directory can do nothing any more, and the superior knows. R-PPL-5."""

from __future__ import annotations

from handlers import router
from handlers.events import PeopleLeft
from sales.people import Account, leave
from storage.engine import Store
from storage.inbox import Inbound
from tests.support.facts import keep, member, tx_of

GONE = Inbound("dingtalk:x:1", "in:dingtalk::", "chat", "dingtalk", "", "", b"{}", 0, 0, 0)


def test_member_is_out_at_once_and_the_superior_is_told_R_PPL_5(store: Store) -> None:
    rep = member("m03", name="李雷", superior_id="m02")
    keep(store, rep, member("m02", "supervisor"), Account("dingtalk:u3", "dingtalk", "u3", "m03"))

    with store.snapshot() as conn:
        tx = tx_of(conn, store)
        assert router.route(tx, GONE, PeopleLeft(("u3", "u9"))) is None

    [saved] = tx.decision.saves
    assert (saved.id, saved.state) == ("m03", "left")
    [notice] = tx.decision.notices
    assert (notice.audience, notice.rule) == ("superior:m03", "R-PPL-5")
    assert "李雷离开公司了" in notice.args["text"]
    assert [audit.action for audit in tx.decision.audits] == ["member.state"]


def test_who_is_unknown_or_gone_already_changes_nothing_R_PPL_5(store: Store) -> None:
    keep(store, member("m03", state="left"), Account("dingtalk:u3", "dingtalk", "u3", "m03"))

    with store.snapshot() as conn:
        tx = tx_of(conn, store)
        router.route(tx, GONE, PeopleLeft(("u3", "u9")))

    assert tx.decision.saves == ()


def test_leaving_is_dated_by_an_entry_without_personal_fields_R_PPL_5() -> None:
    [entry] = leave(member("m03", name="李雷")).audits

    assert (entry.before, entry.after, entry.why) == ({"state": "active"}, {"state": "left"}, "directory")
