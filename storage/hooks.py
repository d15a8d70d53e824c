"""Secret keys of outgoing group webhooks, sealed; the rest of the product knows them by their id."""

from __future__ import annotations

from sales.chats import Hook
from storage.engine import Store
from storage.entities import get


def key_of(store: Store, hook: str) -> str:
    """The key; empty when there is no such webhook. Raises Unreadable when it was sealed with another key file."""
    with store.snapshot() as conn:
        found = get(conn, Hook, hook)
    return store.secrets.open(found.sealed) if found else ""
