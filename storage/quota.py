"""Calls of this month against a platform's quota. R-QUOTA."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, text


def add(conn: Connection, month: str, calls: Mapping[tuple[str, str], int]) -> None:
    """Count more calls; keys are platform and kind of call, `month` is like 2026-11 in the tenant zone."""
    for (platform, what), more in sorted(calls.items()):
        conn.execute(
            text(
                "INSERT INTO quota_use (platform, what, month, calls) VALUES (:platform, :what, :month, :more) "
                "ON CONFLICT (platform, what, month) DO UPDATE SET calls = quota_use.calls + excluded.calls"
            ),
            {"platform": platform, "what": what, "month": month, "more": more},
        )


def used(conn: Connection, month: str) -> dict[str, dict[str, int]]:
    """Calls of the month by platform and kind."""
    found: dict[str, dict[str, int]] = {}
    rows = conn.execute(text("SELECT platform, what, calls FROM quota_use WHERE month = :month"), {"month": month})
    for platform, what, calls in rows:
        found.setdefault(platform, {})[what] = int(calls)
    return found
