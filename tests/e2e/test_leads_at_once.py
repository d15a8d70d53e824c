"""Twenty reps claim one lead at the same instant, over real HTTP, on both stores. R-LEAD-POOL."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import text

from bot.commands.demo_company import COMPANY
from cards.lead import mark
from sales.leads import Assignment, Lead
from sales.people import Account, Member
from storage.types import from_us
from tests.support.facts import keep
from tests.support.house import House, open_house

PEOPLE = 20
CLAIMS_A_DAY = 5


def reps() -> list[object]:
    """Twenty reps with an account each."""
    people: list[object] = []
    for n in range(PEOPLE):
        people.append(Member(f"r{n:02d}", f"销售{n:02d}", team="销售部", roles=("rep",)))
        people.append(Account(f"feishu:ou_{n:02d}", "feishu", f"ou_{n:02d}", f"r{n:02d}", f"oc_{n:02d}"))
    return people


def pooled(house: House, n: int) -> tuple[Lead, Assignment]:
    """A lead that went cold with somebody who has left."""
    now = from_us(house.clock.business_us())
    start, end = now - timedelta(hours=50), now - timedelta(hours=2)
    lead = Lead(
        n, f"id:L{n}", company=f"公司{n}", state="pool", holder_id="gone", cycle_start=start, pooled_at=end, version=0
    )
    return lead, Assignment(f"id:A{n}", n, "gone", start, end, "recycled")


def claim(house: House, lead: Lead, n: int) -> dict[str, Any]:
    """One rep's press of 领取, as Feishu sends it."""
    app = orjson.loads(COMPANY.read_bytes())["feishu"]
    now = house.clock.business_us()
    header = {
        "event_id": f"claim-{lead.id}-{n}", "token": app["verification_token"], "event_type": "card.action.trigger",
        "app_id": app["app_id"], "tenant_key": app["tenant_key"], "create_time": str(now),
    }  # fmt: skip
    event: dict[str, Any] = {
        "operator": {"open_id": f"ou_{n:02d}"}, "token": "c-" + "0" * 40, "host": "im_message",
        "action": {"tag": "button", "value": {"a": "lead.claim", "s": f"lead:{lead.id}", "t": mark(lead)}},
        "context": {"open_message_id": f"om_{lead.id}", "open_chat_id": f"oc_{n:02d}"},
    }  # fmt: skip
    return {"schema": "2.0", "header": header, "event": event}


async def test_twenty_claims_are_one_holder_and_polite_answers_r_lead_pool(store_url: str, tmp_path: Path) -> None:
    rounds = 10 if store_url.startswith("postgres") else 3
    async with open_house(store_url, tmp_path, kinds=()) as house:
        keep(house.bot.store, *reps())
        for n in range(1, rounds + 1):
            lead, held = pooled(house, n)
            keep(house.bot.store, lead, held)
            posts = [
                house.post("/sim/deliver", {"event": claim(house, lead, m), "chat": f"road-{m}"}) for m in range(PEOPLE)
            ]
            answers = await asyncio.gather(*posts)
            assert {answer["delivered"][0]["status"] for answer in answers} == {200}
        await house.quiet()

        for n in range(1, rounds + 1):
            check(house, n)


def check(house: House, n: int) -> None:
    """One holder, one claim, one audit entry; everybody else is told so, or that the day's claims are used up."""
    with house.bot.store.snapshot() as conn:
        state, holder, version = conn.execute(
            text("SELECT state, holder_id, version FROM leads WHERE id = :n"), {"n": n}
        ).one()  # fmt: skip
        held = conn.execute(
            text("SELECT member_id FROM assignments WHERE lead_id = :n AND ended_at IS NULL"), {"n": n}
        ).all()
        audits = conn.execute(
            text("SELECT who FROM audit WHERE subject = :s AND action = 'lead.claim'"), {"s": f"lead:{n}"}
        ).all()
        said = [row[0] for row in conn.execute(
            text("SELECT toast FROM outbox WHERE inbound_id LIKE :click AND toast <> ''"), {"click": f"%claim-{n}-%"}
        )]  # fmt: skip
        dead = conn.execute(text("SELECT count(*) FROM inbox WHERE state = 2")).scalar_one()
    assert (state, version, dead) == ("cycle", 2, 0)
    assert [row[0] for row in held] == [holder]
    assert [row[0] for row in audits] == [holder]
    assert len(said) == PEOPLE
    assert said.count("领到了") == 1
    for toast in said:
        assert toast.startswith(("领到了", "晚了一步", "今天已领")), toast
