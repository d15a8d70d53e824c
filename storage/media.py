"""Pictures a platform has already: uploaded once, shown in many cards."""

from __future__ import annotations

from sqlalchemy import Connection, text


def known(conn: Connection, picture: str) -> str:
    """The platform's key of the picture; empty when it was never uploaded."""
    found = conn.execute(text("SELECT media_key FROM media WHERE id = :id"), {"id": picture}).scalar()
    return str(found or "")


def keep(conn: Connection, picture: str, *, media_key: str, at: int) -> None:
    """The picture was uploaded; whoever was first is remembered."""
    conn.execute(
        text("INSERT INTO media (id, media_key, made_at) VALUES (:id, :key, :at) ON CONFLICT (id) DO NOTHING"),
        {"id": picture, "key": media_key, "at": at},
    )
