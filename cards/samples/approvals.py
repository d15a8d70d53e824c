"""Samples of a request on its way, for each of the people around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cards import approval, approvals, form
from cards.approval_rows import ApprovalCard
from cards.blocks import Card
from cards.forms import FORMS
from sales.approval_trail import Case, Entry, Request
from sales.conversations import Conversation
from sales.deals import Deal
from sales.people import Member
from sales.policy import Policy
from sales.requests import types

_AT = datetime(2026, 11, 19, 6, 5, tzinfo=UTC)
_REP = Member("m03", "李雷", team="销售部/华东一组", superior_id="m02", roles=("rep",))
_LEAD = Member("m02", "王芳", team="销售部/华东一组", superior_id="m01", roles=("supervisor",))
_BOSS = Member("m01", "张伟", team="销售部", roles=("director",))
_CIRCLE = {person.id: person for person in (_REP, _LEAD, _BOSS)}
_DEAL = Deal(
    id=9, customer_id=1, owner_id="m03", product="彩超", amount_fen=90_000_000, created_at=_AT, logged_by="m03",
    stage=7, version=1,
)  # fmt: skip
_REQUEST = Request(
    id=3, number="ZK-20261119-0003", kind="discount", deal_id=9, initiator_id="m03", base_fen=90_000_000,
    amount_fen=79_200_000, reason="对手报 80 万，客户三台一起签", steps=("初审:superior", "决策:director"),
    limit_minutes=48 * 60, created_at=_AT, opened_at=_AT, due_at=_AT + timedelta(hours=48), holders=("m02",), entries=1,
    version=1,
)  # fmt: skip


def _entry(n: int, did: str, who: str, minutes: int, **more: Any) -> Entry:
    given: dict[str, Any] = {"step": 0, "round": 1, **more}
    return Entry(f"3.{n}", 3, n, who=who, did=did, at=_AT + timedelta(minutes=minutes), **given)


def _shown(viewer: Member, *trail: Entry, minutes: int = 0, asked: str = "", **changed: Any) -> Card:
    request = replace(_REQUEST, **changed)
    found = Case(request, types(Policy())["discount"], (_entry(1, "asked", "m03", 0), *trail), _CIRCLE)
    now = _AT + timedelta(minutes=minutes)
    return approval.draw(ApprovalCard(found, _DEAL, "宁波博仁", viewer, now, Policy(), asked))


_FIRST = _entry(2, "approved", "m02", 26)
_SECOND: dict[str, Any] = {
    "step": 1, "holders": ("m01",), "opened_at": _FIRST.at, "due_at": _FIRST.at + timedelta(hours=48)
}  # fmt: skip
_LAST = _entry(3, "approved", "m01", 57, step=1, words="限本月签")
_CLOSED: dict[str, Any] = {"step": 2, "holders": (), "closed_at": _LAST.at}
_RETURNED = _entry(2, "returned", "m02", 26, words="差对手的报价单")
_PASSED = _entry(3, "passed", "", 57, step=1, words="张伟前面定过了")
_FORM = Conversation(
    id=4, member_id="m03", platform="feishu", chat="oc_1", form="discount", subject="", ask="off", asked_at=_AT,
    answers={"deal": "9"}, version=1,
)  # fmt: skip
_HOSTILE = "<at id=all></at> **x** [点我](http://a.b) \u202eevil\u200b"

SAMPLES: Mapping[str, Card] = {
    "approval: waiting for me": _shown(_LEAD),
    "approval: asked after a misspelt word": _shown(_LEAD, asked="同意"),
    "approval: waiting for me, due soon": _shown(_LEAD, told=1, minutes=36 * 60),
    "approval: waiting for me, overdue": _shown(_LEAD, told=2, minutes=48 * 60),
    "approval: waiting for the second": _shown(_BOSS, _FIRST, minutes=26, **_SECOND),
    "approval: on its way, the initiator": _shown(_REP),
    "approval: on its way, paused": _shown(_REP, paused_at=_AT),
    "approval: on its way, another": _shown(_BOSS),
    "approval: passed on": _shown(_LEAD, _FIRST, minutes=26, **_SECOND),
    "approval: passed on, the initiator": _shown(_REP, _FIRST, minutes=26, **_SECOND),
    "approval: overdue, the superior": _shown(_BOSS, told=2, minutes=48 * 60),
    "approval: approved": _shown(_REP, _FIRST, _LAST, minutes=58, state="approved", **_CLOSED),
    "approval: approved, a word wanted": _shown(
        _BOSS, _FIRST, replace(_LAST, words=""), minutes=57, state="approved", **_CLOSED
    ),
    "approval: approved, a step passed": _shown(_REP, _FIRST, _PASSED, minutes=58, state="approved", **_CLOSED),
    "approval: rejected": _shown(
        _REP, _entry(2, "rejected", "m02", 26, words="毛利不够"), minutes=30, state="rejected", holders=(),
        closed_at=_FIRST.at,
    ),
    "approval: returned, the initiator": _shown(_REP, _RETURNED, minutes=26, state="returned"),
    "approval: returned, another": _shown(_LEAD, _RETURNED, minutes=26, state="returned"),
    "approval: withdrawn": _shown(_LEAD, _entry(2, "withdrawn", "m03", 30), state="withdrawn", holders=()),
    "approval: followed by another": _shown(
        _LEAD, _entry(2, "withdrawn", "m03", 30, words="改成 ZK-20261119-0004"), state="withdrawn", holders=()
    ),
    "approval: no longer needed": _shown(
        _REP, _entry(2, "unneeded", "", 30, words="#9 流失：预算砍了"), state="unneeded", holders=()
    ),
    "approval: hostile names": approval.draw(
        ApprovalCard(
            Case(replace(_REQUEST, reason=_HOSTILE), types(Policy())["discount"], (), _CIRCLE),
            replace(_DEAL, product=_HOSTILE), _HOSTILE, _LEAD, _AT, Policy(),
        )
    ),
    "approvals: waiting for me": approvals.draw(
        [("1", "ZK-20261119-0003 · 李雷 8.8 折 ¥792,000.00 · 11-21 周六 14:05 前")], total=1, mine=False
    ),
    "approvals: mine": approvals.draw(
        [("1", "ZK-20261119-0003 · #9 8.8 折 ¥792,000.00 · 审批中")], total=12, mine=True
    ),
    "approvals: nothing waits": approvals.draw([], total=0, mine=False),
    "trail": approvals.draw_trail(
        replace(_REQUEST, state="approved", **_CLOSED),
        [("14:05", "李雷 申请：对手报 80 万"), ("14:31", "王芳 同意"), ("15:02", "张伟 同意：限本月签")],
    ),
    "form: a discount, half filled in": form.draw(_FORM, FORMS["discount"]),
}  # fmt: skip
