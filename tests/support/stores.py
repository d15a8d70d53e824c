"""Databases for tests: a migrated SQLite file copied per test, and a PostgreSQL database per test process."""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from storage.engine import Store
from storage.migrations import migrate

SERVER = os.environ.get("TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")


def sqlite_url(folder: Path) -> str:
    """A fresh, migrated SQLite database in this folder."""
    target = folder / "dealdesk.db"
    shutil.copyfile(_template(), target)
    return f"sqlite:///{target}"


def postgres_url() -> str:
    """This test process's own PostgreSQL database, migrated and empty. Skips where there is no server, fails in CI."""
    url = _postgres_database()
    store = Store(url)
    with store.writing() as conn:
        names = ", ".join(f'"{t.name}"' for t in SQLModel.metadata.sorted_tables if t.name != "schema_version")
        conn.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
        conn.commit()
    store.close()
    return url


@functools.cache
def _template() -> Path:
    path = Path(tempfile.mkdtemp(prefix="dealdesk-template-")) / "template.db"
    store = Store(f"sqlite:///{path}")
    migrate(store)
    with store.writing() as conn:
        conn.exec_driver_sql("SELECT 1")
    store.close()
    return path


@functools.cache
def _postgres_database() -> str:
    name = f"dealdesk_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    try:
        with psycopg.connect(SERVER, autocommit=True, connect_timeout=3) as conn:
            conn.execute(f'DROP DATABASE IF EXISTS "{name}"')
            conn.execute(f'CREATE DATABASE "{name}"')
    except psycopg.OperationalError as error:
        reason = f"no PostgreSQL at TEST_POSTGRES ({type(error).__name__})"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    url = SERVER.rsplit("/", 1)[0] + "/" + name
    store = Store(url)
    migrate(store)
    store.close()
    return url


def clean_up() -> None:
    """Remove what this process made: the SQLite template and its PostgreSQL database."""
    if _template.cache_info().currsize:
        shutil.rmtree(_template().parent, ignore_errors=True)
    if _postgres_database.cache_info().currsize:
        with psycopg.connect(SERVER, autocommit=True) as conn:
            name = _postgres_database().rsplit("/", 1)[1]
            conn.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
