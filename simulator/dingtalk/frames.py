"""Frames of the Stream connection, and what an acknowledgement must look like."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

ROBOT = "/v1.0/im/bot/messages/get"
CARD = "/v1.0/card/instances/callback"
Json = dict[str, Any]


class BadAck(Exception):
    """The acknowledgement breaks the protocol; the text says how."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One push: `data` is an object that travels as a JSON text; `disconnect` has no messageId."""

    kind: str
    topic: str
    message_id: str
    data: Json
    extra: Json

    def text(self, *, app_id: str, connection_id: str, now_ms: int) -> str:
        """The frame as sent on one connection."""
        headers = {
            "appId": app_id,
            "connectionId": connection_id,
            "contentType": "application/json",
            "time": str(now_ms),
            "topic": self.topic,
            **({"messageId": self.message_id} if self.message_id else {}),
            **self.extra,
        }
        data = json.dumps(self.data, ensure_ascii=False)
        frame = {"specVersion": "1.0", "type": self.kind, "headers": headers, "data": data}
        return json.dumps(frame, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Ack:
    """An acknowledgement in the right shape; `data` is its parsed text."""

    message_id: str
    code: int
    data: Any


def read_ack(text: str) -> Ack:
    """The acknowledgement in a frame of the bot.

    Taken as the vendor's own client writes it: an empty `message`, no messageId after `disconnect`.
    """
    try:
        frame = json.loads(text)
        headers, code, data = frame["headers"], frame["code"], frame["data"]
        message_id = str(headers.get("messageId") or "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadAck("应答不是 code、headers、data 齐全的 JSON") from error
    if not isinstance(code, int) or isinstance(code, bool):
        raise BadAck("应答的 code 不是数字")
    if not isinstance(data, str):
        raise BadAck("应答的 data 不是 JSON 文本")
    try:
        return Ack(message_id, code, json.loads(data))
    except (ValueError, RecursionError) as error:
        raise BadAck("应答的 data 不是 JSON 文本") from error
