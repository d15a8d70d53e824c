"""Presses on cards: a button, a pick in a list, a form; refused where the client would not let a person."""

from __future__ import annotations

from typing import Any

from simulator.company import Company, Person
from simulator.feishu.cards import controls, forms
from simulator.feishu.cards.controls import Control
from simulator.feishu.clicks import NO_NAME, send_click, show_code
from simulator.feishu.line import NO_URL, Line
from simulator.feishu.platform import Feishu
from simulator.messages import Message
from simulator.vendor import Json, Press, Refused

LIFE_MS = 14 * 24 * 3600 * 1000
NOTHING: Json = {"status": 0, "ms": 0.0, "toast": None, "code": 0}


async def click(feishu: Feishu, line: Line, person: Person, item: Message, press: Press) -> Json:
    """One press of a button, one pick in a list outside a form."""
    act = _Act(feishu, line, person, item, press)
    control = _control(act.card, press)
    if control.is_submit:
        return await act.submit(control)
    if control.element.get("form_action_type") == "reset":
        return {**NOTHING, "local": True}
    return await act.press(control)


async def submit(feishu: Feishu, line: Line, person: Person, item: Message, press: Press) -> Json:
    """Fill a form and press its button."""
    act = _Act(feishu, line, person, item, press)
    pressed = [c for c in controls.pressable(act.card) if c.is_submit]
    control = controls.find(pressed, press.button) if press.button is not None else next(iter(pressed), None)
    if control is None:
        raise Refused("卡片上没有这个提交按钮", 404)
    return await act.submit(control)


class _Act:
    """One person's hand on one card."""

    def __init__(self, feishu: Feishu, line: Line, person: Person, item: Message, press: Press) -> None:
        if feishu.clock.now_ms() - item.created_ms > LIFE_MS:
            raise Refused("这张卡片超过 14 天，点不动了", 409)
        self.card = item.card or {}
        self._feishu = feishu
        self._line = line
        self._person = person
        self._item = item
        self._press = press

    async def press(self, control: Control) -> Json:
        """A button or a pick outside a form."""
        _check_enabled(control)
        value = controls.callback_value(control.element)
        try:
            part = forms.action_part(control, self._press.option, _finder(self._feishu.company))
        except forms.NotPossible as wrong:
            raise Refused(str(wrong)) from wrong
        if value is None:
            return self._without_callback(control)
        action = {"value": value, "tag": control.tag, "timezone": "Asia/Shanghai", **part}
        if control.element.get("name"):
            action["name"] = control.element["name"]
        return await self._send(control, action)

    async def submit(self, control: Control) -> Json:
        """The form the button stands in."""
        _check_enabled(control)
        form = control.form
        assert form is not None
        fields = forms.form_fields(controls.controls(self.card), str(form["name"]))
        if any(not field.element.get("name") for field in fields) or not control.element.get("name"):
            show_code(self._feishu, self._item, NO_NAME)
            return {**NOTHING, "code": NO_NAME}
        value = controls.callback_value(control.element)
        if value is None:
            return self._without_callback(control)
        try:
            values = forms.form_values(fields, dict(self._press.values or {}), _finder(self._feishu.company))
        except forms.NotPossible as wrong:
            raise Refused(str(wrong)) from wrong
        action = {
            "value": value,
            "tag": "button",
            "name": control.element["name"],
            "timezone": "Asia/Shanghai",
            "form_value": values,
        }
        return await self._send(control, action)

    async def _send(self, control: Control, action: Json) -> Json:
        confirm = control.element.get("confirm")
        if confirm is not None and not self._press.confirm:
            return {**NOTHING, "cancelled": True, "confirm": _confirm_texts(confirm)}
        clicked = await send_click(self._feishu, self._line, self._item, self._person, action)
        extra = {"confirm": _confirm_texts(confirm)} if confirm is not None else {}
        url = controls.open_url(control.element)
        return {**clicked.view(), **extra, **({"open_url": url} if url else {})}

    def _without_callback(self, control: Control) -> Json:
        url = controls.open_url(control.element)
        if url:
            return {**NOTHING, "open_url": url}
        if control.tag == "checker":
            return {**NOTHING, "local": True}
        show_code(self._feishu, self._item, NO_URL)
        return {**NOTHING, "code": NO_URL}


def _control(card: Json, press: Press) -> Control:
    candidates, wanted = controls.pressable(card), press.button
    if wanted is None and press.option is not None:
        wanted = next((i for i, c in enumerate(candidates) if _offers(c, press.option)), None)
    if wanted is not None:
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


def _finder(company: Company) -> forms.FindPerson:
    def find(key: str) -> str | None:
        person = company.find(key)
        return person.open_id if person else None

    return find
