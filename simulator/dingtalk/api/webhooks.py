"""Messages by URL alone: sessionWebhooks, custom group robots; and work notifications."""

from __future__ import annotations

import hmac
import json

from simulator.dingtalk.content import Said, read_webhook
from simulator.dingtalk.crypto import robot_sign
from simulator.dingtalk.errors import ApiError
from simulator.dingtalk.http import Json, Request
from simulator.dingtalk.platform import HOOK_SECRET, Dingtalk
from simulator.dingtalk.posting import bot_said

SIGN_WINDOW_MS = 3_600_000
MAX_WORK_BYTES = 2048
MAX_WORK_A_DAY = 500
HOOK_NAME = "自定义机器人"


async def session(request: Request) -> Json:
    """POST /robot/sendBySession: the answer to one message, without a token, for some 90 minutes."""
    dingtalk = request.dingtalk
    chat = dingtalk.parts.world.chats[dingtalk.sessions.webhook_chat(request.query("session"))]
    said = read_webhook(_object(request))
    if not chat.bot_in:
        raise ApiError(400106)
    if not dingtalk.quota.message():
        raise ApiError(90020)
    if said is not None:
        bot_said(dingtalk, chat, said)
    return {}


async def custom_robot(request: Request) -> Json:
    """POST /robot/send: a custom robot's message; the same msgUuid makes at most one."""
    dingtalk, token = request.dingtalk, request.query("access_token")
    chat = dingtalk.hook_chat(token)
    if chat is None:
        raise ApiError(400101)
    _check_sign(request)
    body = _object(request)
    uuid = body.get("msgUuid")
    if uuid and dingtalk.hook_uuids.get(str(uuid)) == token:
        return {}
    said = read_webhook(body)
    if not dingtalk.limits.robot(token):
        raise ApiError(410100)
    if not dingtalk.quota.message():
        raise ApiError(90020)
    if said is not None:
        bot_said(dingtalk, chat, said, HOOK_NAME)
    if uuid:
        dingtalk.hook_uuids[str(uuid)] = token
    return {}


def _check_sign(request: Request) -> None:
    timestamp, sign = request.query("timestamp"), request.query("sign")
    if not timestamp.isdigit() or not hmac.compare_digest(sign, robot_sign(timestamp, HOOK_SECRET)):
        raise ApiError(310000, "sign not match")
    if abs(request.dingtalk.parts.clock.now_ms() - int(timestamp)) > SIGN_WINDOW_MS:
        raise ApiError(310000, "invalid timestamp")


def _object(request: Request) -> Json:
    if not request.http.content_type.startswith("application/json"):
        raise ApiError(43004)
    return request.body()


async def work_notice(request: Request) -> Json:
    """POST /topapi/message/corpconversation/asyncsend_v2: what is beyond the day's limits is silently dropped."""
    dingtalk, body = request.dingtalk, request.body()
    message, users = body.get("msg"), body.get("userid_list")
    if not body.get("agent_id") or not isinstance(message, dict) or not isinstance(users, str) or not users:
        raise ApiError(40035, "agent_id, userid_list, msg")
    if len(json.dumps(message, ensure_ascii=False).encode()) > MAX_WORK_BYTES:
        raise ApiError(40035, f"msg 超过 {MAX_WORK_BYTES} 字节")
    said = _work_message(message)
    if said.media_id and said.media_id not in dingtalk.parts.world.blobs:
        raise ApiError(40035, "media_id")
    for user in users.split(","):
        chat = dingtalk.direct(user)
        if chat is not None and _first_today(dingtalk, user, message):
            bot_said(dingtalk, chat, said, "工作通知")
    return {"task_id": int(dingtalk.parts.ids.new("", length=12), 16)}


def _work_message(message: Json) -> Said:
    """The message, its snake_case names turned into those of webhooks."""
    kind = str(message.get("msgtype"))
    part = message.get(kind)
    if not isinstance(part, dict):
        raise ApiError(40035, f"缺少参数 {kind}")
    if kind in ("image", "file"):
        return Said(kind, media_id=str(part.get("media_id")))
    if kind == "action_card":
        rows = part.get("btn_json_list") or [{"title": part.get("single_title"), "action_url": part.get("single_url")}]
        buttons = [{"title": row.get("title"), "actionURL": row.get("action_url")} for row in rows]
        card = {"title": part.get("title"), "text": part.get("markdown"), "btns": buttons}
        message = {"msgtype": "actionCard", "actionCard": card}
    said = read_webhook(message)
    if said is None:
        raise ApiError(400105)
    return said


def _first_today(dingtalk: Dingtalk, user: str, message: Json) -> bool:
    """False for a text this person had today already, and beyond 500 a day."""
    day = dingtalk.parts.clock.now().strftime("%Y-%m-%d")
    seen = dingtalk.work_notices.setdefault((day, user), set())
    text = json.dumps(message, sort_keys=True, ensure_ascii=False)
    if text in seen or len(seen) >= MAX_WORK_A_DAY:
        return False
    seen.add(text)
    return True
