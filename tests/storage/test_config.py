"""Versions of the configuration decide the policy; a number is given once. R-ADM-2."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from sales.policy import Policy
from sales.settings import ConfigVersion
from storage.config import Policies
from storage.engine import IntegrityError, Store
from tests.support.facts import NOW, keep, tx_of

V2 = ConfigVersion(2, NOW, "m16", "set", "ldr_alarm_percent", {"ldr_alarm_percent": "25"})
V3 = replace(V2, id=3, about="undo_window", settings={"ldr_alarm_percent": "25", "undo_window": "5"})


def in_force(store: Store, policies: Policies) -> Policy:
    with store.snapshot() as conn:
        return policies(conn)


def test_the_newest_version_is_in_force_over_the_base_r_adm_2(store: Store) -> None:
    base = Policy(zone="UTC")
    policies = Policies(base)
    shipped = in_force(store, policies)

    keep(store, V2)
    second = in_force(store, policies)
    keep(store, V3)
    third = in_force(store, policies)

    assert shipped == base
    assert second == replace(base, version=2, ldr_alarm_percent=Decimal(25))
    assert (third.version, third.undo_window.seconds) == (3, 300)
    assert in_force(store, policies) is third


def test_a_number_is_given_once_r_adm_2(store: Store) -> None:
    keep(store, V2)

    with pytest.raises(IntegrityError):
        keep(store, replace(V2, by="m15"))


def test_history_is_newest_first_and_short_r_adm_2(store: Store) -> None:
    keep(store, V2, V3)

    with store.snapshot() as conn:
        config = tx_of(conn, store).config
        assert [version.id for version in config.history(limit=1)] == [3]
        assert config.newest() == replace(V3, version=1)
        assert config.get(1) is None
        assert config.proposal(1) is None
