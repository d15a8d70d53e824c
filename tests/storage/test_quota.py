"""Calls of a month add up by platform and kind. R-QUOTA."""

from __future__ import annotations

from storage import quota
from storage.engine import Store
from tests.support.facts import committed


def test_calls_of_a_month_add_up_and_months_stay_apart_R_QUOTA(store: Store) -> None:
    committed(store, lambda conn: quota.add(conn, "2026-11", {("dingtalk", "api"): 3, ("dingtalk", "stream"): 1}))
    committed(store, lambda conn: quota.add(conn, "2026-11", {("dingtalk", "api"): 4}))
    committed(store, lambda conn: quota.add(conn, "2026-12", {("dingtalk", "api"): 9, ("wecom", "x"): 1}))

    with store.snapshot() as conn:
        assert quota.used(conn, "2026-11") == {"dingtalk": {"api": 7, "stream": 1}}
        assert quota.used(conn, "2026-12") == {"dingtalk": {"api": 9}, "wecom": {"x": 1}}
        assert quota.used(conn, "2027-01") == {}
