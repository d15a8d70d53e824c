"""A file is one idea and a function is one step; what is longer says why."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

FOLDERS = (
    "bench", "bot", "cards", "checks", "config", "handlers", "sales", "scheduler", "scripts", "simulator", "storage",
    "web",
)  # fmt: skip
MODULE_LINES = 300
FUNCTION_LINES = 60
REASON = "# Long because: "
EXCEPTED = {Path("storage/tables/core.py")}
MIGRATIONS = Path("storage/migrations/versions")
"""A migration lists columns; cutting the list would hide it."""


def sources() -> Iterator[tuple[Path, str]]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT), path.read_text("utf-8")


def gives_a_reason(source: str) -> bool:
    """True when one of the first five lines says why the module is long."""
    return any(line.startswith(REASON) and len(line) > len(REASON) + 10 for line in source.splitlines()[:5])


def test_modules_over_300_lines_give_a_reason_at_the_top() -> None:
    found = [
        f"{path}: {source.count(chr(10))} lines"
        for path, source in sources()
        if path not in EXCEPTED and source.count("\n") > MODULE_LINES and not gives_a_reason(source)
    ]

    assert found == []


def test_functions_are_at_most_60_lines() -> None:
    found = [
        f"{path}:{node.lineno} {node.name}: {length} lines"
        for path, source in sources()
        if path.parent != MIGRATIONS
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    ]

    assert found == []
