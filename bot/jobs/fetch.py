"""Fetch a file somebody sent, keep the original, and look at it. R-EVD-1, R-EVD-2."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.jobs import check
from bot.platforms.base import Platform, PlatformError, RetryLater, TooLarge
from storage.files import keep, path_of

KEPT = "kept:"
"""Begins the key of a file that a page of ours has kept already; its SHA-256 follows. R-LINK."""


async def run(
    platform: Platform, args: Mapping[str, Any], *, folder: Path, places: asyncio.Semaphore
) -> Mapping[str, Any]:
    """SHA-256, size, true type, claimed name and findings of the file. Raises RetryLater; any other no is a finding."""
    message, key = str(args["message"]), str(args["key"])
    if message.startswith("page:") and key.startswith(KEPT):
        return await _kept(folder, key.removeprefix(KEPT), places)
    try:
        got = await platform.download(message, key, kind=str(args["kind"]))
    except RetryLater:
        raise
    except TooLarge:
        return {"findings": ["fetch:too_large"]}
    except PlatformError:
        return {"findings": ["fetch:failed"]}
    sha = await asyncio.to_thread(keep, folder, got.content)
    report = await check.look(path_of(folder, sha), places=places)
    return {"sha": sha, "name": got.name, **report}


async def _kept(folder: Path, sha: str, places: asyncio.Semaphore) -> Mapping[str, Any]:
    """The same for a file that is on disk."""
    file = path_of(folder, sha)
    if not file.exists():
        return {"findings": ["fetch:failed"]}
    return {"sha": sha, **await check.look(file, places=places)}
