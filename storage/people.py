"""Members, their accounts, strangers and codes, as they are read. R-PPL-1, R-PPL-2, R-PPL-4."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import BigInteger, Connection, Text, func, or_, select, type_coerce

from sales.people import Account, AdminCode, Member, Stranger, Team, sees_owner
from storage.entities import entity_of, get, query, table_of
from storage.secrets import Secrets

_M = table_of(Member)
_TEAM = table_of(Team)
_A = table_of(Account)
_S = table_of(Stranger)


class People:
    """Reads of one snapshot."""

    def __init__(self, conn: Connection, secrets: Callable[[], Secrets]) -> None:
        self._conn = conn
        self._secrets = secrets

    def get(self, member_id: str) -> Member | None:
        """The member with this id."""
        return get(self._conn, Member, member_id)

    def team(self, path: str) -> Team | None:
        """The team with this path."""
        return get(self._conn, Team, path)

    def team_paths(self) -> list[str]:
        """Paths of every team that is known by itself or by a member of it."""
        own = self._conn.execute(select(_TEAM.c.id)).scalars()
        return sorted({*own, *self._conn.execute(select(_M.c.team).distinct()).scalars()} - {""})

    def team_of(self, scope: str) -> str:
        """The team a scope (`company`, `team:PATH`, `member:ID`) lies in; empty for the company."""
        kind, _, name = scope.partition(":")
        member = self.get(name) if kind == "member" else None
        return member.team if member else name if kind == "team" else ""

    def account(self, platform: str, account: str) -> Account | None:
        """The binding of a platform account."""
        return get(self._conn, Account, f"{platform}:{account}")

    def by_account(self, platform: str, account: str) -> Member | None:
        """Who acts with this account; None for strangers and for members who have left. R-PPL-4."""
        bound = self.account(platform, account)
        member = self.get(bound.member_id) if bound else None
        return member if member and member.state != "left" else None

    def accounts_of(self, member_id: str) -> list[Account]:
        """Every account of the member, the one used last first."""
        mine = query(Account).where(_A.c.member_id == member_id)
        rows = self._conn.execute(
            mine.order_by(func.coalesce(type_coerce(_A.c.used_at, BigInteger), 0).desc(), _A.c.id)
        )
        return [entity_of(Account, row) for row in rows]

    def by_mobile(self, mobile: str) -> list[Member]:
        """Active members with this mobile number. R-PRIV."""
        if not mobile:
            return []
        key = self._secrets().digest(mobile)
        rows = self._conn.execute(query(Member).where(_M.c.mobile_key == key, _M.c.state != "left"))
        return [entity_of(Member, row) for row in rows]

    def with_mobile(self, member: Member, mobile: str) -> Member:
        """The member with this number, sealed; the same number changes nothing. R-PRIV."""
        key = self._secrets().digest(mobile) if mobile else ""
        if key == member.mobile_key:
            return member
        return replace(member, mobile=self._secrets().seal(mobile) if mobile else "", mobile_key=key)

    def by_name(self, name: str) -> list[Member]:
        """Members with exactly this name."""
        return [entity_of(Member, row) for row in self._conn.execute(query(Member).where(_M.c.name == name))]

    def with_role(self, role: str) -> list[Member]:
        """Active members with the role."""
        rows = self._conn.execute(
            query(Member).where(
                type_coerce(_M.c.roles, Text).contains(f'"{role}"', autoescape=True), _M.c.state != "left"
            )
        )
        return [entity_of(Member, row) for row in rows]

    def stranger(self, platform: str, account: str) -> Stranger | None:
        """What we told this unknown account so far."""
        return get(self._conn, Stranger, f"{platform}:{account}")

    def stranger_by_code(self, code: str) -> Stranger | None:
        """The unknown account that was given this code."""
        row = self._conn.execute(query(Stranger).where(_S.c.code == code)).first()
        return None if row is None else entity_of(Stranger, row)

    def admin_code(self, digest: str) -> AdminCode | None:
        """The one-time code with this hash."""
        return get(self._conn, AdminCode, digest)

    def sees(self, viewer: Member, owner_id: str) -> bool:
        """May the viewer see what this owner owns? R-PPL-2."""
        owner = viewer if owner_id == viewer.id else self.get(owner_id)
        return owner is not None and sees_owner(viewer, owner)

    def visible_owner_ids(self, viewer: Member) -> list[str]:
        """Ids of the owners whose deals the viewer may see; the rule decides on each candidate. R-PPL-2."""
        team = viewer.team
        own = _M.c.id == viewer.id
        below = or_(own, _M.c.team == team, _M.c.team.startswith(team + "/", autoescape=True)) if team else own
        rows = self._conn.execute(query(Member).where(below))
        return [m.id for m in (entity_of(Member, row) for row in rows) if sees_owner(viewer, m)]

    def count(self) -> int:
        """How many members there are."""
        return len(self._conn.execute(select(_M.c.id)).all())
