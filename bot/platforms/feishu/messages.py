"""Messages and files: send, update, recall, upload, download (docs/platforms/feishu.md 5.2 to 5.4)."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from email.message import Message
from typing import Any

import aiohttp
import orjson

from bot.platforms.base import Address, Download, Malformed, Sent, TooLarge
from bot.platforms.feishu.client import FILE_SECONDS, Asked, Client, segment
from bot.platforms.feishu.errors import fault
from bot.platforms.feishu.plain import one_line

UUID_CHARS = 50
FILE_BYTES = 30 << 20
IMAGE_BYTES = 10 << 20

_MESSAGES = "/open-apis/im/v1/messages"
_FILE_TYPES = {"pdf": "pdf", "doc": "doc", "docx": "doc", "xls": "xls", "xlsx": "xls", "ppt": "ppt", "pptx": "ppt"}


class Messages:
    """What is said in chats, through one client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def send(self, to: Address, message: Mapping[str, Any], *, key: str) -> Sent:
        """Sends once: for an hour the same key makes no second message."""
        body = {"msg_type": message["msg_type"], "content": _content(message), "uuid": uuid(key)}
        params: tuple[tuple[str, str], ...] = ()
        if to.reply_to:
            path = f"{_MESSAGES}/{segment(to.reply_to)}/reply"
        elif to.chat or to.account:
            path = _MESSAGES
            params = (("receive_id_type", "chat_id" if to.chat else "open_id"),)
            body["receive_id"] = to.chat or to.account
        else:
            raise Malformed("feishu: nobody to send to")
        about = to.chat or to.account or to.reply_to
        data = await self._client.data(Asked("POST", path, params, body), about=about)
        message_id, chat = data.get("message_id"), data.get("chat_id")
        if not isinstance(message_id, str) or not message_id:
            raise fault("feishu answered a send without a message id")
        return Sent(message_id=message_id, chat=chat if isinstance(chat, str) and chat else to.chat)

    async def update(self, message_id: str, message: Mapping[str, Any]) -> None:
        """Replaces the content of our own message: a card's by PATCH, a text's by PUT."""
        path = f"{_MESSAGES}/{segment(message_id)}"
        content = _content(message)
        if message["msg_type"] == "interactive":
            asked = Asked("PATCH", path, body={"content": content})
        else:
            asked = Asked("PUT", path, body={"msg_type": message["msg_type"], "content": content})
        await self._client.call(asked, about=message_id)

    async def recall(self, message_id: str) -> None:
        """Takes our own message back."""
        await self._client.call(Asked("DELETE", f"{_MESSAGES}/{segment(message_id)}"), about=message_id)

    async def upload(self, content: bytes, *, name: str, kind: str) -> str:
        """The key of the uploaded image or file, good for messages of this app."""
        if not content:
            raise Malformed("feishu: an empty file cannot be sent")
        image = kind == "image"
        if len(content) > (IMAGE_BYTES if image else FILE_BYTES):
            raise TooLarge(f"feishu: {len(content)} bytes are too much for an upload")

        def form() -> aiohttp.FormData:
            data = aiohttp.FormData()
            if image:
                data.add_field("image_type", "message")
            else:
                data.add_field("file_type", _file_type(kind, name))
                data.add_field("file_name", one_line(name)[:200] or "file")
            data.add_field("image" if image else "file", io.BytesIO(content), filename="upload")
            return data

        path = "/open-apis/im/v1/images" if image else "/open-apis/im/v1/files"
        answer = await self._client.data(Asked("POST", path, form=form, seconds=FILE_SECONDS))
        key = answer.get("image_key" if image else "file_key")
        if not isinstance(key, str) or not key:
            raise fault("feishu answered an upload without a key")
        return key

    async def download(self, message_id: str, key: str, *, kind: str) -> Download:
        """A file that somebody sent, at most 30 MB. The name is what the sender claims, or empty."""
        answer = await self._client.fetch(
            Asked(
                "GET",
                f"{_MESSAGES}/{segment(message_id)}/resources/{segment(key)}",
                params=(("type", "image" if kind == "image" else "file"),),
                limit=FILE_BYTES,
                seconds=FILE_SECONDS,
            )
        )
        return Download(answer.content, file_name(answer.headers.get("Content-Disposition", "")))


def uuid(key: str) -> str:
    """The key as the vendor's uuid: itself when it is short and plain, else a hash of it."""
    if 0 < len(key) <= UUID_CHARS and key.isascii() and key.isprintable():
        return key
    return hashlib.sha256(key.encode()).hexdigest()[:UUID_CHARS]


def file_name(disposition: str) -> str:
    """The last part of the file name in a Content-Disposition header, cleaned; empty when there is none."""
    header = Message()
    try:
        header["Content-Disposition"] = disposition
        name = header.get_filename("")
    except ValueError:
        return ""
    return one_line(name.replace("\\", "/").rsplit("/", 1)[-1])[:200]


def _content(message: Mapping[str, Any]) -> str:
    content = message["content"]
    return content if isinstance(content, str) else orjson.dumps(content).decode()


def _file_type(kind: str, name: str) -> str:
    ending = name.rpartition(".")[2].lower()
    if kind == "audio" and ending == "opus":
        return "opus"
    if kind == "video" and ending == "mp4":
        return "mp4"
    return _FILE_TYPES.get(ending, "stream")
