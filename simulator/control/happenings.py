"""What happens around messages: opening a chat, menus, members, recalls, raw events."""

from __future__ import annotations

from simulator.control.desk import Desk, text_of, where
from simulator.vendor import Happening, Json, Refused


async def enter(desk: Desk, body: Json) -> Json:
    """POST /sim/enter: the person opens the chat with the bot."""
    person = desk.person(body.get("user"))
    chat = where(desk, {**body, "chat": None}, person)
    return await desk.vendor_of(chat).happen(Happening("enter", person=person, chat=chat))


async def menu(desk: Desk, body: Json) -> Json:
    """POST /sim/menu: the person taps an entry of the bot's menu."""
    person, key = desk.person(body.get("user")), text_of(body, "key")
    chat = where(desk, {**body, "chat": None}, person)
    return await desk.vendor_of(chat).happen(Happening("menu", person=person, chat=chat, key=key))


async def members(desk: Desk, body: Json) -> Json:
    """POST /sim/members: the bot or people join or leave a chat."""
    chat = desk.chat(body.get("chat"))
    added = "add" in body
    wanted = body.get("add") if added else body.get("remove")
    names = wanted if isinstance(wanted, list) else [wanted]
    if not wanted:
        raise Refused("要说明谁进谁出：add 或 remove")
    operator = desk.person(body["user"]) if body.get("user") else desk.person(chat.members[0])
    bot = any(desk.parts.company.is_bot(str(name)) for name in names)
    people = () if bot else tuple(desk.person(name) for name in names)
    happening = Happening("members", person=operator, chat=chat, people=people, bot=bot, added=added)
    return await desk.vendor_of(chat).happen(happening)


async def recall(desk: Desk, body: Json) -> Json:
    """POST /sim/recall: a person takes an own message back."""
    person, item = desk.person(body.get("user")), desk.message(body.get("message_id"))
    if item.sender_id != person.id:
        raise Refused("只能撤回自己的消息", 403)
    if item.recalled:
        raise Refused("已经撤回了", 409)
    vendor = desk.vendor_of(desk.parts.world.chats[item.chat_id])
    return await vendor.happen(Happening("recall", person=person, message=item))


async def deliver(desk: Desk, body: Json) -> Json:
    """POST /sim/deliver: any event as it is, signed and encrypted; with "twice" two times."""
    event = body.get("event")
    if not isinstance(event, dict):
        raise Refused("event 要是一个 JSON 对象")
    times, chat_id = 2 if body.get("twice") else 1, str(body.get("chat", "raw"))
    happening = Happening("deliver", event=event, chat_id=chat_id, key=str(body.get("name", "")), times=times)
    return await desk.vendor(body.get("platform")).happen(happening)
