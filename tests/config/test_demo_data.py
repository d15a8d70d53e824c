"""The demo company's files: whole, believable, and with the figures of the first screen, counted here anew."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from sales.imports import check_header, check_rows
from simulator.company import load_company
from simulator.options import COMPANY_FILE

SEED = Path("config/demo")
NOW = datetime.fromisoformat("2026-11-19T09:10:00+08:00")
IMPORTED = datetime.fromisoformat("2026-11-19T09:05:00+08:00")
HOURS_48 = timedelta(hours=48)

Row = dict[str, str]


def rows(kind: str) -> list[Row]:
    with (SEED / f"{kind}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def cycles() -> list[tuple[datetime, str, bool]]:
    """Start, holder at 48 h and whether nobody was reached, of every cycle that is not confirmed invalid."""
    reached: dict[str, list[datetime]] = {}
    for touch in rows("touches"):
        reached.setdefault(touch["lead_id"], []).append(at(touch["touched_at"]))
    chains: dict[str, list[list[Row]]] = {}
    for one in sorted(rows("assignments"), key=lambda row: at(row["assigned_at"])):
        known = chains.setdefault(one["lead_id"], [])
        if known and known[-1][-1]["end_reason"] == "reassigned":
            known[-1].append(one)
        else:
            known.append([one])
    found = []
    for lead, of_lead in chains.items():
        for chain in of_lead:
            start = at(chain[0]["assigned_at"])
            holder = [one for one in chain if at(one["assigned_at"]) <= start + HOURS_48][-1]["member_id"]
            cold = not any(start <= when <= start + HOURS_48 for when in reached.get(lead, []))
            if chain[-1]["end_reason"] != "invalid":
                found.append((start, holder, cold))
    return found


def ldr(week: int, *, as_of: datetime, members: set[str] | None = None) -> tuple[int, int]:
    """Untouched and all ripe cycles of the week."""
    begin = datetime.combine(date.fromisocalendar(2026, week, 1), datetime.min.time(), NOW.tzinfo)
    ripe = [
        cold
        for start, holder, cold in cycles()
        if begin <= start < begin + timedelta(days=7)
        and start + HOURS_48 <= as_of
        and (members is None or holder in members)
    ]
    return sum(ripe), len(ripe)


@pytest.mark.parametrize("kind", ["teams", "members", "customers", "deals", "leads", "assignments", "touches"])
def test_every_row_is_usable_r_imp(kind: str) -> None:
    with (SEED / f"{kind}.csv").open(encoding="utf-8") as file:
        table = list(csv.reader(file))

    check_header(kind, table[0])

    assert check_rows(kind, table[0], table[1:])[1] == []


def test_three_hundred_leads_in_the_ninety_days_before() -> None:
    leads = rows("leads")

    assert len(leads) == len({lead["lead_id"] for lead in leads}) == 300
    assert all(NOW - timedelta(days=91) <= at(lead["created_at"]) < IMPORTED for lead in leads)
    assert {one["lead_id"] for one in rows("assignments")} == {lead["lead_id"] for lead in leads}


def test_everything_happened_before_the_import_in_working_hours() -> None:
    for one in rows("assignments"):
        assert at(one["assigned_at"]) < IMPORTED
        assert 9 <= at(one["assigned_at"]).hour < 18
        assert not one["ended_at"] or at(one["assigned_at"]) < at(one["ended_at"]) < IMPORTED
    for touch in rows("touches"):
        assert at(touch["touched_at"]) < IMPORTED
        assert 9 <= at(touch["touched_at"]).hour < 20


def test_a_lead_is_held_by_one_at_a_time() -> None:
    held: dict[str, list[Row]] = {}
    for one in sorted(rows("assignments"), key=lambda row: at(row["assigned_at"])):
        held.setdefault(one["lead_id"], []).append(one)

    for chain in held.values():
        for earlier, later in pairwise(chain):
            assert at(earlier["ended_at"]) <= at(later["assigned_at"])
            assert earlier["end_reason"] in ("reassigned", "recycled")


def test_recycled_ones_ended_at_48_hours_to_the_second_r_lead_48h() -> None:
    recycled = [one for one in rows("assignments") if one["end_reason"] == "recycled"]

    assert len(recycled) > 30
    assert all(at(one["ended_at"]) == at(one["assigned_at"]) + HOURS_48 for one in recycled)


def test_seven_weeks_of_ldr_rise_towards_the_line_r_met_2() -> None:
    shown = [round(100 * cold / ripe, 2) for cold, ripe in (ldr(week, as_of=NOW) for week in range(40, 47))]

    assert shown == [8.33, 9.09, 11.11, 10.34, 12.5, 14.81, 17.86]


def test_this_week_is_over_the_line_with_the_cycle_that_ripens_after_the_import_r_met_2() -> None:
    assert ldr(47, as_of=IMPORTED) == (8, 40)
    assert ldr(47, as_of=datetime.fromisoformat("2026-11-19T09:06:00+08:00")) == (8, 40)
    assert ldr(47, as_of=datetime.fromisoformat("2026-11-19T09:09:00+08:00")) == (9, 41)
    assert ldr(47, as_of=NOW) == (9, 41)


def test_this_week_by_team_as_on_the_first_screen_r_met_2() -> None:
    teams = {row["member_id"]: row["team"] for row in rows("members")}
    scopes = {team: {member for member, its in teams.items() if its == f"销售部/{team}"} for team in
              ("华南组", "华东一组", "大客户组")}  # fmt: skip

    assert {team: ldr(47, as_of=NOW, members=members) for team, members in scopes.items()} == {
        "华南组": (4, 11),
        "华东一组": (4, 20),
        "大客户组": (1, 10),
    }


def test_next_deadline_after_the_first_screen_is_nantong_haian_at_half_past_one() -> None:
    touched = {touch["lead_id"] for touch in rows("touches")}
    starts = [at(one["assigned_at"]) for one in rows("assignments")]
    company = {lead["lead_id"]: lead["company"] for lead in rows("leads")}
    waiting = [one for one in rows("assignments") if not one["ended_at"] and one["lead_id"] not in touched]
    first = at("2026-11-19T13:30:00+08:00")
    its = [(company[one["lead_id"]], one["member_id"]) for one in waiting if at(one["assigned_at"]) + HOURS_48 == first]

    assert its == [("南通海安医院", "m03")]
    assert min(when for start in starts for when in (start + HOURS_48 / 2, start + HOURS_48) if when > NOW) == first
    assert max(Counter(one["member_id"] for one in waiting).values()) < 5


def test_deals_of_the_cast_have_the_numbers_people_call_them_by() -> None:
    deals = rows("deals")
    names = {row["customer_id"]: row["name"] for row in rows("customers")}
    told = [(names[deal["customer_id"]], deal["product"], deal["amount_yuan"], deal["stage"], deal["owner_id"])
            for deal in (deals[8], deals[16])]  # fmt: skip

    assert len(deals) == 60
    assert [at(deal["created_at"]) for deal in deals] == sorted(at(deal["created_at"]) for deal in deals)
    assert told == [
        ("宁波博仁医疗", "彩超", "900000.00", "7", "m03"),
        ("苏州瑞康医疗", "DR", "650000.00", "3", "m03"),
    ]


def test_deals_that_grew_out_of_a_lead_name_it_r_lead_conv() -> None:
    converted = {one["lead_id"]: one for one in rows("assignments") if one["end_reason"] == "converted"}
    grown = [deal for deal in rows("deals") if deal["lead_id"]]

    assert len(grown) == len(converted) > 3
    for deal in grown:
        assert converted[deal["lead_id"]]["ended_at"] == deal["created_at"]
        assert converted[deal["lead_id"]]["member_id"] == deal["owner_id"]


def test_groups_are_those_of_the_simulator_r_ppl_3() -> None:
    groups = {group.id: group.name for group in load_company(COMPANY_FILE).groups}

    assert [(row["chat_id"], row["name"], row["bound_to"]) for row in rows("chats")] == [
        (chat, name, {"总监群": "director", "华东一组群": "team:销售部/华东一组"}[name])
        for chat, name in groups.items()
    ]
    assert {(row["platform"], row["kind"]) for row in rows("chats")} == {("feishu", "group")}
