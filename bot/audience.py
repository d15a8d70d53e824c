"""Who an audience is at the moment of sending, and where each of them is reached. R-PPL-1, R-DEL."""

from __future__ import annotations

from dataclasses import replace

from sales.decision import Urgency
from sales.delivery import opens_at, spread
from sales.people import Account, Member
from storage.apply import chat_lane
from storage.outbox import WAITING, Row
from storage.tx import Tx
from storage.types import from_us, to_us


def resolve(tx: Tx, audience: str) -> list[Member]:
    """The members a name of R-PPL-1 stands for now; nobody found: ops, else admins."""
    kind, _, who = audience.partition(":")
    people = tx.people
    found: list[Member] = []
    if kind == "member":
        found = [m for m in [people.get(who)] if m]
    elif kind == "superior":
        member = people.get(who)
        found = [m for m in [people.get(member.superior_id) if member else None] if m]
    elif kind == "admins":
        found = people.with_role("admin")
    active = [m for m in found if m.state != "left"]
    return active or people.with_role("ops") or people.with_role("admin")


def fan_out(tx: Tx, row: Row) -> tuple[list[Row], list[Member]]:
    """One row per person of the audience, and who cannot be reached. Held ones get the person's own spread."""
    rows, unreachable = [], []
    for n, member in enumerate(resolve(tx, row.viewer)):
        accounts = tx.people.accounts_of(member.id)
        if not accounts:
            unreachable.append(member)
            continue
        rows.append(_for(tx, row, n, member, accounts[0]))
    return rows, unreachable


def _for(tx: Tx, row: Row, n: int, member: Member, account: Account) -> Row:
    chat = account.chat
    return replace(
        row,
        id=f"{row.id[:26]}{n:06x}",
        kind="notice",
        lane=chat_lane(account.platform, chat or account.account),
        platform=account.platform,
        chat=chat,
        account=account.account,
        viewer=member.id,
        state=WAITING,
        tries=0,
        first_try_at=0,
        deliver_at=_slot_of(tx, row, member) if row.held_why else None,
    )


def _slot_of(tx: Tx, row: Row, member: Member) -> int | None:
    """The slot the message was held for, plus the person's own spread: what waits for one slot goes together."""
    opening = opens_at(Urgency(row.urgency), now=from_us(row.planned_at), policy=tx.policy).at
    return to_us(opening + spread(member.id, tx.policy)) if opening else None
