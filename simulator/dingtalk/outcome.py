"""What came of handing something to the bot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

NO_RECEIVER, NO_CONNECTION, NO_ANSWER, BAD_ANSWER = 404, 503, 408, 422
TEXTS = {
    NO_RECEIVER: "没有 Stream 连接订阅它，也没有回调地址",
    NO_CONNECTION: "连接断了",
    NO_ANSWER: "没有在时限内应答",
    BAD_ANSWER: "应答的格式不对",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """`code` is 0 when the bot took it in time; the vendor has no numbers for failures, these are ours."""

    status: int
    ms: float
    code: int
    body: Any = None

    def view(self) -> dict[str, Any]:
        """The outcome as JSON of the control API."""
        return {"status": self.status, "ms": round(self.ms, 1), "code": self.code}
