"""Card callbacks: two seconds, no repeat, the answer brought onto the card."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from simulator.company import Person
from simulator.dingtalk import payloads
from simulator.dingtalk.cards.checks import param_map
from simulator.dingtalk.cards.store import Card
from simulator.dingtalk.errors import ApiError
from simulator.dingtalk.frames import CARD, Frame
from simulator.dingtalk.line import Line
from simulator.dingtalk.outcome import BAD_ANSWER, NO_ANSWER, NO_CONNECTION, NO_RECEIVER, TEXTS, Outcome
from simulator.dingtalk.platform import Dingtalk, Route
from simulator.dingtalk.showing import show
from simulator.dingtalk.stream import Gateway
from simulator.messages import Message

CALLBACK_SECONDS = 2.0
FAILED = "操作失败，请稍后重试"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Clicks:
    """Sends presses of people to the bot."""

    dingtalk: Dingtalk
    gateway: Gateway
    line: Line

    async def send(self, card: Card, item: Message, person: Person, ids: list[str], params: Json) -> Json:
        """Call the bot back and apply its answer; late and bad answers show the client's error toast.

        Meanwhile the update call for this card is refused, as the vendor forbids it inside a callback.
        """
        click = payloads.card_click(self.dingtalk, card, item, person, ids, params)
        self.dingtalk.quota.message()
        card.pending_clicks += 1
        try:
            outcome = await self._call(card, click)
        finally:
            card.pending_clicks -= 1
        if outcome.code == 0:
            outcome = self._apply(card, person, outcome)
        toast = self._failed(item, person, outcome) if outcome.code else None
        return {**outcome.view(), "toast": toast}

    async def _call(self, card: Card, click: Json) -> Outcome:
        fault = self.dingtalk.faults.take("POST", "callback")
        if fault is None:
            return await self.push(card.callback_type, self.dingtalk.card_routes.get(card.route_key), click)
        if fault.kind == "drop":
            return Outcome(0, 0.0, NO_CONNECTION)
        if fault.kind == "delay":
            await asyncio.sleep(fault.ms / 1000)
        skew = fault.ms if fault.kind == "skew" else 0
        outcome = await self.push(card.callback_type, self.dingtalk.card_routes.get(card.route_key), click, skew)
        return Outcome(0, outcome.ms, NO_ANSWER) if fault.kind == "drop_after" else outcome

    async def push(self, callback_type: str, route: Route | None, click: Json, skew_ms: int = 0) -> Outcome:
        """Hand one click to the bot; the outcome's body is the answer object."""
        if callback_type == "HTTP" and route is not None:
            return await self.line.card(route, click, CALLBACK_SECONDS, skew_ms)
        if callback_type != "STREAM":
            return Outcome(0, 0.0, NO_RECEIVER)
        frame = Frame("CALLBACK", CARD, self.dingtalk.parts.ids.new("", length=16), click, {})
        outcome = await self.gateway.push(frame, CALLBACK_SECONDS)
        if outcome.code:
            return outcome
        if not isinstance(outcome.body, dict) or "response" not in outcome.body:
            return Outcome(outcome.status, outcome.ms, BAD_ANSWER)
        return Outcome(outcome.status, outcome.ms, 0, outcome.body["response"])

    def _apply(self, card: Card, person: Person, outcome: Outcome) -> Outcome:
        answer = outcome.body
        if not isinstance(answer, dict):
            return outcome  # the vendor's own client answers with whatever its handler returned
        try:
            public = param_map(answer.get("cardData"), "cardData", strict=self.dingtalk.strict)
            private = param_map(answer.get("userPrivateData"), "userPrivateData", strict=self.dingtalk.strict)
        except ApiError as error:
            return Outcome(outcome.status, outcome.ms, BAD_ANSWER, error.message)
        options = answer.get("cardUpdateOptions")
        options = options if isinstance(options, dict) else {}
        if public:
            card.set_public(public, by_key=options.get("updateCardDataByKey") is True)
        if private:
            card.set_private(person.userid, private, by_key=options.get("updatePrivateDataByKey") is True)
        if public or private:
            show(self.dingtalk, card)
        return outcome

    def _failed(self, item: Message, person: Person, outcome: Outcome) -> Json:
        text = outcome.body if isinstance(outcome.body, str) and outcome.body else TEXTS[outcome.code]
        self.dingtalk.parts.world.show_error(item.chat_id, item, outcome.code, text)
        self.dingtalk.parts.feed.publish(
            "toast",
            person=person.id,
            chat=item.chat_id,
            message_id=item.message_id,
            kind="error",
            content=FAILED,
        )
        return {"kind": "error", "content": FAILED}
