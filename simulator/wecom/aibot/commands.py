"""What a connected bot may ask for: replies to what it was told, pushes, uploads."""

from __future__ import annotations

from typing import Any

from simulator.chats import Chat
from simulator.wecom.aibot import replies, uploads
from simulator.wecom.aibot.socket import Command
from simulator.wecom.botstate import Turn
from simulator.wecom.errors import ApiError
from simulator.wecom.platform import NAME, Wecom

Json = dict[str, Any]
ANSWER_SECONDS, REPLY_SECONDS = 5.0, 24 * 3600.0
TO_MESSAGE = ("stream", "template_card", "markdown", *replies.MEDIA_KINDS)
TO_ENTRY = ("text", "template_card")
PUSHED = ("markdown", "template_card", *replies.MEDIA_KINDS)
GUESS, SINGLE, GROUP = 0, 1, 2


def welcome(wecom: Wecom, req_id: str, body: Json) -> None:
    """aibot_respond_welcome_msg: to a person who opened the chat, within five seconds."""
    replies.reply(wecom, _turn(wecom, req_id, "enter", ANSWER_SECONDS), body, TO_ENTRY)


def respond(wecom: Wecom, req_id: str, body: Json) -> None:
    """aibot_respond_msg: to a message, within a day."""
    stream = body.get("stream")
    if isinstance(stream, dict) and stream.get("msg_item"):
        raise ApiError(40058, "stream.msg_item can not be used here")
    replies.reply(wecom, _turn(wecom, req_id, "message", REPLY_SECONDS), body, TO_MESSAGE)


def update(wecom: Wecom, req_id: str, body: Json) -> None:
    """aibot_respond_update_msg: the pressed card looks different, within five seconds."""
    replies.change_card(wecom, _turn(wecom, req_id, "click", ANSWER_SECONDS), body)


def push(wecom: Wecom, req_id: str, body: Json) -> None:
    """aibot_send_msg: into a chat where somebody has spoken with the bot before; no plain text."""
    if body.get("msgtype") not in PUSHED:
        raise ApiError(40008)
    chat = _chat(wecom, body)
    if not chat.bot_in or chat.id not in wecom.bot.spoken:
        raise ApiError(93008)
    replies.say(wecom, chat, body)


COMMANDS: dict[str, Command] = {
    "aibot_respond_welcome_msg": welcome,
    "aibot_respond_msg": respond,
    "aibot_respond_update_msg": update,
    "aibot_send_msg": push,
    "aibot_upload_media_init": uploads.begin,
    "aibot_upload_media_chunk": uploads.chunk,
    "aibot_upload_media_finish": uploads.finish,
}


def _turn(wecom: Wecom, req_id: str, kind: str, seconds: float) -> Turn:
    turn = wecom.bot.turns.get(req_id)
    if turn is None or turn.kind != kind or wecom.clock.machine() - turn.since > seconds:
        raise ApiError(846605)
    return turn


def _chat(wecom: Wecom, body: Json) -> Chat:
    key, kind = body.get("chatid"), body.get("chat_type", GUESS)
    if not isinstance(key, str) or kind not in (GUESS, SINGLE, GROUP):
        raise ApiError(40058, "chatid or chat_type is invalid")
    chat = wecom.world.chats.get(key)
    if kind != SINGLE and chat is not None and (chat.platform, chat.kind, chat.face) == (NAME, "group", "bot"):
        return chat
    person = wecom.directory.person(key) or wecom.directory.by_open_userid(key)
    if kind == GROUP or person is None:
        raise ApiError(93006)
    return wecom.bot_chat(person)
