"""Cards in chats that follow their subject: which message shows what to whom. R-MERGE."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, text

from storage.outbox import Row


class Live(NamedTuple):
    """A card in a chat; `id` is the outbox row that sends it, `message_id` is empty until it was sent."""

    id: str
    platform: str
    chat: str
    viewer: str
    card: str
    subject: str
    args: dict[str, Any]
    message_id: str
    content_hash: str
    sent_at: int | None
    account: str = ""
    handle: str = ""
    """What later updates of the message need, one each, the newest last, where the platform gives such."""
    offers: str = ""
    """Names of the actions on the card as it stands in the chat."""


_SELECT = (
    "SELECT id, platform, chat, viewer, card, subject, args, message_id, content_hash, sent_at, account, handle, "
    "offers FROM live_cards "
)


def plan(conn: Connection, row: Row) -> None:
    """The card will be sent by this outbox row; changes from now on ask for its redraw."""
    conn.execute(
        text(
            "INSERT INTO live_cards (id, platform, chat, account, viewer, card, subject, args, message_id, "
            "content_hash) VALUES (:id, :platform, :chat, :account, :viewer, :card, :subject, :args, '', '')"
        ),
        {
            "id": row.id,
            "platform": row.platform,
            "chat": row.chat,
            "account": row.account,
            "viewer": row.viewer,
            "card": row.card,
            "subject": row.subject,
            "args": orjson.dumps(dict(row.args)).decode(),
        },
    )


def get(conn: Connection, card_id: str) -> Live | None:
    """The live card of an outbox row."""
    return _one(conn, "WHERE id = :a", card_id)


def by_message(conn: Connection, platform: str, message_id: str) -> Live | None:
    """The live card a message shows; None for a forwarded copy or a message of somebody else."""
    row = conn.execute(
        text(_SELECT + "WHERE platform = :platform AND message_id = :message_id"),
        {"platform": platform, "message_id": message_id},
    ).first()
    return None if row is None else _live(row)


def ids_of(conn: Connection, subject: str) -> list[tuple[str, str]]:
    """Id and platform of every card that shows the subject."""
    rows = conn.execute(text("SELECT id, platform FROM live_cards WHERE subject = :s ORDER BY id"), {"s": subject})
    return [(row[0], row[1]) for row in rows]


def become(conn: Connection, *, subject: str, card: str, new_subject: str) -> None:
    """Cards of the subject show the new card and subject from their next redraw on."""
    conn.execute(
        text("UPDATE live_cards SET card = :card, subject = :new, args = '{}' WHERE subject = :old"),
        {"card": card, "new": new_subject, "old": subject},
    )


def retire(conn: Connection, row: Row) -> list[tuple[str, str]]:
    """Older cards of the row's subject in its chat become pointers to the new one; their ids and platforms."""
    found = conn.execute(
        text(
            "UPDATE live_cards SET card = 'pointer', subject = 'moved:' || subject, args = '{}' WHERE subject = :s "
            "AND platform = :p AND chat = :c AND id <> :id RETURNING id, platform"
        ),
        {"s": row.subject, "p": row.platform, "c": row.chat, "id": row.id},
    )
    return [(each[0], each[1]) for each in found]


def retire_sent(conn: Connection, row: Row, *, chat: str) -> list[tuple[str, str]]:
    """The same for cards that are in the chat already: one still on its way is newer than this one."""
    found = conn.execute(
        text(
            "UPDATE live_cards SET card = 'pointer', subject = 'moved:' || subject, args = '{}' WHERE subject = :s "
            "AND platform = :p AND chat = :c AND id <> :id AND message_id <> '' RETURNING id, platform"
        ),
        {"s": row.subject, "p": row.platform, "c": chat, "id": row.id},
    )
    return [(each[0], each[1]) for each in found]


def sent(
    conn: Connection,
    card_id: str,
    *,
    message_id: str,
    chat: str,
    content_hash: str,
    at: int,
    handle: str = "",
    offers: str = "",
) -> None:
    """The card is in the chat, showing the content with this hash."""
    conn.execute(
        text(
            "UPDATE live_cards SET message_id = :message_id, chat = :chat, content_hash = :hash, sent_at = :at, "
            "handle = :handle, offers = :offers WHERE id = :id"
        ),
        {"id": card_id, "message_id": message_id, "chat": chat, "hash": content_hash, "at": at,
         "handle": handle, "offers": offers},
    )  # fmt: skip


def redrawn(conn: Connection, card_id: str, *, content_hash: str, offers: str, handle: str) -> None:
    """The message shows the content with this hash now; `handle` is what is left for further updates."""
    conn.execute(
        text("UPDATE live_cards SET content_hash = :h, offers = :offers, handle = :handle WHERE id = :id"),
        {"id": card_id, "h": content_hash, "offers": offers, "handle": handle},
    )


def pressed(conn: Connection, card_id: str, *, handle: str) -> None:
    """A click brought a fresh handle for one more update; the newest stands last."""
    conn.execute(
        text("UPDATE live_cards SET handle = TRIM(handle || ' ' || :handle) WHERE id = :id"),
        {"id": card_id, "handle": handle},
    )


def lost(conn: Connection, card_id: str) -> None:
    """The message is gone; nothing redraws it any more."""
    conn.execute(text("DELETE FROM live_cards WHERE id = :id"), {"id": card_id})


def _one(conn: Connection, where: str, value: str) -> Live | None:
    row = conn.execute(text(_SELECT + where), {"a": value}).first()
    return None if row is None else _live(row)


def _live(row: Any) -> Live:
    values = list(row)
    values[6] = orjson.loads(values[6] or "{}")
    return Live(*values)
