"""Fixtures every test may use."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.engine import Store
from tests.support.house import House, open_house
from tests.support.stores import clean_up, postgres_url, sqlite_url

UNMEASURED = ("crash", "test_outages", "test_browser", "test_chat_page", "with_sdk", "test_five_jobs", "test_payloads")
"""Tests that walk through everything once more; they run like all others, only coverage is not taken of them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Coverage costs a third of the time: the longest stories, which meet no line that others do not, go without."""
    for item in items:
        if any(name in item.nodeid for name in UNMEASURED):
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database on each of the two stores."""
    return sqlite_url(tmp_path) if request.param == "sqlite" else postgres_url()


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """The same, opened."""
    opened = Store(store_url)
    yield opened
    opened.close()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The bot and the simulator on SQLite, with the demo's people and customers."""
    async with open_house(sqlite_url(tmp_path), tmp_path) as opened:
        yield opened


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave no test database behind."""
    clean_up()
