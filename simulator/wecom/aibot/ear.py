"""How the smart bot is told things: by callback, or over its socket."""

from __future__ import annotations

from typing import Any

from simulator.wecom.aibot.socket import Hub
from simulator.wecom.aibot.urls import Posting
from simulator.wecom.botstate import Turn
from simulator.wecom.line import Outcome

WEBHOOK, SOCKET, BOTH = "webhook", "socket", "both"


class Ear:
    """Chooses by the mode; with both, the socket while a bot is connected."""

    def __init__(self, mode: str, hub: Hub, posting: Posting) -> None:
        self._mode = mode
        self._hub = hub
        self._posting = posting

    @property
    def socket(self) -> bool:
        """True when what happens now goes over the socket."""
        return self._mode == SOCKET or (self._mode == BOTH and self._hub.connected)

    async def tell(self, turn: Turn, body: dict[str, Any]) -> Outcome:
        """Tell it, and say how that went."""
        return await (self._hub if self.socket else self._posting).tell(turn, body)
