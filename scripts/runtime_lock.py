"""Print the part of requirements.lock that the product runs with, without what only development needs.

The lock says of every package who asked for it; what is kept is the closure of pyproject.toml's dependencies and
the xlsx extra. The image is built from this, with the same pins and hashes as everything else.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = ("xlsx",)


def normal(name: str) -> str:
    """A package's name as the lock spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def asked_for(block: str) -> set[str]:
    """The packages that a package of the lock is there for."""
    comments = [line.strip("# \n") for line in block.splitlines() if line.lstrip().startswith("#")]
    return {normal(comment.removeprefix("via ").strip()) for comment in comments if comment != "via"}


def runtime_part(lock: str, requirements: list[str]) -> str:
    """The blocks of the lock reachable from the requirements, in the lock's order."""
    blocks = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)[1:]
    named = {normal(block.partition("==")[0]): block for block in blocks}
    wanted = {normal(re.split(r"[^A-Za-z0-9._-]", text)[0]) for text in requirements}
    missing = wanted - named.keys()
    if missing:
        raise SystemExit(f"requirements.lock lacks {', '.join(sorted(missing))}: run `make lock`")
    grown = True
    while grown:
        more = {name for name, block in named.items() if asked_for(block) & wanted} - wanted
        wanted |= more
        grown = bool(more)
    return "".join(block for name, block in named.items() if name in wanted)


def main() -> int:
    """The kept part is on standard output."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [text for extra in EXTRAS for text in project["optional-dependencies"][extra]]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    sys.stdout.write(runtime_part(lock, project["dependencies"] + extras))
    return 0


if __name__ == "__main__":
    sys.exit(main())
