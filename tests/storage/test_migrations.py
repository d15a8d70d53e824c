"""From empty to this version on both stores; the frozen steps make what storage/tables/ says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlmodel import SQLModel

from storage import schema
from storage.engine import Connection, Store
from storage.migrations import migrate
from storage.tables import SCHEMA_VERSION
from tests.support.facts import SECRETS, committed

VERSIONS = Path(__file__).resolve().parents[2] / "storage/migrations/versions"


@pytest.fixture(autouse=True)
def _restored(store: Store) -> Iterator[None]:
    """The database of PostgreSQL is shared by this process's tests: its version is put back."""
    yield
    committed(store, set_version(SCHEMA_VERSION))


def set_version(version: int) -> Callable[[Connection], None]:
    """Say that the database is at this version."""

    def write(conn: Connection) -> None:
        conn.execute(text("DELETE FROM schema_version"))
        conn.execute(text("INSERT INTO schema_version (version) VALUES (:v)"), {"v": version})

    return write


def definitions(store: Store) -> list[str]:
    """Every table's columns and every index, in words that compare."""
    with store.snapshot() as conn:
        if store.is_sqlite:
            rows = conn.execute(
                text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version'")
            )
            return sorted(re.sub(r"\s+|\"", "", row[0]) for row in rows)
        columns = conn.execute(
            text(
                "SELECT table_name, column_name, data_type, is_nullable, column_default "
                "FROM information_schema.columns "
                "WHERE table_schema = current_schema() AND table_name <> 'alembic_version'"
            )
        ).all()
        indexes = conn.execute(
            text(
                "SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename <> 'alembic_version'"
            )
        ).all()
        return sorted(" ".join(map(str, row)) for row in [*columns, *indexes])


def emptied(store: Store) -> None:
    """The same database with nothing in it."""

    def drop(conn: Connection) -> None:
        SQLModel.metadata.drop_all(conn)
        conn.execute(text("DROP TABLE alembic_version"))

    committed(store, drop)


def test_migrated_schema_is_the_one_the_tables_describe(store: Store) -> None:
    with store.snapshot() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})

        assert compare_metadata(context, SQLModel.metadata) == []


def test_migrated_definitions_are_those_of_the_tables_to_the_letter(store: Store) -> None:
    migrated = definitions(store)

    emptied(store)
    committed(store, SQLModel.metadata.create_all)
    described = definitions(store)
    committed(store, SQLModel.metadata.drop_all)
    migrate(store)

    assert migrated == described


def test_empty_database_is_brought_to_this_version_and_again_changes_nothing(store: Store) -> None:
    emptied(store)
    assert schema.version(store) == 0

    migrate(store)
    first = definitions(store)
    migrate(store)

    assert schema.version(store) == SCHEMA_VERSION
    assert definitions(store) == first


def test_numbers_that_stood_in_clear_are_sealed_on_the_way_r_priv(store_url: str) -> None:
    store = Store(store_url, secrets=SECRETS)
    emptied(store)
    brought_to(store, "0009")
    committed(store, before_sealing)

    migrate(store)

    with store.snapshot() as conn:
        members = conn.execute(text("SELECT id, mobile, mobile_key FROM members ORDER BY id")).all()
        [phone] = conn.execute(text("SELECT phone FROM customers")).scalars()
    assert [(key, SECRETS.open(mobile), digest) for key, mobile, digest in members] == [
        ("m1", "13800001111", SECRETS.digest("13800001111")), ("m2", "", ""),
    ]  # fmt: skip
    assert "1111" not in members[0][1] + members[0][2]
    assert SECRETS.open(phone) == "057188885521"
    store.close()


def test_numbers_in_clear_want_the_key_file_and_nothing_is_changed_without_it_r_priv(store: Store) -> None:
    emptied(store)
    brought_to(store, "0009")
    committed(store, before_sealing)

    with pytest.raises(RuntimeError, match="key file"):
        migrate(store)

    with store.snapshot() as conn:
        assert conn.execute(text("SELECT mobile FROM members WHERE id = 'm1'")).scalar_one() == "13800001111"
    emptied(store)
    migrate(store)


def brought_to(store: Store, revision: str) -> None:
    """The empty database as an earlier version left it."""
    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent))
    with store.writing() as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, revision)
        conn.commit()


def before_sealing(conn: Connection) -> None:
    """Members and a customer as version 9 kept them."""
    conn.execute(text(
        "INSERT INTO members (id, name, team, superior_id, roles, mobile, state, version) VALUES "
        "('m1', '李雷', '', '', '[]', '13800001111', 'active', 1), ('m2', '王芳', '', '', '[]', '', 'active', 1)"
    ))  # fmt: skip
    names = [column["name"] for column in inspect(conn).get_columns("customers")]
    given = {name: 1 if name in ("id", "version", "created_with") else "" for name in names} | {"phone": "057188885521"}
    conn.execute(
        text(f"INSERT INTO customers ({', '.join(names)}) VALUES ({', '.join(':' + name for name in names)})"), given
    )


def test_check_of_an_older_database_names_the_command(store: Store) -> None:
    committed(store, set_version(0))

    with pytest.raises(schema.WrongSchema) as caught:
        schema.check(store)

    assert str(caught.value) == f"数据库是第 0 版，程序要第 {SCHEMA_VERSION} 版：运行 dealdesk migrate。"


def test_check_of_a_newer_database_asks_for_a_newer_program(store: Store) -> None:
    committed(store, set_version(99))

    with pytest.raises(schema.WrongSchema) as caught:
        schema.check(store)

    assert str(caught.value) == f"数据库是第 99 版，比程序（第 {SCHEMA_VERSION} 版）新：先更新程序。"


def test_check_of_this_version_passes(store: Store) -> None:
    schema.check(store)

    assert schema.version(store) == SCHEMA_VERSION


def test_migrate_leaves_a_newer_database_alone(store: Store) -> None:
    committed(store, set_version(99))

    with pytest.raises(schema.WrongSchema):
        migrate(store)

    assert schema.version(store) == 99


def test_steps_are_frozen_and_depend_on_no_table_definition() -> None:
    steps = sorted(VERSIONS.glob("*.py"))

    assert [path.name for path in steps if re.search(r"\b(storage|sqlmodel|sales)\b", code_of(path))] == []
    assert len(steps) == SCHEMA_VERSION


def code_of(path: Path) -> str:
    """The import lines."""
    return "\n".join(line for line in path.read_text("utf-8").splitlines() if line.startswith(("import ", "from ")))
