"""Who is who, and who sees what. R-PPL-1, R-PPL-2, R-PPL-4."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.decision import Audit, Decision
from sales.people import (
    ROLES,
    Account,
    AdminCode,
    Member,
    bind,
    in_subtree,
    is_usable,
    make_first_admin,
    may_log_deals,
    normal_mobile,
    sees_owner,
    visible_owners,
)
from tests.support.facts import MICROSECOND, NOW, member

SEEING = ("rep", "supervisor", "director")
PATHS = st.lists(st.sampled_from(["华东", "华南", "一组", "一", "大客户"]), max_size=4).map("/".join)
MEMBERS = st.builds(
    Member,
    id=st.uuids().map(str),
    name=st.just("某人"),
    team=PATHS,
    roles=st.lists(st.sampled_from(list(ROLES)), max_size=3, unique=True).map(tuple),
    state=st.sampled_from(["active", "away", "left"]),
)


@given(st.lists(MEMBERS, max_size=12, unique_by=lambda m: m.id))
def test_sight_in_any_tree_of_teams_r_ppl_2(members: list[Member]) -> None:
    for viewer in members:
        seen = visible_owners(viewer, members)
        roles = set(viewer.roles)
        own = {viewer.id} if roles & set(SEEING) else set()
        below = {m.id for m in members if viewer.team and (m.team + "/").startswith(viewer.team + "/")}
        if viewer.state == "left":
            assert seen == set()
        elif roles & {"supervisor", "director"}:
            assert seen == own | below
        else:
            assert seen == own


@given(MEMBERS, MEMBERS)
def test_rights_over_settings_open_no_deal_r_ppl_2(viewer: Member, owner: Member) -> None:
    for role in set(ROLES) - set(SEEING):
        assert not sees_owner(replace(viewer, roles=(role,)), owner)


@given(MEMBERS, MEMBERS)
def test_who_has_left_sees_nothing_not_even_the_own_r_ppl_2(viewer: Member, owner: Member) -> None:
    gone = replace(viewer, state="left")

    assert not sees_owner(gone, owner)
    assert not sees_owner(gone, gone)


@pytest.mark.parametrize(
    ("roles", "team", "owner_team", "sees"),
    [
        (("rep",), "华东/一组", "华东/一组", False),
        (("supervisor",), "华东/一组", "华东/一组", True),
        (("supervisor",), "华东/一组", "华东/一组/小队", True),
        (("supervisor",), "华东/一组", "华东", False),
        (("supervisor",), "华东/一组", "华东/一组二", False),
        (("supervisor",), "", "华东", False),
        (("director",), "华东", "华东/一组", True),
        (("director",), "华东", "华东区/一组", False),
        (("marketing_lead", "ops", "admin"), "华东", "华东", False),
    ],
)
def test_sight_on_another_ends_at_the_own_subtree_r_ppl_2(
    roles: tuple[str, ...], team: str, owner_team: str, sees: bool
) -> None:
    viewer, owner = member("m01", *roles, team=team), member("m05", team=owner_team)

    assert sees_owner(viewer, owner) is sees


@pytest.mark.parametrize(
    ("team", "root", "inside"),
    [("a", "", True), ("", "", True), ("a", "a", True), ("a/b", "a", True), ("ab", "a", False), ("a", "a/b", False)],
)
def test_subtree_goes_by_whole_names_r_ppl_1(team: str, root: str, inside: bool) -> None:
    assert in_subtree(team, root) is inside


@pytest.mark.parametrize("role", ROLES)
def test_reps_and_who_leads_them_log_deals_r_ppl_1(role: str) -> None:
    assert may_log_deals(member("m1", role)) is (role in SEEING)


@pytest.mark.parametrize("state", ["away", "left"])
def test_who_is_not_there_logs_none_r_ppl_1(state: str) -> None:
    assert not may_log_deals(member(state=state))


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("138 0000-1111", "13800001111"),
        ("+86 138 0000 1111", "13800001111"),
        ("8613800001111", "13800001111"),
        ("１３８００００１１１１", "13800001111"),
        ("86138", "86138"),
        ("+852 9123 4567", "85291234567"),
        ("无²", ""),
        ("", ""),
    ],
)
def test_mobile_numbers_compare_by_their_digits_r_ppl_4(written: str, digits: str) -> None:
    assert normal_mobile(written) == digits


def test_account_is_bound_and_audited_r_ppl_4() -> None:
    known = member(version=2)

    decision = bind(member=known, platform="feishu", account="ou_1", chat="oc_1", why="bind code")

    assert decision == Decision(
        saves=(Account("feishu:ou_1", "feishu", "ou_1", "m03", "oc_1"),),
        relies=(known,),
        audits=(Audit("account.bind", "member:m03", after={"platform": "feishu"}, why="bind code"),),
    )


@pytest.mark.parametrize(("roles", "after"), [((), ("admin",)), (("rep",), ("rep", "admin")), (("admin",), ("admin",))])
def test_code_makes_an_admin_and_is_used_up_r_ppl_4(roles: tuple[str, ...], after: tuple[str, ...]) -> None:
    known, code = Member("m1", "刘洋", roles=roles), AdminCode("ab", NOW)

    decision = make_first_admin(member=known, code=code, now=NOW)

    assert decision.saves == (replace(known, roles=after), replace(code, used_by="m1"))
    assert [audit.action for audit in decision.audits] == ["member.roles"]
    assert not is_usable(decision.saves[1], now=NOW)


@pytest.mark.parametrize(("away", "usable"), [(-MICROSECOND, True), (timedelta(0), True), (MICROSECOND, False)])
def test_code_is_usable_up_to_its_last_instant_r_ppl_4_r_time_2(away: timedelta, usable: bool) -> None:
    assert is_usable(AdminCode("ab", NOW), now=NOW + away) is usable
