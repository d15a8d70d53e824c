"""The key file: made once, readable by its owner only, never shown. R-AUD."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from bot.keys import Keys, load_keys
from config.settings import WrongSettings


def test_key_is_made_at_the_first_start_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "data" / "key"

    first, again = load_keys(path), load_keys(path)

    assert first.sign("audit", b"m") == again.sign("audit", b"m")
    assert re.fullmatch(r"[0-9a-f]{64}\n", path.read_text())
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["key"]


def test_each_installation_has_a_key_of_its_own(tmp_path: Path) -> None:
    assert load_keys(tmp_path / "a").sign("audit", b"m") != load_keys(tmp_path / "b").sign("audit", b"m")


def test_processes_that_start_at_once_read_the_same_key(tmp_path: Path) -> None:
    barrier = Barrier(8)

    def start(_: int) -> str:
        barrier.wait()
        return load_keys(tmp_path / "key").sign("audit", b"m")

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(start, range(8)))) == 1


@pytest.mark.parametrize("content", [b"", b"\n", b"shh", b"ab" * 31, b"ab" * 33, b"\xff\xfe"])
def test_damaged_key_is_refused_and_never_shown(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)

    with pytest.raises(WrongSettings, match=r"^DEALDESK_KEY_FILE: ") as caught:
        load_keys(path)

    assert "shh" not in str(caught.value)
    assert path.read_bytes() == content


def test_key_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongSettings, match=r"^DEALDESK_KEY_FILE: cannot be read \(IsADirectoryError\)"):
        load_keys(tmp_path)


def test_purposes_have_keys_of_their_own_r_aud() -> None:
    keys = Keys(b"k" * 32)

    assert keys.sign("audit", b"m") == keys.sign_audit(b"m")
    assert keys.sign("link", b"m") != keys.sign_audit(b"m")
    assert keys.sign_audit(b"n") != keys.sign_audit(b"m")


def test_keys_are_not_printed() -> None:
    assert repr(Keys(b"shh")) == "Keys(…)"
