"""What a person's hand reaches: the platform, the app's line, and the smart bot's ear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from simulator.wecom.botstate import Turn
from simulator.wecom.line import Line, Outcome
from simulator.wecom.platform import Wecom
from simulator.wecom.sender import Sender

Json = dict[str, Any]
NOTHING: Json = {"status": 0, "ms": 0.0, "toast": None, "code": 0}


class Ear(Protocol):
    """How the smart bot is told things: by callback or over its socket."""

    socket: bool

    async def tell(self, turn: Turn, body: Json) -> Outcome:
        """Tell it, and say how that went."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Everything an act of a person needs."""

    wecom: Wecom
    sender: Sender
    app: Line
    bot: Line
    ear: Ear
