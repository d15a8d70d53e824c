"""Live notices to everyone who watches: one bounded queue per watcher."""

from __future__ import annotations

import asyncio
from typing import Any

Notice = dict[str, Any]
QUEUE_SIZE = 2000


class Feed:
    """Fans notices out; a watcher who falls too far behind is cut off and has to load afresh."""

    def __init__(self) -> None:
        self._watchers: set[asyncio.Queue[Notice | None]] = set()

    @property
    def watched(self) -> bool:
        """False when building a notice would be wasted work."""
        return bool(self._watchers)

    def subscribe(self) -> asyncio.Queue[Notice | None]:
        """A queue of all later notices; None in it means: the end."""
        queue: asyncio.Queue[Notice | None] = asyncio.Queue(QUEUE_SIZE)
        self._watchers.add(queue)
        return queue

    def unsubscribe(self, queue: asyncio.Queue[Notice | None]) -> None:
        """Stop filling this queue."""
        self._watchers.discard(queue)

    def publish(self, notice: str, /, **fields: Any) -> None:
        """Hand one notice to every watcher without waiting."""
        told = {"type": notice, **fields}
        for queue in list(self._watchers):
            if queue.full():
                self._cut(queue)
            else:
                queue.put_nowait(told)

    def close(self) -> None:
        """End every watcher's stream."""
        for queue in list(self._watchers):
            self._cut(queue)

    def _cut(self, queue: asyncio.Queue[Notice | None]) -> None:
        self._watchers.discard(queue)
        while queue.full():
            queue.get_nowait()
        queue.put_nowait(None)
