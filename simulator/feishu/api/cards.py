"""Delayed card updates, cards only one person sees, and the bot's own data."""

from __future__ import annotations

import json

from simulator.feishu.api.changes import check_updatable, replace_card
from simulator.feishu.api.messages import store
from simulator.feishu.cards.validate import is_v2
from simulator.feishu.content import read_content
from simulator.feishu.errors import ApiError
from simulator.feishu.http import Json, Request, ok
from simulator.feishu.limits import PER_GROUP_EPHEMERAL

DELAYED_LIMIT = 100 * 1024


async def delayed_update(request: Request) -> Json:
    """POST interactive/v1/card/update: the clicked card changes, after its click was answered."""
    feishu, body = request.feishu, request.body()
    ticket = feishu.tickets.check(str(body.get("token", "")))
    item = feishu.world.messages.get(ticket.message_id)
    if item is None or item.recalled:
        raise ApiError(200000)
    check_updatable(feishu, item)
    card = body.get("card")
    if not isinstance(card, dict):
        raise ApiError(11311, "card must be an object")
    if "open_ids" in card and is_v2(card):
        raise ApiError(11311, "open_ids is only for exclusive cards")
    content = json.dumps(card, ensure_ascii=False)
    if len(content.encode()) > DELAYED_LIMIT:
        raise ApiError(100000)
    try:
        read_content(feishu, "interactive", content)
    except ApiError as error:
        raise ApiError(11311, error.msg) from error
    ticket.uses += 1
    replace_card(feishu, item, card)
    return {"code": 0, "msg": "ok"}


async def ephemeral_send(request: Request) -> Json:
    """POST ephemeral/v1/send: a card in a group that one member sees."""
    feishu, body = request.feishu, request.body()
    chat = feishu.chat(str(body.get("chat_id", "")), otherwise=10030)
    person = feishu.person("open_id", str(body.get("open_id", "")))
    if chat.kind != "group":
        raise ApiError(10001, "only groups show ephemeral cards")
    if person is None or person.id not in chat.members:
        raise ApiError(10030, "the person is not in the chat")
    if body.get("msg_type") != "interactive":
        raise ApiError(10002, "msg_type must be interactive")
    sent = {"msg_type": "interactive", "content": json.dumps(body.get("card"), ensure_ascii=False)}
    content = read_content(feishu, "interactive", sent["content"])
    feishu.limits.spend(f"ephemeral:{chat.id}", PER_GROUP_EPHEMERAL)
    item = store(feishu, chat, sent, content, only_for=person.id)
    return ok({"message_id": item.message_id})


async def ephemeral_delete(request: Request) -> Json:
    """POST ephemeral/v1/delete: the card is gone."""
    feishu = request.feishu
    item = feishu.own_message(str(request.body().get("message_id", "")), otherwise=10002)
    if item.only_for is None or item.recalled:
        raise ApiError(10002, "not an ephemeral card")
    feishu.world.recall(item)
    return ok()


async def bot_info(request: Request) -> Json:
    """GET bot/v3/info: `bot` stands where other calls have `data`."""
    company = request.feishu.company
    bot = {
        "activate_status": 2,
        "app_name": company.bot_name,
        "avatar_url": "",
        "ip_white_list": [],
        "open_id": company.bot_open_id,
    }
    return {"code": 0, "msg": "ok", "bot": bot}
