"""Make this checkout usable from its own environment: `.venv/bin/dealdesk` works from any directory.

Nothing is built or copied. A .pth file adds the checkout to the environment's import path, behind the installed
packages, and a small command runs `python -m bot`. Run it with the environment's own Python.
"""

from __future__ import annotations

import shlex
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

COMMAND = """\
#!/bin/sh
# -P: whatever lies in the directory this is called from is not imported.
exec {python} -P -m bot "$@"
"""


def main() -> int:
    """Both files stand, whatever stood there before."""
    if sys.prefix == sys.base_prefix:
        print("Run this with the environment's own Python: .venv/bin/python scripts/install_checkout.py")
        return 2
    pth = Path(sysconfig.get_path("purelib")) / "dealdesk_checkout.pth"
    pth.write_text(f"{ROOT}\n", encoding="utf-8")
    command = Path(sysconfig.get_path("scripts")) / "dealdesk"
    command.write_text(COMMAND.format(python=shlex.quote(sys.executable)), encoding="utf-8")
    command.chmod(0o755)
    return 0


if __name__ == "__main__":
    sys.exit(main())
