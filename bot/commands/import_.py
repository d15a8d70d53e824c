"""`dealdesk import KIND FILE`: history and master data from CSV or XLSX; silent, idempotent, refused rows back."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import orjson

from bot.clock import Clock
from bot.commands import fail, settings, store
from bot.commands.ordering import Order, run_orders
from config.settings import Settings
from sales.imports import ImportRow, Refused, WrongFile, check_header, check_rows

CHUNK = 500
LARGEST_FILE = 200 * 1024 * 1024


@click.command("import")
@click.argument("kind")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="only check the rows")
@click.option("--json", "as_json", is_flag=True, help="print counts as JSON")
def command(kind: str, file: Path, dry_run: bool, as_json: bool) -> None:
    """Import rows of KIND (members, teams, customers, deals, leads, assignments, touches) from FILE."""
    store().close()
    try:
        counts = import_file(settings(), kind, file, dry_run=dry_run)
    except WrongFile as error:
        fail(str(error))
    if as_json:
        click.echo(orjson.dumps(counts))
    else:
        click.echo(f"新增或更新 {counts['added']} 行，已有 {counts['known']} 行，没收 {counts['refused']} 行。")
    if counts["refused"]:
        if counts["refused_file"] and not as_json:
            click.echo(f"没收的行和原因在 {counts['refused_file']}", err=True)
        raise SystemExit(1)


def import_file(
    chosen: Settings, kind: str, file: Path, *, dry_run: bool = False, clock: Clock | None = None
) -> dict[str, Any]:
    """Check every row, then apply the good ones in chunks. Raises WrongFile when nothing can be used."""
    raw = _bytes_of(file)
    table = _table(file, raw)
    header = [cell.strip() for cell in table.pop(0)]
    while header and not header[-1]:
        header.pop()  # Excel leaves empty columns behind
    check_header(kind, header)
    good, refused = check_rows(kind, header, table)
    del table  # the larger part of the memory
    counts: dict[str, Any] = {"kind": kind, "added": 0, "known": 0, "refused": len(refused), "refused_file": None}
    if not dry_run:
        results = run_orders(chosen, _orders(kind, hashlib.sha256(raw).hexdigest(), good), clock=clock)
        for result in results:
            counts["added"] += result["added"]
            counts["known"] += result["known"]
            counts["refused"] += result["refused"]
        reasons = [(key, reason) for result in results for key, reason in result["rows"]]
        cells = {row.key: tuple(row.values.values()) for row in good} if reasons else {}
        refused += [Refused(0, cells[key], reason) for key, reason in reasons]
    if refused and not dry_run:
        counts["refused_file"] = str(_write_refused(file, header, refused))
    return counts


def _orders(kind: str, digest: str, rows: Sequence[ImportRow]) -> Iterator[Order]:
    """The rows in chunks, each made when its turn comes."""
    for n, at in enumerate(range(0, len(rows), CHUNK)):
        chunk = [{"key": row.key, "values": dict(row.values)} for row in rows[at : at + CHUNK]]
        yield "import", {"kind": kind, "file": digest, "chunk": n, "rows": chunk}


def _bytes_of(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise WrongFile("文件超过 200 MB，分成几份再导入。")
        return file.read_bytes()
    except OSError as error:
        raise WrongFile(f"读不到文件 {file}：{error.strerror}") from error


def _table(file: Path, raw: bytes) -> list[list[str]]:
    rows = _sheet(raw) if file.suffix.lower() == ".xlsx" else _comma_separated(raw)
    if not rows:
        raise WrongFile("文件是空的。第一行要是列名。")
    return rows


def _comma_separated(raw: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            return [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
        except UnicodeDecodeError:
            continue
        except csv.Error as error:
            raise WrongFile(f"CSV 读不下去：{error}。另存为 CSV UTF-8 再试。") from error
    raise WrongFile("文件编码认不出来。另存为 CSV UTF-8 再试。")


def _sheet(raw: bytes) -> list[list[str]]:
    from documents.sheets import UnreadableSheet, read_sheet

    try:
        return read_sheet(raw)
    except UnreadableSheet as error:
        raise WrongFile(str(error)) from error


def _write_refused(file: Path, header: list[str], refused: list[Refused]) -> Path:
    """The refused rows beside the input, with the reason in the last column; safe to open in Excel."""
    target = file.with_name(f"{file.stem}.refused.csv")
    with target.open("w", newline="", encoding="utf-8-sig") as out:
        writer = csv.writer(out)
        writer.writerow([*header, "原因"])
        for row in refused:
            writer.writerow([_safe(cell) for cell in (*row.cells, row.reason)])
    return target


def _safe(cell: str) -> str:
    """A cell no spreadsheet takes for a formula."""
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
