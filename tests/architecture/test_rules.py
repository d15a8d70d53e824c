"""A business rule that is built is cited where it is decided and where it is proved."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

RULE = re.compile(r"\bR-[A-Z]+(?:-[A-Z0-9]+)*\b")
PACKAGES = ("sales", "handlers", "scheduler", "bot", "storage", "cards", "web")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def cited_in_docstrings(package: str) -> Iterator[str]:
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, DOCUMENTED):
                yield from RULE.findall(ast.get_docstring(node) or "")


def cited_in_tests() -> set[str]:
    """Rule ids anywhere in the tests; this folder speaks about rules and proves none."""
    return {
        rule
        for path in (ROOT / "tests").rglob("*.py")
        if path.parent != Path(__file__).parent
        for rule in RULE.findall(path.read_text("utf-8"))
    }


def test_every_rule_decided_in_sales_is_cited_by_a_test() -> None:
    assert sorted(set(cited_in_docstrings("sales")) - cited_in_tests()) == []


def test_every_rule_cited_elsewhere_is_cited_by_a_test() -> None:
    elsewhere = {rule for package in PACKAGES for rule in cited_in_docstrings(package)}

    assert sorted(elsewhere - cited_in_tests()) == []
