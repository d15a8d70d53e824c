"""A command line for tests: its own folder, its own database, nothing of the developer's environment."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from storage.engine import Store
from tests.support.stores import sqlite_url


@dataclass(frozen=True)
class Line:
    """Runs `dealdesk` in this process; `folder` is its working directory, `url` its database."""

    folder: Path
    url: str

    def __call__(self, *words: str, code: int = 0, stdin: str | bytes = "") -> Result:
        """The result of a command that must end with this exit code."""
        result = CliRunner().invoke(main, words, input=stdin, prog_name="dealdesk")
        assert result.exit_code == code, (result.exit_code, result.output, result.exception)
        return result

    def file(self, name: str, content: str | bytes) -> str:
        """A file in the folder."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)


@pytest.fixture
def line_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Line]:
    """A command line for a database."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("DEALDESK_"):
            monkeypatch.delenv(name)

    def line(url: str) -> Line:
        monkeypatch.setenv("DEALDESK_DATABASE_URL", url)
        return Line(tmp_path, url)

    return line


@pytest.fixture
def dealdesk(line_of: Callable[[str], Line], tmp_path: Path) -> Line:
    """On SQLite."""
    return line_of(sqlite_url(tmp_path))


@pytest.fixture
def both(line_of: Callable[[str], Line], store: Store, store_url: str) -> tuple[Line, Store]:
    """On each of the two stores, which stay open beside the command."""
    return line_of(store_url), store
