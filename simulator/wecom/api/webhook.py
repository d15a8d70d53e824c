"""The robot of a group, known by the key in its URL; it only speaks."""

from __future__ import annotations

from simulator.chats import Chat
from simulator.wecom.api.media import keep, uploaded
from simulator.wecom.cards.validate import WEBHOOK, check_card
from simulator.wecom.content import HOOK_MARKDOWN_BYTES, HOOK_TYPES, Content, Place, read_content
from simulator.wecom.errors import ApiError
from simulator.wecom.http import Json, Request, ok
from simulator.wecom.limits import PER_WEBHOOK
from simulator.wecom.media import WEBHOOK_SIZES
from simulator.wecom.multipart import read_file
from simulator.wecom.platform import NAME


async def send(request: Request) -> Json:
    """POST webhook/send: into the one group of this key, 20 a minute."""
    body, chat = request.body(), _chat(request)
    msgtype = request.text(body, "msgtype")
    if msgtype not in HOOK_TYPES:
        raise ApiError(40008)
    content = _content(request, body, msgtype, chat)
    request.wecom.limits.spend(f"hook:{chat.hook}", PER_WEBHOOK)
    request.wecom.post(chat, content.kind, text=content.text, card=content.card, blob=content.blob)
    return ok()


async def upload_media(request: Request) -> Json:
    """POST webhook/upload_media: a file or a recording, for this robot only."""
    chat, kind = _chat(request), request.query("type")
    if kind not in WEBHOOK_SIZES:
        raise ApiError(40004)
    return uploaded(request, keep(request, kind, await read_file(request), WEBHOOK_SIZES, chat.hook))


def _content(request: Request, body: Json, msgtype: str, chat: Chat) -> Content:
    if msgtype != "template_card":
        place = Place(chat.hook, HOOK_MARKDOWN_BYTES, inline_image=True)
        return read_content(request, msgtype, body, place)
    card = body.get("template_card")
    request.warn(*check_card(card, WEBHOOK))
    return Content("template_card", card=card)


def _chat(request: Request) -> Chat:
    key = request.query("key")
    chat = next((c for c in request.wecom.world.of(NAME) if c.hook and c.hook == key), None)
    if chat is None:
        raise ApiError(93000)
    return chat
