"""Alerts and silences as they are read, and who was told. R-ALERT-1, R-ALERT-5."""

from __future__ import annotations

from sqlalchemy import Connection, text

from sales.alerts import Alert, Silence, silence_key
from storage import live_cards
from storage.entities import entity_of, get, query, table_of

_T = table_of(Alert)


class Alerts:
    """Reads of one snapshot."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def get(self, number: int) -> Alert | None:
        """The alert with this number."""
        return get(self._conn, Alert, number)

    def of(self, rule: str, scope: str, period: str) -> Alert | None:
        """The one firing of this rule, scope and period. R-ALERT-1."""
        row = self._conn.execute(
            query(Alert).where(_T.c.rule == rule, _T.c.scope == scope, _T.c.period == period)
        ).first()
        return None if row is None else entity_of(Alert, row)

    def silence(self, key: str) -> Silence | None:
        """The silence of a rule and scope, over or not."""
        return get(self._conn, Silence, key)

    def silence_of(self, alert: Alert) -> Silence | None:
        """The silence of the alert's rule and scope, over or not."""
        return self.silence(silence_key(alert))

    def was_told(self, alert: Alert, member_id: str, *, platform: str, message_id: str) -> bool:
        """True when one of the alert's cards went to the member, or the pressed message is one of them. R-ALERT-5.

        A forwarded card is a message of its own and shows nothing of ours.
        """
        subject = f"alert:{alert.id}"
        pressed = live_cards.by_message(self._conn, platform, message_id) if message_id else None
        if pressed is not None and pressed.subject == subject:
            return True
        row = self._conn.execute(
            text("SELECT 1 FROM live_cards WHERE subject = :s AND viewer = :v LIMIT 1"), {"s": subject, "v": member_id}
        ).first()
        return row is not None
