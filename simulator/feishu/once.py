"""Repeated requests: the same uuid makes at most one message within an hour."""

from __future__ import annotations

from simulator.clock import Clock
from simulator.feishu.errors import ApiError

WINDOW_SECONDS = 3600.0
MAX_LENGTH = 50


class Once:
    """Remembers which message a uuid made, for an hour of machine time.

    Machine time, because a retry after a broken connection comes in seconds: a business clock moved
    by two days in between must not make a second message.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._made: dict[str, tuple[float, str]] = {}

    def made(self, uuid: str | None) -> str | None:
        """The id of the message this uuid made within the last hour."""
        if not uuid:
            return None
        if not isinstance(uuid, str) or len(uuid) > MAX_LENGTH:
            raise ApiError(99992402, f"uuid holds at most {MAX_LENGTH} characters")
        when, message_id = self._made.get(uuid, (0.0, ""))
        return message_id if message_id and self._clock.machine() - when < WINDOW_SECONDS else None

    def remember(self, uuid: str | None, message_id: str) -> None:
        """From now on the uuid stands for this message."""
        if uuid:
            self._made[uuid] = (self._clock.machine(), message_id)

    def clear(self) -> None:
        """Forget all."""
        self._made.clear()
