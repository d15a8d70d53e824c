"""Originals by their SHA-256: whole or not at all, never rewritten. R-EVD-1."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage.files import keep, path_of


def test_original_is_kept_byte_for_byte_under_its_hash_r_evd_1(tmp_path: Path) -> None:
    sha = keep(tmp_path, b"photo")

    assert sha == hashlib.sha256(b"photo").hexdigest()
    assert path_of(tmp_path, sha).read_bytes() == b"photo"
    assert path_of(tmp_path, sha).stat().st_mode & 0o222 == 0


def test_same_bytes_again_change_nothing_r_evd_1(tmp_path: Path) -> None:
    first = path_of(tmp_path, keep(tmp_path, b"photo")).stat()

    again = path_of(tmp_path, keep(tmp_path, b"photo")).stat()

    assert (first.st_ino, first.st_mtime_ns) == (again.st_ino, again.st_mtime_ns)


def test_many_at_once_leave_one_file_and_nothing_half_written(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: keep(tmp_path, b"x" * 100_000), range(32)))

    [sha] = found
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == [sha[2:]]


def test_a_disk_that_is_full_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        keep(tmp_path, b"photo")

    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "AB" * 32, "ab" * 31, "zz" * 32])
def test_what_is_no_hash_is_no_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no sha256"):
        path_of(tmp_path, name)
