"""Customers as they are read: by id, by near name, with the viewer's sight applied. R-CUS-5, R-PPL-2."""

from __future__ import annotations

from sqlalchemy import Connection

from sales import names
from sales.customers import Customer, Near, Peek
from sales.people import Member
from storage.entities import entity_of, get, query, table_of
from storage.names import candidates
from storage.people import People

_T = table_of(Customer)


class Customers:
    """Reads of one snapshot."""

    def __init__(self, conn: Connection, people: People) -> None:
        self._conn = conn
        self._people = people

    def get(self, customer_id: int) -> Customer | None:
        """Without sight: only for what a rule needs to know, never to show."""
        return get(self._conn, Customer, customer_id)

    def by_external_id(self, external_id: str) -> Customer | None:
        """The customer an import called by this id."""
        row = self._conn.execute(query(Customer).where(_T.c.external_id == external_id)).first()
        return None if row is None else entity_of(Customer, row)

    def by_key(self, key: str) -> Customer | None:
        """The active customer with this normalised name."""
        row = self._conn.execute(query(Customer).where(_T.c.key == key, _T.c.state == "active")).first()
        return None if row is None else entity_of(Customer, row)

    def visible(self, customer_id: int, viewer: Member) -> Customer | None:
        """The customer when the viewer may see it. R-PPL-2."""
        found = self.get(customer_id)
        return found if found and self._people.sees(viewer, found.owner_id) else None

    def similar(self, name: str, viewer: Member) -> list[Near]:
        """Known customers with near names, scored, each marked whether the viewer may see it. R-CUS-5."""
        key = names.normalise(name)
        near = []
        for customer in candidates(self._conn, name):
            score = 100.0 if customer.key == key else min(names.score(name, customer.name), 99.0)
            near.append(Near(customer, score, self._people.sees(viewer, customer.owner_id)))
        return near

    def peek(self, peek_id: str) -> Peek:
        """How often somebody was shown customers outside their sight on one day. R-CUS-5."""
        return get(self._conn, Peek, peek_id) or Peek(peek_id, peek_id.split(":")[0])
