"""`dealdesk import`, then `dealdesk metric LDR`: right to the last digit in any order of files. R-MET-2, R-IMP."""

from __future__ import annotations

import csv
import io
import itertools
import json
import random
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import text

from storage.engine import Store
from tests.bot.commands.conftest import Line

CHINA = timezone(timedelta(hours=8))
MONDAY = datetime(2026, 11, 16, tzinfo=CHINA)
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
LATER = "2026-12-01T00:00:00+08:00"

MEMBERS = [
    ("member_id", "name", "team", "roles"), ("m1", "李雷", "华东/一组", "rep"), ("m2", "赵敏", "华南", "rep"),
]  # fmt: skip
HELD = ("assignment_id", "lead_id", "member_id", "assigned_at", "ended_at", "end_reason", "x_from")
TOUCHED = ("touch_id", "lead_id", "member_id", "touched_at", "kind", "verified")


def table(rows: Sequence[Sequence[Any]]) -> str:
    """The rows as CSV, instants as files write them."""
    out = io.StringIO()
    for row in rows:
        csv.writer(out).writerow([cell.isoformat() if isinstance(cell, datetime) else cell for cell in row])
    return out.getvalue()


def measured(dealdesk: Line, *more: str, scope: str = "company", period: str = "2026-W47") -> dict[str, Any]:
    """The JSON of LDR."""
    as_of = () if "--as-of" in more else ("--as-of", LATER)
    result = dealdesk("metric", "LDR", "--scope", scope, "--period", period, *as_of, *more, "--json")
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def take_in(dealdesk: Line, kind: str, rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Import rows as a file of this kind."""
    counts: dict[str, Any] = json.loads(
        dealdesk("import", kind, dealdesk.file(f"{kind}.csv", table(rows)), "--json").stdout
    )
    return counts


FILES: dict[str, list[Sequence[Any]]] = {
    "members": list(MEMBERS),
    "assignments": [
        HELD,
        ("A1", "L1", "m1", MONDAY, "", "", "expo"),
        ("A2", "L2", "m1", MONDAY, MONDAY + HOUR, "reassigned", ""),
        ("A3", "L2", "m2", MONDAY + HOUR, "", "", ""),
        ("A4", "L3", "m2", MONDAY, MONDAY + HOUR, "invalid", ""),
        ("A5", "L4", "m9", MONDAY, MONDAY + HOUR, "returned", ""),
    ],
    "touches": [
        TOUCHED,
        ("T1", "L1", "m7", MONDAY + 48 * HOUR, "call", ""),
        ("T2", "L2", "m2", MONDAY + 48 * HOUR + MICROSECOND, "visit", "true"),
        ("T3", "L9", "m2", MONDAY, "call", "false"),
    ],
    "leads": [
        ("lead_id", "company", "phone", "x_seen"),
        ("L1", "江南康复", "13800005521", "yes"),
        ("L5", "独个", "", ""),
    ],
}


@pytest.mark.parametrize("order", list(itertools.permutations(FILES))[::5], ids="-".join)
def test_ldr_is_the_same_in_whatever_order_the_files_came_r_imp(dealdesk: Line, order: tuple[str, ...]) -> None:
    for kind in order:
        assert take_in(dealdesk, kind, FILES[kind])["added"] == len(FILES[kind]) - 1

    company = measured(dealdesk, "--facts")

    assert (company["numerator"], company["denominator"], company["value"]) == (2, 3, "66.67")
    assert (company["state"], company["provisional"]) == ("alarm", False)
    assert [(f["lead_id"], f["member_id"], f["team"], f["touched"]) for f in company["facts"]] == [
        ("L1", "m1", "华东/一组", True), ("L2", "m2", "华南", False), ("L4", "m9", "", False),
    ]  # fmt: skip
    assert measured(dealdesk, scope="team:华东")["value"] == "0.00"
    assert measured(dealdesk, scope="member:m2")["numerator"] == 1
    assert measured(dealdesk, scope="team:华北")["value"] is None


def test_same_file_again_adds_nothing_and_moves_no_timer_r_qe_6(both: tuple[Line, Store]) -> None:
    dealdesk, store = both
    for kind in FILES:
        take_in(dealdesk, kind, FILES[kind])
    before = measured(dealdesk, "--facts")

    again = [take_in(dealdesk, kind, FILES[kind]) for kind in FILES]

    assert [(counts["added"], counts["refused"]) for counts in again] == [(0, 0)] * 4
    assert measured(dealdesk, "--facts") == before
    with store.snapshot() as conn:
        sent = conn.execute(text("SELECT count(*) FROM outbox WHERE kind NOT IN ('reply', 'looked')")).scalar_one()
        extra = conn.execute(text("SELECT extra FROM leads WHERE external_id = 'id:L1'")).scalar_one()
        held = conn.execute(text("SELECT extra FROM assignments WHERE id = 'id:A1'")).scalar_one()
        phone = conn.execute(text("SELECT phone FROM leads WHERE external_id = 'id:L1'")).scalar_one()
    assert sent == 0
    assert (json.loads(extra), json.loads(held)) == ({"x_seen": "yes"}, {"x_from": "expo"})
    assert "5521" not in phone


def test_team_of_the_deciding_instant_stays_after_a_move_r_met_0(dealdesk: Line) -> None:
    take_in(dealdesk, "members", MEMBERS)
    take_in(dealdesk, "assignments", FILES["assignments"])

    moved = [(*row[:2], "华北", row[3]) if row[0] == "m1" else row for row in MEMBERS]
    take_in(dealdesk, "members", moved)

    scopes = ("team:华东", "team:华北")
    with_as_of = [measured(dealdesk, scope=scope)["denominator"] for scope in scopes]
    assert with_as_of == [1, 0]


def test_generated_history_is_counted_exactly_r_met_2(both: tuple[Line, Store]) -> None:
    dealdesk, _ = both
    dice = random.Random(47)
    held: list[Sequence[Any]] = [HELD]
    touched: list[Sequence[Any]] = [TOUCHED]
    untouched = total = 0
    for lead in range(300):
        at = MONDAY + timedelta(minutes=dice.randrange(-2 * 1440, 9 * 1440))
        limit = at + 48 * HOUR
        first_ends = at + dice.choice((1, 47, 48, 49)) * HOUR
        reason = dice.choice(("reassigned", "returned", "invalid", "converted", "recycled"))
        held.append((f"A{lead}", f"L{lead}", "m1", at, first_ends, reason, ""))
        if reason == "reassigned":
            held.append((f"B{lead}", f"L{lead}", "m2", first_ends, "", "", ""))
        edge = dice.choice((at - MICROSECOND, at, at + 20 * HOUR, limit, limit + MICROSECOND, None))
        if edge:
            touched.append((f"T{lead}", f"L{lead}", "m3", edge, "call", ""))
        if MONDAY <= at < MONDAY + timedelta(weeks=1) and reason != "invalid":
            total += 1
            untouched += not (edge and at <= edge <= limit)
    rows = held[1:]
    dice.shuffle(rows)

    take_in(dealdesk, "touches", touched)
    take_in(dealdesk, "assignments", [HELD, *rows])

    found = measured(dealdesk)
    members = [measured(dealdesk, scope=f"member:{who}")["denominator"] for who in ("m1", "m2")]
    assert (found["numerator"], found["denominator"]) == (untouched, total)
    assert sum(members) == total


def test_as_of_decides_what_is_ripe_and_whether_it_is_provisional_r_met_0(dealdesk: Line) -> None:
    take_in(dealdesk, "assignments", [HELD, ("A1", "L1", "m1", MONDAY, "", "", "")])
    ripe = MONDAY + 48 * HOUR

    early = measured(dealdesk, "--as-of", (ripe - MICROSECOND).isoformat())
    running = measured(dealdesk, "--as-of", ripe.isoformat())
    month = measured(dealdesk, period="2026-11")

    assert (early["value"], early["state"], early["provisional"]) == (None, "none", True)
    assert (running["value"], running["state"], running["provisional"]) == ("100.00", "warn", True)
    assert (month["denominator"], month["provisional"], month["facts"]) == (1, True, None)


def test_as_words_for_people(dealdesk: Line) -> None:
    take_in(dealdesk, "assignments", [HELD, ("A1", "L1", "m1", MONDAY, "", "", "")])

    said = dealdesk("metric", "ldr", "--period", "2026-W47", "--as-of", LATER, "--facts").stdout
    nothing = dealdesk("metric", "LDR", "--period", "2026-W01").stdout

    assert "100.00%（1/1）" in said
    assert "L1" in said
    assert "—" in nothing


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("XYZ", "--period", "2026-W47"), "没有「XYZ」"),
        (("LDR", "--period", "今天"), "2026-W47"),
        (("LDR", "--period", "2026-W47", "--scope", "华东"), "team:"),
        (("LDR", "--period", "2026-W47", "--as-of", "昨天"), "--as-of"),
    ],
)
def test_wrong_use_ends_with_2_and_an_example(dealdesk: Line, words: tuple[str, ...], told: str) -> None:
    result = dealdesk("metric", *words, code=2)

    assert told in result.output
