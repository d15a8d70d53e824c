"""A discount request of 李雷 and the people around it, for tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sales.approval_trail import Case, Entry, Request
from sales.decision import Decision
from sales.people import Member
from sales.requests import types
from tests.support.facts import NOW, POLICY, member

REP = member("m03", superior_id="m02", team="销售部/华东一组", version=1)
PEER = member("m04", name="韩梅梅", superior_id="m02", team="销售部/华东一组", version=1)
LEAD = member("m02", "supervisor", name="王芳", superior_id="m01", team="销售部/华东一组", version=1)
BOSS = member("m01", "director", name="张伟", team="销售部", version=1)
FAR = member("m06", "supervisor", name="周强", superior_id="m01", team="销售部/华南组", version=1)
OPS = member("m15", "ops", name="郑晴", superior_id="m01", team="运营部", version=1)
ADMIN = member("m16", "admin", name="刘洋", superior_id="m01", team="信息部", version=1)
PEOPLE = (REP, PEER, LEAD, BOSS, FAR, OPS, ADMIN)
LIMIT = timedelta(hours=48)


def request(**more: Any) -> Request:
    """8.8 折 on #17 of 900,000 yuan, asked now, waiting for 王芳, then for 张伟."""
    given: dict[str, Any] = {
        "id": 7, "number": "ZK-20261119-0003", "kind": "discount", "deal_id": 17, "initiator_id": "m03",
        "base_fen": 90_000_000, "amount_fen": 79_200_000, "reason": "对手报 80 万，客户三台一起签",
        "steps": ("初审:superior", "决策:director"), "limit_minutes": 48 * 60, "created_at": NOW, "opened_at": NOW,
        "due_at": NOW + LIMIT, "holders": ("m02",), "version": 1, **more,
    }  # fmt: skip
    return Request(**given)


def case(*trail: Entry, people: Iterable[Member] = PEOPLE, **more: Any) -> Case:
    """The request with its timeline and these people."""
    found = request(entries=len(trail), **more)
    return Case(found, types(POLICY)["discount"], trail, {person.id: person for person in people})


def entry(n: int, did: str, who: str = "", **more: Any) -> Entry:
    """The n-th act of request 7, now."""
    given: dict[str, Any] = {"step": 0, "round": 1, "at": NOW, **more}
    return Entry(id=f"7.{n}", request_id=7, n=n, who=who, did=did, **given)


def after(before: Case, decision: Decision) -> Case:
    """The case once the decision is written."""
    saved = [one for one in decision.saves if isinstance(one, Request)]
    entries = {one.id: one for one in before.trail} | {
        one.id: replace(one, version=one.version + 1) for one in decision.saves if isinstance(one, Entry)
    }
    found = replace(saved[-1], version=saved[-1].version + 1) if saved else before.request
    return replace(before, request=found, trail=tuple(sorted(entries.values(), key=lambda one: one.n)))
