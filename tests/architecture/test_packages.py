"""The list of top-level packages is closed, and the innermost one stays pure."""

from __future__ import annotations

import ast
import configparser
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PACKAGES = {
    "bot", "cards", "checks", "config", "documents", "handlers", "sales", "scheduler", "simulator", "storage", "web",
}  # fmt: skip
BESIDE = {"bench", "docs", "scripts", "tests"}
PURE = {"chinese_calendar", "cn2an", "pypinyin", "rapidfuzz", "rule_engine"}


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Each imported top-level name of a file, and whether it is imported as soon as the file is."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        at_once = id(node) not in inside
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], at_once) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0], at_once


def test_top_level_has_no_package_beyond_the_list() -> None:
    holding_code = {
        path.relative_to(ROOT).parts[0]
        for top in ROOT.iterdir()
        if top.is_dir() and not top.name.startswith(".")
        for path in top.rglob("*.py")
    }

    assert holding_code - PACKAGES - BESIDE == set()
    assert [path.name for path in ROOT.glob("*.py")] == []


def test_every_package_is_under_the_import_contracts_and_measured() -> None:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter", encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    assert set(contracts["importlinter"]["root_packages"].split()) == PACKAGES
    assert set(project["tool"]["coverage"]["run"]["source"]) == PACKAGES


def test_sales_imports_only_itself_the_standard_library_and_pure_libraries() -> None:
    allowed = {"sales", *sys.stdlib_module_names, *PURE}
    found = {
        (path.name, name) for path in (ROOT / "sales").rglob("*.py") for name, _ in imports(path) if name not in allowed
    }

    assert found == set()


def test_slow_libraries_are_imported_inside_the_function_that_needs_them() -> None:
    found = {
        (str(path.relative_to(ROOT)), name)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for name, at_once in imports(path)
        if at_once and name in PURE
    }

    assert found == set()
