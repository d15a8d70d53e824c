"""The numbered steps of an event's life, so that tests can stop the process at each of them.

received → stored → handled → committed → reply claimed → sent → confirmed (docs/walks/quick-entry.md).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

StepName = Literal["received", "stored", "handled", "committed", "reply claimed", "sent", "confirmed"]

STEPS: tuple[StepName, ...] = ("received", "stored", "handled", "committed", "reply claimed", "sent", "confirmed")

_watchers: list[Callable[[StepName], None]] = []


def reached(step: StepName) -> None:
    """The process is at this step; nothing happens unless somebody watches."""
    for watcher in _watchers:
        watcher(step)


def watch(watcher: Callable[[StepName], None]) -> None:
    """Call the watcher at every step from now on. For tests and tracing only."""
    _watchers.append(watcher)
