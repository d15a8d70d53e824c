"""Who holds the one connection with a name. A lease is machine time of the database. style.md 7, Sockets."""

from __future__ import annotations

from sqlalchemy import Connection, text

from storage.engine import Store


def take(conn: Connection, store: Store, name: str, *, holder: str, lease_ms: int) -> bool:
    """True when the holder has the lease now: it had it already, nobody had it, or the last one's ran out."""
    now = store.machine_now
    done = conn.execute(
        text(
            f"INSERT INTO socket_leases (name, holder, until) VALUES (:name, :holder, {now} + :lease) "
            "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until "
            f"WHERE socket_leases.holder = excluded.holder OR socket_leases.until <= {now}"
        ),
        {"name": name, "holder": holder, "lease": lease_ms},
    )
    return done.rowcount == 1


def release(conn: Connection, name: str, *, holder: str) -> None:
    """Give it back; somebody else's stays."""
    conn.execute(
        text("DELETE FROM socket_leases WHERE name = :name AND holder = :holder"), {"name": name, "holder": holder}
    )
