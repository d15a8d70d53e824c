"""A request's faces, and who sees them. R-APR-2, R-PPL-2, R-TIME-3."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cards.approval_rows import mark
from cards.blocks import Buttons, Card, Inputs, Title
from cards.registry import show
from sales.people import Member
from storage.engine import Store
from tests.support.facts import NOW, customer, deal, keep, tx_of
from tests.support.requests import ADMIN, BOSS, FAR, LEAD, OPS, PEER, PEOPLE, REP, entry, request

DEAL = deal(amount_fen=90_000_000)


def filled(store: Store, *entries: Any, **changed: Any) -> None:
    keep(
        store, *(replace(person, version=0) for person in PEOPLE), customer(), DEAL, *entries,
        request(version=0, entries=len(entries), **changed),
    )  # fmt: skip


def shown(store: Store, viewer: Member | None, card: str = "approval", subject: str = "request:7", **args: str) -> Any:
    with store.snapshot() as conn:
        return show(card, tx_of(conn, store), subject=subject, viewer=viewer, args=args)


def title(card: Card | None) -> str:
    assert card is not None
    return next(block.text for block in card if isinstance(block, Title))


def labels(card: Card) -> list[str]:
    found = [button.label for block in card if isinstance(block, Inputs) for button in block.buttons]
    return found + [item.label for block in card if isinstance(block, Buttons) for item in block.items]


@pytest.mark.parametrize("viewer", [*PEOPLE, None], ids=lambda m: m.id if m else "nobody")
def test_a_request_is_shown_to_whom_it_touches_r_ppl_2(store: Store, viewer: Member | None) -> None:
    filled(store)

    sees = viewer is not None and viewer.id in ("m01", "m02", "m03")
    assert (shown(store, viewer) is not None) is sees
    assert (shown(store, viewer, "trail", "trail:7") is not None) is sees
    assert shown(store, viewer, subject="request:8") is None
    assert shown(store, viewer, "trail", "trail:8") is None


def test_buttons_are_those_that_will_not_be_refused_ux_0_5(store: Store) -> None:
    filled(store)

    assert labels(shown(store, LEAD)) == ["同意", "驳回", "退回补充", "更多"]
    assert labels(shown(store, REP)) == ["催一下", "撤回", "看全程"]
    assert labels(shown(store, BOSS)) == ["催王芳", "看全程"]


def test_overdue_is_shown_to_who_leads_the_seat_and_to_ops_r_apr_4_r_esc(store: Store) -> None:
    filled(store, told=2)

    assert title(shown(store, BOSS)) == "8.8 折等了 48 小时"
    assert labels(shown(store, BOSS)) == ["催王芳", "我来定", "看全程"]
    assert labels(shown(store, OPS)) == ["看全程"]
    assert title(shown(store, ADMIN)) == "8.8 折等了 48 小时"
    assert title(shown(store, REP)) == "8.8 折（让 12%）已送王芳"
    assert shown(store, PEER) is None
    assert shown(store, FAR) is None


@pytest.mark.parametrize("kind", ["assigned", "nudge", "urged", "overdue", "escalated", "returned", "decided"])
def test_push_about_what_has_ended_is_dropped_before_it_is_sent_r_time_3(store: Store, kind: str) -> None:
    filled(store, state="approved", closed_at=NOW, holders=())

    dropped = kind not in ("returned", "decided")
    assert (shown(store, REP, **{"for": kind}) is None) is dropped


def test_push_for_a_seat_that_went_to_another_is_dropped_r_time_3(store: Store) -> None:
    filled(store, entry(1, "transferred", "m02", toward="m06"), holders=("m06",))

    assert shown(store, LEAD, **{"for": "assigned"}) is None
    assert title(shown(store, FAR, **{"for": "assigned"})) == "李雷申请 8.8 折（让 12%）"
    assert title(shown(store, LEAD)) == "8.8 折（让 12%）等周强"


def test_nudge_gives_way_to_overdue_r_time_6(store: Store) -> None:
    filled(store, due_at=NOW - timedelta(microseconds=1))

    assert shown(store, LEAD, **{"for": "nudge"}) is None
    assert shown(store, LEAD, **{"for": "assigned"}) is not None


def test_stamp_is_of_terms_step_and_round_r_apr_3() -> None:
    found = request()

    assert mark(found) == mark(replace(found, holders=("m06",), told=2, version=9))
    for changed in ({"step": 1}, {"round": 2}, {"amount_fen": 1}, {"id": 8}):
        assert mark(found) != mark(replace(found, **changed))  # type: ignore[arg-type]


def test_lists_hold_the_own_rows_only_r_ppl_2(store: Store) -> None:
    filled(store)

    assert "ZK-20261119-0003 · 李雷 8.8 折" in str(shown(store, LEAD, "approvals", ""))
    assert "审批中" in str(shown(store, REP, "approvals", "", mine="1"))
    assert "挺好" in str(shown(store, BOSS, "approvals", ""))
    assert "没有发起过" in str(shown(store, BOSS, "approvals", "", mine="1"))
    assert shown(store, None, "approvals", "") is None
