"""Puts together events that come in several frames of the long connection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.platforms.feishu.frames import BadFrame, Frame

PART_SECONDS = 5.0
"""The parts of an event follow each other within this time."""
MOST_PARTS = 1000
MOST_BYTES = 1 << 20
MOST_WAITING = 100


@dataclass(slots=True)
class _Event:
    heard_at: float
    parts: dict[int, bytes] = field(default_factory=dict)


class Parts:
    """Keeps the parts of one connection until the last has come. Times are machine time."""

    def __init__(self, machine: Callable[[], float]) -> None:
        self._machine = machine
        self._waiting: dict[str, _Event] = {}

    def whole(self, frame: Frame) -> bytes | None:
        """The event's bytes once this frame completes it; None while parts are missing. Raises BadFrame."""
        message_id, trace_id = frame.header("message_id"), frame.header("trace_id")
        total, number = _count(frame, "sum"), _count(frame, "seq")
        payload = frame.payload or b""
        if message_id is None or trace_id is None or len(payload) > MOST_BYTES:
            raise BadFrame("no message id, no trace id, or too large")
        if total <= 1:
            return payload
        if not number < total <= MOST_PARTS:
            raise BadFrame("no such part")
        return self._add(message_id, total, number, payload)

    def _add(self, message_id: str, total: int, number: int, payload: bytes) -> bytes | None:
        now = self._machine()
        self._waiting = {key: one for key, one in self._waiting.items() if now - one.heard_at <= PART_SECONDS}
        if message_id not in self._waiting and len(self._waiting) >= MOST_WAITING:
            raise BadFrame("too many unfinished events")
        event = self._waiting.setdefault(message_id, _Event(now))
        event.heard_at = now
        event.parts[number] = payload
        if sum(map(len, event.parts.values())) > MOST_BYTES:
            del self._waiting[message_id]
            raise BadFrame("too large")
        if len(event.parts) < total:
            return None
        del self._waiting[message_id]
        return b"".join(event.parts[at] for at in sorted(event.parts))


def _count(frame: Frame, key: str) -> int:
    given = frame.header(key) or ""
    if not (given.isascii() and given.isdigit()) or len(given) > 4:
        raise BadFrame(f"{key} is no number")
    return int(given)
