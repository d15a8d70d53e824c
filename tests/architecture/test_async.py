"""Async at the edges, plain functions in the middle."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

MIDDLE = ("cards", "checks", "config", "handlers", "sales", "scheduler", "storage")
AWAITING = (ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await)


def test_nothing_in_the_middle_awaits() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for package in MIDDLE
        for path in sorted((ROOT / package).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, AWAITING)
    ]

    assert found == []
