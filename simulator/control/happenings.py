"""What happens around messages: opening a chat, menus, members, recalls, raw events."""

from __future__ import annotations

from simulator.company import Person
from simulator.control.desk import Desk, Json, Refused, text_of
from simulator.feishu import events

MAX_KEY = 30


async def enter(desk: Desk, body: Json) -> Json:
    """POST /sim/enter: the person opens the chat with the bot."""
    person = desk.person(body.get("user"))
    chat = desk.feishu.world.p2p(person)
    outcome = await desk.sender.start(events.entered(desk.feishu, chat, person), chat.id)
    return {"delivered": outcome.view()}


async def menu(desk: Desk, body: Json) -> Json:
    """POST /sim/menu: the person taps an entry of the bot's menu."""
    person, key = desk.person(body.get("user")), text_of(body, "key")
    if len(key) > MAX_KEY:
        raise Refused("key 最多 30 个字符")
    chat = desk.feishu.world.p2p(person)
    outcome = await desk.sender.start(events.menu(desk.feishu, person, key), chat.id)
    return {"delivered": outcome.view()}


async def members(desk: Desk, body: Json) -> Json:
    """POST /sim/members: the bot or people join or leave a chat.

    In a p2p chat, removing the bot takes the person out of the app's availability.
    """
    feishu, chat = desk.feishu, desk.chat(body.get("chat"))
    added = "add" in body
    wanted = body.get("add") if added else body.get("remove")
    names = wanted if isinstance(wanted, list) else [wanted]
    if not wanted:
        raise Refused("要说明谁进谁出：add 或 remove")
    operator = desk.person(body["user"]) if body.get("user") else desk.person(chat.members[0])
    if any(feishu.company.is_bot(str(name)) for name in names):
        chat.bot_in = added
        event = events.bot_membership(feishu, chat, operator, added=added)
        if chat.kind == "p2p":
            return {"chat": chat.view(), "delivered": None}
    else:
        if chat.kind == "p2p":
            raise Refused("单聊不能加减人")
        people = [desk.person(name) for name in names]
        _change(chat.members, people, added=added)
        event = events.user_membership(feishu, chat, operator, people, added=added)
    outcome = await desk.sender.start(event, chat.id)
    return {"chat": chat.view(), "delivered": outcome.view()}


async def recall(desk: Desk, body: Json) -> Json:
    """POST /sim/recall: a person takes an own message back."""
    person, item = desk.person(body.get("user")), desk.message(body.get("message_id"))
    if item.sender_id != person.id:
        raise Refused("只能撤回自己的消息", 403)
    if item.recalled:
        raise Refused("已经撤回了", 409)
    desk.feishu.world.recall(item)
    if not desk.feishu.world.chats[item.chat_id].bot_in:
        return {"delivered": None}
    outcome = await desk.sender.start(events.recalled(desk.feishu, item), item.chat_id)
    return {"delivered": outcome.view()}


async def deliver(desk: Desk, body: Json) -> Json:
    """POST /sim/deliver: any event as it is, signed and encrypted; with "twice" two times."""
    event = body.get("event")
    if not isinstance(event, dict):
        raise Refused("event 要是一个 JSON 对象")
    times = 2 if body.get("twice") else 1
    outcomes = [await desk.sender.start(event, str(body.get("chat", "raw"))) for _ in range(times)]
    return {"delivered": [outcome.view() for outcome in outcomes]}


def _change(ids: list[str], people: list[Person], *, added: bool) -> None:
    for person in people:
        if added and person.id not in ids:
            ids.append(person.id)
        elif not added and person.id in ids:
            ids.remove(person.id)
