"""`dealdesk import`: silent, idempotent, refused rows back with their reasons. R-IMP, R-QE-6, R-ADM-1."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import text

from bot.keys import load_keys
from sales.customers import Customer
from sales.deals import Deal
from sales.imports import COLUMNS
from sales.people import Member, Team
from storage import outbox
from storage.engine import Store
from storage.entities import entity_of, query
from storage.secrets import Secrets
from tests.bot.commands.conftest import Line

MEMBERS = (
    "member_id,name,team,superior_id,roles,mobile\n"
    "m01,王芳,华东,,主管,\n"
    "m03,李雷,华东/一组,m01,销售,+86 138 0000 1111\n"
)
TEAMS = "team,supervisor_id,region\n华东,m01,东\n华东/一组,m01,东\n"
CUSTOMERS = (
    "customer_id,name,tier,region,industry,owner_id,phone\n"
    "C1,华东医疗（杭州）,A,华东,医院,m03,057188885521\n"
    "C2,瑞康医院,B,华东,医院,m03,\n"
)
DEALS = (
    "deal_id,customer_id,owner_id,product,amount_yuan,stage,created_at,state,closed_at,lost_reason\n"
    'D1,C1,m03,CT机,"1,200,000.50",3,2026-11-01T09:00:00+08:00,open,,\n'
    "D2,C2,m03,彩超,900000,报价确认,2026-10-01T09:00:00+08:00,lost,2026-10-05T09:00:00+08:00,预算\n"
)
FILES = {"teams": TEAMS, "members": MEMBERS, "customers": CUSTOMERS, "deals": DEALS}


def imported(dealdesk: Line, kind: str, content: str | bytes, *, name: str = "", code: int = 0) -> dict[str, Any]:
    """The counts of an import of this content."""
    result = dealdesk("import", kind, dealdesk.file(name or f"{kind}.csv", content), "--json", code=code)
    return dict(json.loads(result.stdout))


def counts(found: dict[str, Any]) -> tuple[int, int, int]:
    return found["added"], found["known"], found["refused"]


def everything(store: Store, kind: type[Any]) -> list[Any]:
    with store.snapshot() as conn:
        return [entity_of(kind, row) for row in conn.execute(query(kind))]


def workbook(rows: list[list[Any]]) -> bytes:
    raw = io.BytesIO()
    book = xlsxwriter.Workbook(raw, {"in_memory": True})
    sheet = book.add_worksheet()
    for n, row in enumerate(rows):
        sheet.write_row(n, 0, row)
    book.close()
    return raw.getvalue()


def sheet_of(content: str) -> bytes:
    return workbook([list(row) for row in csv.reader(io.StringIO(content))])


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_files_of_every_kind_go_in_and_again_add_nothing_r_imp_r_qe_6(both: tuple[Line, Store], suffix: str) -> None:
    dealdesk, store = both
    for kind, content in FILES.items():
        raw: str | bytes = content if suffix == "csv" else sheet_of(content)
        assert counts(imported(dealdesk, kind, raw, name=f"{kind}.{suffix}")) == (2, 0, 0)

    before = [everything(store, kind) for kind in (Team, Member, Customer, Deal)]
    for kind, content in FILES.items():
        raw = content if suffix == "csv" else sheet_of(content)
        assert counts(imported(dealdesk, kind, raw, name=f"{kind}.{suffix}")) == (0, 2, 0)

    assert [everything(store, kind) for kind in (Team, Member, Customer, Deal)] == before
    rep = next(m for m in before[1] if m.id == "m03")
    secrets = secrets_of(dealdesk)
    assert (rep.roles, secrets.open(rep.mobile), rep.superior_id) == (("rep",), "13800001111", "m01")
    assert rep.mobile_key == secrets.digest("13800001111")
    assert [secrets.open(c.phone) for c in before[2]] == ["057188885521", ""]
    assert "5521" not in before[2][0].phone + rep.mobile
    first, second = before[3]
    assert (first.amount_fen, first.stage, first.logged_by) == (120_000_050, 3, "import")
    assert (second.stage, second.state, second.lost_reason) == (7, "lost", "预算")
    assert [c.town for c in before[2]] == ["杭州", ""]


def test_import_sends_nothing_and_freezes_nothing_before_48_hours_r_imp(both: tuple[Line, Store]) -> None:
    dealdesk, store = both
    for kind, content in FILES.items():
        imported(dealdesk, kind, content)

    with store.snapshot() as conn:
        rows = conn.execute(text("SELECT t.name, t.due - r.opened_at FROM timers t, requirements r")).all()
        assert {tuple(row) for row in rows} == {("gate.due", 48 * 3_600_000_000)}
        assert outbox.count_open(conn) == 0


def test_each_chunk_is_one_audit_entry_by_the_operating_system_user_r_imp_r_adm_1(dealdesk: Line) -> None:
    imported(dealdesk, "teams", TEAMS)

    listed = dealdesk("audit", "list", "--subject", "import:teams").output
    assert len(listed.splitlines()) == 1
    assert "cli:" in listed
    assert '"file":"' in listed
    assert dealdesk("audit", "verify").output == "审计记录完整，共 1 条。\n"


def test_thousand_rows_with_some_refused_r_qe_6(dealdesk: Line, tmp_path: Path) -> None:
    imported(dealdesk, "customers", CUSTOMERS)
    rows = [f"D{n},C1,m03,CT机,{n}.{n % 100:02d}" for n in range(1, 1001)]
    rows[9] = "D10,C1,m03,CT机,abc"
    rows[99] = "D100,C9,m03,CT机,5"
    rows[499] = "D500,,m03,CT机,5"
    content = "deal_id,customer_id,owner_id,product,amount_yuan\n" + "\n".join(rows)

    found = imported(dealdesk, "deals", content, code=1)

    assert counts(found) == (997, 0, 3)
    assert found["refused_file"] == str(tmp_path / "deals.refused.csv")
    written = list(csv.reader(io.StringIO(Path(found["refused_file"]).read_text("utf-8-sig"))))
    assert written[0][-1] == "原因"
    assert [(row[0], row[-1]) for row in written[1:]] == [
        ("D10", "amount_yuan 要是大于 0、不超过 10 亿、最多两位小数的数"),
        ("D500", "customer_id 是空的"),
        ("D100", "没有这家客户：C9，先导入 customers"),
    ]
    assert counts(imported(dealdesk, "deals", content, code=1)) == (0, 997, 3)


def test_rows_without_id_are_known_by_their_cells_r_qe_6(dealdesk: Line) -> None:
    imported(dealdesk, "customers", CUSTOMERS)
    header = "customer_id,owner_id,product,amount_yuan\n"

    assert counts(imported(dealdesk, "deals", header + "C1,m03,CT机,5\nC1,m03,CT机,5\n")) == (2, 0, 0)
    assert counts(imported(dealdesk, "deals", header + "C1,m03,CT机,5\nC1,m03,CT机,5\n")) == (0, 2, 0)
    assert counts(imported(dealdesk, "deals", header + "C1,m03,CT机,5\n" * 3)) == (1, 2, 0)


def test_same_id_twice_in_a_file_is_one_row_r_qe_6(both: tuple[Line, Store]) -> None:
    dealdesk, store = both
    imported(dealdesk, "customers", CUSTOMERS)
    header = "deal_id,customer_id,owner_id,product,amount_yuan\n"

    assert counts(imported(dealdesk, "deals", header + "D1,C1,m03,CT机,5\nD1,C1,m03,CT机,6\n")) == (1, 1, 0)
    assert len(everything(store, Deal)) == 1


def test_customer_of_a_known_name_is_refused_r_cus_5(both: tuple[Line, Store], tmp_path: Path) -> None:
    dealdesk, store = both
    imported(dealdesk, "customers", CUSTOMERS)

    more = "customer_id,name,owner_id\nC3,瑞康医院有限公司,m03\nC4,新医院,m03\nC5,新 医院,m03\n"
    assert counts(imported(dealdesk, "customers", more, code=1)) == (1, 0, 2)
    reasons = (tmp_path / "customers.refused.csv").read_text("utf-8-sig")
    assert "同名客户已有：瑞康医院有限公司" in reasons
    assert len(everything(store, Customer)) == 3


def test_renaming_a_customer_to_a_known_name_is_refused_and_ends(both: tuple[Line, Store]) -> None:
    dealdesk, _ = both
    imported(dealdesk, "customers", CUSTOMERS)

    assert counts(imported(dealdesk, "customers", "customer_id,name,owner_id\nC1,瑞康医院,m03\n", code=1)) == (0, 0, 1)
    assert counts(imported(dealdesk, "customers", "customer_id,name,owner_id\nC1,新名医院,m03\n")) == (1, 0, 0)


def secrets_of(dealdesk: Line) -> Secrets:
    """What the command line seals with."""
    return Secrets(load_keys(dealdesk.folder / "data" / "key").derived("secrets"))


def test_missing_column_leaves_what_is_known(both: tuple[Line, Store]) -> None:
    dealdesk, store = both
    imported(dealdesk, "members", MEMBERS)

    assert counts(imported(dealdesk, "members", "member_id,name\nm03,李雷\n")) == (0, 1, 0)
    assert counts(imported(dealdesk, "members", "member_id,name,mobile\nm03,李磊,\n")) == (1, 0, 0)

    [rep] = [m for m in everything(store, Member) if m.id == "m03"]
    assert (rep.name, rep.team, rep.roles, rep.mobile) == ("李磊", "华东/一组", ("rep",), "")


def test_dry_run_checks_and_changes_nothing(both: tuple[Line, Store], tmp_path: Path) -> None:
    dealdesk, store = both
    file = dealdesk.file("m.csv", MEMBERS + ",无名,,,,\n")

    result = dealdesk("import", "members", file, "--dry-run", code=1)

    assert result.output == "新增或更新 0 行，已有 0 行，没收 1 行。\n"
    assert everything(store, Member) == []
    assert list(tmp_path.glob("*.refused.csv")) == []


def test_counts_are_said_in_words_with_the_place_of_the_refused(dealdesk: Line, tmp_path: Path) -> None:
    result = dealdesk("import", "teams", dealdesk.file("t.csv", TEAMS + ",m01,\n"), code=1)

    assert result.stdout == "新增或更新 2 行，已有 0 行，没收 1 行。\n"
    assert result.stderr == f"没收的行和原因在 {tmp_path / 't.refused.csv'}\n"


def test_refused_cells_are_no_formulas_for_excel_r_qe_6(dealdesk: Line, tmp_path: Path) -> None:
    content = 'member_id,name,x_note\n,"=HYPERLINK(""http://x"")",@SUM\n,+1,-1\n'

    imported(dealdesk, "members", content, code=1)

    rows = list(csv.reader(io.StringIO((tmp_path / "members.refused.csv").read_text("utf-8-sig"))))
    assert [row[:3] for row in rows[1:]] == [["", '\'=HYPERLINK("http://x")', "'@SUM"], ["", "'+1", "'-1"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_usual_encodings_are_read(dealdesk: Line, encoding: str) -> None:
    assert counts(imported(dealdesk, "teams", TEAMS.encode(encoding))) == (2, 0, 0)


def test_empty_columns_and_rows_that_excel_leaves_behind_are_passed_over(dealdesk: Line) -> None:
    assert counts(imported(dealdesk, "teams", "team,region,,\n华东,东,,\n,,,\n\n")) == (1, 0, 0)


@pytest.mark.parametrize(
    ("kind", "name", "content", "text_of_fault"),
    [
        ("teams", "a.csv", "team,salary\n华东,1\n", "不认识的列：salary。自定义列请以 x_ 开头。"),
        ("teams", "a.csv", "team,team\n华东,1\n", "有重复的列名，留一个就行。"),
        ("teams", "a.csv", "region\n东\n", "少了这些列：team。第一行要是列名。"),
        ("teams", "a.csv", "", "文件是空的。第一行要是列名。"),
        ("teams", "a.csv", b"team\n\xff\xff\xff\n", "文件编码认不出来。另存为 CSV UTF-8 再试。"),
        ("teams", "a.csv", "团队\n".encode("utf-16"), "文件编码认不出来。另存为 CSV UTF-8 再试。"),
        ("teams", "a.csv", 'team\n"华东', "CSV 读不下去：unexpected end of data。另存为 CSV UTF-8 再试。"),
        ("teams", "a.xlsx", TEAMS, "这不是 .xlsx 文件。另存为 .xlsx 或 CSV UTF-8 再试。"),
        ("notes", "a.csv", TEAMS, f"没有「notes」这一类。能导入的有：{'、'.join(COLUMNS)}。"),
    ],
)
def test_file_that_cannot_be_used_is_wrong_use_and_says_why_r_imp(
    dealdesk: Line, kind: str, name: str, content: str | bytes, text_of_fault: str
) -> None:
    result = dealdesk("import", kind, dealdesk.file(name, content), code=2)

    assert result.stderr == text_of_fault + "\n"
    assert result.stdout == ""


def test_zip_bomb_is_not_opened_r_imp(dealdesk: Line) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)

    result = dealdesk("import", "teams", dealdesk.file("bomb.xlsx", raw.getvalue()), code=2)

    assert result.stderr == "这个 Excel 解开后太大，没打开。分成几份再导入。\n"


def test_file_that_is_not_there_is_wrong_use(dealdesk: Line) -> None:
    assert (
        dealdesk("import", "teams", "nowhere.csv", code=2).stderr
        == "读不到文件 nowhere.csv：No such file or directory\n"
    )


def test_huge_file_is_not_read(dealdesk: Line, tmp_path: Path) -> None:
    with (tmp_path / "huge.csv").open("wb") as file:
        file.truncate(200 * 1024 * 1024 + 1)

    assert dealdesk("import", "teams", "huge.csv", code=2).stderr == "文件超过 200 MB，分成几份再导入。\n"


def test_nul_in_a_cell_is_refused_on_both_stores(both: tuple[Line, Store]) -> None:
    dealdesk, _ = both

    assert counts(imported(dealdesk, "teams", "team\na\x00b\n华东\n", code=1)) == (1, 0, 1)
