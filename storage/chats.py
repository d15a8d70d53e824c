"""Groups as they are read, and who looks at a card: a member or a group. R-PPL-3."""

from __future__ import annotations

from sqlalchemy import Connection, select

from sales.chats import GROUP, Chat, GroupView, as_viewer, roles_of_binding, view_of
from sales.people import Member, Team
from storage.entities import entity_of, get, query, table_of
from storage.people import People

_T = table_of(Chat)
_TEAM = table_of(Team)


class Chats:
    """Reads of one snapshot."""

    def __init__(self, conn: Connection, people: People) -> None:
        self._conn = conn
        self._people = people

    def get(self, chat_id: str) -> Chat | None:
        """The group with this id, platform:chat."""
        return get(self._conn, Chat, chat_id)

    def group_view(self, platform: str, chat: str) -> GroupView | None:
        """What may be shown in this group; None where only help is given. R-PPL-3."""
        found = self.get(f"{platform}:{chat}")
        return view_of(found) if found else None

    def bound(self) -> list[Chat]:
        """Groups the bot is in that are bound to something."""
        rows = self._conn.execute(query(Chat).where(_T.c.state == "active", _T.c.bound_to != "").order_by(_T.c.id))
        return [entity_of(Chat, row) for row in rows]

    def all(self, *, limit: int) -> list[Chat]:
        """Groups the bot is in."""
        rows = self._conn.execute(query(Chat).where(_T.c.state == "active").order_by(_T.c.id).limit(limit))
        return [entity_of(Chat, row) for row in rows]

    def called(self, who: str) -> list[Chat]:
        """Bound groups by role, by binding or by name. R-PPL-1 (chat:NAME)."""
        return [c for c in self.bound() if who in roles_of_binding(c.bound_to) or who in (c.bound_to, c.name)]

    def viewer(self, who: str) -> Member | None:
        """Whoever a card is drawn for: a member by id, or a group."""
        if not who.startswith(GROUP):
            return self._people.get(who)
        chat = self.get(who.removeprefix(GROUP))
        return as_viewer(chat) if chat else None

    def team_paths(self) -> list[str]:
        """Paths of all teams a group can be bound to."""
        return [row[0] for row in self._conn.execute(select(_TEAM.c.id).order_by(_TEAM.c.id))]
