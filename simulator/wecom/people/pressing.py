"""Presses on cards: buttons, submits and corner menus come back to the bot, links open a page."""

from __future__ import annotations

from typing import Any

from simulator.chats import Chat
from simulator.company import Person
from simulator.messages import Message
from simulator.vendor import Json, Press, Refused
from simulator.wecom import events
from simulator.wecom.aibot import bodies
from simulator.wecom.botstate import Turn
from simulator.wecom.cards import controls
from simulator.wecom.cards.controls import Control, Question
from simulator.wecom.passive import show_reply
from simulator.wecom.people.hand import NOTHING, Hand

CARD = "template_card"


async def click(hand: Hand, person: Person, item: Message, press: Press) -> Json:
    """One press on a card."""
    chat, card = hand.wecom.world.chats[item.chat_id], item.card_of(person.id) or {}
    if item.msg_type != CARD:
        return {**NOTHING, "open_url": _page(item, press)}
    control = _control(card, press)
    if control.kind == "link":
        return {**NOTHING, "open_url": control.url}
    if item.message_id not in hand.wecom.message_of and chat.face != "bot":
        raise Refused("这条消息的按钮没有回调", 409)
    try:
        selected = None if control.kind == "menu" else controls.chosen(card, _values(card, press))
    except controls.NotPossible as wrong:
        raise Refused(str(wrong)) from wrong
    if item.message_id in hand.wecom.message_of:
        return await _to_app(hand, person, chat, item, control, selected)
    return await _to_bot(hand, person, chat, item, bodies.click(card, control.key, selected))


def _page(item: Message, press: Press) -> str:
    """Where a text card or an article leads."""
    card = item.card or {}
    if item.msg_type == "textcard":
        return str(card.get("url", ""))
    articles = card.get("articles") or []
    wanted = press.button if press.button is not None else 0
    for index, article in enumerate(articles):
        if wanted in (index, article.get("title")):
            return str(article.get("url", ""))
    raise Refused(f"没有「{wanted}」这一条", 404)


async def _to_app(
    hand: Hand, person: Person, chat: Chat, item: Message, control: Control, selected: events.Selected | None
) -> Json:
    wecom = hand.wecom
    fault = wecom.faults.special("callback", "same_second", "expired_code", "stranger")
    seconds = wecom.last_click if fault == "same_second" and wecom.last_click else wecom.clock.now_ms() // 1000
    wecom.last_click = seconds
    code = wecom.codes.give(wecom.message_of[item.message_id], old=fault == "expired_code")
    presser = wecom.company.people[-1] if fault == "stranger" else person
    plain = events.card(wecom, presser, item, control.key, code, selected, seconds)
    task = hand.sender.start(
        hand.app,
        plain,
        chat.id,
        message_id=item.message_id,
        click=True,
        answered=lambda body: show_reply(wecom, hand.app, chat, item, body),
    )
    return {**NOTHING, **(await task).view()}


async def _to_bot(hand: Hand, person: Person, chat: Chat, item: Message, body: Json) -> Json:
    task_id = str((item.card or {}).get("task_id", ""))
    turn = Turn("click", chat, person, item, hand.wecom.clock.machine(), task_id=task_id)
    outcome = await hand.sender.spawn(hand.ear.tell(turn, body))
    return {**NOTHING, **outcome.view()}


def _control(card: Json, press: Press) -> Control:
    candidates = controls.controls(card)
    wanted: Any = press.button
    if wanted is None:
        callbacks = [c for c in candidates if c.kind in ("submit", "button")]
        if press.option is not None and len(callbacks) > 1:
            callbacks = [c for c in callbacks if _belongs(card, c)]
        if len(callbacks) == 1:
            return callbacks[0]
        action = card.get("card_action") or {}
        if action.get("type") == 1 and press.option is None:
            return Control("link", "", "", str(action["url"]))
    elif (control := controls.find(candidates, wanted)) is not None:
        return control
    labels = "、".join(f"〔{c.label}〕" for c in candidates) or "没有可点的"
    raise Refused(f"卡片上没有「{wanted}」。有：{labels}" if wanted is not None else f"要说明点哪个：{labels}", 404)


def _belongs(card: Json, control: Control) -> bool:
    """True for the button that is named like the card's dropdown, as a menu is drawn here: a list and a button."""
    title = str((card.get("button_selection") or {}).get("title") or "")
    return bool(control.label) and title.startswith(control.label.rstrip("…"))


def _values(card: Json, press: Press) -> Json:
    """What the person chose: by question, or one option of the question that offers it."""
    values = dict(press.values or {})
    if press.option is None:
        return values
    wanted = press.option if isinstance(press.option, list) else [press.option]
    question = next((q for q in controls.questions(card) if _offers(q, wanted[0])), None)
    if question is None:
        raise Refused(f"卡片上没有「{press.option}」这个选项", 404)
    return {question.key: press.option, **values}


def _offers(question: Question, option: Any) -> bool:
    return any(option in (key, text) for key, text in question.options)
