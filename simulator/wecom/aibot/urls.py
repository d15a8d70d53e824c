"""The smart bot in URL mode: encrypted JSON posts, answers inside them, and one later answer per message."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from simulator.wecom.aibot import bodies, replies
from simulator.wecom.botstate import Turn
from simulator.wecom.errors import ApiError
from simulator.wecom.http import Request, ok
from simulator.wecom.line import Line, Outcome
from simulator.wecom.platform import Wecom
from simulator.wecom.sender import Sender

Json = dict[str, Any]
TO_MESSAGE = ("stream", "template_card", "stream_with_template_card")
TO_ENTRY = ("text", "template_card")
LATER = ("markdown", "template_card")
POLL_SECONDS, POLLS_END = 1.0, 360.0


class Posting:
    """Tells the bot by callback."""

    def __init__(self, wecom: Wecom, sender: Sender, line: Line) -> None:
        self._wecom = wecom
        self._sender = sender
        self._line = line

    async def tell(self, turn: Turn, body: Json) -> Outcome:
        """Post it; messages are repeated when that fails, events are not."""
        if turn.kind != "enter":
            turn.answer_code = self._wecom.answer_codes.give(turn.chat.id)
        plain = bodies.told(self._wecom, turn, body)
        self._wecom.bot.open(plain["msgid"], turn)
        more: Json = {} if turn.kind == "message" else {"retries": 0}
        return await self._sender.start(
            self._line,
            json.dumps(plain, ensure_ascii=False),
            turn.chat.id,
            message_id=turn.item.message_id if turn.item else "",
            click=turn.kind == "click",
            answered=lambda answer: self._answered(turn, answer),
            **more,
        )

    def _answered(self, turn: Turn, raw: bytes) -> None:
        if not raw.strip():
            return
        try:
            body = json.loads(self._line.open_answer(raw))
            if not isinstance(body, dict):
                raise ValueError("the answer is not an object")
            self._apply(turn, body)
        except ApiError as error:
            self._refused(turn, error)
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            self._wecom.warn(f"an answer of the bot could not be used: {error}")

    def _apply(self, turn: Turn, body: Json) -> None:
        if turn.kind == "click":
            replies.change_card(self._wecom, turn, body)
            return
        replies.reply(self._wecom, turn, body, TO_ENTRY if turn.kind == "enter" else TO_MESSAGE)
        stream = body.get("stream")
        if isinstance(stream, dict) and stream.get("finish") is not True:
            self._sender.beside(self._poll(turn, str(stream["id"])))

    def _refused(self, turn: Turn, error: ApiError) -> None:
        self._wecom.warn(f"an answer of the bot was refused: {error}")
        self._wecom.world.show_error(turn.chat.id, turn.item, error.code, error.text)

    async def _poll(self, turn: Turn, stream_id: str) -> None:
        """Ask how the reply goes on until it is finished or six minutes are over."""
        clock = self._wecom.clock
        while stream_id not in turn.finished and clock.machine() - turn.since < POLLS_END:
            await asyncio.sleep(POLL_SECONDS)
            plain = bodies.told(self._wecom, turn, bodies.refresh(stream_id))
            outcome = await self._line.post(json.dumps(plain, ensure_ascii=False))
            if outcome.code or not outcome.body.strip():
                continue
            try:
                body = json.loads(self._line.open_answer(outcome.body))
                replies.reply(self._wecom, turn, body, TO_MESSAGE)
            except ApiError as error:
                self._refused(turn, error)
                return
            except (ValueError, TypeError, AttributeError, RecursionError) as error:
                self._wecom.warn(f"a stream refresh could not be used: {error}")
                return


async def answer_later(request: Request) -> Json:
    """POST aibot/response: one new message for what was told, within the hour."""
    wecom, text = request.wecom, request.query("response_code")
    code = wecom.answer_codes.find(text)
    turn = wecom.bot.answers.get(text)
    if turn is None:
        raise ApiError(40058, "invalid response_code")
    body = request.body()
    if body.get("msgtype") not in LATER:
        raise ApiError(40008)
    replies.say(wecom, turn.chat, body)
    code.used = True
    return ok()


async def media(request: Request) -> web.Response:
    """GET aibot/media/:key: the encrypted bytes, for five minutes."""
    data = request.wecom.bot.fetch(request.http.match_info["key"])
    if data is None:
        return web.Response(status=403, text="expired")
    return web.Response(body=data, content_type="application/octet-stream")
