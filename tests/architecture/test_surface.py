"""What people and scripts start with exists under the name they know."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PLACES = re.compile(r"://|\bfile:|^\s*-(?!-hash=)|^\s*--(?!hash=)| @ ", re.MULTILINE)


@pytest.mark.parametrize("target", ["demo", "test", "check", "crash", "bench", "venv", "clean"])
def test_make_target_exists(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")

    assert re.search(rf"^{target}:", makefile, re.MULTILINE)


@pytest.mark.parametrize("command", ["make demo", "make test"])
def test_readme_names_the_commands(command: str) -> None:
    assert command in (ROOT / "README.md").read_text("utf-8")


def test_lock_pins_with_hashes_and_names_no_place() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    packages = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)[1:]

    assert PLACES.findall(lock) == []
    assert [block.split()[0] for block in packages if "==" not in block or "--hash=sha256:" not in block] == []


def test_python_too_old_gets_a_sentence_in_both_languages(tmp_path: Path) -> None:
    old = tmp_path / "python3.9"
    old.write_text('#!/bin/sh\ncase "$2" in *print*) echo 3.9 ;; *) exit 1 ;; esac\n')
    old.chmod(0o755)

    answer = ask_for_python(old)

    assert answer.returncode == 1
    assert "needs Python 3.11 or newer; the one found is 3.9" in answer.stderr
    assert "需要 Python 3.11" in answer.stderr


def test_python_without_venv_gets_the_package_to_install(tmp_path: Path) -> None:
    bare = tmp_path / "python3.11"
    bare.write_text('#!/bin/sh\ncase "$2" in *print*) echo 3.11 ;; *venv*) exit 1 ;; esac\n')
    bare.chmod(0o755)

    answer = ask_for_python(bare)

    assert answer.returncode == 1
    assert "apt-get install python3.11-venv" in answer.stderr
    assert "缺少" in answer.stderr


def ask_for_python(candidate: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", ROOT / "scripts/find_python.sh"],
        env={"PATH": "/usr/bin:/bin", "PYTHON": str(candidate)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
