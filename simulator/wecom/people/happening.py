"""What happens around messages: opening a chat, the menu, members, recalls, raw callbacks."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from simulator.company import Person
from simulator.vendor import Happening, Json, Refused
from simulator.wecom import events
from simulator.wecom.aibot import bodies
from simulator.wecom.botstate import Turn
from simulator.wecom.line import Outcome
from simulator.wecom.passive import show_reply
from simulator.wecom.people.hand import Hand

BOT = "wecom/bot"
MAX_KEY = 128
PICTURES = ("pic_sysphoto", "pic_photo_or_album", "pic_weixin")


async def happen(hand: Hand, what: Happening) -> Json:
    """Let it happen, and tell the bot where the vendor does so."""
    return await _KINDS[what.kind](hand, what)


async def _enter(hand: Hand, what: Happening) -> Json:
    assert what.person
    assert what.chat
    if what.chat.face == "bot" and what.chat.kind == "p2p":
        turn = Turn("enter", what.chat, what.person, None, hand.wecom.clock.machine())
        outcome = await hand.sender.spawn(hand.ear.tell(turn, bodies.entered()))
        return {"delivered": outcome.view()}
    if what.chat.kind == "group":
        return {"delivered": None}
    return await _to_app(hand, what, events.entered(hand.wecom, what.person))


async def _menu(hand: Hand, what: Happening) -> Json:
    """A tap on the menu: a key, a page, or the album, from which a picture is sent after."""
    assert what.person
    if len(what.key.encode()) > MAX_KEY:
        raise Refused("key 最多 128 个字节")
    kind, value, url = _entry(hand.wecom.menu, what.key)
    if kind in PICTURES:
        hand.wecom.picking[what.person.id] = (kind, value)
        return {"delivered": None, "choose": "image"}
    told = await _to_app(hand, what, events.menu(hand.wecom, what.person, kind, value))
    return {**told, "open_url": url} if url else told


async def _members(hand: Hand, what: Happening) -> Json:
    """In the app's 1:1 chat the bot's coming and going is the person's visible range; groups tell nobody."""
    chat, wecom = what.chat, hand.wecom
    assert chat
    if what.bot:
        changed = chat.bot_in != what.added
        chat.bot_in = what.added
        if chat.kind == "p2p" and chat.face == "app" and changed:
            person = wecom.world.person(chat.members[0])
            assert person
            plain = events.subscribed(wecom, person, added=what.added)
            return {"chat": chat.view(), **await _to_app(hand, what, plain)}
        return {"chat": chat.view(), "delivered": None}
    if chat.kind == "p2p":
        raise Refused("单聊不能加减人")
    _change(chat.members, what.people, added=what.added)
    return {"chat": chat.view(), "delivered": None}


async def _recall(hand: Hand, what: Happening) -> Json:
    """The app and the smart bot never hear of it."""
    assert what.message
    hand.wecom.world.recall(what.message)
    return {"delivered": None}


async def _deliver(hand: Hand, what: Happening) -> Json:
    """A raw callback, encrypted and signed like any other: {"xml": "<xml>…"} to the app, any JSON to the smart bot."""
    event: Json = what.event or {}
    line, plain = hand.bot, json.dumps(event, ensure_ascii=False)
    if what.key != BOT:
        line, plain = hand.app, event.get("xml", "")
        if not isinstance(plain, str) or not plain:
            raise Refused('event 要写成 {"xml": "<xml>…</xml>"}，或者 name 是 wecom/bot')
    outcomes: list[Outcome] = [await hand.sender.start(line, plain, what.chat_id) for _ in range(what.times)]
    return {"delivered": [outcome.view() for outcome in outcomes]}


_KINDS: dict[str, Callable[[Hand, Happening], Awaitable[Json]]] = {
    "enter": _enter,
    "menu": _menu,
    "members": _members,
    "recall": _recall,
    "deliver": _deliver,
}


async def _to_app(hand: Hand, what: Happening, plain: str) -> Json:
    chat = what.chat
    assert chat
    task = hand.sender.start(
        hand.app, plain, chat.id, answered=lambda body: show_reply(hand.wecom, hand.app, chat, None, body)
    )
    return {"delivered": (await task).view()}


def _entry(menu: list[Json], key: str) -> tuple[str, str, str]:
    """Kind of the entry with this key, name or page, what its event carries, and the page it opens."""
    entries: list[dict[str, Any]] = [item for top in menu for item in (top.get("sub_button") or [top])]
    for entry in entries:
        if key in (entry.get("key"), entry.get("name"), entry.get("url"), entry.get("pagepath")):
            kind = str(entry["type"])
            value = entry.get("url") if kind == "view" else entry.get("key") or entry.get("pagepath")
            return kind, str(value), str(entry["url"]) if kind == "view" else ""
    return "click", key, ""


def _change(ids: list[str], people: tuple[Person, ...], *, added: bool) -> None:
    for person in people:
        if added and person.id not in ids:
            ids.append(person.id)
        elif not added and person.id in ids:
            ids.remove(person.id)
