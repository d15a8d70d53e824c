"""Twenty people click one request at the same instant, over real HTTP, on both stores. R-APR-3."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import text

from bot.commands.demo_company import COMPANY
from cards.approval_rows import mark
from sales.approval_trail import Request
from sales.people import Account, Member
from storage.types import from_us
from tests.support.facts import customer, deal, keep
from tests.support.house import House, open_house
from tests.support.requests import LIMIT, request

PEOPLE = 20
ROUNDS = 50


def seat() -> list[object]:
    """Twenty people of operations with an account each, and a director whose own requests wait with them."""
    people: list[object] = [Member("boss", "张伟", team="销售部", roles=("director",))]
    for n in range(PEOPLE):
        people.append(Member(f"o{n:02d}", f"运营{n:02d}", team="运营部", roles=("ops",)))
        people.append(Account(f"feishu:ou_{n:02d}", "feishu", f"ou_{n:02d}", f"o{n:02d}", f"oc_{n:02d}"))
    return people


def asked(house: House, n: int) -> Request:
    """A request of its own deal for each round, held by all twenty."""
    now = from_us(house.clock.business_us())
    return request(
        id=n, number=f"ZK-20261119-{n:04d}", deal_id=n, initiator_id="boss", steps=("初审:superior",), version=0,
        holders=tuple(f"o{m:02d}" for m in range(PEOPLE)), created_at=now, opened_at=now, due_at=now + LIMIT,
    )  # fmt: skip


def click(house: House, found: Request, n: int, action: str) -> dict[str, Any]:
    """The callback of one person's press, as Feishu sends it."""
    app = orjson.loads(COMPANY.read_bytes())["feishu"]
    header = {
        "event_id": f"click-{found.id}-{n}", "token": app["verification_token"], "event_type": "card.action.trigger",
        "app_id": app["app_id"], "tenant_key": app["tenant_key"], "create_time": str(house.clock.business_us()),
    }  # fmt: skip
    value = {"a": action, "s": f"request:{found.id}", "t": mark(found)}
    event = {
        "operator": {"open_id": f"ou_{n:02d}"}, "token": "c-" + "0" * 40, "host": "im_message",
        "action": {"tag": "button", "value": value, "form_value": {"reason": "说一句"}},
        "context": {"open_message_id": f"om_{found.id}", "open_chat_id": f"oc_{n:02d}"},
    }  # fmt: skip
    return {"schema": "2.0", "header": header, "event": event}


async def test_twenty_clicks_are_one_decision_and_polite_answers_R_APR_3(store_url: str, tmp_path: Path) -> None:
    rounds = ROUNDS if store_url.startswith("postgres") else 5
    async with open_house(store_url, tmp_path, kinds=()) as house:
        keep(house.bot.store, *seat(), customer(1, owner_id="boss"))
        for n in range(1, rounds + 1):
            found = asked(house, n)
            keep(house.bot.store, deal(n, amount_fen=90_000_000, owner_id="boss"), found)
            actions = [("approval.approve", "approval.reject", "approval.return")[m % 3] for m in range(PEOPLE)]
            posts = [
                house.post("/sim/deliver", {"event": click(house, found, m, actions[m]), "chat": f"road-{m}"})
                for m in range(PEOPLE)
            ]
            answers = await asyncio.gather(*posts)
            assert {answer["delivered"][0]["status"] for answer in answers} == {200}
        await house.quiet()

        for n in range(1, rounds + 1):
            check(house, n)


def check(house: House, n: int) -> None:
    """One decision, one audit entry, nineteen polite answers."""
    with house.bot.store.snapshot() as conn:
        state = conn.execute(text("SELECT state, entries, version FROM requests WHERE id = :n"), {"n": n}).one()
        entries = conn.execute(
            text("SELECT who, did FROM request_entries WHERE request_id = :n"), {"n": n}
        ).all()  # fmt: skip
        audits = conn.execute(text("SELECT who FROM audit WHERE subject = :s"), {"s": f"request:{n}"}).all()
        toasts = conn.execute(
            text("SELECT toast FROM outbox WHERE inbound_id LIKE :click AND toast <> ''"), {"click": f"%click-{n}-%"}
        ).all()
    assert state[0] in ("approved", "rejected", "returned")
    assert tuple(state[1:]) == (1, 2)
    assert len(entries) == 1
    assert [row[0] for row in audits] == [entries[0][0]]
    said = [row[0] for row in toasts]
    assert len(said) == PEOPLE
    assert len([toast for toast in said if toast.startswith("已")]) == 1
    for toast in said:
        assert toast.startswith(("已", "晚了一步：运营", "运营")), toast
