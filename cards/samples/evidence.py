"""Samples of gates, evidence, reviews and freezings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cards import deal, evidence, frozen, gate, review
from cards.blocks import Card
from sales.customers import Customer
from sales.deals import Deal
from sales.evidence import Submission
from sales.freezes import Freeze
from sales.gates import Requirement
from sales.processes import DEFAULT

_AT = datetime(2026, 11, 18, 7, 20, tzinfo=UTC)
_DUE = "11-20 周五 15:20"
_CUSTOMER = Customer(1, "华东医疗", "华东医疗", "m03", tier="A", version=1)
_DEAL = Deal(
    id=17, customer_id=1, owner_id="m03", product="CT机", amount_fen=120_000_000, created_at=_AT, logged_by="m03",
    platform="feishu", chat="oc_1", stage=3, entered_at=_AT, version=3,
)  # fmt: skip
_LIMIT = _AT + timedelta(hours=48)
_MINUTES = Requirement("17:3:minutes", 17, 3, "minutes", _AT, _LIMIT, _LIMIT, "accepted", version=2)
_SHEET = Requirement("17:3:sheet", 17, 3, "sheet", _AT, _LIMIT, _LIMIT, version=1)
_BOTH = (_MINUTES, _SHEET)
_NONE = (replace(_MINUTES, state="open"), _SHEET)
_DONE = (_MINUTES, replace(_SHEET, state="accepted"))
_GATE = gate.GateCard(_DEAL, _CUSTOMER, _BOTH, _DUE)
_FILE = Submission(
    id=12, member_id="m03", platform="feishu", chat="oc_1", name="IMG_1.jpg", text="", sent_at=_AT,
    requirement_id="17:3:sheet", deal_id=17, sha="ab" * 32, size=1, kind="jpeg", state="waiting", reviewers=("m02",),
    version=2,
)  # fmt: skip
_WAITING = evidence.EvidenceCard(
    _FILE, _DEAL, replace(_SHEET, state="waiting"), (_MINUTES, replace(_SHEET, state="waiting")), reviewer="王芳"
)
_DECIDED = replace(_FILE, decided_by="m02", decided_at=_AT, state="accepted")
_MINUTES_DECIDED = replace(_DECIDED, requirement_id="17:3:minutes")
_ASKING = replace(_FILE, state="asking", requirement_id="", deal_id=0)
_OPTIONS = (evidence.Option(_SHEET, "#17 华东医疗 需求匹配表"), evidence.Option(_SHEET, "#14 华东医学院 需求匹配表"))
_REVIEW = review.ReviewCard(
    _FILE, _DEAL, DEFAULT.evidence(3, "sheet"), "李雷", "11-19 周四 14:03", may_decide=True
)  # fmt: skip
_FREEZE = Freeze(4, 17, 3, _LIMIT, "m02", version=1)
_FROZEN = frozen.FrozenCard(
    _FREEZE, replace(_DEAL, frozen_at=_LIMIT), _CUSTOMER, (_SHEET,), "李雷", 0, 2, is_owner=True
)
_TO_SUPERIOR = replace(_FROZEN, is_owner=False, may_thaw=True)
_BY_HAND = replace(_FREEZE, thawed_at=_LIMIT, thawed_by="m02", reason="客户采购主管出差，周六回", until=_LIMIT)
_REFUSED = replace(_FILE, state="rejected")


def _refused(*findings: str, **more: object) -> Card:
    data = replace(_WAITING, submission=replace(_REFUSED, findings=findings), requirement=_SHEET, due=_DUE)
    return evidence.draw(replace(data, **more))  # type: ignore[arg-type]


SAMPLES: Mapping[str, Card] = {
    "deal: at a gate": deal.draw(
        deal.DealCard(_DEAL, _CUSTOMER, "李雷", True, ("签约日",), requirements=_BOTH, due=_DUE)
    ),
    "deal: frozen": deal.draw(
        deal.DealCard(replace(_DEAL, frozen_at=_LIMIT), _CUSTOMER, "李雷", True, (), requirements=_NONE, due=_DUE)
    ),
    "deal: ready to advance": deal.draw(deal.DealCard(_DEAL, _CUSTOMER, "李雷", True, (), requirements=_DONE)),
    "deal: won": deal.draw(deal.DealCard(replace(_DEAL, state="won", stage=8), _CUSTOMER, "李雷", True, ())),
    "gate: one missing": gate.draw(_GATE),
    "gate: two missing": gate.draw(replace(_GATE, requirements=_NONE)),
    "gate: all there": gate.draw(replace(_GATE, requirements=_DONE, due="")),
    "gate: refused": gate.draw(replace(_GATE, refused=True, refusals=2)),
    "gate: frozen": gate.draw(replace(_GATE, deal=replace(_DEAL, frozen_at=_LIMIT))),
    "evidence: being looked at": evidence.draw(replace(_WAITING, submission=replace(_FILE, state="fetching"))),
    "evidence: whose is it": evidence.draw(evidence.EvidenceCard(_ASKING, options=_OPTIONS)),
    "evidence: of no deal we know": evidence.draw(
        evidence.EvidenceCard(replace(_ASKING, note="#9 已经不在走了，不收凭证"))
    ),
    "evidence: waiting": evidence.draw(_WAITING),
    "evidence: a kind nobody can open": evidence.draw(
        replace(_WAITING, submission=replace(_FILE, kind="heic", findings=("readable:unsure",)))
    ),
    "evidence: accepted": evidence.draw(
        replace(_WAITING, submission=_DECIDED, requirements=_DONE, requirement=_DONE[1], decider="王芳",
                decided="11-19 周四 14:31")
    ),
    "evidence: accepted, one still missing": evidence.draw(
        replace(_WAITING, submission=_MINUTES_DECIDED, requirements=_BOTH, requirement=_MINUTES, decider="王芳",
                decided="11-19 周四 14:31")
    ),
    "evidence: accepted, the other in review": evidence.draw(
        replace(_WAITING, submission=_MINUTES_DECIDED, requirement=_MINUTES, decider="王芳",
                decided="11-19 周四 14:31")
    ),
    "evidence: sent back": evidence.draw(
        replace(_WAITING, submission=replace(_DECIDED, state="rejected", reason="看不清"), requirement=_SHEET,
                decider="王芳", due=_DUE)
    ),
    "evidence: used on another deal": _refused("type:ok:jpeg", "duplicate:deal:9", sees_other=True),
    "evidence: used on a deal out of sight": _refused("duplicate:deal:9"),
    "evidence: with a password": _refused("password:locked"),
    "evidence: too large": _refused("limits:bytes:23.5 MB"),
    "evidence: nothing in it, no deal": evidence.draw(
        evidence.EvidenceCard(replace(_ASKING, state="rejected", findings=("readable:empty",)))
    ),
    "evidence: replaced": evidence.draw(replace(_WAITING, submission=replace(_FILE, state="replaced"))),
    "review: to be decided": review.draw(_REVIEW),
    "review: accepted": review.draw(replace(_REVIEW, submission=_DECIDED, decider="王芳", decided="14:31")),
    "review: sent back": review.draw(
        replace(_REVIEW, submission=replace(_DECIDED, state="rejected", reason="看不清"), decider="王芳",
                decided="14:31")
    ),
    "review: replaced": review.draw(replace(_REVIEW, may_decide=False)),
    "frozen: to the owner": frozen.draw(_FROZEN),
    "frozen: to the superior": frozen.draw(_TO_SUPERIOR),
    "frozen: thawed twice already": frozen.draw(replace(_TO_SUPERIOR, thaws=2, may_thaw=False)),
    "frozen: to ops": frozen.draw(replace(_TO_SUPERIOR, customer=None)),
    "frozen: thawed by hand": frozen.draw(
        replace(_FROZEN, frozen=_BY_HAND, deal=_DEAL, thawer="王芳", until="11-21 周六 15:25")
    ),
    "frozen: thawed by evidence": frozen.draw(
        replace(_FROZEN, frozen=replace(_FREEZE, thawed_at=_LIMIT, reason="凭证到齐"), deal=_DEAL, lacking=())
    ),
    "frozen: lost meanwhile": frozen.draw(replace(_FROZEN, deal=replace(_DEAL, state="lost"))),
}  # fmt: skip
