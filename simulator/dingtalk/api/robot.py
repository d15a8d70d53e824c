"""Sends of the app's robot: 1:1, group, recall, read status, files people sent, DING."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from simulator.chats import Chat
from simulator.dingtalk.content import Said, read_template
from simulator.dingtalk.errors import ApiError, invalid
from simulator.dingtalk.http import Json, Request
from simulator.dingtalk.platform import PREFIX, Dingtalk
from simulator.dingtalk.posting import bot_said, find_blob
from simulator.messages import Blob

MAX_USERS = 20
MAX_KEYS = 20
DING_LIMITS = {1: 200, 2: 20, 3: 20}


async def send_direct(request: Request) -> Json:
    """POST robot/oToMessages/batchSend: who cannot be reached is listed, the rest get the message."""
    dingtalk, body = request.dingtalk, request.body()
    dingtalk.check_robot(body.get("robotCode"))
    users = _texts(body, "userIds")
    if len(users) > MAX_USERS:
        raise ApiError("invalidParameter.userIds.overMax")
    said = _checked(dingtalk, body)
    if request.fault == "flow_control":
        return {"processQueryKey": "", "invalidStaffIdList": [], "flowControlledStaffIdList": users}
    chats = {user: dingtalk.direct(user) for user in users}
    sent = {user: bot_said(dingtalk, chat, said).message_id for user, chat in chats.items() if chat}
    return {
        "processQueryKey": dingtalk.sessions.sent(sent),
        "invalidStaffIdList": [user for user, chat in chats.items() if chat is None],
        "flowControlledStaffIdList": [],
    }


async def send_group(request: Request) -> Json:
    """POST robot/groupMessages/send: no @ possible."""
    dingtalk, body = request.dingtalk, request.body()
    dingtalk.check_robot(body.get("robotCode"))
    chat = dingtalk.group(body.get("openConversationId"))
    message = bot_said(dingtalk, chat, _checked(dingtalk, body))
    return {"processQueryKey": dingtalk.sessions.sent({"": message.message_id}, chat.id)}


async def recall_direct(request: Request) -> Json:
    """POST robot/otoMessages/batchRecall."""
    return _recall(request, None)


async def recall_group(request: Request) -> Json:
    """POST robot/groupMessages/recall."""
    return _recall(request, request.dingtalk.group(request.body().get("openConversationId")))


def _recall(request: Request, chat: Chat | None) -> Json:
    dingtalk, body = request.dingtalk, request.body()
    dingtalk.check_robot(body.get("robotCode"))
    keys = _texts(body, "processQueryKeys")
    if len(keys) > MAX_KEYS:
        raise invalid("processQueryKeys")
    done: list[str] = []
    failed: dict[str, str] = {}
    for key in keys:
        send = dingtalk.sessions.send(key)
        if send is None or send.chat_id != (chat.id if chat else ""):
            failed[key] = "消息不存在或超过 24 小时"
            continue
        messages = dingtalk.parts.world.messages
        for message_id in send.messages.values():
            dingtalk.parts.world.recall(messages[message_id])
        done.append(key)
    return {"successResult": done, "failedResult": failed}


async def read_status(request: Request) -> Json:
    """GET robot/oToMessages/readStatus: who has done something in the chat since is taken to have read it."""
    dingtalk = request.dingtalk
    dingtalk.check_robot(request.query("robotCode"))
    send = dingtalk.sessions.send(request.query("processQueryKey"))
    if send is None or send.chat_id:
        raise invalid("processQueryKey")
    world, rows = dingtalk.parts.world, []
    for user, message_id in send.messages.items():
        person, item = dingtalk.directory.person(user), world.messages[message_id]
        later = (m for m in world.chats[item.chat_id].messages if m.seq > item.seq and m.sender_kind == "user")
        status = "READ" if any(later) else "UNREAD"
        rows.append({"name": person.name if person else "", "userId": user, "readStatus": status})
    return {"sendStatus": "SUCCESS", "messageReadInfoList": rows}


async def download_url(request: Request) -> Json:
    """POST robot/messageFiles/download: a URL that needs no token."""
    dingtalk, body = request.dingtalk, request.body()
    if body.get("robotCode") != dingtalk.app.robot_code:
        raise ApiError("invalidParameter.robotCode.auth")
    code = str(body.get("downloadCode"))
    dingtalk.sessions.download(code)
    return {"downloadUrl": f"{dingtalk.origin}{PREFIX}/files/{quote(code)}?Expires=7200"}


async def file(request: Request) -> web.Response:
    """GET /files/:code: the bytes; the name tells nothing, as with the vendor."""
    dingtalk = request.dingtalk
    blob = dingtalk.parts.world.blobs.get(dingtalk.sessions.download(request.http.match_info["code"]))
    if blob is None:
        raise ApiError("invalidParameter.robotCode.downloadCode")
    return _bytes(blob)


async def ding(request: Request) -> Json:
    """POST robot/ding/send: presses a text on people."""
    dingtalk, body = request.dingtalk, request.body()
    dingtalk.check_robot(body.get("robotCode"))
    users, kind = _texts(body, "receiverUserIdList"), body.get("remindType")
    if kind not in DING_LIMITS or len(users) > DING_LIMITS[kind]:
        raise invalid("remindType" if kind not in DING_LIMITS else "receiverUserIdList")
    content = body.get("content")
    if not isinstance(content, str) or not content:
        raise invalid("content")
    failed: dict[str, str] = {}
    for user in users:
        chat, person = dingtalk.direct(user), dingtalk.directory.person(user)
        if chat is None or person is None:
            failed[user] = "staffId.notExisted"
            continue
        bot_said(dingtalk, chat, Said("text", content)).urgent.append(person.id)
    return {"openDingId": dingtalk.parts.ids.new("ding"), "failedList": failed}


def _checked(dingtalk: Dingtalk, body: Json) -> Said:
    said = read_template(body.get("msgKey"), body.get("msgParam"))
    if said.media_id:
        find_blob(dingtalk, said)
    return said


def _texts(body: Json, name: str) -> list[str]:
    found = body.get(name)
    if not isinstance(found, list) or not found or not all(isinstance(one, str) for one in found):
        raise invalid(name)
    return found


def _bytes(blob: Blob) -> web.Response:
    name = f'attachment; filename="{blob.key.replace("@", "")}.file"'
    headers = {"Content-Disposition": name, "Content-Type": "application/octet-stream"}
    return web.Response(body=blob.data, headers=headers)
