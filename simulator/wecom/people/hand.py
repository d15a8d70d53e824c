"""What a person's hand reaches: the platform, the app's line, and the smart bot's ear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator.wecom.aibot.ear import Ear
from simulator.wecom.line import Line
from simulator.wecom.platform import Wecom
from simulator.wecom.sender import Sender

Json = dict[str, Any]
NOTHING: Json = {"status": 0, "ms": 0.0, "toast": None, "code": 0}


@dataclass(frozen=True, slots=True)
class Hand:
    """Everything an act of a person needs."""

    wecom: Wecom
    sender: Sender
    app: Line
    bot: Line
    ear: Ear
