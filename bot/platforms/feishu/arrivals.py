"""What both ways in share: an event is read, stored through `accept`, and answered when it is a click."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog

from bot.platforms.base import Accept, InlineAnswer, PlatformError
from bot.platforms.feishu.envelope import CLICK_MS, DONE, Proof, Reader, Unnamed
from bot.platforms.feishu.keys import FeishuKeys
from cards.blocks import Card
from storage.inbox import Inbound

LOOK_UP_MS = 1000
UNKNOWN_PERSON = "没认出是谁点的，请过一会儿再点"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Taken:
    """What goes back at once. `inline` is told when the platform's connection took it."""

    body: bytes
    inline: InlineAnswer | None = None


class Arrivals:
    """Takes the events of one app, however they came."""

    def __init__(
        self,
        keys: FeishuKeys,
        *,
        accept: Accept,
        answer: Callable[[str, Card | None], bytes],
        open_id_of: Callable[[str], Awaitable[str]],
    ) -> None:
        self._reader = Reader(keys)
        self._accept = accept
        self._answer = answer
        self._open_id_of = open_id_of

    async def take(self, event: dict[str, Any], raw: bytes, proof: Proof, received_at: int) -> Taken:
        """Returns once the event is durably stored, or of no interest. Raises Refused where it is not for us."""
        try:
            arrived = self._reader.read(event, raw, proof, received_at)
        except Unnamed as click:
            if not await self._look_up(click.user_id):
                return Taken(self._answer(UNKNOWN_PERSON, None))
            arrived = self._reader.read(event, raw, proof, received_at)
            if isinstance(arrived, Inbound):
                arrived = arrived._replace(answer_within_ms=CLICK_MS - LOOK_UP_MS)
        if isinstance(arrived, bytes):
            return Taken(arrived)
        accepted = await self._accept(arrived)
        if not arrived.answer_within_ms:
            return Taken(DONE)
        inline = accepted.answer
        return Taken(self._answer(inline.toast, inline.card) if inline else self._answer("", None), inline)

    async def _look_up(self, user_id: str) -> bool:
        """True when the reader now knows whose user_id this is; the click waits a second for it, not longer."""
        try:
            open_id = await asyncio.wait_for(self._open_id_of(user_id), LOOK_UP_MS / 1000)
        except (PlatformError, TimeoutError) as error:
            log.warning("feishu.clicker_unknown", error=type(error).__name__)
            return False
        if open_id:
            self._reader.remember(user_id, open_id)
        return bool(open_id)
