"""Workbooks are read as text, and only after the archive around them was found harmless."""

from __future__ import annotations

import io
import struct
import zipfile
from datetime import date, datetime, time
from typing import Any

import pytest
import xlsxwriter

from documents import sheets
from documents.sheets import UnreadableSheet, read_sheet


def workbook(rows: list[list[Any]], *, second: list[list[Any]] | None = None) -> bytes:
    raw = io.BytesIO()
    book = xlsxwriter.Workbook(raw, {"in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss"})
    for each in (rows, second):
        if each is not None:
            sheet = book.add_worksheet()
            for n, row in enumerate(each):
                sheet.write_row(n, 0, row)
    book.close()
    return raw.getvalue()


def archive(*entries: tuple[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", packing) as file:
        for name, content in entries:
            file.writestr(name, content)
    return raw.getvalue()


def refused(raw: bytes) -> str:
    with pytest.raises(UnreadableSheet) as caught:
        read_sheet(raw)
    return str(caught.value)


def test_cells_become_text_as_people_wrote_them() -> None:
    rows = [["客户", "金额"], ["华东医疗", 1200000], ["瑞康", 1200000.5], ["是", True], ["否", False]]

    assert read_sheet(workbook(rows)) == [
        ["客户", "金额"], ["华东医疗", "1200000"], ["瑞康", "1200000.5"], ["是", "1"], ["否", "0"]
    ]  # fmt: skip


def test_dates_become_iso_text() -> None:
    rows = read_sheet(workbook([["a", datetime(2026, 11, 19, 9, 30)]]))  # noqa: DTZ001

    assert rows == [["a", "2026-11-19T09:30:00"]]


@pytest.mark.parametrize(
    ("cell", "text"),
    [(date(2026, 11, 19), "2026-11-19"), (time(9, 30), "09:30:00"), (2.0, "2"), (2.5, "2.5"), ("", "")],
)
def test_other_cells(cell: object, text: str) -> None:
    assert sheets._text(cell) == text


def test_formula_is_read_by_its_value_and_never_run() -> None:
    raw = io.BytesIO()
    book = xlsxwriter.Workbook(raw, {"in_memory": True})
    book.add_worksheet().write_formula(0, 0, '=HYPERLINK("http://x")', None, "看我")
    book.close()

    assert read_sheet(raw.getvalue()) == [["看我"]]


def test_only_the_first_sheet_is_read() -> None:
    assert read_sheet(workbook([["a"]], second=[["b"]])) == [["a"]]


def test_empty_sheet_has_no_rows() -> None:
    assert read_sheet(workbook([])) == []


@pytest.mark.parametrize("raw", [b"", b"not a zip", b"PK\x03\x04", "客户,金额".encode()])
def test_what_is_no_archive_is_refused(raw: bytes) -> None:
    assert refused(raw) == "这不是 .xlsx 文件。另存为 .xlsx 或 CSV UTF-8 再试。"


def test_bomb_is_refused_by_its_ratio() -> None:
    bomb = archive(("xl/worksheets/sheet1.xml", b"0" * 20_000_000))

    assert len(bomb) < 100_000
    assert refused(bomb) == "这个 Excel 解开后太大，没打开。分成几份再导入。"


def test_bomb_of_many_entries_is_refused() -> None:
    assert refused(archive(*((f"{n}", b"") for n in range(1001)))) == "这个 Excel 解开后太大，没打开。分成几份再导入。"


def test_bomb_is_refused_by_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "LARGEST_UNPACKED", 1000)

    assert refused(archive(("a", b"x" * 1001), packing=zipfile.ZIP_STORED)).startswith("这个 Excel 解开后太大")


def test_protected_archive_is_refused() -> None:
    raw = bytearray(archive(("a", b"x")))
    at = raw.rindex(b"PK\x01\x02") + 8
    raw[at : at + 2] = struct.pack("<H", 1)

    assert refused(bytes(raw)) == "这个 Excel 加了密码。去掉密码再试。"


def test_archive_that_is_no_workbook_is_refused() -> None:
    assert (
        refused(archive(("hello.txt", b"hi")))
        == "这个 Excel 打不开：可能加了密码或损坏。另存为新的 .xlsx 或 CSV 再试。"
    )


def test_damaged_workbook_is_refused() -> None:
    whole = workbook([["a", "b"]] * 50)

    with pytest.raises(UnreadableSheet):
        read_sheet(whole[: len(whole) // 2])
