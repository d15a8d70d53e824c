"""POST /sim/click and /sim/submit: a person presses something on a card."""

from __future__ import annotations

from simulator.company import Person
from simulator.control.desk import Desk, where, who
from simulator.messages import Message
from simulator.vendor import Json, Press, Refused, Vendor


async def click(desk: Desk, body: Json) -> Json:
    """One press of a button, one pick in a list outside a form."""
    person, item, vendor = _card(desk, body)
    return await vendor.click(person, item, _press(body))


async def submit(desk: Desk, body: Json) -> Json:
    """Fill a form and press its button."""
    person, item, vendor = _card(desk, body)
    return await vendor.submit(person, item, _press(body))


def _press(body: Json) -> Press:
    button, values = body.get("button"), body.get("values")
    if isinstance(button, bool) or not isinstance(button, str | int | None):
        raise Refused("button 要是文字或序号")
    if values and not isinstance(values, dict):
        raise Refused("values 要是一个对象")
    return Press(button, body.get("option"), values or None, body.get("confirm") is not False)


def _card(desk: Desk, body: Json) -> tuple[Person, Message, Vendor]:
    person = who(desk, body)
    item = desk.message(body["message_id"]) if body.get("message_id") else _newest(desk, person, body)
    chat = desk.parts.world.chats[item.chat_id]
    if person.id not in chat.members or item.only_for not in (None, person.id):
        raise Refused(f"{person.name}看不到这条消息", 403)
    if item.card is None:
        raise Refused("这条消息不是卡片")
    if item.recalled:
        raise Refused("这张卡片已撤回", 409)
    return person, item, desk.vendor_of(chat)


def _newest(desk: Desk, person: Person, body: Json) -> Message:
    for item in reversed(where(desk, body, person).messages):
        if item.card is not None and not item.recalled and item.only_for in (None, person.id):
            return item
    raise Refused("这个会话里没有卡片", 404)
