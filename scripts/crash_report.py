"""Turn the results of `make crash` into docs/crash-matrix.md: `python scripts/crash_report.py RESULTS`.

RESULTS is the file CRASH_RESULTS named: one JSON line per cell. A cell that was run again counts as last run.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "crash-matrix.md"

STEPS = ("received", "stored", "handled", "committed", "reply claimed", "sent", "confirmed")
STORES = ("sqlite", "postgresql")
JOBS = {
    "rounds": "rounds",
    "evidence.submit": "files",
    "request.approve": "decisions",
    "lead.recycle": "timers",
    "config.set": "settings",
    "unknown": "unknown",
}
Cells = dict[tuple[str, str], dict[str, Any]]
COLUMNS = ("rounds", "lines", "clicks", "clicks_stored", "lost", "doubled", "unknown", "told_twice", "absorbed")

INTRO = """# Crash matrix

What `kill -9` does to Dealdesk, written by `scripts/crash_report.py` from the last kept run of `make crash`
({machine}).

A round: three reps type two lines each, one of them takes a deal back by its button, and the bot is killed at the
step of the cell; in every other round at the click itself, and the lines are typed while it is down. It is started
again and looked at when nothing is left to do (`tests/crash/`).
"""

MEANING = """
- **lines**, **clicks**: what people did. A click that was not **stored** when the bot died had no effect, its button
  stayed and worked afterwards: Feishu sends no click twice.
- **lost**: a line without its deal, audit entry, timer or card, a stored click without effect or answer.
- **doubled**: a second deal, entry, timer, undo or card, or a second message that is not marked.
- **unknown**: rows of the ledger whose fate was open when the bot died; they went once more, messages under the same
  key.
- **told twice**: clicks whose toast went out and whose answer came once more as a message, marked 可能重复: a toast has
  no key. Each is one of the unknown.
- **absorbed**: sends the platform had already accepted and recognised by their key: one message.
"""
OTHERS = """
## A file, a decision, a timer and a setting

A round: a photo is sent for a requirement, a discount is agreed to, a threshold is confirmed and a lead's 48 hours end,
all at once, and the bot is killed among them. As many of each as there are rounds: each happened exactly once, with one
review card, one message to the lead's holder, and every send key one message.
"""
WHOLE = "- In every round chats were in order and the audit log was whole, with its signed head.\n"
BROKEN = "- **{count} checks failed in this run.**\n"


def main(results: str) -> int:
    """Write the page; 1 when a promise was broken in the run."""
    lines = Path(results).read_text("utf-8").splitlines()
    found: dict[str, Cells] = {"lines": {}, "jobs": {}}
    for cell in map(json.loads, lines):
        found[cell.get("matrix", "lines")][cell["step"], cell["store"]] = cell
    cells, jobs = found["lines"], found["jobs"]
    missing = [
        f"{s} on {store}" for s in STEPS for store in STORES if (s, store) not in cells or (s, store) not in jobs
    ]
    if missing:
        print(f"not written: no result for {', '.join(missing)}")
        return 1
    TARGET.write_text(page(cells) + others(jobs), encoding="utf-8")
    kills = sum(cell["rounds"] for cell in (*cells.values(), *jobs.values()))
    print(f"{TARGET.relative_to(ROOT)}: {kills} kills")
    return int(any(cell["problems"] for cell in cells.values()))


def others(jobs: Cells) -> str:
    """The part about a file, a decision, a timer and a setting; a cell is only there when all of it held."""
    rows = [["step", "store", *JOBS.values()], ["---"] * (len(JOBS) + 2)]
    rows += [[step, store, *(str(jobs[step, store][name]) for name in JOBS)] for step in STEPS for store in STORES]
    return OTHERS + "\n" + "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


def page(cells: Cells) -> str:
    """The part about lines and clicks."""
    head = ["step", "store", *(name.replace("_", " ") for name in COLUMNS)]
    rows = [head, ["---"] * len(head)]
    rows += [[step, store, *(str(cells[step, store][name]) for name in COLUMNS)] for step in STEPS for store in STORES]
    rows.append(["**all**", "", *(f"**{sum(cell[name] for cell in cells.values())}**" for name in COLUMNS)])
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    problems = sum(cell["problems"] for cell in cells.values())
    verdict = BROKEN.format(count=problems) if problems else WHOLE
    return INTRO.format(machine=machine()) + "\n" + table + "\n" + MEANING + verdict


def machine() -> str:
    """CPU model and cores."""
    try:
        info = Path("/proc/cpuinfo").read_text()
        model = next(line.split(":", 1)[1].strip() for line in info.splitlines() if line.startswith("model name"))
    except (OSError, StopIteration):
        model = "CPU unknown"
    return f"{model}, {os.cpu_count()} cores"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
