"""Groups the app makes itself: nobody's answer in them ever comes back."""

from __future__ import annotations

import re
from typing import Any

from simulator.chats import Chat
from simulator.company import Person
from simulator.wecom.content import GROUP_TYPES, read_content
from simulator.wecom.errors import ApiError
from simulator.wecom.http import Json, Request, ok
from simulator.wecom.limits import CHAT_CREATE, CHAT_UPDATE, PER_GROUP, PER_GROUP_MEMBER
from simulator.wecom.platform import NAME

FACE = "appchat"
MIN_MEMBERS, MAX_MEMBERS, MAX_NAME = 2, 2000, 50
_CHAT_ID = re.compile(r"[0-9A-Za-z]{1,32}")


async def create(request: Request) -> Json:
    """POST appchat/create: a group of two to two thousand members."""
    body, wecom = request.body(), request.wecom
    people = _people(request, body, "userlist")
    if not MIN_MEMBERS <= len(people) <= MAX_MEMBERS:
        raise ApiError(86006)
    chatid = request.text(body, "chatid") or wecom.ids.new("wr", length=30)
    if not _CHAT_ID.fullmatch(chatid):
        raise ApiError(86001)
    if chatid in wecom.world.chats:
        raise ApiError(86215)
    owner = _owner(request, body, people) or people[0]
    wecom.limits.spend("appchat/create", CHAT_CREATE)
    members = [person.id for person in people]
    name = _name(request, body) or "群聊"
    wecom.world.chats[chatid] = Chat(chatid, "group", name, members, owner=owner.id, platform=NAME, face=FACE)
    wecom.feed.publish("chats")
    return ok(chatid=chatid)


async def update(request: Request) -> Json:
    """POST appchat/update: another name, owner or members."""
    body, wecom = request.body(), request.wecom
    chat = _chat(request, request.text(body, "chatid"))
    added, removed = _people(request, body, "add_user_list"), _people(request, body, "del_user_list")
    gone = {person.id for person in removed}
    left = [member for member in chat.members if member not in gone]
    members = left + [person.id for person in added if person.id not in left]
    if not MIN_MEMBERS <= len(members) <= MAX_MEMBERS:
        raise ApiError(86006)
    owner = _owner(request, body, [p for p in wecom.company.people if p.id in members])
    if owner is None and chat.owner in gone:
        raise ApiError(86005, "the old owner leaves")
    wecom.limits.spend("appchat/update", CHAT_UPDATE)
    chat.members[:] = members
    chat.owner = owner.id if owner else chat.owner
    chat.name = _name(request, body) or chat.name
    wecom.feed.publish("chats")
    return ok()


async def get(request: Request) -> Json:
    """GET appchat/get: who is in it."""
    chat, wecom = _chat(request, request.query("chatid")), request.wecom
    userids = {p.id: p.userid for p in wecom.company.people}
    info = {
        "chatid": chat.id,
        "name": chat.name,
        "owner": userids.get(chat.owner or "", ""),
        "userlist": [userids[member] for member in chat.members],
        "chat_type": 0,
    }
    return ok(chat_info=info)


async def send(request: Request) -> Json:
    """POST appchat/send: anything but a template card; no message id comes back."""
    body, wecom = request.body(), request.wecom
    chat, msgtype = _chat(request, request.text(body, "chatid")), request.text(body, "msgtype")
    if msgtype not in GROUP_TYPES:
        raise ApiError(40008)
    content = read_content(request, msgtype, body)
    wecom.limits.spend("appchat/send", PER_GROUP, len(chat.members))
    reached = [m for m in chat.members if wecom.limits.allows(f"appchat:{m}", PER_GROUP_MEMBER)]
    if reached:
        wecom.post(chat, content.kind, text=content.text, card=content.card, blob=content.blob)
    if len(reached) < len(chat.members):
        request.warn(f"{len(chat.members) - len(reached)} members had too many group messages: not delivered to them")
    return ok()


def _chat(request: Request, chatid: str) -> Chat:
    chat = request.wecom.world.chats.get(chatid)
    if chat is None or chat.platform != NAME or chat.kind != "group":
        raise ApiError(86003)
    if chat.face != FACE:
        raise ApiError(86008)
    return chat


def _people(request: Request, body: Json, name: str) -> list[Person]:
    value: Any = body.get(name) or []
    if not isinstance(value, list):
        raise ApiError(86216, f"{name} must be a list")
    found: dict[str, Person] = {}
    for userid in value:
        person = request.wecom.person(userid)
        if person is None:
            raise ApiError(60111, str(userid))
        found[person.id] = person
    return list(found.values())


def _owner(request: Request, body: Json, people: list[Person]) -> Person | None:
    wanted = request.text(body, "owner")
    if not wanted:
        return None
    owner = next((person for person in people if person.userid == wanted.lower()), None)
    if owner is None:
        raise ApiError(86005)
    return owner


def _name(request: Request, body: Json) -> str:
    name = request.text(body, "name")
    if len(name) > MAX_NAME:
        raise ApiError(86004)
    return name
