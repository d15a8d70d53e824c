"""A business rule that is built is cited where it is decided and where it is proved."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

RULE = re.compile(r"\bR-[A-Z]+(?:-[A-Z0-9]+)*\b")
IN_A_NAME = re.compile(r"(?<=_)R(?:_[A-Z0-9]+)+", re.IGNORECASE)
"""A rule in a test's name: test_..._R_PPL_3 cites R-PPL-3, and R_QE_1_R_UNDO two of them."""
PACKAGES = ("sales", "handlers", "scheduler", "bot", "storage", "cards", "checks", "web")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def cited_in_docstrings(package: str) -> Iterator[str]:
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, DOCUMENTED):
                yield from RULE.findall(ast.get_docstring(node) or "")


def cited_in_tests() -> set[str]:
    """Rule ids anywhere in the tests; this folder speaks about rules and proves none."""
    found: set[str] = set()
    for path in (ROOT / "tests").rglob("*.py"):
        if path.parent != Path(__file__).parent:
            source = path.read_text("utf-8")
            found.update(RULE.findall(source))
            for name in re.findall(r"def (test_\w+)", source):
                parts = re.split(r"_(?=r_)", "_".join(IN_A_NAME.findall(name)).lower())
                found.update(part.upper().replace("_", "-") for part in parts)
    return found


def test_every_rule_decided_in_sales_is_cited_by_a_test() -> None:
    assert sorted(set(cited_in_docstrings("sales")) - cited_in_tests()) == []


def test_every_rule_cited_elsewhere_is_cited_by_a_test() -> None:
    elsewhere = {rule for package in PACKAGES for rule in cited_in_docstrings(package)}

    assert sorted(elsewhere - cited_in_tests()) == []
