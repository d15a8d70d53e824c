"""Card instances: create, deliver, update, stream, and where their clicks are posted."""

from __future__ import annotations

from typing import Any

from simulator.dingtalk.cards.checks import MAX_VALUE, param_map, private_maps
from simulator.dingtalk.cards.store import Card
from simulator.dingtalk.cards.templates import AI
from simulator.dingtalk.errors import NO_PERMISSION, ApiError, invalid, missing
from simulator.dingtalk.http import Json, Request
from simulator.dingtalk.platform import Dingtalk, Route
from simulator.dingtalk.posting import bot_card
from simulator.dingtalk.showing import show

MAX_TRACK_ID = 100
SPACE_PREFIX = "dtv1.card//"
SPACES = {"IM_GROUP": "imGroupOpen", "IM_ROBOT": "imRobotOpen"}
EVERYBODY = "@ALL"


async def create(request: Request) -> Json:
    """POST card/instances: the card exists, nobody sees it yet."""
    card = _create(request.dingtalk, request.body())
    return {"success": True, "result": card.out_track_id}


async def deliver(request: Request) -> Json:
    """POST card/instances/deliver: the card stands in the chats named; each may fail by itself."""
    body = request.body()
    card = request.dingtalk.cards.get(body.get("outTrackId"))
    return {"success": True, "result": _deliver(request, card, body)}


async def create_and_deliver(request: Request) -> Json:
    """POST card/instances/createAndDeliver: both in one call."""
    body = request.body()
    _targets(body)
    card = _create(request.dingtalk, body)
    results = _deliver(request, card, body)
    return {"success": True, "result": {"outTrackId": card.out_track_id, "deliverResults": results}}


async def update(request: Request) -> Json:
    """PUT card/instances: new data everywhere; without options by key it replaces all that was there."""
    dingtalk, body = request.dingtalk, request.body()
    card = dingtalk.cards.get(body.get("outTrackId"))
    public = param_map(body.get("cardData"), "cardData", strict=dingtalk.strict)
    private = private_maps(body.get("privateData"), strict=dingtalk.strict)
    if not public and not any(private.values()):
        raise ApiError("param.cardDataAndPrivateDataBothEmpty")
    if card.pending_clicks:
        raise ApiError("system.busy", "a callback of the card is not answered yet", http=500)
    options = body.get("cardUpdateOptions") or {}
    if public:
        card.set_public(public, by_key=options.get("updateCardDataByKey") is True)
    for user, data in private.items():
        userid = _userid(dingtalk, card.user_id_type, user)
        card.set_private(userid, data, by_key=options.get("updatePrivateDataByKey") is True)
    show(dingtalk, card)
    return {"success": True, "result": True}


async def stream(request: Request) -> Json:
    """PUT card/streaming: one text of an AI card grows."""
    dingtalk, body = request.dingtalk, request.body()
    card = dingtalk.cards.get(body.get("outTrackId"))
    key, content = body.get("key"), body.get("content")
    if card.template_id != AI or not isinstance(key, str) or not body.get("guid"):
        raise invalid("key" if card.template_id == AI else "outTrackId")
    if not isinstance(content, str) or (dingtalk.strict and len(content.encode()) > MAX_VALUE):
        raise invalid("content")
    text = content if body.get("isFull") is True else card.public.get(key, "") + content
    status = "5" if body.get("isError") is True else "3" if body.get("isFinalize") is True else "2"
    card.set_public({key: text, "flowStatus": status}, by_key=True)
    show(dingtalk, card)
    return {"success": True, "result": True}


async def register(request: Request) -> Json:
    """POST card/callbacks/register: an existing key stays as it is unless forceUpdate is true."""
    dingtalk, body = request.dingtalk, request.body()
    key, url = body.get("callbackRouteKey"), body.get("callbackUrl")
    if not isinstance(key, str) or not key:
        raise missing("callbackRouteKey")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise invalid("callbackUrl")
    if key not in dingtalk.card_routes or body.get("forceUpdate") is True:
        dingtalk.card_routes[key] = Route(url, str(body.get("apiSecret") or ""))
    route = dingtalk.card_routes[key]
    return {"success": True, "result": {"callbackUrl": route.url, "apiSecret": route.secret}}


async def closed(request: Request) -> Json:
    """Calls whose permission no new app of one organisation gets."""
    raise ApiError(NO_PERMISSION)


def _create(dingtalk: Dingtalk, body: Json) -> Card:
    template_id, track_id = body.get("cardTemplateId"), body.get("outTrackId")
    if not dingtalk.templates.known(template_id):
        raise ApiError("param.templateNotExist")
    if not isinstance(track_id, str) or not track_id:
        raise missing("outTrackId")
    if len(track_id) > MAX_TRACK_ID:
        raise invalid("outTrackId", f"outTrackId holds more than {MAX_TRACK_ID} characters")
    callback, route_key = body.get("callbackType", ""), body.get("callbackRouteKey", "")
    if callback not in ("STREAM", "HTTP", ""):
        raise invalid("callbackType")
    if callback == "HTTP" and route_key not in dingtalk.card_routes:
        raise invalid("callbackRouteKey") if route_key else missing("callbackRouteKey")
    user_id_type = body.get("userIdType", 1)
    if user_id_type not in (1, 2):
        raise invalid("userIdType")
    public = param_map(body.get("cardData"), "cardData", strict=dingtalk.strict)
    private = private_maps(body.get("privateData"), strict=dingtalk.strict)
    spaces = frozenset(kind for kind, name in SPACES.items() if _supports(body.get(f"{name}SpaceModel"), name))
    card = Card(track_id, str(template_id), callback, route_key, user_id_type, spaces, public)
    card.private = {_userid(dingtalk, user_id_type, user): data for user, data in private.items()}
    dingtalk.cards.add(card)
    return card


def _supports(model: Any, name: str) -> bool:
    if model is None:
        return False
    if not isinstance(model, dict) or not isinstance(model.get("supportForward"), bool):
        raise missing(f"{name}SpaceModel.supportForward")
    return True


def _userid(dingtalk: Dingtalk, user_id_type: int, key: str) -> str:
    person = dingtalk.directory.by(user_id_type, key)
    return person.userid if person else key


def _targets(body: Json) -> list[tuple[str, str]]:
    """The chats of an openSpaceId; refuses one that names none."""
    space = body.get("openSpaceId")
    if not isinstance(space, str) or not space.startswith(SPACE_PREFIX):
        raise invalid("openSpaceId")
    targets = [part.partition(".") for part in space.removeprefix(SPACE_PREFIX).split(";")]
    if any(kind.upper() not in SPACES or not key for kind, _, key in targets):
        raise invalid("openSpaceId")
    return [(kind.upper(), key) for kind, _, key in targets]


def _deliver(request: Request, card: Card, body: Json) -> list[Json]:
    results = []
    for kind, key in _targets(body):
        error = "系统繁忙" if request.fault == "undelivered" else _place(request.dingtalk, card, body, kind, key)
        carrier = "" if error else request.dingtalk.parts.ids.new("", length=24)
        results.append(
            {"spaceType": kind, "spaceId": key, "success": not error, "carrierId": carrier, "errorMsg": error}
        )
    show(request.dingtalk, card, updated=False)
    return results


def _place(dingtalk: Dingtalk, card: Card, body: Json, kind: str, key: str) -> str:
    """Put the card into one chat; the text says why it could not be."""
    model = body.get(f"{SPACES[kind]}DeliverModel")
    if not isinstance(model, dict):
        raise missing(f"{SPACES[kind]}DeliverModel")
    if kind not in card.spaces:
        return "卡片没有声明这个场域"
    if kind == "IM_GROUP" or "robotCode" in model:
        dingtalk.check_robot(model.get("robotCode"))
    text = _last_message(body, kind)
    if kind == "IM_ROBOT":
        if model.get("spaceType") != kind:
            raise invalid("imRobotOpenDeliverModel.spaceType")
        person = dingtalk.directory.by(card.user_id_type, key)
        direct = dingtalk.direct(person.userid) if person else None
        if direct is None:
            return "用户不存在或不在机器人可见范围"
        dingtalk.cards.shown_by(bot_card(dingtalk, direct, text).message_id, card)
        return ""
    return _place_in_group(dingtalk, card, model, key, text)


def _place_in_group(dingtalk: Dingtalk, card: Card, model: Json, key: str, text: str) -> str:
    try:
        chat = dingtalk.group(key)
    except ApiError:
        return "机器人不在群里"
    at = model.get("atUserIds") or {}
    if not isinstance(at, dict) or any(one != EVERYBODY and dingtalk.directory.person(one) is None for one in at):
        raise invalid("atUserIds")
    called = "".join(f"@{name.removeprefix('@')} " for name in at.values())
    recipients = model.get("recipients")
    if recipients is None:
        dingtalk.cards.shown_by(bot_card(dingtalk, chat, called + text).message_id, card)
        return ""
    people = [person for person in map(dingtalk.directory.person, recipients) if person and person.id in chat.members]
    if not people:
        return "recipients 里没有群成员"
    for person in people:
        dingtalk.cards.shown_by(bot_card(dingtalk, chat, called + text, person.id).message_id, card)
    return ""


def _last_message(body: Json, kind: str) -> str:
    model = body.get(f"{SPACES[kind]}SpaceModel") or {}
    texts = model.get("lastMessageI18n") or {}
    return str(texts.get("ZH_CN", "[卡片]")) if isinstance(texts, dict) else "[卡片]"
