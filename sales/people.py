"""Members, teams, roles, and who may see what. R-PPL-1, R-PPL-2, R-PPL-4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sales.decision import Audit, Decision, Notice, Urgency

USED_EVERY = timedelta(hours=1)

ROLES: Mapping[str, str] = {
    "rep": "销售",
    "supervisor": "主管",
    "director": "总监",
    "marketing": "市场",
    "marketing_lead": "市场负责人",
    "presales": "售前",
    "legal": "法务",
    "delivery": "交付",
    "csm": "客户成功",
    "ops": "运营支持",
    "admin": "管理员",
}
"""Roles and the words people see for them. R-PPL-1."""


@dataclass(frozen=True, slots=True)
class Team:
    """One node of the tree of teams; `id` is its path such as 销售部/华东一组."""

    id: str
    supervisor_id: str = ""
    region: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the company. `team` is the path of the primary team; state is active, away or left. R-PPL-1.

    `mobile` is sealed text, never the number itself; `mobile_key` finds who has a number, and tells none. R-PRIV.
    """

    id: str
    name: str
    team: str = ""
    superior_id: str = ""
    roles: tuple[str, ...] = ()
    mobile: str = ""
    state: str = "active"
    version: int = 0
    mobile_key: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """A member's account on one platform; `id` is platform:account, `chat` the direct chat once it is known, `used_at`
    about when its person last wrote there: messages of our own go to the one used last."""

    id: str
    platform: str
    account: str
    member_id: str
    chat: str = ""
    version: int = 0
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody who wrote and is bound to nobody: when we last told them, and their code. R-PPL-4."""

    id: str
    platform: str
    account: str
    code: str
    code_until: datetime
    told_at: datetime
    version: int = 0


@dataclass(frozen=True, slots=True)
class AdminCode:
    """A one-time code that makes its sender the first admin; only its hash is kept. R-PPL-4."""

    id: str
    expires_at: datetime
    used_by: str = ""
    version: int = 0


def normal_mobile(written: str) -> str:
    """The digits of a mobile number without the country code of the mainland; empty when there are none. R-PPL-4."""
    digits = "".join(str(int(char)) for char in written if char.isdecimal())
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits


def in_subtree(team: str, root: str) -> bool:
    """True when `team` is `root` or lies below it. The empty root is the whole company."""
    return not root or team == root or team.startswith(root + "/")


def sees_owner(viewer: Member, owner: Member) -> bool:
    """True when the viewer may see the customers and deals of the owner. R-PPL-2.

    A rep sees the own ones, a supervisor the team's subtree, a director the whole tree. Admin and ops rights are
    about settings and rules; they open no deal. Who has left sees nothing.
    """
    if viewer.state == "left":
        return False
    if viewer.id == owner.id:
        return bool({"rep", "supervisor", "director"} & set(viewer.roles))
    if {"supervisor", "director"} & set(viewer.roles):
        return bool(viewer.team) and in_subtree(owner.team, viewer.team)
    return False


def visible_owners(viewer: Member, members: Iterable[Member]) -> frozenset[str]:
    """Ids of the members whose customers and deals the viewer may see. R-PPL-2."""
    return frozenset(m.id for m in members if sees_owner(viewer, m))


def may_log_deals(member: Member) -> bool:
    """Reps log deals; who leads them may do so too. R-PPL-1."""
    return member.state == "active" and bool({"rep", "supervisor", "director"} & set(member.roles))


def bind(*, member: Member, platform: str, account: str, chat: str, why: str) -> Decision:
    """The account belongs to the member from now on. R-PPL-4."""
    bound = Account(id=f"{platform}:{account}", platform=platform, account=account, member_id=member.id, chat=chat)
    entry = Audit("account.bind", f"member:{member.id}", after={"platform": platform}, why=why)
    return Decision(saves=(bound,), relies=(member,), audits=(entry,))


def used(account: Account, *, chat: str, at: datetime, others: Iterable[Account]) -> Account:
    """The account after its person wrote in this direct chat. The instant moves at most once an hour, or when another
    account was used since. R-DEL."""
    last = account.used_at
    newest = max((other.used_at for other in others if other.used_at), default=None)
    fresh = last is not None and at - last < USED_EVERY and (newest is None or newest <= last)
    return replace(account, chat=chat, used_at=last if fresh else at)


def leave(member: Member) -> Decision:
    """The member has left: state at once, and the superior, or ops, is told whose work is without an owner. R-PPL-5."""
    entry = Audit("member.state", f"member:{member.id}", {"state": member.state}, {"state": "left"}, "directory")
    text = f"{member.name}离开公司了，账号停用了。名下的商机、线索要换人接，回「我的商机」看。"
    told = Notice("left", f"superior:{member.id}", "words", "", Urgency.NOW, "R-PPL-5", {"text": text})
    return Decision(saves=(replace(member, state="left"),), audits=(entry,), notices=(told,))


def make_first_admin(*, member: Member, code: AdminCode, now: datetime) -> Decision:
    """The member is an admin and the code is used up. Refused outside by expiry or use. R-PPL-4."""
    admin = replace(member, roles=tuple(dict.fromkeys((*member.roles, "admin"))))
    entry = Audit(
        "member.roles",
        f"member:{member.id}",
        before={"roles": list(member.roles)},
        after={"roles": list(admin.roles)},
        why="admin-code",
    )
    return Decision(saves=(admin, replace(code, used_by=member.id)), audits=(entry,))


def is_usable(code: AdminCode, *, now: datetime) -> bool:
    """True while the code was not used and has not expired; the last instant counts. R-PPL-4, R-TIME-2."""
    return not code.used_by and now <= code.expires_at
