"""`dealdesk import` of leads, assignments and touches: again adds nothing, what is wrong says why. R-IMP, R-QE-6."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.commands.import_ import CHUNK
from sales.leads import Assignment, Lead, Touch
from storage.engine import Store
from tests.bot.commands.conftest import Line
from tests.bot.commands.test_import import counts, everything, imported

LEADS = (
    "lead_id,company,name,phone,created_at\nL1,江南康复,刘主任,13800000001,2026-11-01T09:00:00+08:00\nL2,海安医院,,,\n"
)
ASSIGNMENTS = (
    "assignment_id,lead_id,member_id,assigned_at,ended_at,end_reason\n"
    "A1,L1,m03,2026-11-02T09:00:00+08:00,,\n"
    "A2,L2,m03,2026-11-03T09:00:00+08:00,2026-11-03T15:00:00+08:00,returned\n"
    "A3,L2,m04,2026-11-06T09:00:00+08:00,,\n"
)
TOUCHES = (
    "touch_id,lead_id,member_id,touched_at,kind,verified\n"
    "T1,L1,m03,2026-11-04T09:00:00+08:00,call,true\n"
    "T2,L2,m04,2026-11-06T10:00:00+08:00,visit,\n"
)
FILES = (("leads", LEADS, 2), ("assignments", ASSIGNMENTS, 3), ("touches", TOUCHES, 2))
IN_TIME = "2026-11-19T09:00:00+08:00"


def history(store: Store) -> list[list[Any]]:
    return [everything(store, kind) for kind in (Lead, Assignment, Touch)]


def test_same_files_again_add_and_change_nothing_r_imp_r_qe_6(both: tuple[Line, Store]) -> None:
    dealdesk, store = both
    for kind, content, rows in FILES:
        assert counts(imported(dealdesk, kind, content)) == (rows, 0, 0)
    before = history(store)

    for kind, content, rows in FILES:
        assert counts(imported(dealdesk, kind, content)) == (0, rows, 0)

    assert history(store) == before
    assert [(lead.external_id, lead.state, lead.holder_id) for lead in before[0]] == [
        ("id:L1", "cycle", "m03"), ("id:L2", "cycle", "m04"),
    ]  # fmt: skip


def test_rows_without_ids_are_known_by_their_cells_r_qe_6(dealdesk: Line) -> None:
    row = f"L1,m03,{IN_TIME}\n"
    for kind, column in (("assignments", "assigned_at"), ("touches", "touched_at")):
        content = f"lead_id,member_id,{column}\n{row}"
        assert counts(imported(dealdesk, kind, content)) == (1, 0, 0)
        assert counts(imported(dealdesk, kind, content)) == (0, 1, 0)


@pytest.mark.parametrize(
    ("kind", "header", "fault"),
    [
        ("leads", "lead_id,compnay", "不认识的列：compnay。自定义列请以 x_ 开头。"),
        ("assignments", "lead_id,member_id,assigned_at,score", "不认识的列：score。自定义列请以 x_ 开头。"),
        ("assignments", "lead_id,assigned_at", "少了这些列：member_id。第一行要是列名。"),
        ("touches", "lead_id,member_id,when", "不认识的列：when。自定义列请以 x_ 开头。"),
        ("touches", "lead_id", "少了这些列：touched_at。第一行要是列名。"),
    ],
)
def test_columns_nobody_knows_are_named_and_nothing_is_taken_r_imp(
    both: tuple[Line, Store], kind: str, header: str, fault: str
) -> None:
    dealdesk, store = both

    result = dealdesk("import", kind, dealdesk.file("a.csv", f"{header}\n1,2,3,4\n"), code=2)

    assert result.stderr == fault + "\n"
    assert history(store) == [[], [], []]


@pytest.mark.parametrize(
    ("kind", "header", "row", "reason"),
    [
        ("leads", "lead_id,created_at", "L1,2026-13-01", "created_at 要是带时区的时间，如 2026-11-19T09:00:00+08:00"),
        ("leads", "lead_id,company", ",", ""),
        ("assignments", "lead_id,member_id,assigned_at", "L1,m03,昨天", "assigned_at 要是带时区的时间，如 " + IN_TIME),
        (
            "assignments", "lead_id,member_id,assigned_at", "L1,m03,2026-11-19 09:00",
            "assigned_at 要是带时区的时间，如 " + IN_TIME,
        ),
        ("assignments", "lead_id,member_id,assigned_at", f"L1,,{IN_TIME}", "member_id 是空的"),
        (
            "assignments", "lead_id,member_id,assigned_at,ended_at", f"L1,m03,{IN_TIME},2026-11-18T09:00:00+08:00",
            "ended_at 比 assigned_at 早",
        ),
        ("touches", "lead_id,touched_at", "L1,0000-00-00", "touched_at 要是带时区的时间，如 " + IN_TIME),
        ("touches", "lead_id,touched_at", "L1,", "touched_at 是空的"),
        ("touches", "lead_id,touched_at,verified", f"L1,{IN_TIME},maybe", "verified 只能是 true 或 false，或空着"),
    ],
)  # fmt: skip
def test_row_that_is_wrong_comes_back_with_its_reason_and_the_others_go_in_r_imp(
    dealdesk: Line, tmp_path: Path, kind: str, header: str, row: str, reason: str
) -> None:
    columns = len(header.split(","))
    good = ["L9", "m03" if "member_id" in header else IN_TIME, IN_TIME, "", ""]
    if kind == "leads":
        good = ["L9", "" if "created_at" in header else "江南"]
    fine = ",".join((good + [""] * 3)[:columns]) if "verified" not in header else f"L9,{IN_TIME},"

    found = imported(dealdesk, kind, f"{header}\n{row}\n{fine}\n", name="a.csv", code=1 if reason else 0)

    assert counts(found) == (1, 0, 1 if reason else 0)
    if reason:
        written = list(csv.reader(io.StringIO((tmp_path / "a.refused.csv").read_text("utf-8-sig"))))
        assert [cells[-1] for cells in written] == ["原因", reason]


def test_rows_of_a_lead_in_different_chunks_are_one_history_r_imp(both: tuple[Line, Store]) -> None:
    dealdesk, store = both
    leads = CHUNK - 100
    rows = [f"A{n},L{n % leads},m03,2026-10-{1 + n // leads * 9:02d}T09:00:00+08:00" for n in range(2 * leads)]

    found = imported(dealdesk, "assignments", "assignment_id,lead_id,member_id,assigned_at\n" + "\n".join(rows))

    assert counts(found) == (2 * leads, 0, 0)
    with store.snapshot() as conn:
        states = conn.execute(text("SELECT state, count(*), max(id) FROM leads GROUP BY state")).all()
        ended = conn.execute(text("SELECT end_reason, silent, count(*) FROM assignments GROUP BY 1, 2")).all()
    assert [tuple(row) for row in states] == [("pool", leads, leads)]
    assert [(row[0], bool(row[1]), row[2]) for row in ended] == [("recycled", True, 2 * leads)]
