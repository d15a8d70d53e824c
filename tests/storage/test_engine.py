"""One store, two databases: a snapshot is one state, and writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from storage.engine import Store
from storage.types import Json, Words
from tests.support.facts import committed, keep, member


def count(store: Store) -> int:
    with store.snapshot() as conn:
        return int(conn.execute(text("SELECT count(*) FROM members")).scalar_one())


def test_snapshot_sees_one_state_until_it_is_left(store: Store) -> None:
    with store.snapshot() as conn:
        before = conn.execute(text("SELECT count(*) FROM members")).scalar_one()
        keep(store, member())
        after = conn.execute(text("SELECT count(*) FROM members")).scalar_one()

    assert (before, after, count(store)) == (0, 0, 1)


def test_what_is_written_in_a_snapshot_is_gone(store: Store) -> None:
    keep(store, member())

    with store.snapshot() as conn:
        conn.execute(text("DELETE FROM members"))

    assert count(store) == 1


def test_machine_time_is_the_databases(store: Store) -> None:
    with store.snapshot() as conn:
        first, second = store.machine_ms(conn), store.machine_ms(conn)

    assert 1_700_000_000_000 < first <= second


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgresql://a@b/c", "postgresql+psycopg://a@b/c"),
        ("postgres://a@b/c", "postgresql+psycopg://a@b/c"),
    ],
)
def test_address_of_postgresql_is_told_its_driver(given: str, used: str) -> None:
    opened = Store(given)

    assert (opened.url, opened.dialect) == (used, "postgresql")
    opened.close()


def test_folder_of_an_embedded_database_is_made(tmp_path: Path) -> None:
    opened = Store(f"sqlite:///{tmp_path}/new/folder/d.db")
    committed(opened, lambda conn: conn.execute(text("SELECT 1")))
    opened.close()

    assert (tmp_path / "new/folder/d.db").exists()


def test_embedded_database_survives_a_crash_of_the_machine(tmp_path: Path) -> None:
    opened = Store(f"sqlite:///{tmp_path}/d.db")
    with opened.snapshot() as conn:
        found = [
            conn.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    opened.close()

    assert found == ["wal", 2, 1]


def test_equal_values_are_equal_text() -> None:
    kept = Json()

    assert kept.process_bind_param({"b": 1, "a": "华"}, None) == '{"a":"华","b":1}'  # type: ignore[arg-type]
    assert kept.process_bind_param(None, None) is None  # type: ignore[arg-type]
    assert kept.process_result_value(None, None) is None  # type: ignore[arg-type]
    assert Words().process_result_value(None, None) == ()  # type: ignore[arg-type]
    assert Words().process_result_value('["a"]', None) == ("a",)  # type: ignore[arg-type]
