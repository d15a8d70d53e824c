"""Who sits in a seat. R-APR-6."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.people import Member
from sales.seats import Seat, fill, is_usable, superiors
from tests.support.requests import ADMIN, BOSS, FAR, LEAD, PEOPLE, REP


def circle(*changed: Member, without: tuple[str, ...] = ()) -> dict[str, Member]:
    everybody = {person.id: person for person in PEOPLE} | {person.id: person for person in changed}
    return {key: person for key, person in everybody.items() if key not in without}


def away(person: Member) -> Member:
    return replace(person, state="away")


def test_the_superior_and_the_nearest_director_r_apr_6() -> None:
    assert fill("superior", initiator=REP, circle=circle()) == Seat(("m02",))
    assert fill("director", initiator=REP, circle=circle(), deciders=["m02"]) == Seat(("m01",))


def test_away_superior_is_replaced_by_the_deputy_or_the_next_above_r_apr_6() -> None:
    people = circle(away(LEAD))

    assert fill("superior", initiator=REP, circle=people, deputies={"m02": "m06"}) == Seat(("m06",))
    assert fill("superior", initiator=REP, circle=people) == Seat(("m01",))
    assert fill("superior", initiator=REP, circle=circle(), deputies={"m02": "m06"}) == Seat(("m02",))
    assert fill("superior", initiator=REP, circle=circle(away(LEAD), away(FAR)), deputies={"m02": "m06"}) == Seat(
        ("m01",)
    )


def test_own_request_of_a_supervisor_skips_them_r_apr_6() -> None:
    assert fill("superior", initiator=LEAD, circle=circle()) == Seat(("m01",))


def test_later_step_with_nobody_new_is_passed_with_the_reason_r_apr_6() -> None:
    seat = fill("director", initiator=LEAD, circle=circle(), deciders=["m01"])

    assert seat == Seat(passed="张伟前面定过了")


def test_without_anybody_above_the_directors_then_ops_then_admin_r_apr_6() -> None:
    alone = replace(REP, superior_id="")
    other = replace(BOSS, id="m20", name="李总", team="市场部")

    assert fill("superior", initiator=alone, circle=circle()) == Seat(("m01",))
    assert fill("superior", initiator=alone, circle=circle(other)) == Seat(("m01",))
    assert fill("director", initiator=alone, circle=circle(other)) == Seat(("m01",))
    assert fill("superior", initiator=alone, circle=circle(other, without=("m01",))) == Seat(("m20",))
    assert fill("superior", initiator=BOSS, circle=circle()) == Seat(("m15",))
    assert fill("superior", initiator=BOSS, circle=circle(without=("m15",))) == Seat(("m16",))


def test_several_directors_of_the_scope_share_one_seat_r_apr_3_r_ppl_1() -> None:
    alone = replace(REP, superior_id="")
    second = replace(BOSS, id="m20", name="李总")

    assert fill("director", initiator=alone, circle=circle(second)) == Seat(("m01", "m20"))


def test_with_nobody_left_it_waits_and_is_never_passed_r_apr_6() -> None:
    assert fill("superior", initiator=ADMIN, circle={"m16": ADMIN}) == Seat()


def test_later_step_with_nobody_at_all_is_passed_r_apr_6() -> None:
    assert fill("director", initiator=REP, circle={"m03": REP}, deciders=["m99"]) == Seat(passed="没有别人可定了")


def test_loops_are_cut_at_the_first_repeat_r_apr_6() -> None:
    one = replace(LEAD, superior_id="m06")
    two = replace(FAR, superior_id="m02")
    people = circle(one, two, without=("m01",))

    assert [m.id for m in superiors(REP, people)] == ["m02", "m06"]
    assert fill("superior", initiator=REP, circle=people, deciders=["m02", "m06"]) == Seat(passed="王芳前面定过了")


@pytest.mark.parametrize(
    ("holders", "usable"), [(("m02",), True), (("m03",), False), (("m99",), False), ((), False), (("m99", "m01"), True)]
)
def test_seat_is_filled_again_when_nobody_of_it_can_decide_r_apr_6(holders: tuple[str, ...], usable: bool) -> None:
    assert is_usable(holders, initiator=REP, circle=circle()) is usable
    assert not is_usable(("m02",), initiator=REP, circle=circle(away(LEAD)))


@given(st.permutations(PEOPLE), st.lists(st.sampled_from(["", *(p.id for p in PEOPLE)]), min_size=7, max_size=7))
def test_initiator_and_earlier_deciders_never_sit_r_apr_3_r_apr_6(order: list[Member], above: list[str]) -> None:
    people = {p.id: replace(p, superior_id=up) for p, up in zip(order, above, strict=True)}
    initiator, decider = people[order[0].id], order[1].id

    for relation in ("superior", "director"):
        seat = fill(relation, initiator=initiator, circle=people, deciders=[decider])

        assert not {initiator.id, decider} & set(seat.holders)
        assert bool(seat.holders) is not bool(seat.passed)
        first = fill(relation, initiator=initiator, circle=people)
        assert not first.passed
