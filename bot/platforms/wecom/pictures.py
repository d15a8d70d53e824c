"""A picture the app has uploaded, for the chats that do not know the app's media: webhooks and the smart bot's."""

from __future__ import annotations

import base64
import hashlib
from collections import OrderedDict
from typing import Any

from bot.platforms.base import TooLarge
from bot.platforms.wecom.chats import Kind
from bot.platforms.wecom.line import Line
from bot.platforms.wecom.media import Media

HOOK_BYTES = 2 << 20
KEPT = 200
"""Pictures whose second upload is remembered; the vendor keeps them three days."""


class Pictures:
    """Turns the app's media id into what another kind of chat takes."""

    def __init__(self, media: Media, line: Line | None) -> None:
        self._media = media
        self._line = line
        self._of_bot: OrderedDict[str, str] = OrderedDict()

    async def message(self, media_id: str, kind: Kind) -> dict[str, Any] | None:
        """The picture as a message of its own; None where the chat takes none. Raises PlatformError."""
        match kind:
            case "hook":
                content = (await self._media.download(media_id)).content
                if len(content) > HOOK_BYTES:
                    raise TooLarge("wecom: the picture is too large for a webhook")
                digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
                return _image({"base64": base64.b64encode(content).decode(), "md5": digest})
            case "bot":
                return _image({"media_id": await self._again(media_id, self._line)}) if self._line else None
        return _image({"media_id": media_id})

    async def _again(self, media_id: str, line: Line) -> str:
        """The picture uploaded once more, by the smart bot."""
        if media_id not in self._of_bot:
            content = (await self._media.download(media_id)).content
            self._of_bot[media_id] = await line.upload(content, name="picture.png", kind="image")
            if len(self._of_bot) > KEPT:
                self._of_bot.popitem(last=False)
        return self._of_bot[media_id]

    def forget(self, media_id: str) -> None:
        """The picture was refused: next time it is uploaded anew."""
        self._of_bot.pop(media_id, None)


def _image(image: dict[str, Any]) -> dict[str, Any]:
    return {"msgtype": "image", "image": image}
