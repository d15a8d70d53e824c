"""Members as they are read, and whose work each may see. R-PPL-1, R-PPL-2, R-PPL-4."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sales.people import Account, AdminCode, Member, Stranger, Team
from storage.engine import Store
from storage.people import People
from tests.support.facts import NOW, SECRETS, keep, member

BOSS = member("m00", "director", name="张伟", team="销售部")
LEAD = member("m01", "supervisor", name="王芳", team="销售部/华东")
REP = member(
    "m03", "rep", superior_id="m01", team="销售部/华东/一组",
    mobile=SECRETS.seal("13800001111"), mobile_key=SECRETS.digest("13800001111"),
)  # fmt: skip
NEAR = member("m04", "rep", name="韩梅梅", team="销售部/华东区")
OPS = member("m08", "ops", name="郑晴", team="")
GONE = member(
    "m09", "rep", name="李雷", team="销售部/华东/一组", mobile_key=SECRETS.digest("13800002222"), state="left"
)


@pytest.fixture
def people_store(store: Store) -> Store:
    accounts = [
        Account("feishu:ou_3", "feishu", "ou_3", "m03", "oc_3"),
        Account("feishu:ou_9", "feishu", "ou_9", "m09"),
    ]
    keep(store, Team("销售部/华东", "m01"), BOSS, LEAD, REP, NEAR, OPS, GONE, *accounts)
    return store


def test_member_is_found_by_account_unless_they_left_r_ppl_4(people_store: Store) -> None:
    with people_store.snapshot() as conn:
        people = People(conn, lambda: SECRETS)
        found = people.by_account("feishu", "ou_3")
        assert found == replace(REP, version=1)
        assert people.by_account("feishu", "ou_9") is None
        assert people.by_account("dingtalk", "ou_3") is None
        assert [a.account for a in people.accounts_of("m03")] == ["ou_3"]
        assert people.accounts_of("m08") == []


def test_member_is_found_by_mobile_unless_they_left_r_ppl_4(people_store: Store) -> None:
    with people_store.snapshot() as conn:
        people = People(conn, lambda: SECRETS)
        assert [m.id for m in people.by_mobile("13800001111")] == ["m03"]
        assert people.by_mobile("13800002222") == []
        assert people.by_mobile("") == []


def test_number_is_sealed_and_the_same_one_changes_nothing_r_priv(people_store: Store) -> None:
    with people_store.snapshot() as conn:
        people = People(conn, lambda: SECRETS)
        changed, none = people.with_mobile(REP, "13800003333"), people.with_mobile(REP, "")
        assert people.with_mobile(REP, "13800001111") is REP
        assert "3333" not in changed.mobile + changed.mobile_key
        assert SECRETS.open(changed.mobile) == "13800003333"
        assert changed.mobile_key == SECRETS.digest("13800003333")
        assert (none.mobile, none.mobile_key) == ("", "")


def test_names_roles_teams_and_counts(people_store: Store) -> None:
    with people_store.snapshot() as conn:
        people = People(conn, lambda: SECRETS)
        assert sorted(m.id for m in people.by_name("李雷")) == ["m03", "m09"]
        assert [m.id for m in people.with_role("rep")] == ["m03", "m04"]
        assert people.with_role("re") == []
        assert people.team("销售部/华东") == Team("销售部/华东", "m01", version=1)
        assert people.team("没有") is None
        assert people.count() == 6


def test_role_word_with_a_wildcard_matches_nobody(people_store: Store) -> None:
    with people_store.snapshot() as conn:
        assert People(conn, lambda: SECRETS).with_role("%") == []


@pytest.mark.parametrize(
    ("viewer", "owners"),
    [
        (REP, ["m03"]),
        (LEAD, ["m01", "m03", "m09"]),
        (BOSS, ["m00", "m01", "m03", "m04", "m09"]),
        (OPS, []),
        (GONE, []),
        (replace(BOSS, team=""), ["m00"]),
        (replace(LEAD, team="销售部/华%"), ["m01"]),
        (replace(LEAD, team="销售部/华东/一_"), ["m01"]),
    ],
)
def test_visible_owners_are_those_the_rule_allows_r_ppl_2(
    people_store: Store, viewer: Member, owners: list[str]
) -> None:
    if viewer.team != BOSS.team and viewer.id == "m01" and viewer != LEAD:
        keep(people_store, replace(viewer, version=1))

    with people_store.snapshot() as conn:
        people = People(conn, lambda: SECRETS)
        assert sorted(people.visible_owner_ids(viewer)) == owners
        everybody = ["m00", "m01", "m03", "m04", "m08", "m09"]
        assert [m for m in everybody if people.sees(viewer, m)] == owners


def test_owner_nobody_knows_is_seen_by_nobody_r_ppl_2(people_store: Store) -> None:
    with people_store.snapshot() as conn:
        assert not People(conn, lambda: SECRETS).sees(BOSS, "m77")


def test_strangers_and_codes_r_ppl_4(people_store: Store) -> None:
    stranger = Stranger("feishu:ou_x", "feishu", "ou_x", "7K2M", NOW, NOW)
    keep(people_store, stranger, AdminCode("ab", NOW))

    with people_store.snapshot() as conn:
        people = People(conn, lambda: SECRETS)
        assert people.stranger("feishu", "ou_x") == replace(stranger, version=1)
        assert people.stranger_by_code("7K2M") == replace(stranger, version=1)
        assert people.stranger_by_code("7K2N") is None
        assert people.stranger("feishu", "ou_y") is None
        assert people.admin_code("ab") == AdminCode("ab", NOW, version=1)
        assert people.admin_code("cd") is None
