"""Update, edit, recall and press on messages the bot has sent."""

from __future__ import annotations

import json

from simulator.feishu.api import shape
from simulator.feishu.cards.validate import is_v2
from simulator.feishu.content import CARD_LIMIT, read_card, read_content
from simulator.feishu.errors import ApiError, CardRefused
from simulator.feishu.http import Json, Request, ok
from simulator.feishu.limits import PER_TARGET
from simulator.feishu.platform import Feishu
from simulator.messages import Message

UPDATE_MS = 14 * 24 * 3600 * 1000
RECALL_MS = 24 * 3600 * 1000
MAX_EDITS = 20
MAX_URGENT = 200


async def patch(request: Request) -> Json:
    """PATCH im/v1/messages/:id: everybody sees the new card."""
    feishu = request.feishu
    item = feishu.own_message(request.path("id"), otherwise=230001)
    content = request.body().get("content")
    if item.msg_type != "interactive" or item.only_for is not None:
        raise ApiError(230001, "this message is not an updatable card")
    check_updatable(feishu, item)
    if not isinstance(content, str):
        raise ApiError(230001, "content must be a JSON string")
    if len(content.encode()) > CARD_LIMIT:
        raise ApiError(230025)
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ApiError(230001, "content is not in JSON format") from error
    card = read_card(feishu, data)
    if is_v2(item.card) and not is_v2(card):
        raise CardRefused(200830, "a card of schema 2.0 can not be replaced by 1.0").as_api_error()
    if item.pending_clicks:
        raise CardRefused(11310, "card action is lock").as_api_error()
    feishu.limits.spend(f"message:{item.message_id}", PER_TARGET)
    replace_card(feishu, item, card)
    return ok(msg="ok")


def check_updatable(feishu: Feishu, item: Message) -> None:
    """Refuses a message that is gone or older than 14 days."""
    if item.recalled:
        raise ApiError(230011)
    if feishu.clock.now_ms() - item.created_ms > UPDATE_MS:
        raise ApiError(230031)


def replace_card(feishu: Feishu, item: Message, card: Json) -> None:
    """The message shows this card from now on."""
    item.card = card
    item.content = json.dumps(card, ensure_ascii=False)
    item.updates += 1
    feishu.world.changed(item)


async def edit(request: Request) -> Json:
    """PUT im/v1/messages/:id: the text or rich text reads differently, at most 20 times."""
    feishu, body = request.feishu, request.body()
    item = feishu.own_message(request.path("id"), otherwise=230071)
    if item.recalled:
        raise ApiError(230011)
    if body.get("msg_type") not in ("text", "post") or item.msg_type not in ("text", "post"):
        raise ApiError(230001, "only text and post can be edited")
    if item.edits >= MAX_EDITS:
        raise ApiError(230072)
    content = read_content(feishu, body["msg_type"], body.get("content"))
    feishu.limits.spend(f"message:{item.message_id}", PER_TARGET)
    item.msg_type, item.content, item.text = body["msg_type"], body["content"], content.text
    item.edits += 1
    item.edited = True
    feishu.world.changed(item)
    return ok(shape.message(feishu, item))


async def recall(request: Request) -> Json:
    """DELETE im/v1/messages/:id: gone for everybody, within a day."""
    feishu = request.feishu
    item = feishu.own_message(request.path("id"), otherwise=230026)
    if item.recalled:
        raise ApiError(230110)
    if feishu.clock.now_ms() - item.created_ms > RECALL_MS:
        raise ApiError(230009)
    feishu.world.recall(item)
    return ok()


async def urgent(request: Request) -> Json:
    """PATCH im/v1/messages/:id/urgent_*: presses the own message on people of its chat."""
    feishu = request.feishu
    item = feishu.own_message(request.path("id"), otherwise=230001)
    wanted = request.body().get("user_id_list")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= MAX_URGENT:
        raise ApiError(230001, "user_id_list holds 1 to 200 ids")
    if item.recalled:
        raise ApiError(230011)
    invalid, pressed = [], []
    for value in wanted:
        person = feishu.person(request.query("user_id_type", "open_id"), str(value))
        if person is None or person.id not in feishu.world.chats[item.chat_id].members:
            invalid.append(value)
        else:
            pressed.append(person.id)
    unread = feishu.world.unread_urgents
    if any(unread.get(person_id, 0) >= MAX_URGENT for person_id in pressed):
        raise ApiError(230023)
    for person_id in pressed:
        unread[person_id] = unread.get(person_id, 0) + 1
    item.urgent.extend(p for p in pressed if p not in item.urgent)
    feishu.world.changed(item)
    return ok({"invalid_user_id_list": invalid})
