"""Look at a stored file in a process with limits of its own, started when it is needed. R-EVD-2."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

SECONDS = 30
AT_ONCE = 2
ROOT = Path(__file__).resolve().parents[2]


async def look(file: Path, *, places: asyncio.Semaphore) -> Mapping[str, Any]:
    """Type, size and findings of the file; a file that broke its limits, or the process, took too much.

    `places` is how many such processes there may be at once.
    """
    async with places:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "checks", str(file.resolve()), cwd=ROOT, env=_environment(),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            written, _ = await asyncio.wait_for(process.communicate(), SECONDS)
        except TimeoutError:
            written = b""
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
    if process.returncode != 0 or not written:
        return {"kind": "", "size": file.stat().st_size, "findings": ["readable:gave_up"]}
    report: dict[str, Any] = orjson.loads(written)
    return report


def _environment() -> dict[str, str]:
    """Ours without settings: hostile files are opened far from secrets."""
    return {name: value for name, value in os.environ.items() if not name.startswith("DEALDESK_")}
