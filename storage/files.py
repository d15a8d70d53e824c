"""Originals on disk by their SHA-256: written once, whole or not at all, never rewritten. R-EVD-1."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path


def path_of(folder: Path, sha: str) -> Path:
    """Where the original with this hash is kept. Raises ValueError for what is no hash."""
    if len(sha) != 64 or set(sha) - set("0123456789abcdef"):
        raise ValueError(f"no sha256: {sha[:80]!r}")
    return folder / sha[:2] / sha[2:]


def keep(folder: Path, content: bytes) -> str:
    """The content is on disk, durable; returns its SHA-256. The same content again changes nothing."""
    sha = hashlib.sha256(content).hexdigest()
    target = path_of(folder, sha)
    if target.exists():
        return sha
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o440)
        with contextlib.suppress(FileExistsError):
            os.link(name, target)
    finally:
        Path(name).unlink()
    _sync(target.parent)
    return sha


def _sync(folder: Path) -> None:
    """The folder's new name is durable too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
