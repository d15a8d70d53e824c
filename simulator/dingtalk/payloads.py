"""What the bot is told: robot messages, card clicks and organisation events in the vendor's shapes."""

from __future__ import annotations

import json
from typing import Any

from simulator.chats import Chat
from simulator.company import Person
from simulator.dingtalk.cards.store import Card
from simulator.dingtalk.people import sender_id, union_id
from simulator.dingtalk.platform import OLD_PREFIX, Dingtalk
from simulator.messages import Message

Json = dict[str, Any]
NO_QUOTA = 20001
BOT = "bot"


def robot_message(dingtalk: Dingtalk, item: Message, sender: Person, body: Json) -> Json:
    """A message a person wrote to the bot; `body` is its msgtype with the part of that name."""
    chat = dingtalk.parts.world.chats[item.chat_id]
    session, end_ms = dingtalk.sessions.open_webhook(chat.id)
    message = {
        "conversationId": chat.id,
        "chatbotCorpId": dingtalk.app.corp_id,
        "chatbotUserId": sender_id(BOT),
        "msgId": item.message_id,
        "senderNick": sender.name,
        "isAdmin": is_admin(sender),
        "senderStaffId": sender.userid,
        "senderUnionId": union_id(sender),
        "sessionWebhookExpiredTime": end_ms,
        "createAt": item.created_ms,
        "senderCorpId": dingtalk.app.corp_id,
        "conversationType": "2" if chat.kind == "group" else "1",
        "senderId": sender_id(sender.id),
        "sessionWebhook": f"{dingtalk.origin}{OLD_PREFIX}/robot/sendBySession?session={session}",
        "robotCode": dingtalk.app.robot_code,
        "senderPlatform": "Mac",
        **body,
    }
    if chat.kind == "group":
        message.update(_group_part(dingtalk, chat, item))
    return message


def _group_part(dingtalk: Dingtalk, chat: Chat, item: Message) -> Json:
    called = [person for person in dingtalk.people(chat) if f"@{person.name}" in item.text]
    at = [{"dingtalkId": sender_id(person.id), "staffId": person.userid} for person in called]
    return {
        "conversationTitle": chat.name,
        "isInAtList": True,
        "atUsers": [{"dingtalkId": sender_id(BOT)}, *at],
    }


def is_admin(person: Person) -> bool:
    """True for an administrator of the organisation."""
    return person.role == "管理员"


def scene(message: Json, kind: str) -> Json:
    """The message as it comes over quota, from outside the organisation, or to an unpublished robot."""
    if kind == "over_quota":
        kept = {key: value for key, value in message.items() if key not in ("text", "content", "msgtype")}
        return {**kept, "errorCode": NO_QUOTA, "errorMessage": "组织的 Webhook 和 Stream 消息额度已用完"}
    if kind == "outsider":
        gone: tuple[str, ...] = ("senderStaffId", "senderUnionId", "isAdmin")
        return {**{key: value for key, value in message.items() if key not in gone}, "senderCorpId": "dingoutside"}
    if kind == "unpublished":
        gone = ("senderStaffId", "isAdmin")
        return {key: value for key, value in message.items() if key not in gone}
    return message


def quoted(dingtalk: Dingtalk, parent: Message) -> Json:
    """The undocumented fields of a quoting reply, as public bots see them."""
    author = parent.sender_id if parent.sender_kind == "user" else BOT
    kind = parent.msg_type if parent.msg_type in ("text", "picture", "file") else "unknownMsgType"
    fields: Json = {
        "isReplyMsg": True,
        "repliedMsg": {
            "msgId": parent.message_id,
            "msgType": kind,
            "senderId": sender_id(author),
            "createdAt": parent.created_ms,
            "content": {"text": parent.text},
        },
    }
    return fields


def card_click(dingtalk: Dingtalk, card: Card, item: Message, person: Person, ids: list[str], params: Json) -> Json:
    """An actionCallback; the same text stands in `content` and in the older `value`."""
    chat = dingtalk.parts.world.chats[item.chat_id]
    content = json.dumps({"cardPrivateData": {"actionIds": ids, "params": params}}, ensure_ascii=False)
    return {
        "type": "actionCallback",
        "outTrackId": card.out_track_id,
        "corpId": dingtalk.app.corp_id,
        "userId": person.userid if card.user_id_type == 1 else union_id(person),
        "userIdType": card.user_id_type,
        "spaceType": "IM_GROUP" if chat.kind == "group" else "im",
        "spaceId": chat.id,
        "extension": "{}",
        "content": content,
        "value": content,
    }


def members_changed(dingtalk: Dingtalk, chat: Chat, operator: Person, people: list[Person], *, added: bool) -> Json:
    """chat_add_member or chat_remove_member."""
    return {
        "eventType": f"chat_{'add' if added else 'remove'}_member",
        "timeStamp": dingtalk.parts.clock.now_ms(),
        "openConversationId": chat.id,
        "chatId": f"chat{chat.id[3:]}",
        "corpId": dingtalk.app.corp_id,
        "operator": operator.userid,
        "operatorUnionId": union_id(operator),
        "userId": [person.userid for person in people],
    }


def event_type(event: Json) -> str:
    """The kind of an event in the spelling of either transport."""
    return str(event.get("eventType") or event.get("EventType") or "")


def event_fields(event: Json) -> Json:
    """An event's own fields as Stream carries them, without those that travel in the frame's headers."""
    inner = event.get("data")
    if isinstance(inner, dict):
        return inner
    headers = ("eventType", "EventType", "EventTime", "CorpId", "BizId", "eventId")
    return {key: value for key, value in event.items() if key not in headers}


def flat_event(dingtalk: Dingtalk, event: Json, event_id: str) -> Json:
    """An event as HTTP subscriptions carry it, one flat object; one that is flat already stays as it is."""
    if "EventType" in event:
        return event
    return {
        "EventType": event_type(event),
        "EventTime": dingtalk.parts.clock.now_ms(),
        "CorpId": dingtalk.app.corp_id,
        "BizId": event_id,
        "eventId": str(event.get("eventId") or event_id),
        **event_fields(event),
    }
