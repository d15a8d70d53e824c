"""Messages and people as the open API prints them."""

from __future__ import annotations

import json
from typing import Any

from simulator.company import Person
from simulator.feishu.http import Json
from simulator.feishu.platform import Feishu
from simulator.messages import Message


def message(feishu: Feishu, item: Message, *, original_card: bool = True) -> Json:
    """One message; a card comes flattened unless its original was asked for."""
    data: Json = {
        "message_id": item.message_id,
        "msg_type": item.msg_type,
        "create_time": str(item.created_ms),
        "update_time": str(item.updated_ms),
        "deleted": item.recalled,
        "updated": item.edited or item.updates > 0,
        "chat_id": item.chat_id,
        "sender": _sender(feishu, item),
        "body": {"content": _content(item, original_card)},
    }
    if item.root_id:
        data.update(root_id=item.root_id, parent_id=item.parent_id)
    if item.mentions:
        data["mentions"] = [_mention(mention) for mention in item.mentions]
    return data


def person(item: Person, feishu: Feishu, id_type: str) -> Json:
    """One employee of the contact list."""
    leader = feishu.world.person(item.leader) if item.leader else None
    return {
        **item.ids(),
        "name": item.name,
        "en_name": "",
        "nickname": "",
        "email": item.email,
        "mobile": f"+86{item.mobile}",
        "avatar": {"avatar_72": "", "avatar_240": "", "avatar_640": "", "avatar_origin": ""},
        "status": {
            "is_frozen": False,
            "is_resigned": False,
            "is_activated": True,
            "is_exited": False,
            "is_unjoin": False,
        },
        "department_ids": [item.team] if item.team else [],
        "leader_user_id": leader.id_of(id_type) if leader else "",
        "employee_no": item.id,
        "job_title": item.job_title,
        "is_tenant_manager": False,
    }


def _sender(feishu: Feishu, item: Message) -> Json:
    tenant = feishu.company.app.tenant_key
    if item.sender_kind == "bot":
        return {
            "id": feishu.company.app.app_id,
            "id_type": "app_id",
            "sender_type": "app",
            "tenant_key": tenant,
        }
    sender = feishu.world.person(item.sender_id)
    open_id = sender.open_id if sender else ""
    return {"id": open_id, "id_type": "open_id", "sender_type": "user", "tenant_key": tenant}


def _mention(mention: dict[str, Any]) -> Json:
    return {
        "key": mention["key"],
        "id": mention["id"]["open_id"],
        "id_type": "open_id",
        "name": mention["name"],
        "tenant_key": mention["tenant_key"],
    }


def _content(item: Message, original_card: bool) -> str:
    if item.recalled:
        return "This message was recalled"
    if item.card is None or original_card:
        return item.content
    title = item.card.get("header", {}).get("title", {}).get("content", "")
    rows = [[{"tag": "text", "text": text}] for text in _texts(item.card.get("body", item.card))]
    return json.dumps({"title": title, "elements": rows}, ensure_ascii=False)


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if not isinstance(value, dict):
        return []
    own = [value["content"]] if isinstance(value.get("content"), str) else []
    return own + [text for item in value.values() for text in _texts(item)]
