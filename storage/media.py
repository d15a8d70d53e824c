"""Pictures a platform has already: uploaded once, shown in many cards."""

from __future__ import annotations

from sqlalchemy import Connection, text


def known(conn: Connection, picture: str, *, since: int) -> str:
    """The platform's key of the picture; empty when it was not uploaded since this business instant."""
    found = conn.execute(
        text("SELECT media_key FROM media WHERE id = :id AND made_at >= :since"), {"id": picture, "since": since}
    ).scalar()
    return str(found or "")


def keep(conn: Connection, picture: str, *, media_key: str, at: int) -> None:
    """The picture was uploaded; the newest upload is remembered."""
    conn.execute(
        text(
            "INSERT INTO media (id, media_key, made_at) VALUES (:id, :key, :at) "
            "ON CONFLICT (id) DO UPDATE SET media_key = excluded.media_key, made_at = excluded.made_at"
        ),
        {"id": picture, "key": media_key, "at": at},
    )
