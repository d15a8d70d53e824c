"""Messages of people, and whom they reach: the app, the smart bot, or nobody."""

from __future__ import annotations

import asyncio

from simulator.chats import Chat
from simulator.company import Person
from simulator.messages import Message
from simulator.vendor import Json, Refused, Said, Upload
from simulator.wecom import events
from simulator.wecom.aibot import bodies
from simulator.wecom.botstate import Turn
from simulator.wecom.line import Outcome
from simulator.wecom.passive import show_reply
from simulator.wecom.people.hand import Hand

MAX_TEXT = 150_000
BOT_FILE_BYTES = 100 * 1024 * 1024
APP_FILE = "应用的单聊收不到文件：企业微信不把它交给应用"
GROUP_FILE = "群里的文件，智能机器人收不到"
BIG_FILE = "超过 100 MB，智能机器人收不到"
KINDS = {"audio": "voice", "media": "video"}


async def say(hand: Hand, person: Person, chat: Chat, said: Said) -> Json:
    """A person writes a text."""
    if len(said.text.encode()) > MAX_TEXT:
        raise Refused("太长了，最多 150 KB")
    text = _with_bot(hand, chat, said.text) if said.mention_bot else said.text
    item = hand.wecom.post(chat, "text", text=text, sender=person, parent=said.parent)
    if not _heard(hand, chat, text):
        return _told(item, None)
    if chat.face == "app":
        return await _to_app(hand, person, chat, item, [events.text(hand.wecom, person, text)], wait=said.wait)
    return await _to_bot(hand, person, chat, item, bodies.quoting(bodies.text(text), said.parent), wait=said.wait)


async def upload(hand: Hand, person: Person, chat: Chat, sent: Upload) -> Json:
    """A person sends a picture, a file, a recording or a film."""
    text = sent.text
    item = hand.wecom.post(chat, sent.kind, text=text, blob=sent.blob, sender=person)
    if chat.face == "app":
        return await _file_to_app(hand, person, chat, item, sent)
    if not _heard(hand, chat, text):
        return _told(item, None)
    problem = _problem(chat, sent)
    if problem:
        hand.wecom.world.show_error(chat.id, item, "", problem)
        return _told(item, None)
    return await _to_bot(hand, person, chat, item, _bot_body(hand, sent), wait=sent.wait)


async def _file_to_app(hand: Hand, person: Person, chat: Chat, item: Message, sent: Upload) -> Json:
    wecom, blob = hand.wecom, sent.blob
    if sent.kind == "file":
        wecom.world.show_error(chat.id, item, "", APP_FILE)
        return _told(item, None)
    if not chat.bot_in:
        return _told(item, None)
    wecom.media.keep(KINDS.get(sent.kind, sent.kind), blob)
    make = {"image": events.image, "audio": events.voice, "media": events.video}[sent.kind]
    plain = [make(wecom, person, blob)]
    picked = wecom.picking.pop(person.id, None)
    if picked is not None and sent.kind == "image":
        plain.insert(0, events.pictures(wecom, person, *picked, blob))
    if sent.text:
        plain.append(events.text(wecom, person, sent.text))
    return await _to_app(hand, person, chat, item, plain, wait=sent.wait)


def _bot_body(hand: Hand, sent: Upload) -> Json:
    if sent.kind == "audio":
        return bodies.voice(sent.text)
    media = bodies.media(hand.wecom, KINDS.get(sent.kind, sent.kind), sent.blob, socket=hand.ear.socket)
    return bodies.mixed([bodies.text(sent.text), media]) if sent.kind == "image" and sent.text else media


def _problem(chat: Chat, sent: Upload) -> str:
    """Why the smart bot cannot get this upload; empty when it can."""
    if chat.kind == "group" and not (sent.kind == "image" and sent.text):
        return GROUP_FILE
    return BIG_FILE if len(sent.blob.data) > BOT_FILE_BYTES else ""


async def _to_app(hand: Hand, person: Person, chat: Chat, item: Message, plains: list[str], *, wait: bool) -> Json:
    """Tell the app, in order; what counts is the message, the last of them."""

    def answered(body: bytes) -> None:
        show_reply(hand.wecom, hand.app, chat, None, body)

    tasks = [
        hand.sender.start(hand.app, plain, chat.id, message_id=item.message_id, answered=answered) for plain in plains
    ]
    outcomes = await asyncio.gather(*tasks) if wait else []
    return _told(item, outcomes[-1] if outcomes else None)


async def _to_bot(hand: Hand, person: Person, chat: Chat, item: Message, body: Json, *, wait: bool) -> Json:
    wecom = hand.wecom
    wecom.bot.spoken.add(chat.id)
    turn = Turn("message", chat, person, item, wecom.clock.machine())
    task = hand.sender.spawn(hand.ear.tell(turn, body))
    return _told(item, await task if wait else None)


def _heard(hand: Hand, chat: Chat, text: str) -> bool:
    """Everything in a 1:1 chat; in a group with the smart bot what names it; nothing in a group of the app."""
    if not chat.bot_in or chat.face == "appchat":
        return False
    return chat.kind == "p2p" or hand.wecom.company.calls_bot(text)


def _with_bot(hand: Hand, chat: Chat, text: str) -> str:
    company = hand.wecom.company
    return text if chat.kind == "p2p" or company.calls_bot(text) else f"@{company.bot_name} {text}"


def _told(item: Message, outcome: Outcome | None) -> Json:
    return {"message_id": item.message_id, "delivered": outcome.view() if outcome else None}
