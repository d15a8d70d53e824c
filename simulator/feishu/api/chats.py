"""Group chats and their members."""

from __future__ import annotations

from simulator.chats import Chat
from simulator.company import Person
from simulator.feishu.api.messages import number
from simulator.feishu.errors import ApiError
from simulator.feishu.http import Json, Request, ok
from simulator.feishu.platform import Feishu

MAX_PAGE = 100
MAX_NEW_MEMBERS = 50


async def list_chats(request: Request) -> Json:
    """GET im/v1/chats: the groups the bot is in, never p2p chats."""
    feishu = request.feishu
    groups = [c for c in feishu.world.of("feishu") if c.kind == "group" and c.bot_in]
    items, more, token = _page(request, [_short(feishu, chat) for chat in groups])
    return ok({"items": items, "has_more": more, "page_token": token})


async def get_chat(request: Request) -> Json:
    """GET im/v1/chats/:id: data of a chat the bot is in; counts are texts."""
    feishu = request.feishu
    chat = feishu.chat(request.path("id"), otherwise=232011)
    counts = {"user_count": str(len(chat.members)), "bot_count": "1" if chat.bot_in else "0"}
    mode = "p2p" if chat.kind == "p2p" else "group"
    return ok({**_short(feishu, chat), **counts, "chat_mode": mode, "chat_type": "private"})


async def create_chat(request: Request) -> Json:
    """POST im/v1/chats: a new group with the bot in it."""
    feishu, body = request.feishu, request.body()
    id_type = request.query("user_id_type", "open_id")
    wanted = list(body.get("user_id_list", []))
    if len(wanted) > MAX_NEW_MEMBERS or len(body.get("bot_id_list", [])) > 5:
        raise ApiError(232001, "too many members")
    members = [_member(feishu, id_type, value).id for value in wanted]
    owner = _member(feishu, id_type, body["owner_id"]).id if body.get("owner_id") else None
    if owner is not None and owner not in members:
        members.append(owner)
    chat = Chat(feishu.ids.new("oc_"), "group", str(body.get("name") or "群聊"), members, owner=owner)
    chat.description = str(body.get("description", ""))
    feishu.world.chats[chat.id] = chat
    return ok(_short(feishu, chat))


async def list_members(request: Request) -> Json:
    """GET im/v1/chats/:id/members: people only, bots are left out."""
    feishu, id_type = request.feishu, request.query("member_id_type", "open_id")
    chat = feishu.chat(request.path("id"), otherwise=232011)
    people = [p for p in map(feishu.world.person, chat.members) if p is not None]
    rows = [
        {
            "member_id_type": id_type,
            "member_id": person.id_of(id_type),
            "name": person.name,
            "tenant_key": feishu.company.app.tenant_key,
        }
        for person in people
    ]
    items, more, token = _page(request, rows)
    total = {"member_total": len(people)}
    return ok({"items": items, "has_more": more, "page_token": token, **total})


async def add_members(request: Request) -> Json:
    """POST im/v1/chats/:id/members: people join the group."""
    chat, known, invalid = _change(request)
    chat.members.extend(p for p in known if p not in chat.members)
    return ok({"invalid_id_list": invalid, "not_existed_id_list": [], "pending_approval_id_list": []})


async def remove_members(request: Request) -> Json:
    """DELETE im/v1/chats/:id/members: people leave the group."""
    chat, known, invalid = _change(request)
    chat.members[:] = [p for p in chat.members if p not in known]
    return ok({"invalid_id_list": invalid})


async def is_in_chat(request: Request) -> Json:
    """GET im/v1/chats/:id/members/is_in_chat: whether the bot is a member."""
    chat = request.feishu.world.chats.get(request.path("id"))
    if chat is None:
        raise ApiError(232001, "invalid chat_id")
    return ok({"is_in_chat": chat.bot_in})


def _change(request: Request) -> tuple[Chat, list[str], list[str]]:
    feishu, id_type = request.feishu, request.query("member_id_type", "open_id")
    chat = feishu.chat(request.path("id"), otherwise=232011)
    wanted = request.body().get("id_list")
    if not isinstance(wanted, list) or chat.kind != "group":
        raise ApiError(232001, "id_list is required, and the chat must be a group")
    known, invalid = [], []
    for value in wanted:
        person = feishu.person(id_type, str(value))
        if person is None:
            invalid.append(str(value))
        else:
            known.append(person.id)
    return chat, known, invalid


def _member(feishu: Feishu, id_type: str, value: object) -> Person:
    person = feishu.person(id_type, str(value))
    if person is None:
        raise ApiError(232001, f"invalid user id {value}")
    return person


def _short(feishu: Feishu, chat: Chat) -> Json:
    owner = feishu.world.person(chat.owner) if chat.owner else None
    return {
        "chat_id": chat.id,
        "avatar": "",
        "name": chat.name,
        "description": chat.description,
        "owner_id": owner.open_id if owner else "",
        "owner_id_type": "open_id",
        "external": False,
        "tenant_key": feishu.company.app.tenant_key,
        "chat_status": "normal",
    }


def _page(request: Request, rows: list[Json]) -> tuple[list[Json], bool, str]:
    size = min(max(number(request, "page_size", 20), 1), MAX_PAGE)
    first = number(request, "page_token", 0)
    more = first + size < len(rows)
    return rows[first : first + size], more, str(first + size) if more else ""
