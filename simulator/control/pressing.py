"""POST /sim/click and /sim/submit: a person presses something on a card."""

from __future__ import annotations

from typing import Any

from simulator.company import Person
from simulator.control.desk import Desk, Json, Refused
from simulator.feishu.cards import controls, forms
from simulator.feishu.cards.controls import Control
from simulator.feishu.clicks import NO_NAME, send_click, show_code
from simulator.feishu.line import NO_URL
from simulator.messages import Message

LIFE_MS = 14 * 24 * 3600 * 1000
NOTHING: Json = {"status": 0, "ms": 0.0, "toast": None, "code": 0}


async def click(desk: Desk, body: Json) -> Json:
    """One press of a button, one pick in a list outside a form."""
    person, item, card = _card(desk, body)
    control = _control(card, body)
    if control.is_submit:
        return await _submit(desk, person, item, card, control, body)
    if control.element.get("form_action_type") == "reset":
        return {**NOTHING, "local": True}
    return await _press(desk, person, item, control, body)


async def submit(desk: Desk, body: Json) -> Json:
    """Fill a form and press its button."""
    person, item, card = _card(desk, body)
    pressed = [c for c in controls.pressable(card) if c.is_submit]
    wanted = body.get("button")
    control = controls.find(pressed, wanted) if wanted is not None else next(iter(pressed), None)
    if control is None:
        raise Refused("卡片上没有这个提交按钮", 404)
    return await _submit(desk, person, item, card, control, body)


async def _press(desk: Desk, person: Person, item: Message, control: Control, body: Json) -> Json:
    _check_enabled(control)
    value = controls.callback_value(control.element)
    try:
        part = forms.action_part(control, body.get("option"), _finder(desk))
    except forms.NotPossible as wrong:
        raise Refused(str(wrong)) from wrong
    if value is None:
        return _without_callback(desk, item, control)
    action = {"value": value, "tag": control.tag, "timezone": "Asia/Shanghai", **part}
    if control.element.get("name"):
        action["name"] = control.element["name"]
    return await _send(desk, person, item, control, body, action)


async def _submit(desk: Desk, person: Person, item: Message, card: Json, control: Control, body: Json) -> Json:
    _check_enabled(control)
    form = control.form
    assert form is not None
    fields = forms.form_fields(controls.controls(card), str(form["name"]))
    if any(not field.element.get("name") for field in fields) or not control.element.get("name"):
        show_code(desk.feishu, item, NO_NAME)
        return {**NOTHING, "code": NO_NAME}
    value = controls.callback_value(control.element)
    if value is None:
        return _without_callback(desk, item, control)
    filled = body.get("values") or {}
    if not isinstance(filled, dict):
        raise Refused("values 要是一个对象")
    try:
        values = forms.form_values(fields, filled, _finder(desk))
    except forms.NotPossible as wrong:
        raise Refused(str(wrong)) from wrong
    action = {
        "value": value,
        "tag": "button",
        "name": control.element["name"],
        "timezone": "Asia/Shanghai",
        "form_value": values,
    }
    return await _send(desk, person, item, control, body, action)


async def _send(desk: Desk, person: Person, item: Message, control: Control, body: Json, action: Json) -> Json:
    confirm = control.element.get("confirm")
    if confirm is not None and body.get("confirm") is False:
        return {**NOTHING, "cancelled": True, "confirm": _confirm_texts(confirm)}
    clicked = await send_click(desk.feishu, desk.line, item, person, action)
    extra = {"confirm": _confirm_texts(confirm)} if confirm is not None else {}
    url = controls.open_url(control.element)
    return {**clicked.view(), **extra, **({"open_url": url} if url else {})}


def _without_callback(desk: Desk, item: Message, control: Control) -> Json:
    url = controls.open_url(control.element)
    if url:
        return {**NOTHING, "open_url": url}
    if control.tag == "checker":
        return {**NOTHING, "local": True}
    show_code(desk.feishu, item, NO_URL)
    return {**NOTHING, "code": NO_URL}


def _card(desk: Desk, body: Json) -> tuple[Person, Message, Json]:
    person = desk.person(body.get("user") or body.get("as"))
    item = desk.message(body["message_id"]) if body.get("message_id") else _newest(desk, person, body)
    if person.id not in desk.feishu.world.chats[item.chat_id].members:
        raise Refused(f"{person.name}看不到这条消息", 403)
    if item.only_for not in (None, person.id):
        raise Refused(f"{person.name}看不到这条消息", 403)
    if item.card is None:
        raise Refused("这条消息不是卡片")
    if item.recalled:
        raise Refused("这张卡片已撤回", 409)
    if desk.feishu.clock.now_ms() - item.created_ms > LIFE_MS:
        raise Refused("这张卡片超过 14 天，点不动了", 409)
    return person, item, item.card


def _newest(desk: Desk, person: Person, body: Json) -> Message:
    chat = desk.chat(body.get("chat"), person)
    for item in reversed(chat.messages):
        if item.card is not None and not item.recalled and item.only_for in (None, person.id):
            return item
    raise Refused("这个会话里没有卡片", 404)


def _control(card: Json, body: Json) -> Control:
    candidates, wanted = controls.pressable(card), body.get("button")
    if wanted is None and body.get("option") is not None:
        wanted = next((i for i, c in enumerate(candidates) if _offers(c, body["option"])), None)
    if isinstance(wanted, str | int) and not isinstance(wanted, bool):
        control = controls.find(candidates, wanted)
        if control is not None:
            return control
    labels = "、".join(f"〔{c.label}〕" for c in candidates) or "没有可点的"
    raise Refused(f"卡片上没有「{wanted}」。有：{labels}", 404)


def _offers(control: Control, option: Any) -> bool:
    offered = control.element.get("options", [])
    return any(option in (o.get("value"), o.get("text", {}).get("content")) for o in offered)


def _check_enabled(control: Control) -> None:
    if control.element.get("disabled"):
        raise Refused(f"〔{control.label}〕现在不可点", 409)


def _confirm_texts(confirm: Json) -> Json:
    return {name: part.get("content", "") for name, part in confirm.items()}


def _finder(desk: Desk) -> forms.FindPerson:
    def find(key: str) -> str | None:
        person = desk.feishu.company.find(key)
        return person.open_id if person else None

    return find
