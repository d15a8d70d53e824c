"""What happens around messages: opening a chat, menus, members, recalls, raw events."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from simulator.company import Person
from simulator.feishu import events
from simulator.feishu.platform import Feishu
from simulator.feishu.sender import Sender
from simulator.vendor import Happening, Json, Refused

MAX_KEY = 30


async def happen(feishu: Feishu, sender: Sender, what: Happening) -> Json:
    """Let it happen and tell the bot."""
    return await _KINDS[what.kind](feishu, sender, what)


async def _enter(feishu: Feishu, sender: Sender, what: Happening) -> Json:
    assert what.person
    assert what.chat
    outcome = await sender.start(events.entered(feishu, what.chat, what.person), what.chat.id)
    return {"delivered": outcome.view()}


async def _menu(feishu: Feishu, sender: Sender, what: Happening) -> Json:
    assert what.person
    assert what.chat
    if len(what.key) > MAX_KEY:
        raise Refused("key 最多 30 个字符")
    outcome = await sender.start(events.menu(feishu, what.person, what.key), what.chat.id)
    return {"delivered": outcome.view()}


async def _members(feishu: Feishu, sender: Sender, what: Happening) -> Json:
    """In a p2p chat, removing the bot takes the person out of the app's availability."""
    chat, operator = what.chat, what.person
    assert chat
    assert operator
    if what.bot:
        chat.bot_in = what.added
        event = events.bot_membership(feishu, chat, operator, added=what.added)
        if chat.kind == "p2p":
            return {"chat": chat.view(), "delivered": None}
    else:
        if chat.kind == "p2p":
            raise Refused("单聊不能加减人")
        _change(chat.members, what.people, added=what.added)
        event = events.user_membership(feishu, chat, operator, list(what.people), added=what.added)
    outcome = await sender.start(event, chat.id)
    return {"chat": chat.view(), "delivered": outcome.view()}


async def _recall(feishu: Feishu, sender: Sender, what: Happening) -> Json:
    item = what.message
    assert item
    feishu.world.recall(item)
    if not feishu.world.chats[item.chat_id].bot_in:
        return {"delivered": None}
    outcome = await sender.start(events.recalled(feishu, item), item.chat_id)
    return {"delivered": outcome.view()}


async def _deliver(feishu: Feishu, sender: Sender, what: Happening) -> Json:
    assert what.event is not None
    outcomes = [await sender.start(what.event, what.chat_id) for _ in range(what.times)]
    return {"delivered": [outcome.view() for outcome in outcomes]}


_KINDS: dict[str, Callable[[Feishu, Sender, Happening], Awaitable[Json]]] = {
    "enter": _enter,
    "menu": _menu,
    "members": _members,
    "recall": _recall,
    "deliver": _deliver,
}


def _change(ids: list[str], people: tuple[Person, ...], *, added: bool) -> None:
    for person in people:
        if added and person.id not in ids:
            ids.append(person.id)
        elif not added and person.id in ids:
            ids.remove(person.id)
