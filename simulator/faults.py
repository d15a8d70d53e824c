"""Faults on demand: what goes wrong, where, and how often."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any

API_KINDS = ("drop", "drop_after", "delay", "429", "5xx", "html", "expired_token")
SENDER_KINDS = ("drop", "drop_after", "delay", "duplicate", "reorder", "skew")
SENDER_PATHS = ("event", "callback")
NEVER_ON_CALLBACKS = ("duplicate", "reorder")


class FaultRefused(ValueError):
    """The fault cannot happen at that place; the text says why."""


@dataclass(slots=True)
class Fault:
    """One fault that still waits to happen `count` times."""

    path: str
    kind: str
    count: int = 1
    ms: int = 0

    def matches(self, method: str, *paths: str) -> bool:
        """True when this fault is meant for the call under any of its paths.

        The fault's path may be a glob, a prefix, or either after a method as in "PATCH /open-apis/im".
        """
        if self.path in SENDER_PATHS or paths[0] in SENDER_PATHS:
            return self.path == paths[0]
        wanted = self.path
        if " " in wanted:
            wanted_method, wanted = wanted.split(" ", 1)
            if wanted_method.upper() != method:
                return False
        return any(fnmatchcase(path, wanted) or path.startswith(wanted) for path in paths)


class Faults:
    """The faults of one vendor still to come, in the order they were asked for; `kinds` are the vendor's own."""

    def __init__(self, *kinds: str) -> None:
        self._kinds = (*API_KINDS, *kinds)
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let the fault happen; refuses kinds that make no sense at that place."""
        kinds = SENDER_KINDS if fault.path in SENDER_PATHS else self._kinds
        if fault.kind not in kinds:
            raise FaultRefused(f"{fault.path} 上没有「{fault.kind}」这种故障，可用：{'、'.join(kinds)}")
        if fault.path == "callback" and fault.kind in NEVER_ON_CALLBACKS:
            raise FaultRefused("卡片回调不会重发，也不会乱序")
        if fault.count < 1 or fault.ms < 0:
            raise FaultRefused("count 至少 1，ms 不能是负数")
        self._faults.append(fault)

    def take(self, method: str, *paths: str) -> Fault | None:
        """The next fault for this call, used up by one; a call may be known under several paths."""
        for fault in self._faults:
            if fault.matches(method, *paths):
                fault.count -= 1
                if fault.count <= 0:
                    self._faults.remove(fault)
                return fault
        return None

    def offers(self) -> dict[str, tuple[str, ...]]:
        """What can go wrong, by place: event, callback, api (any path of the API), and places of the vendor's own."""
        callback = tuple(kind for kind in SENDER_KINDS if kind not in NEVER_ON_CALLBACKS)
        return {"event": SENDER_KINDS, "callback": callback, "api": self._kinds}

    def view(self) -> list[dict[str, Any]]:
        """All faults still to come."""
        return [asdict(fault) for fault in self._faults]

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self._faults.clear()
