"""Messages of people: what they look like, and which of them reach the bot."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from simulator.chats import Chat
from simulator.company import Company, Person
from simulator.dingtalk import payloads
from simulator.dingtalk.delivery import Deliveries
from simulator.dingtalk.platform import Dingtalk
from simulator.dingtalk.posting import put
from simulator.messages import Message
from simulator.vendor import Refused, Said, Upload

AUDIO_MS = 4000
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Writing:
    """What people write and send."""

    dingtalk: Dingtalk
    deliveries: Deliveries

    async def say(self, person: Person, chat: Chat, said: Said) -> Json:
        """A text; in a group the bot hears it only when it is called."""
        calls = _called_by(self.dingtalk.company)
        text = said.text
        if said.mention_bot and chat.kind == "group" and not calls.search(text):
            text = f"@{self.dingtalk.company.bot_name} {text}"
        heard = chat.bot_in and (chat.kind == "p2p" or calls.search(text) is not None)
        if said.rich:
            body: Json = {"msgtype": "richText", "content": {"richText": self._runs(chat, text)}}
        else:
            body = {"msgtype": "text", "text": {"content": calls.sub("", text) if chat.kind == "group" else text}}
            if said.parent is not None:
                body["text"].update(payloads.quoted(self.dingtalk, said.parent))
        item = put(self.dingtalk, chat, kind="text", text=text, person=person, parent=said.parent, content=body)
        if said.parent is not None:
            body["originalMsgId"] = said.parent.message_id
            key = self.dingtalk.sessions.key_of(said.parent.message_id)
            body.update({"originalProcessQueryKey": key} if key else {})
        return await self._deliver(item, person, body, heard=heard, wait=said.wait)

    async def upload(self, person: Person, chat: Chat, upload: Upload) -> Json:
        """A picture or file; of those in groups only a picture beside a text that calls the bot arrives."""
        group = chat.kind == "group"
        if group and upload.kind != "image":
            raise Refused("钉钉群里的文件、语音和视频到不了机器人，请发到单聊")
        code = self.dingtalk.sessions.give_download(upload.blob.key)
        heard = chat.bot_in and not group
        if upload.kind == "image" and upload.text:
            runs = self._runs(chat, upload.text)
            picture = {"type": "picture", "downloadCode": code, "pictureDownloadCode": code}
            body: Json = {"msgtype": "richText", "content": {"richText": [*runs, picture]}}
            called = _called_by(self.dingtalk.company).search(upload.text) is not None
            heard = chat.bot_in and (called or not group)
        else:
            body = _file_body(upload, code)
        item = put(
            self.dingtalk, chat, kind=upload.kind, text=upload.text, blob=upload.blob, person=person, content=body
        )
        return await self._deliver(item, person, body, heard=heard, wait=upload.wait)

    def _runs(self, chat: Chat, text: str) -> list[Json]:
        """Rich text; the name of the called bot is a run of its own and stays."""
        calls = _called_by(self.dingtalk.company)
        match = calls.search(text) if chat.kind == "group" else None
        if match is None:
            return [{"text": text}]
        parts = (text[: match.start()], f"@{self.dingtalk.company.bot_name}", text[match.end() :])
        return [{"text": part} for part in parts if part]

    async def _deliver(self, item: Message, person: Person, body: Json, *, heard: bool, wait: bool) -> Json:
        answer: Json = {"message_id": item.message_id, "delivered": None}
        if not heard:
            return answer
        message = payloads.robot_message(self.dingtalk, item, person, body)
        task = self.deliveries.message(message, item.chat_id)
        if wait:
            answer["delivered"] = (await task).view()
        return answer


def _called_by(company: Company) -> re.Pattern[str]:
    names = sorted((company.bot_name, *company.bot_aliases), key=len, reverse=True)
    return re.compile("@(?:" + "|".join(map(re.escape, names)) + ")")


def _file_body(upload: Upload, code: str) -> Json:
    if upload.kind == "image":
        return {"msgtype": "picture", "content": {"downloadCode": code, "pictureDownloadCode": code}}
    if upload.kind == "audio":
        content = {"duration": AUDIO_MS, "downloadCode": code, "recognition": upload.text}
        return {"msgtype": "audio", "content": content}
    if upload.kind == "media":
        return {"msgtype": "video", "content": {"duration": "5", "downloadCode": code, "videoType": "mp4"}}
    return {"msgtype": "file", "content": {"downloadCode": code, "fileName": upload.blob.name}}
