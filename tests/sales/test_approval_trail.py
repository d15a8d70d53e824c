"""Who a request is for, and how it is told where it stands. R-PPL-2, R-APR-2."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sales.approval_trail import ended, may_see, moment
from sales.people import Member
from tests.support.facts import NOW, POLICY
from tests.support.requests import ADMIN, BOSS, FAR, LEAD, OPS, PEER, REP, case, entry

MARKETING = replace(PEER, id="m12", name="林静", roles=("marketing",), team="市场部", superior_id="m01")


@pytest.mark.parametrize(
    ("viewer", "sees"),
    [
        (REP, True),
        (LEAD, True),
        (BOSS, True),
        (PEER, False),
        (FAR, False),
        (OPS, False),
        (ADMIN, False),
        (MARKETING, False),
    ],
)
def test_a_request_is_for_whom_it_touches_r_ppl_2(viewer: Member, sees: bool) -> None:
    assert may_see(case(), viewer) is sees
    assert not may_see(case(), replace(viewer, state="left"))


def test_a_seat_past_or_present_sees_it_r_ppl_2() -> None:
    assert may_see(case(holders=("m06",)), FAR)
    assert may_see(case(entry(1, "transferred", "m02", toward="m06")), FAR)
    assert may_see(case(entry(1, "approved", "m02", toward="m06,m01")), FAR)


def test_ops_see_what_waits_with_them_or_is_overdue_r_ppl_2_r_esc() -> None:
    for viewer in (OPS, ADMIN):
        assert may_see(case(told=2), viewer)
        assert may_see(case(holders=()), viewer)
        assert not may_see(case(holders=(), state="approved"), viewer)
    assert not may_see(case(told=2), PEER)
    above = replace(FAR, roles=("rep",))
    people = [REP, replace(LEAD, superior_id="m06"), above]
    assert may_see(case(told=2, people=people), above)
    assert not may_see(case(told=1, people=people), above)


def test_how_it_ended_r_apr_3() -> None:
    def said(did: str, who: str = "m01") -> str:
        return ended(case(entry(1, did, who)), now=NOW, policy=POLICY)

    assert said("approved") == "张伟 10:22 已同意"
    assert said("withdrawn", "m03") == "李雷 10:22 已撤回"
    assert said("unneeded", "") == "商机流失，不用定了"
    assert said("asked", "m03") == ""


def test_instants_of_another_day_have_their_date_ux_1() -> None:
    assert moment(NOW, now=NOW + timedelta(hours=13), policy=POLICY) == "10:22"
    assert moment(NOW, now=NOW + timedelta(hours=14), policy=POLICY) == "11-19 10:22"


def test_names_of_a_seat_r_apr_6() -> None:
    assert case().names(("m02", "m99")) == "王芳、—"
    assert case().names(()) == "运营"
    assert case().request.step_name(9) == "决策"
