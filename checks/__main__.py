"""Look at one file in a process of its own: `python -m checks PATH` writes the report as JSON.

The process may use 1 GB of memory and 20 s of processor time; whoever started it ends it when it takes too long.
"""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import asdict
from pathlib import Path

from checks.look import look

MEMORY_BYTES = 1 << 30
CPU_SECONDS = 20


def main() -> int:
    """The report on stdout; a file that is too much for the limits ends the process instead."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    report = look(Path(sys.argv[1]).read_bytes())
    sys.stdout.write(json.dumps(asdict(report)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
