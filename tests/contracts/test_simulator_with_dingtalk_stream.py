"""The unmodified vendor client against the simulated DingTalk: what it receives, and what its helpers send.

The client reads its endpoint when it is imported, blocks its loop and never ends, so it works in a process of its own:
this file, run as a program, lets people act, answers them with the client's helpers and prints what it saw as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

APP_KEY, APP_SECRET = "dingsimappkey", "sim-app-secret"
DEADLINE_SECONDS = 120
GROUP = "总监群（钉钉）"


@pytest.fixture
def simulator_url() -> Iterator[str]:
    """A simulated DingTalk in a process of its own."""
    command = [sys.executable, "-m", "simulator", "--port", "0", "--vendors", "dingtalk", "--mode", "dingtalk=socket"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            yield line.split("：", 1)[1].strip().rstrip("/")
        finally:
            process.terminate()


def test_client_is_fooled(simulator_url: str) -> None:
    environment = {
        **os.environ,
        "DINGTALK_OPENAPI_ENDPOINT": simulator_url,
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }
    done = subprocess.run(
        [sys.executable, __file__, simulator_url],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        timeout=DEADLINE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == EXPECTED


EXPECTED: dict[str, Any] = {
    "wrong secret": None,
    "text": ["text", ["文字"], "1", "m03", "李雷"],
    "text in chat": ["收到", "**收到**"],
    "group": ["text", [" 群里"], "2", "m01", True],
    "rich": ["richText", ["@销售助手", " 图文"], 1],
    "picture": ["picture", 5],
    "file": ["file", "报价.pdf"],
    "cards": {
        "ai": {"flowStatus": "3", "msgTitle": "标题", "msgContent": "**正文**", "buttons": ["同意"]},
        "markdown": {"markdown": "新正文", "title": "标题"},
        "buttons": {"markdown": "正文", "tips": "", "title": "标题"},
        "one step": {"markdown": "一步"},
    },
    "closed": "",
    "click": ["m03", {"id": "agree"}, {"code": 0, "toast": None}, "已同意"],
    "silent click": [408, "error"],
    "event": ["user_leave_org", ["m04"]],
    "after goodbye": "还在",
    "same message twice": 2,
    "problems": [],
}


class Program:
    """Everything done in the client's process."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.seen: dict[str, Any] = {}
        self.messages: list[Any] = []
        self.clicks: list[Any] = []
        self.events: list[Any] = []
        self.tracks: dict[str, str] = {}
        self.answer: dict[str, Any] = {}
        self.slow = 0.0

    def run(self) -> dict[str, Any]:
        import dingtalk_stream as ding

        wrong = ding.DingTalkStreamClient(ding.Credential(APP_KEY, "wrong"))
        self.seen["wrong secret"] = wrong.open_connection()
        self.client = ding.DingTalkStreamClient(ding.Credential(APP_KEY, APP_SECRET))
        self._register(ding)
        threading.Thread(target=lambda: asyncio.run(self.client.start()), daemon=True).start()
        self._until(lambda: self.client.websocket is not None)
        self._messages()
        self._cards()
        self._clicks()
        self._connection()
        problems = self._get("calls")["calls"]
        self.seen["problems"] = [call["response"] for call in problems if call["method"] == "ACK"]
        return self.seen

    def _register(self, ding: Any) -> None:
        program = self

        class Messages(ding.ChatbotHandler):  # type: ignore[misc]
            async def process(self, callback: Any) -> tuple[int, str]:
                program.messages.append(ding.ChatbotMessage.from_dict(callback.data))
                return ding.AckMessage.STATUS_OK, "OK"

        class Clicks(ding.CallbackHandler):  # type: ignore[misc]
            async def process(self, callback: Any) -> tuple[int, Any]:
                program.clicks.append(ding.CardCallbackMessage.from_dict(callback.data))
                await asyncio.sleep(program.slow)
                return ding.AckMessage.STATUS_OK, program.answer

        class Events(ding.EventHandler):  # type: ignore[misc]
            async def process(self, event: Any) -> tuple[int, str]:
                program.events.append([event.headers.event_type, event.data["userId"]])
                return ding.AckMessage.STATUS_OK, "OK"

        self.handler = Messages()
        self.client.register_callback_handler(ding.ChatbotMessage.TOPIC, self.handler)
        self.client.register_callback_handler(ding.CallbackHandler.TOPIC_CARD_CALLBACK, Clicks())
        self.client.register_all_event_handler(Events())

    def _messages(self) -> None:
        self.sim("say", user="李雷", text="文字")
        text = self.messages[-1]
        who = [text.conversation_type, text.sender_staff_id, text.sender_nick]
        self.seen["text"] = [text.message_type, text.get_text_list(), *who]
        self.handler.reply_text("收到", text)
        self.handler.reply_markdown("标题", "**收到**", text)
        self.seen["text in chat"] = [row["text"] for row in self._shown("李雷")[1:]]

        self.sim("say", user="张伟", chat=GROUP, text="@助手 群里")
        group = self.messages[-1]
        what = [group.message_type, group.get_text_list(), group.conversation_type, group.sender_staff_id]
        self.seen["group"] = [*what, group.is_in_at_list]
        self._upload("群图.png", user="张伟", chat=GROUP, text="@助手 图文")
        rich = self.messages[-1]
        self.seen["rich"] = [rich.message_type, rich.get_text_list(), len(rich.get_image_list())]
        self._upload("照片.png", user="李雷")
        picture = self.messages[-1]
        url = self.handler.get_image_download_url(picture.get_image_list()[0])
        with urllib.request.urlopen(url, timeout=20) as response:
            self.seen["picture"] = [picture.message_type, len(response.read())]
        self._upload("报价.pdf", user="李雷")
        file = self.messages[-1]
        self.seen["file"] = [file.message_type, file.extensions["content"]["fileName"]]
        self.direct, self.group = text, group

    def _cards(self) -> None:
        from dingtalk_stream.card_replier import CardReplier

        button = [{"text": "同意", "color": "blue", "id": "agree", "request": True}]
        ai = self.handler.reply_ai_markdown_button(self.direct, "**正文**", button, title="标题")
        data = self._data("李雷")
        whole = json.loads(data.pop("sys_full_json_obj"))
        wanted = {key: data.get(key, "") for key in ("flowStatus", "msgTitle", "msgContent")}
        cards = {"ai": {**wanted, "buttons": [one["text"] for one in whole["msgButtons"]]}}
        markdown = self.handler.reply_markdown_card("正文", self.group, title="标题", at_sender=True)
        markdown.update("新正文")
        cards["markdown"] = self._data(GROUP)
        self.handler.reply_markdown_button(self.group, "正文", button, title="标题")
        data = self._data(GROUP)
        data.pop("sys_full_json_obj")
        cards["buttons"] = {"tips": "", **data}
        template = "589420e2-c1e2-46ef-a5ed-b8728e654da9.schema"
        CardReplier(self.client, self.group).create_and_deliver_card(template, {"markdown": "一步"})
        cards["one step"] = self._data(GROUP)
        self.seen["cards"] = cards
        self.seen["closed"] = self.handler.reply_card({"config": {}}, self.direct)
        self.card_id = ai.card_instance_id

    def _clicks(self) -> None:
        changed = {"cardParamMap": {"msgTitle": "已同意"}}
        self.answer = {"cardUpdateOptions": {"updateCardDataByKey": True}, "cardData": changed}
        result = self.sim("click", user="李雷", button="同意")
        click = self.clicks[-1]
        assert click.card_instance_id == self.card_id
        params = click.content["cardPrivateData"]["params"]
        told = {"code": result["code"], "toast": result["toast"]}
        self.seen["click"] = [click.user_id, params, told, self._data("李雷")["msgTitle"]]
        self.slow = 2.5
        late = self.sim("click", user="李雷", button="同意")
        self.seen["silent click"] = [late["code"], late["toast"]["kind"]]
        self.slow = 0.0

    def _connection(self) -> None:
        self.sim("deliver", event={"eventType": "user_leave_org", "userId": ["m04"]})
        self.seen["event"] = self.events[-1]
        self.sim("faults", path="stream", kind="ping")
        self.sim("say", user="李雷", text="有声吗")
        self.sim("faults", path="event", kind="duplicate")
        self.sim("say", user="李雷", text="两遍")
        ids = [message.message_id for message in self.messages]
        self.seen["same message twice"] = ids.count(ids[-1])
        first = self.client.websocket
        self.sim("faults", path="stream", kind="disconnect")
        self.sim("say", user="李雷", text="再见")
        self._until(lambda: self.client.websocket is not first)
        self.sim("say", user="李雷", text="还在")
        self.seen["after goodbye"] = self.messages[-1].get_text_list()[0]

    def _until(self, done: Callable[[], bool]) -> None:
        end = time.monotonic() + 30
        while not done():
            assert time.monotonic() < end
            time.sleep(0.02)

    def _shown(self, chat: str) -> list[dict[str, Any]]:
        query = urllib.parse.urlencode({"chat": chat, "platform": "dingtalk"})
        return list(self._get(f"messages?{query}")["messages"])

    def _data(self, chat: str) -> dict[str, Any]:
        return dict(self._shown(chat)[-1]["card"]["cardParamMap"])

    def _get(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.base}/sim/{path}", timeout=20) as response:
            found: dict[str, Any] = json.load(response)
        return found

    def sim(self, name: str, /, **body: Any) -> dict[str, Any]:
        return self._post(name, json.dumps(body).encode(), "application/json")

    def _upload(self, name: str, **fields: str) -> None:
        edge = "edge"
        parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = "".join(parts) + head + f"bytes\r\n--{edge}--\r\n"
        self._post("upload", body.encode(), f"multipart/form-data; boundary={edge}")

    def _post(self, path: str, body: bytes, kind: str) -> dict[str, Any]:
        request = urllib.request.Request(f"{self.base}/sim/{path}", data=body, headers={"Content-Type": kind})
        with urllib.request.urlopen(request, timeout=20) as response:
            found: dict[str, Any] = json.load(response)
        return found


if __name__ == "__main__":
    urllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({})))
    sys.stdout.write(json.dumps(Program(sys.argv[1]).run(), ensure_ascii=False) + "\n")
    sys.stdout.flush()
    os._exit(0)  # the client's loop never ends by itself
