"""Messages of the app to members: send, change a card, take back."""

from __future__ import annotations

from simulator.wecom.cards.validate import INTERACTIVE, SEND, UPDATE, calls_back, check_card
from simulator.wecom.content import APP_TYPES, Content, read_content
from simulator.wecom.errors import ApiError, CardRefused
from simulator.wecom.http import Json, Request, ok
from simulator.wecom.limits import PER_MEMBER, SEND_DAY, SEND_MULTIPLE
from simulator.wecom.platform import Sending
from simulator.wecom.receivers import MAX_PARTIES, MAX_TAGS, MAX_USERS, Receivers, read_receivers

ACCOUNT_CAP = 1000
RECALL_MS = 24 * 3600 * 1000


async def send(request: Request) -> Json:
    """POST message/send: a copy in the app chat of every receiver."""
    body, wecom = request.body(), request.wecom
    check_agent(request, body)
    receivers = read_receivers(request, body)
    msgtype = request.text(body, "msgtype")
    if msgtype not in APP_TYPES:
        raise ApiError(40008)
    content = _card(request, body) if msgtype == "template_card" else read_content(request, msgtype, body)
    if wecom.once.seen(body):
        request.warn("the identical request was sent before: not delivered again")
        return ok(**receivers.view())
    wecom.limits.spend("send", ((ACCOUNT_CAP * SEND_MULTIPLE, SEND_DAY),), len(receivers.people))
    task_id = request.text(content.card or {}, "task_id") if msgtype == "template_card" else ""
    sending = Sending(wecom.ids.new("", length=56), task_id, {}, wecom.clock.now_ms(), False, False)
    if task_id and task_id in wecom.tasks:
        if wecom.duplicate_task_id == "error":
            raise CardRefused("template_card.task_id", "was used before")
        request.warn(f"task_id {task_id} was used before: nobody sees this card")
        return ok(msgid=sending.msgid, **receivers.view())
    _deliver(request, sending, receivers, content)
    wecom.once.remember(body)
    answer = ok(msgid=sending.msgid, **receivers.view())
    if sending.calls_back:
        answer["response_code"] = wecom.codes.give(sending.msgid)
    return answer


def check_agent(request: Request, body: Json) -> None:
    """Refuses a missing agentid, and any but the token's own."""
    if body.get("agentid") is None:
        raise ApiError(41011)
    if request.number(body, "agentid") != request.wecom.app.agent_id:
        raise ApiError(301002)


def _card(request: Request, body: Json) -> Content:
    card = body.get("template_card")
    request.warn(*check_card(card, SEND))
    assert isinstance(card, dict)
    if calls_back(card) and not request.wecom.callback_url:
        raise ApiError(40058, "the app has no callback URL: it can not send cards that call back")
    return Content("template_card", card=card)


def _deliver(request: Request, sending: Sending, receivers: Receivers, content: Content) -> None:
    wecom, card = request.wecom, content.card or {}
    if content.kind == "template_card":
        sending.interactive, sending.calls_back = card.get("card_type") in INTERACTIVE, calls_back(card)
    for userid, person in receivers.people.items():
        if not wecom.limits.allows(f"member:{userid}", PER_MEMBER):
            request.warn(f"{userid} had 30 messages within a minute, or 1000 within an hour: not delivered")
            continue
        message_id = sending.msgid if not sending.copies else f"{sending.msgid}-{userid}"
        sending.copies[userid] = message_id
        chat = wecom.app_chat(person)
        wecom.post(chat, content.kind, text=content.text, card=content.card, blob=content.blob, message_id=message_id)
        wecom.message_of[message_id] = sending.msgid
    wecom.sendings[sending.msgid] = sending
    if sending.task_id:
        wecom.tasks[sending.task_id] = sending.msgid


async def update_template_card(request: Request) -> Json:
    """POST message/update_template_card: one change per response code, to some receivers or to all."""
    body, wecom = request.body(), request.wecom
    code = wecom.codes.find(body.get("response_code"))
    sending = wecom.sendings.get(code.message_id)
    if sending is None:
        raise ApiError(40058, "invalid response_code")
    if body.get("agentid") is None:
        raise ApiError(41011)
    if request.number(body, "agentid") != wecom.app.agent_id:
        raise ApiError(42015)
    targets, invalid = _targets(request, body, sending)
    name, card = _change(request, body, sending)
    _apply(request, sending, targets, name, card)
    code.used = True
    return ok(invaliduser=invalid) if invalid else ok()


def _change(request: Request, body: Json, sending: Sending) -> tuple[str, Json | None]:
    """The new name of the buttons, or the new card."""
    button, card = body.get("button"), body.get("template_card")
    if (button is None) == (card is None):
        raise ApiError(40058, "either button or template_card is required")
    if card is not None:
        request.warn(*check_card(card, UPDATE))
        return "", card
    if not isinstance(button, dict) or not request.text(button, "replace_name"):
        raise ApiError(40058, "button.replace_name is required")
    if not sending.interactive:
        raise ApiError(40058, "button works on interactive cards only")
    return request.text(button, "replace_name"), None


def _apply(request: Request, sending: Sending, targets: list[str], name: str, card: Json | None) -> None:
    wecom = request.wecom
    for userid in targets:
        item = wecom.world.messages.get(sending.copies[userid])
        if item is None or item.recalled:
            continue
        wecom.redraw(item, card if card is not None else {**(item.card or {}), "replace_text": name})


def _targets(request: Request, body: Json, sending: Sending) -> tuple[list[str], list[str]]:
    """The receivers to change, and the named members who never got the card."""
    if request.number(body, "atall") == 1:
        return list(sending.copies), []
    users = _list(body, "userids", MAX_USERS, 40032)
    parties = _list(body, "partyids", MAX_PARTIES, 82002)
    tags = _list(body, "tagids", MAX_TAGS, 82003)
    if not (users or parties or tags):
        raise ApiError(82001)
    wanted = [str(user).lower() for user in users]
    directory = request.wecom.directory
    inside = [p.userid for n in parties if isinstance(n, int) for p in directory.members(n, deep=True)]
    invalid = [userid for userid in wanted if userid not in sending.copies]
    return [userid for userid in sending.copies if userid in wanted or userid in inside], invalid


def _list(body: Json, name: str, most: int, code: int) -> list[object]:
    value = body.get(name) or []
    if not isinstance(value, list):
        raise ApiError(40058, f"{name} must be a list")
    if len(value) > most:
        raise ApiError(code)
    return value


async def recall(request: Request) -> Json:
    """POST message/recall: gone from every receiver's chat, within a day."""
    wecom = request.wecom
    sending = wecom.sendings.get(request.text(request.body(), "msgid"))
    if sending is None or wecom.clock.now_ms() - sending.created_ms > RECALL_MS:
        raise ApiError(40058, "invalid msgid")
    for message_id in sending.copies.values():
        item = wecom.world.messages.get(message_id)
        if item is not None and not item.recalled:
            wecom.world.recall(item)
    return ok()
