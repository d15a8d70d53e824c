"""Secret keys of outgoing group webhooks, sealed; the rest of the product knows them by their id."""

from __future__ import annotations

from sqlalchemy import Connection, text

from storage.engine import Store


def keep(conn: Connection, store: Store, hook: str, *, key: str) -> None:
    """The webhook's key from now on."""
    conn.execute(
        text(
            "INSERT INTO hooks (id, sealed) VALUES (:id, :sealed) "
            "ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed"
        ),
        {"id": hook, "sealed": store.secrets.seal(key)},
    )


def key_of(store: Store, hook: str) -> str:
    """The key; empty when there is no such webhook."""
    with store.snapshot() as conn:
        sealed = conn.execute(text("SELECT sealed FROM hooks WHERE id = :id"), {"id": hook}).scalar()
    return store.secrets.open(sealed) if sealed else ""
