"""Index of near customer names: a table of name keys narrows to at most 200 candidates before any scoring."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, insert, text

from sales import names
from sales.customers import Customer
from storage.entities import entity_of, query, table_of
from storage.tables.core import CustomerKey

MOST = 200
_KEYS = CustomerKey.__table__  # type: ignore[attr-defined]


def index(conn: Connection, customer: Customer) -> None:
    """The customer can be found by its present name, and by no earlier one."""
    conn.execute(delete(_KEYS).where(_KEYS.c.customer_id == customer.id))
    if customer.state == "active" and (keys := names.keys(customer.name)):
        conn.execute(insert(_KEYS), [{"key": key, "customer_id": customer.id} for key in keys])


def candidates(conn: Connection, name: str) -> list[Customer]:
    """Active customers that share most name keys with `name`, at most 200, the same normalised name always."""
    table = table_of(Customer)
    found = {
        row[0]: entity_of(Customer, row)
        for row in conn.execute(query(Customer).where(table.c.key == names.normalise(name), table.c.state == "active"))
    }
    if keys := names.keys(name):
        ids = conn.execute(
            text(
                "SELECT customer_id FROM customer_keys WHERE key IN :keys GROUP BY customer_id "
                "ORDER BY count(*) DESC, customer_id LIMIT :most"
            ).bindparams(bindparam("keys", expanding=True)),
            {"keys": list(keys), "most": MOST},
        ).scalars()
        wanted = [key for key in ids if key not in found]
        if wanted:
            rows = conn.execute(query(Customer).where(table.c.id.in_(wanted), table.c.state == "active"))
            found.update({row[0]: entity_of(Customer, row) for row in rows})
    return list(found.values())
