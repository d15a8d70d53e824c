"""Events in the vendor's envelope, one function per kind."""

from __future__ import annotations

from typing import Any

from simulator.chats import Chat
from simulator.company import Person
from simulator.feishu.platform import Feishu
from simulator.messages import Message

Event = dict[str, Any]


def envelope(feishu: Feishu, event_type: str, event: Event, *, microseconds: bool = False) -> Event:
    """The event with its header; card callbacks carry microseconds, events milliseconds."""
    app, now = feishu.company.app, feishu.clock.now_ms()
    header = {
        "event_id": feishu.ids.new(""),
        "event_type": event_type,
        "create_time": str(now * 1000 if microseconds else now),
        "token": app.verification_token,
        "app_id": app.app_id,
        "tenant_key": app.tenant_key,
    }
    return {"schema": "2.0", "header": header, "event": event}


def received(feishu: Feishu, item: Message, sender: Person) -> Event:
    """im.message.receive_v1: a person wrote to the bot."""
    chat, tenant = feishu.world.chats[item.chat_id], feishu.company.app.tenant_key
    message: Event = {
        "message_id": item.message_id,
        "create_time": str(item.created_ms),
        "update_time": str(item.updated_ms),
        "chat_id": item.chat_id,
        "chat_type": chat.kind,
        "message_type": item.msg_type,
        "content": item.content,
    }
    if item.root_id:
        message.update(root_id=item.root_id, parent_id=item.parent_id)
    if item.mentions:
        message["mentions"] = item.mentions
    who = {"sender_id": sender.ids(), "sender_type": "user", "tenant_key": tenant}
    return envelope(feishu, "im.message.receive_v1", {"sender": who, "message": message})


def entered(feishu: Feishu, chat: Chat, person: Person) -> Event:
    """im.chat.access_event.bot_p2p_chat_entered_v1: the person opened the chat with the bot."""
    event: Event = {"chat_id": chat.id, "operator_id": person.ids()}
    if chat.messages:
        last = chat.messages[-1]
        event.update(last_message_id=last.message_id, last_message_create_time=str(last.created_ms))
    return envelope(feishu, "im.chat.access_event.bot_p2p_chat_entered_v1", event)


def bot_membership(feishu: Feishu, chat: Chat, person: Person, *, added: bool) -> Event:
    """im.chat.member.bot.added_v1 or deleted_v1."""
    kind = "added" if added else "deleted"
    return envelope(feishu, f"im.chat.member.bot.{kind}_v1", _chat_fields(feishu, chat, person))


def user_membership(feishu: Feishu, chat: Chat, operator: Person, people: list[Person], *, added: bool) -> Event:
    """im.chat.member.user.added_v1 or deleted_v1."""
    tenant = feishu.company.app.tenant_key
    users = [{"name": p.name, "tenant_key": tenant, "user_id": p.ids()} for p in people]
    kind = "added" if added else "deleted"
    fields = {**_chat_fields(feishu, chat, operator), "users": users}
    return envelope(feishu, f"im.chat.member.user.{kind}_v1", fields)


def recalled(feishu: Feishu, item: Message) -> Event:
    """im.message.recalled_v1: the sender took the message back."""
    event = {
        "message_id": item.message_id,
        "chat_id": item.chat_id,
        "recall_time": str(feishu.clock.now_ms()),
        "recall_type": "message_owner",
    }
    return envelope(feishu, "im.message.recalled_v1", event)


def menu(feishu: Feishu, person: Person, key: str) -> Event:
    """application.bot.menu_v6: no chat id, seconds as a number."""
    operator = {"operator_name": person.name, "operator_id": person.ids()}
    event = {"operator": operator, "event_key": key, "timestamp": feishu.clock.now_ms() // 1000}
    return envelope(feishu, "application.bot.menu_v6", event)


def card_action(feishu: Feishu, item: Message, person: Person, action: Event, token: str) -> Event:
    """card.action.trigger: a click on a card."""
    event = {
        "operator": {"tenant_key": feishu.company.app.tenant_key, **person.ids()},
        "token": token,
        "action": action,
        "host": "im_message",
        "context": {"open_message_id": item.message_id, "open_chat_id": item.chat_id},
    }
    return envelope(feishu, "card.action.trigger", event, microseconds=True)


def verification(feishu: Feishu, challenge: str) -> Event:
    """url_verification: flat, without header."""
    token = feishu.company.app.verification_token
    return {"challenge": challenge, "token": token, "type": "url_verification"}


def _chat_fields(feishu: Feishu, chat: Chat, person: Person) -> Event:
    return {
        "chat_id": chat.id,
        "operator_id": person.ids(),
        "external": False,
        "operator_tenant_key": feishu.company.app.tenant_key,
        "name": chat.name,
        "i18n_names": {"zh_cn": chat.name, "en_us": chat.name, "ja_jp": chat.name},
    }
