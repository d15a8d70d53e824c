"""A deal of 李雷 in gate 3, under 王芳 and 张伟, written straight into a store."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sales.deals import Deal
from sales.evidence import Original, Submission
from sales.gates import Requirement, opened
from storage.engine import Store
from tests.support.facts import NOW, POLICY, customer, deal, keep, member

REP = member("m03", superior_id="m02")
BOSS = member("m02", "supervisor", name="王芳", team="华东", superior_id="m01")
DIRECTOR = member("m01", "director", name="张伟", team="华东")
STRANGER = member("m05", name="陈宇", team="华南")
DUE = NOW + timedelta(hours=48)
SHA = "ab" * 32


def gate_deal(deal_id: int = 17, **more: Any) -> Deal:
    """The deal, standing in gate 3 since now."""
    return deal(deal_id, **{"stage": 3, "entered_at": NOW, **more})


def requirement(key: str = "sheet", deal_id: int = 17, **more: Any) -> Requirement:
    """One of its requirements, due in 48 hours."""
    found = opened(gate_deal(deal_id), since=NOW, policy=POLICY)
    made = next(each for each in found if each.key == key)
    return Requirement(**{name: getattr(made, name) for name in made.__slots__} | more)


def submission(number: int = 12, **more: Any) -> Submission:
    """A photo of 李雷 that waits for 王芳."""
    given: dict[str, Any] = {
        "member_id": "m03", "platform": "feishu", "chat": "oc_1", "name": "IMG.jpg", "text": "", "sent_at": NOW,
        "requirement_id": "17:3:sheet", "deal_id": 17, "sha": SHA, "size": 9, "kind": "jpeg", "state": "waiting",
        "reviewers": ("m02",), **more,
    }  # fmt: skip
    return Submission(number, **given)


def original(**more: Any) -> Original:
    """Its bytes, used for deal #17."""
    return Original(**{"id": SHA, "size": 9, "kind": "jpeg", "deal_id": 17, **more})


def fill(store: Store, *more: Any) -> None:
    """The people, the customer, the deal, its two requirements, and whatever else there is."""
    keep(store, REP, BOSS, DIRECTOR, STRANGER, customer(), gate_deal(), requirement("minutes"), requirement("sheet"))
    keep(store, *more)
