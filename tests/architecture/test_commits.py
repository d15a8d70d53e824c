"""One place writes: a transaction is committed by the writer, the archive and the migrations, nowhere else."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PACKAGES = ("bot", "cards", "checks", "config", "handlers", "sales", "scheduler", "storage", "web")
COMMIT = re.compile(r"\.commit\s*\(|\bCOMMIT\b")


def may_commit(path: Path) -> bool:
    where = path.relative_to(ROOT)
    return where in {Path("bot/writer.py"), Path("storage/archive.py")} or where.is_relative_to("storage/migrations")


def code_without_comments(source: str) -> str:
    """The source with every comment blanked, lines kept."""
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    return "\n".join(lines)


def test_commit_occurs_only_where_writing_is_done() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if not may_commit(path)
        for number, line in enumerate(code_without_comments(path.read_text("utf-8")).splitlines(), 1)
        if COMMIT.search(line)
    ]

    assert found == []


def test_the_pattern_sees_both_ways_to_commit() -> None:
    assert COMMIT.search("connection.commit()")
    assert COMMIT.search('connection.execute("COMMIT")')
    assert not COMMIT.search("self.commits_per_second = recommit(1)")
