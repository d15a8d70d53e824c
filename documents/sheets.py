"""Rows of an Excel workbook, read only after the archive around it was found harmless."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, timedelta

LARGEST_UNPACKED = 400 * 1024 * 1024
LARGEST_RATIO = 100
MOST_ENTRIES = 1000


class UnreadableSheet(Exception):
    """The workbook cannot be read; the text says what to do."""


def read_sheet(raw: bytes) -> list[list[str]]:
    """The first sheet's rows as text. Raises UnreadableSheet for bombs, damage and protected files."""
    _check_archive(raw)
    try:
        from python_calamine import CalamineWorkbook
    except ImportError as error:
        raise UnreadableSheet("没装 Excel 读取（xlsx 组件）。另存为 CSV UTF-8 再导入。") from error
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0)
        return [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=True)]
    except Exception as error:
        raise UnreadableSheet("这个 Excel 打不开：可能加了密码或损坏。另存为新的 .xlsx 或 CSV 再试。") from error


def _check_archive(raw: bytes) -> None:
    try:
        entries = zipfile.ZipFile(io.BytesIO(raw)).infolist()
    except zipfile.BadZipFile as error:
        raise UnreadableSheet("这不是 .xlsx 文件。另存为 .xlsx 或 CSV UTF-8 再试。") from error
    size = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if len(entries) > MOST_ENTRIES or size > LARGEST_UNPACKED or size / packed > LARGEST_RATIO:
        raise UnreadableSheet("这个 Excel 解开后太大，没打开。分成几份再导入。")
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableSheet("这个 Excel 加了密码。去掉密码再试。")


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)
