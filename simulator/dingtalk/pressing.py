"""What people press: buttons and forms of cards, links of plain messages."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from simulator.company import Person
from simulator.dingtalk.cards.fields import NotPossible, filled
from simulator.dingtalk.cards.store import Card
from simulator.dingtalk.cards.templates import Button, Look
from simulator.dingtalk.clicks import Clicks
from simulator.dingtalk.errors import ApiError
from simulator.dingtalk.platform import Dingtalk
from simulator.dingtalk.writing import Writing
from simulator.messages import Message
from simulator.vendor import Press, Refused, Said

FORM = "form"
SAYS = "dtmd://dingtalkclient/sendMessage"
NOTHING: dict[str, Any] = {"status": 0, "ms": 0.0, "code": 0, "toast": None}
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pressing:
    """Turns a press into a callback, a link or a text."""

    dingtalk: Dingtalk
    clicks: Clicks
    writing: Writing

    async def click(self, person: Person, item: Message, press: Press) -> Json:
        """One press of a button; a form's own button submits it."""
        if item.msg_type != "card":
            return await self._follow(person, item, _found(_links(item), press.button))
        card, look = self._card(item, person)
        if look.fields and press.button == look.form_button:
            return await self.submit(person, item, press)
        button = _found(look.buttons, press.button)
        if button.calls_back:
            return await self.clicks.send(card, item, person, [button.action], button.params)
        if button.url.startswith(SAYS):
            raise Refused("卡片按钮里的 dtmd 链接不起作用", 409)
        return {**NOTHING, "open_url": button.url}

    async def submit(self, person: Person, item: Message, press: Press) -> Json:
        """The form filled and sent: its values, and the form itself as the card has it."""
        card, look = self._card(item, person)
        if not look.fields:
            raise Refused("卡片上没有表单", 404)
        if not look.form_enabled:
            raise Refused("这张表单已经不能填了", 409)
        try:
            values = filled(look.fields, dict(press.values or {}))
        except NotPossible as wrong:
            raise Refused(str(wrong)) from wrong
        params = {FORM: values, "current_form": json.loads(look.form_text)}
        return await self.clicks.send(card, item, person, [FORM], params)

    def _card(self, item: Message, person: Person) -> tuple[Card, Look]:
        try:
            card = self.dingtalk.cards.of_message(item.message_id)
        except ApiError as gone:
            raise Refused("这张卡片已经不在了", 409) from gone
        look = self.dingtalk.templates.look(card.template_id, card.data_for(person.userid))
        if look.blank:
            raise Refused(f"卡片是空白的：{look.blank}", 409)
        return card, look

    async def _follow(self, person: Person, item: Message, button: Button) -> Json:
        if not button.url.startswith(SAYS):
            return {**NOTHING, "open_url": button.url}
        text = parse_qs(urlsplit(button.url).query).get("content", [""])[0]
        if not text:
            raise Refused("这个链接没有要发的话")
        chat = self.dingtalk.parts.world.chats[item.chat_id]
        said = await self.writing.say(person, chat, Said(text))
        return {**NOTHING, **(said["delivered"] or {}), "local": True, "message_id": said["message_id"]}


def _links(item: Message) -> list[Button]:
    """What can be pressed on a plain message: its buttons, its link, the links of its markdown."""
    card = item.card or {}
    rows = [(row["title"], row["actionURL"]) for row in card.get("btns", ())]
    rows += [(row["title"], row["messageURL"]) for row in card.get("links", ())]
    if "messageUrl" in card:
        rows.append((card["title"], card["messageUrl"]))
    rows += _LINK.findall(item.text or str(card.get("text", "")))
    return [Button(str(label), "gray", str(url)) for label, url in rows]


def _found(buttons: list[Button], wanted: str | int | None) -> Button:
    """The button with this label, callback id or place."""
    for place, button in enumerate(buttons):
        names = (button.label, *button.params.values())
        if wanted in names or (wanted == place and not isinstance(wanted, bool)):
            return button
    labels = "、".join(f"〔{button.label}〕" for button in buttons) or "没有可点的"
    raise Refused(f"卡片上没有「{wanted}」。有：{labels}", 404)
