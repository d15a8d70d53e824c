"""What is said in chats: cards, which stand under an id of ours, and words (docs/platforms/dingtalk.md)."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from bot.platforms.base import Address, Gone, Malformed, NotAllowed, PlatformError, RetryLater, Sent, Shown
from bot.platforms.dingtalk.client import Asked, Client
from bot.platforms.dingtalk.content import text
from bot.platforms.dingtalk.errors import CardExists, NoCard, NoPermission, Unsafe, fault
from bot.platforms.dingtalk.form import own_params
from bot.platforms.dingtalk.keys import DingtalkKeys
from bot.platforms.dingtalk.render import SHARED_TEMPLATE
from bot.platforms.dingtalk.tracks import DIRECT, template_of, track_id, words_id, words_place

FLOW_CONTROL_WAIT = 60.0
PICTURED = 500
"""So many sends are remembered, so that a repeated one does not repeat its pictures."""
BY_KEY = {"updateCardDataByKey": True, "updatePrivateDataByKey": True}
"""Without these an update overwrites every variable it does not name."""

_CARDS = "/v1.0/card/instances"
_Json = dict[str, Any]

log = structlog.get_logger()


class Messages:
    """Sends, redraws and takes back, through one client."""

    def __init__(self, keys: DingtalkKeys, client: Client) -> None:
        self._keys = keys
        self._client = client
        self._pictured: deque[str] = deque(maxlen=PICTURED)
        self._templates = {"shared": SHARED_TEMPLATE, "form": keys.form_template_id}

    async def send(self, to: Address, message: Mapping[str, Any], *, key: str) -> Sent:
        """Sends a card once, whatever is repeated; words have no such promise. A card that is refused goes as words."""
        chat = to.chat or (DIRECT + to.account if to.account else "")
        if not chat:
            raise Malformed("dingtalk: nobody to send to")
        if message["pictures"] and key not in self._pictured:
            await self._send_pictures(chat, message["pictures"])
            self._pictured.append(key)
        try:
            if message["template"]:
                return await self._send_card(chat, message, key)
            return await self._send_words(chat, message["words"])
        except (NoCard, NoPermission) as error:
            if not message["template"]:
                raise
            log.error("dingtalk.card_refused", reason=str(error))
            return await self._send_words(chat, message["words"])
        except Unsafe as error:
            log.error("dingtalk.content_refused", reason=str(error))
            return await self._send_words(chat, message["short"])

    async def update(self, shown: Shown, message: Mapping[str, Any]) -> None:
        """Replaces what a card shows, wherever it stands. Raises Gone for words, which cannot be redrawn."""
        params = message.get(template_of(shown.message_id) or "")
        if params is None:
            raise Gone("dingtalk: this message cannot be redrawn")
        body: _Json = {"outTrackId": shown.message_id, "cardUpdateOptions": BY_KEY, "userIdType": 1}
        body["cardData"] = {"cardParamMap": params}
        if shown.chat.startswith(DIRECT) and (own := own_params(params)):
            body["privateData"] = {shown.chat.removeprefix(DIRECT): {"cardParamMap": own}}
        await self._client.call(Asked("PUT", _CARDS, body))

    async def recall(self, message_id: str) -> None:
        """Takes words back, within a day. The vendor has no call that takes a card back."""
        if template_of(message_id):
            raise NotAllowed("dingtalk: a card cannot be taken back")
        key, group = words_place(message_id)
        body: _Json = {"robotCode": self._keys.robot, "processQueryKeys": [key]}
        if group:
            path, body["openConversationId"] = "/v1.0/robot/groupMessages/recall", group
        else:
            path = "/v1.0/robot/otoMessages/batchRecall"
        answer = await self._client.call(Asked("POST", path, body))
        if failed := answer.get("failedResult"):
            raise Gone(f"dingtalk: not taken back: {str(failed)[:100]}")

    async def _send_pictures(self, chat: str, pictures: Sequence[Mapping[str, str]]) -> None:
        """Pictures of a card go before it; one that is refused is left out, one that must wait lets the card wait."""
        for picture in pictures:
            try:
                await self._send_words(chat, picture)
            except RetryLater as error:
                # The card was not sent, so its fate is known; a picture that stands there twice does no harm.
                raise RetryLater(str(error), after=error.after, code=error.code, whole_app=error.whole_app) from error
            except PlatformError as error:
                log.warning("dingtalk.picture_refused", reason=str(error))

    async def _send_card(self, chat: str, message: Mapping[str, Any], key: str) -> Sent:
        group = not chat.startswith(DIRECT)
        track = track_id(key, message["template"], group=group)
        body = {
            "cardTemplateId": self._templates[message["template"]],
            "outTrackId": track,
            "callbackType": self._keys.callback_type,
            **({} if self._keys.socket else {"callbackRouteKey": self._keys.route_key}),
            "cardData": {"cardParamMap": message[message["template"]]},
            "userIdType": 1,
            **self._space(chat, str(message["title"])),
        }
        try:
            answer = await self._client.call(Asked("POST", f"{_CARDS}/createAndDeliver", body), *_pace(chat))
        except CardExists:
            return Sent(track, chat)
        result = answer.get("result")
        for delivered in _list(result.get("deliverResults") if isinstance(result, dict) else None):
            if isinstance(delivered, dict) and delivered.get("success") in (False, "false"):
                raise Gone(f"dingtalk: the card was not delivered: {text(delivered, 'errorMsg')[:100]}")
        return Sent(track, chat)

    def _space(self, chat: str, title: str) -> _Json:
        """Where the card goes; the chat list shows its title instead of a general word."""
        model = {"supportForward": False, "lastMessageI18n": {"ZH_CN": title}}
        if chat.startswith(DIRECT):
            return {
                "openSpaceId": f"dtv1.card//IM_ROBOT.{chat.removeprefix(DIRECT)}",
                "imRobotOpenSpaceModel": model,
                "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": self._keys.robot},
            }
        return {
            "openSpaceId": f"dtv1.card//IM_GROUP.{chat}",
            "imGroupOpenSpaceModel": model,
            "imGroupOpenDeliverModel": {"robotCode": self._keys.robot},
        }

    async def _send_words(self, chat: str, words: Mapping[str, str]) -> Sent:
        body: _Json = {"robotCode": self._keys.robot, **words}
        if chat.startswith(DIRECT):
            body["userIds"] = [chat.removeprefix(DIRECT)]
            answer = await self._client.call(Asked("POST", "/v1.0/robot/oToMessages/batchSend", body))
            _check_receivers(answer)
        else:
            body["openConversationId"] = chat
            answer = await self._client.call(Asked("POST", "/v1.0/robot/groupMessages/send", body), *_pace(chat))
        if not (key := text(answer, "processQueryKey")):
            raise fault("dingtalk answered a send without its key")
        return Sent(words_id(key, chat), chat)


def _check_receivers(answer: Mapping[str, Any]) -> None:
    """HTTP 200 may hide that nobody was reached."""
    if _list(answer.get("invalidStaffIdList")):
        raise Gone("dingtalk: the robot cannot reach this person")
    if _list(answer.get("flowControlledStaffIdList")):
        raise RetryLater("dingtalk: too much to this person", after=FLOW_CONTROL_WAIT)


def _pace(chat: str) -> tuple[tuple[str, str], ...]:
    return () if chat.startswith(DIRECT) else (("group", chat),)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
