"""Make requirements.lock anew from pyproject.toml: every package pinned, with the hashes of all its published files.

Pins already in the lock are kept as long as they fit; `--upgrade` or `--upgrade-package NAME` moves them.
The result serves every system and every Python from 3.11 on, and names no index: pip asks whichever it is set up for.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
RESOLVER = "uv==0.13.9"
EXTRAS = ("xlsx", "dev")
HEADER = """\
# Everything Dealdesk runs and is tested with, pinned, with the hashes of all published files.
# Made by `make lock` from pyproject.toml; do not edit by hand.
"""
FOREIGN = re.compile(r"://|^\s*(-[a-z]\b|--(?!hash=))|\bfile:| @ ", re.MULTILINE)


def resolver_in(folder: Path) -> Path:
    """The resolver, installed in a folder of its own, so that the project's environment stays as it is."""
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, RESOLVER], check=True)
    return folder / "bin/uv"


def resolve(uv: Path, output: Path, options: list[str]) -> None:
    """Write the pins to `output`; what stands there already is preferred."""
    extras = [word for extra in EXTRAS for word in ("--extra", extra)]
    environment = {key: value for key, value in os.environ.items() if key != "UV_FIND_LINKS"}
    command = [str(uv), "pip", "compile", "--quiet", "--no-config", "--universal", "--python-version", "3.11"]
    command += ["--generate-hashes", "--no-header", "--no-emit-index-url", "--no-emit-find-links"]
    command += [*extras, *options, "--output-file", str(output), "pyproject.toml"]
    subprocess.run(command, check=True, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


def main() -> int:
    """Replace the lock only when the new one is complete and names no place of its own."""
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "requirements.lock"
        if LOCK.exists():
            draft.write_text(LOCK.read_text(encoding="utf-8"), encoding="utf-8")
        resolve(resolver_in(Path(folder) / "venv"), draft, sys.argv[1:])
        text = draft.read_text(encoding="utf-8")
    found = FOREIGN.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        print(f"requirements.lock not written: line {line} names a place or an option: {found.group()!r}")
        return 1
    LOCK.write_text(HEADER + text, encoding="utf-8")
    print(f"requirements.lock: {len(re.findall(r'^[a-z0-9]', text, re.MULTILINE))} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
