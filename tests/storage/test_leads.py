"""Leads as they are read: sight, lists, and LDR from company to team to rep, adding up. R-PPL-2, R-DRILL."""

from __future__ import annotations

from datetime import timedelta

from sales.alerts import reading_of
from sales.leads import Assignment, Claim, Lead, TeamMove, Touch
from sales.metrics import week_of
from storage.engine import Store
from tests.support.facts import MICROSECOND, NOW, POLICY, keep, member, tx_of

HOUR = timedelta(hours=1)
WEEK = week_of(NOW, POLICY)
REP, OTHER, BOSS = member(), member("m04", team="华东/二组"), member("m01", "supervisor", team="华东")
MARKETING = member("m12", "marketing", team="市场部")
RIPE = WEEK.end + 48 * HOUR


def with_cycles(store: Store) -> None:
    """Three cycles: two of m03, one touched; one of m04."""
    keep(store, REP, OTHER, BOSS, MARKETING)
    for n, (who, at) in enumerate((("m03", WEEK.start), ("m03", NOW), ("m04", NOW)), 1):
        keep(store, Lead(n, f"id:L{n}", holder_id=who, state="cycle", cycle_start=at))
        keep(store, Assignment(f"a{n}", n, who, at))
    keep(store, Touch("t1", 1, "m04", WEEK.start + 48 * HOUR), Touch("t2", 2, "m03", NOW, "dialled"))


def test_teams_add_up_to_the_company_and_reps_to_their_team_r_drill(store: Store) -> None:
    with_cycles(store)

    with store.snapshot() as conn:
        leads = tx_of(conn, store).leads
        company = leads.ldr("company", WEEK, as_of=RIPE)
        teams = [leads.ldr(f"team:{path}", WEEK, as_of=RIPE) for path in ("华东/一组", "华东/二组")]
        reps = [leads.ldr(f"member:{who}", WEEK, as_of=RIPE) for who in ("m03", "m04")]
        above = leads.ldr("team:华东", WEEK, as_of=RIPE)

    assert (company.numerator, company.denominator) == (2, 3)
    assert [(t.numerator, t.denominator) for t in teams] == [(1, 2), (1, 1)]
    assert reading_of(company, at=RIPE).teams == (("华东/二组", 1, 1), ("华东/一组", 1, 2))
    for parts in (teams, reps):
        assert sum(part.numerator for part in parts) == company.numerator
        assert sorted(f.lead for part in parts for f in part.facts) == sorted(f.lead for f in company.facts)
    assert above.facts == company.facts


def test_weeks_are_the_oldest_first_and_each_its_own(store: Store) -> None:
    with_cycles(store)

    with store.snapshot() as conn:
        leads = tx_of(conn, store).leads
        weeks = leads.ldr_weeks("company", WEEK, count=3, as_of=RIPE)
        none = leads.ldr_weeks("company", WEEK, count=0, as_of=RIPE)

    assert [(week.period.name, week.denominator) for week in weeks] == [
        ("2026-W45", 0),
        ("2026-W46", 0),
        ("2026-W47", 3),
    ]
    assert none == []


def test_team_is_the_one_of_the_48_h_instant_r_met_0(store: Store) -> None:
    with_cycles(store)
    keep(store, TeamMove("1", "m03", "华南", NOW + 48 * HOUR))

    with store.snapshot() as conn:
        company = tx_of(conn, store).leads.ldr("company", WEEK, as_of=RIPE)

    assert sorted((team, counted) for team, _, counted in reading_of(company, at=RIPE).teams) == [
        ("华东/一组", 1),
        ("华东/二组", 1),
        ("华南", 1),
    ]


def test_what_somebody_is_to_a_lead_r_ppl_2(store: Store) -> None:
    with_cycles(store)
    held = Lead(1, holder_id="m03", state="cycle")
    pooled = Lead(1, holder_id="m03", state="pool")
    stranger, left = member("m09", team="华南"), member("m03", state="left")

    with store.snapshot() as conn:
        role = tx_of(conn, store).leads.role_of
        running = [role(who, held) for who in (REP, BOSS, MARKETING, stranger, left)]
        waiting = [role(who, pooled) for who in (REP, BOSS, MARKETING, stranger, left)]

    assert running == ["holder", "leader", "marketing", "", ""]
    assert waiting == ["lost", "leader", "marketing", "claimer", ""]


def test_lists_and_counts_of_leads(store: Store) -> None:
    with_cycles(store)
    keep(
        store,
        Lead(8, "id:L8", state="pool", pooled_at=NOW), Lead(9, state="pool", pooled_at=NOW - HOUR, warned_at=NOW),
        Claim("m03:2026-11-19:1", "m03", 8, NOW),
        Assignment("a8", 8, "m03", NOW, NOW, "recycled"), Assignment("a9", 9, "m03", NOW, NOW, "recycled", silent=True),
    )  # fmt: skip

    with store.snapshot() as conn:
        leads = tx_of(conn, store).leads
        pool, mine = leads.pool(limit=1), leads.running_for(BOSS, limit=9)
        left = [leads.claims_left(REP, NOW), leads.claims_left(OTHER, NOW), leads.claims_of("m03", "2026-11-18")]
        warned = [leads.warned(NOW, NOW), leads.warned(NOW, NOW + MICROSECOND)]
        recycled = leads.recycled(NOW + MICROSECOND, NOW + 2 * MICROSECOND)
        found = leads.by_external_ids(["id:L8", "id:no"])

    assert ([lead.id for lead in pool[0]], pool[1]) == ([9], 2)
    assert ([lead.id for lead in mine[0]], mine[1]) == ([1, 2, 3], 3)
    assert left == [4, 5, 0]
    assert [[lead.id for lead in some] for some in warned] == [[], [9]]
    assert [lead.id for lead in recycled] == [8]
    assert list(found) == ["id:L8"]
