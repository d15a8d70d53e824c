"""One file per command of the command line."""

from __future__ import annotations

import sys
from typing import NoReturn

from bot.keys import load_keys
from bot.platforms.registry import load_settings
from config.settings import Settings, WrongSettings
from storage.engine import Store
from storage.schema import WrongSchema, check
from storage.secrets import Secrets


def fail(text: str, *, code: int = 2) -> NoReturn:
    """Say what is wrong and what to do, and exit."""
    sys.stderr.write(text + "\n")
    sys.exit(code)


def settings() -> Settings:
    """The settings, or exit 2 with the name of each fault."""
    try:
        return load_settings()
    except WrongSettings as error:
        fail(str(error))


def store() -> Store:
    """The configured database at this version, or exit 2 with the fix."""
    opened = any_store()
    try:
        check(opened)
    except WrongSchema as error:
        opened.close()
        fail(str(error))
    except Exception as error:
        opened.close()
        fail_to_open(error)
    return opened


def any_store(*, with_key: bool = False) -> Store:
    """The configured database, at whatever version, or exit 2; `with_key` also opens what is sealed."""
    chosen = settings()
    try:
        secrets = Secrets(load_keys(chosen.key_path).derived("secrets")) if with_key else None
        return Store(chosen.database_url, secrets=secrets)
    except WrongSettings as error:
        fail(str(error))
    except Exception as error:
        fail_to_open(error)


def fail_to_open(error: Exception) -> NoReturn:
    """Name the setting and never its value: a database URL holds a password."""
    fail(f"DEALDESK_DATABASE_URL: the database cannot be opened ({type(error).__name__}).")
