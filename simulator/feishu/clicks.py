"""Card callbacks: three seconds, no retry, the card locked until the answer is in."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from simulator.company import Person
from simulator.feishu import events
from simulator.feishu.api.changes import replace_card
from simulator.feishu.cards.validate import is_v2, validate_card
from simulator.feishu.errors import CardRefused
from simulator.feishu.line import NO_ANSWER, NO_CONNECTION, Line, Outcome
from simulator.feishu.platform import Feishu
from simulator.messages import Message

CALLBACK_SECONDS = 3.0
BAD_ANSWER, BAD_CARD, OLD_CARD, NO_NAME = 200672, 200673, 200830, 200530
TOASTS = ("info", "success", "error", "warning")
TEXTS = {
    200340: "没有可用的回调地址，或组件没有回调值",
    200341: "3 秒内没等到回答",
    200342: "连不上回调地址",
    200343: "找不到回调地址的主机",
    200530: "表单里有组件没有 name",
    200671: "回答的 HTTP 状态不是 200",
    200672: "回答的格式不对",
    200673: "回答里的卡片不对",
    200830: "2.0 的卡片不能换成 1.0",
}


@dataclass(frozen=True, slots=True)
class Clicked:
    """What one click led to."""

    outcome: Outcome
    code: int
    toast: dict[str, Any] | None

    def view(self) -> dict[str, Any]:
        """The result as JSON of the control API."""
        return {**self.outcome.view(), "code": self.code, "toast": self.toast}


class BadAnswer(Exception):
    """The bot's answer cannot be used; `code` is what the client shows."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(str(code))


async def send_click(feishu: Feishu, line: Line, item: Message, person: Person, action: dict[str, Any]) -> Clicked:
    """Call the bot back and apply its answer; the card cannot be updated while this is under way."""
    token = feishu.ids.new("c-", length=40)
    feishu.tickets.give(token, item.message_id)
    event = events.card_action(feishu, item, person, action, token)
    item.pending_clicks += 1
    try:
        outcome = await _post(feishu, line, event)
    finally:
        item.pending_clicks -= 1
        feishu.tickets.answered(token)
    if outcome.code:
        show_code(feishu, item, outcome.code)
        return Clicked(outcome, outcome.code, None)
    try:
        toast, card = _read(feishu, item, outcome.body)
    except BadAnswer as bad:
        show_code(feishu, item, bad.code)
        return Clicked(outcome, bad.code, None)
    if card is not None and not item.recalled:
        replace_card(feishu, item, card)
    if toast is not None:
        feishu.feed.publish(
            "toast",
            person=person.id,
            chat=item.chat_id,
            message_id=item.message_id,
            kind=toast["kind"],
            content=toast["content"],
        )
    return Clicked(outcome, 0, toast)


def show_code(feishu: Feishu, item: Message, code: int) -> None:
    """The client's red line with the vendor's code."""
    feishu.world.show_error(item.chat_id, item, code, TEXTS.get(code, "点击没有成功"))


async def _post(feishu: Feishu, line: Line, event: dict[str, Any]) -> Outcome:
    fault = feishu.faults.take("POST", "callback")
    if fault is None:
        return await line.post(event, seconds=CALLBACK_SECONDS)
    if fault.kind == "drop":
        return Outcome(0, 0.0, NO_CONNECTION)
    if fault.kind == "delay":
        await asyncio.sleep(fault.ms / 1000)
    skew = fault.ms if fault.kind == "skew" else 0
    outcome = await line.post(event, seconds=CALLBACK_SECONDS, skew_ms=skew)
    return Outcome(0, outcome.ms, NO_ANSWER) if fault.kind == "drop_after" else outcome


def _read(feishu: Feishu, item: Message, body: bytes) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    try:
        answer = json.loads(body)
    except ValueError as error:
        raise BadAnswer(BAD_ANSWER) from error
    if not isinstance(answer, dict):
        raise BadAnswer(BAD_ANSWER)
    return _toast(answer.get("toast")), _card(feishu, item, answer.get("card"))


def _toast(toast: Any) -> dict[str, Any] | None:
    if toast is None:
        return None
    if not isinstance(toast, dict) or toast.get("type", "info") not in TOASTS:
        raise BadAnswer(BAD_ANSWER)
    i18n = toast.get("i18n") or {}
    content = i18n.get("zh_cn") if isinstance(i18n, dict) else None
    content = content or toast.get("content")
    if not isinstance(content, str):
        raise BadAnswer(BAD_ANSWER)
    return {"kind": toast.get("type", "info"), "content": content}


def _card(feishu: Feishu, item: Message, card: Any) -> dict[str, Any] | None:
    if card is None:
        return None
    if not isinstance(card, dict) or card.get("type") not in ("raw", "template"):
        raise BadAnswer(BAD_ANSWER)
    data = card.get("data")
    if card["type"] == "template":
        raise BadAnswer(BAD_CARD)
    if is_v2(item.card) and isinstance(data, dict) and not is_v2(data):
        raise BadAnswer(OLD_CARD)
    try:
        validate_card(data, feishu.known)
    except CardRefused as refused:
        raise BadAnswer(BAD_CARD) from refused
    assert isinstance(data, dict)
    return data
