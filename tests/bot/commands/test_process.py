"""The same commands as processes of their own: both ways to call them, and exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
WAYS = {"script": [str(Path(sys.executable).with_name("dealdesk"))], "module": [sys.executable, "-m", "bot"]}


def run(way: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*WAYS[way], *words], cwd=ROOT, capture_output=True, encoding="utf-8", check=False, timeout=60
    )  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_line_is_parsed_in_a_process_of_its_own(way: str) -> None:
    done = run(way, "parse", "录单 华东医疗 CT机 120万")

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["fields"]["amount_yuan"] == "1200000.00"


@pytest.mark.parametrize("way", WAYS)
def test_wrong_use_is_exit_2(way: str) -> None:
    assert run(way, "parse").returncode == 2
    assert run(way, "dance").returncode == 2
