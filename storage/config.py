"""Versions of the configuration, what was proposed, and the policy in force. R-ADM-2."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from sales.policy import Policy
from sales.proposals import Proposal
from sales.settings import FIRST_VERSION, ConfigVersion, in_force
from storage.entities import entity_of, get, query, table_of

_V = table_of(ConfigVersion)
_NEWEST = select(func.max(_V.c.id))


class Config:
    """Reads of one snapshot."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def newest(self) -> ConfigVersion | None:
        """The version in force; None for the configuration as shipped."""
        row = self._conn.execute(query(ConfigVersion).order_by(_V.c.id.desc()).limit(1)).first()
        return None if row is None else entity_of(ConfigVersion, row)

    def get(self, number: int) -> ConfigVersion | None:
        """The version with this number; the first, as shipped, is no row."""
        return get(self._conn, ConfigVersion, number)

    def history(self, *, limit: int) -> list[ConfigVersion]:
        """The newest versions, newest first."""
        rows = self._conn.execute(query(ConfigVersion).order_by(_V.c.id.desc()).limit(limit))
        return [entity_of(ConfigVersion, row) for row in rows]

    def proposal(self, number: int) -> Proposal | None:
        """What an admin asked for under this number."""
        return get(self._conn, Proposal, number)


class Policies:
    """The policy in force in a snapshot, over a base: what was shipped, and the zone the deployment began with."""

    def __init__(self, base: Policy | None = None) -> None:
        self.base = base or Policy()
        self._known: dict[int, Policy] = {FIRST_VERSION: self.base}

    def __call__(self, conn: Connection) -> Policy:
        """One indexed look at the newest number; its policy is made once. R-ADM-2."""
        number = conn.execute(_NEWEST).scalar() or FIRST_VERSION
        if number not in self._known:
            self._known[number] = in_force(get(conn, ConfigVersion, number), base=self.base)
        return self._known[number]
