"""The log of every API call in both directions, secrets hidden when it is read."""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import dataclass
from typing import Any

from simulator.feed import Feed

LOG_SIZE = 2000
_SECRET = re.compile(
    r"secret|token|encrypt_key|aes_?key|authorization|code_verifier|session_?webhook|ticket", re.IGNORECASE
)
_SECRET_IN_QUERY = re.compile(
    r"([?&](?:(?!page_)[^=&]*(?:secret|token|ticket)[^=&]*|key|session|sign|code)=)[^&]*", re.IGNORECASE
)
_NOT_SECRET = ("page_token", "has_more", "token_type")
HIDDEN = "•••"


@dataclass(frozen=True, slots=True)
class Call:
    """One request and its answer; bodies are kept as they were."""

    id: int
    time: str
    direction: str
    platform: str
    method: str
    path: str
    status: int
    code: int
    ms: float
    request: Any
    response: Any

    def view(self) -> dict[str, Any]:
        """The call as shown, with secrets replaced."""
        return {
            "id": self.id,
            "time": self.time,
            "direction": self.direction,
            "platform": self.platform,
            "method": self.method,
            "path": _SECRET_IN_QUERY.sub(rf"\1{HIDDEN}", self.path),
            "status": self.status,
            "code": self.code,
            "ms": round(self.ms, 1),
            "request": mask(self.request),
            "response": mask(self.response),
        }


def mask(value: Any, key: str = "") -> Any:
    """The same value with every secret text replaced, also inside JSON texts."""
    if isinstance(value, bytes):
        return mask(parse(value))
    if isinstance(value, dict):
        return {name: mask(item, str(name)) for name, item in value.items()}
    if isinstance(value, list):
        return [mask(item, key) for item in value]
    if isinstance(value, str) and key not in _NOT_SECRET and _SECRET.search(key):
        return HIDDEN
    return value


def parse(body: bytes) -> Any:
    """JSON where it is JSON, else a short text."""
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return body[:2000].decode("utf-8", "replace")


class CallLog:
    """Keeps the newest calls and tells the watchers about each."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._calls: deque[Call] = deque(maxlen=LOG_SIZE)
        self._next = 0

    def add(self, **fields: Any) -> None:
        """Remember one finished call."""
        self._next += 1
        call = Call(id=self._next, **fields)
        self._calls.append(call)
        if self._feed.watched:
            self._feed.publish("call", call=call.view())

    def view(self, limit: int, path: str | None) -> list[dict[str, Any]]:
        """The newest calls whose path holds `path`, oldest first."""
        found = [call for call in self._calls if path is None or path in call.path]
        return [call.view() for call in found[-limit:]] if limit > 0 else []

    def clear(self) -> None:
        """Forget all calls."""
        self._calls.clear()
