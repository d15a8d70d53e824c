"""Chores of the process: seal the audit log, forget what is past its keeping time. R-AUD, R-PRIV."""

from __future__ import annotations

import os
from pathlib import Path

import orjson
import structlog

from bot.clock import Clock
from bot.keys import Keys
from bot.writer import Writer
from storage import audit, inbox, links, outbox
from storage.audit import Head
from storage.engine import Connection, Store

HEAD_FILE = "audit-head.json"
DAY_US = 86_400 * 1_000_000
KEEP_INBOX_US = 30 * DAY_US
KEEP_LEDGER_US = 400 * DAY_US

log = structlog.get_logger()


class Housekeeping:
    """Each chore is safe to run on every replica at once."""

    def __init__(self, store: Store, writer: Writer, clock: Clock, keys: Keys, data_dir: Path) -> None:
        self._store = store
        self._writer = writer
        self._clock = clock
        self._keys = keys
        self._head_file = data_dir / HEAD_FILE

    async def seal(self) -> None:
        """Chain and sign new audit entries, then keep the head in its file."""
        sealed = await self._writer.run(lambda conn: audit.seal(conn, self._store, self._keys.sign_audit))
        if sealed:
            write_head(self._head_file, sealed)

    async def forget(self) -> None:
        """Handled inbox rows and links after 30 days, ledger lines after 400."""
        now = self._clock.business_us()

        def sweep(conn: Connection) -> tuple[int, int]:
            links.forget(conn, made_before=now - KEEP_INBOX_US)
            return (
                inbox.forget(conn, received_before=now - KEEP_INBOX_US),
                outbox.forget(conn, planned_before=now - KEEP_LEDGER_US),
            )

        rows, lines = await self._writer.run(sweep)
        if rows or lines:
            log.info("forgotten", inbox=rows, ledger=lines)


def write_head(path: Path, head: Head) -> None:
    """Replace the head file at once; a newer head already there stays."""
    known = read_head(path)
    if known and known.position >= head.position:
        return
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_bytes(orjson.dumps({"position": head.position, "hash": head.hash, "signature": head.signature}))
    temporary.replace(path)


def read_head(path: Path) -> Head | None:
    """The head kept outside the database; a damaged file counts as a head nobody signed."""
    try:
        data = orjson.loads(path.read_bytes())
        return Head(int(data["position"]), str(data["hash"]), str(data["signature"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return Head(0, "", "")
