"""Who an audience is at the moment of sending, and where each of them is reached. R-PPL-1, R-PPL-3, R-DEL."""

from __future__ import annotations

from dataclasses import replace

from sales.chats import GROUP, Chat
from sales.decision import Urgency
from sales.delivery import opens_at, spread
from sales.people import ROLES, Account, Member, in_subtree
from storage.apply import chat_lane
from storage.outbox import WAITING, Row
from storage.tx import Tx
from storage.types import from_us, to_us


def resolve(tx: Tx, audience: str) -> list[Member]:
    """The members a name of R-PPL-1 stands for now; nobody found: ops, else admins."""
    people = tx.people
    active = [member for member in _named(tx, audience) if member.state != "left"]
    return active or people.with_role("ops") or people.with_role("admin")


def _named(tx: Tx, audience: str) -> list[Member]:
    """Whoever the name means, also those who have left."""
    kind, _, who = audience.partition(":")
    people = tx.people
    match kind:
        case "member":
            return [m for m in [people.get(who)] if m]
        case "superior":
            member = people.get(who)
            return [m for m in [people.get(member.superior_id) if member else None] if m]
        case "supervisor":
            return _supervisors(tx, _team_of(tx, who))
        case "director":
            return _directors(tx, _team_of(tx, who))
        case "admins":
            return people.with_role("admin")
        case "chat":  # a group that is not bound: the people it stands for
            return people.with_role(who) if who in ROLES else []
    return people.with_role(kind) if kind in ROLES else []


def _team_of(tx: Tx, scope: str) -> str:
    """The team a scope (`company`, `team:PATH`, `member:ID`) lies in; empty for the company."""
    kind, _, name = scope.partition(":")
    if kind == "member":
        member = tx.people.get(name)
        return member.team if member else ""
    return name if kind == "team" else ""


def _supervisors(tx: Tx, team: str) -> list[Member]:
    """Who leads the team, else the nearest one above. R-PPL-1."""
    while team:
        found = tx.people.team(team)
        leader = tx.people.get(found.supervisor_id) if found and found.supervisor_id else None
        if leader and leader.state != "left":
            return [leader]
        team = team.rpartition("/")[0]
    return []


def _directors(tx: Tx, team: str) -> list[Member]:
    """The directors nearest above the team, else all. R-PPL-1."""
    directors = tx.people.with_role("director")
    above = [d for d in directors if team and d.team and in_subtree(team, d.team)]
    nearest = max((len(d.team) for d in above), default=0)
    return [d for d in above if len(d.team) == nearest] or directors


def fan_out(tx: Tx, row: Row) -> tuple[list[Row], list[Member]]:
    """One row per group or person of the audience, and who cannot be reached. Held ones get their own spread."""
    if row.viewer.startswith("chat:") and (groups := tx.chats.called(row.viewer.partition(":")[2])):
        return [_for_group(tx, row, n, group) for n, group in enumerate(groups)], []
    rows, unreachable = [], []
    for n, member in enumerate(resolve(tx, row.viewer)):
        accounts = _accounts(tx, row, member)
        if not accounts:
            unreachable.append(member)
            continue
        rows.append(_for(tx, row, n, member, accounts[0]))
    return rows, unreachable


def _accounts(tx: Tx, row: Row, member: Member) -> list[Account]:
    """Where the member is reached, in this order: an answer goes back to the platform it was asked on. R-TENANT."""
    asked = row.inbound_id.partition(":")[0] if row.message_kind == "reply" else ""
    return sorted(tx.people.accounts_of(member.id), key=lambda account: account.platform != asked)


def elsewhere(tx: Tx, row: Row) -> Row | None:
    """The same message to the person's next bound account, then to the superior; None when nobody is left. R-DEL.

    How many accounts were tried stands at the end of the row's id.
    """
    member = tx.people.get(row.viewer)
    if member is None or row.kind != "notice":
        return None
    first, _, tried = row.id.partition(".")
    n = int(tried or 0) + 1
    others, viewer = _accounts(tx, row, member), member.id
    if n == len(others) and (superior := tx.people.get(member.superior_id)):
        others, viewer = [*others, *tx.people.accounts_of(superior.id)[:1]], superior.id
    if n >= len(others):
        return None
    account = others[n]
    again = replace(_planned(tx, row, 0, viewer), id=f"{first}.{n}", deliver_at=None, held_why="", error="")
    lane = chat_lane(account.platform, account.chat or account.account)
    return replace(again, lane=lane, platform=account.platform, chat=account.chat, account=account.account)


def _for(tx: Tx, row: Row, n: int, member: Member, account: Account) -> Row:
    lane = chat_lane(account.platform, account.chat or account.account)
    return replace(
        _planned(tx, row, n, member.id), lane=lane, platform=account.platform, chat=account.chat,
        account=account.account,
    )  # fmt: skip


def _for_group(tx: Tx, row: Row, n: int, group: Chat) -> Row:
    """The group looks at the card with what it is bound to. R-PPL-3."""
    lane = chat_lane(group.platform, group.chat)
    return replace(
        _planned(tx, row, n, GROUP + group.id), lane=lane, platform=group.platform, chat=group.chat, account=""
    )


def _planned(tx: Tx, row: Row, n: int, viewer: str) -> Row:
    return replace(
        row,
        id=f"{row.id[:26]}{n:06x}",
        kind="notice",
        viewer=viewer,
        state=WAITING,
        tries=0,
        first_try_at=0,
        deliver_at=_slot_of(tx, row, viewer) if row.held_why else None,
    )


def _slot_of(tx: Tx, row: Row, viewer: str) -> int | None:
    """The slot the message was held for, plus the viewer's own spread: what waits for one slot goes together."""
    opening = opens_at(Urgency(row.urgency), now=from_us(row.planned_at), policy=tx.policy).at
    return to_us(opening + spread(viewer, tx.policy)) if opening else None
