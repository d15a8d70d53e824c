"""The unmodified vendor SDK against the simulator: every endpoint, and every event it sends.

The SDK is a heavy import that binds global state, so it works in a process of its own: this file, run as
a program, makes all calls, receives all events with the SDK's dispatcher and prints what it saw as JSON.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x08\x00\x00\x00\x08\x08\x02\x00\x00\x00"
APP_ID, APP_SECRET = "cli_a7d3f09c5b2e4810", "sim-app-secret-local-only"
ENCRYPT_KEY, VERIFICATION_TOKEN = "sim-encrypt-key", "sim-verification-token"
DEADLINE_SECONDS = 120


@pytest.fixture
def simulator_url() -> Iterator[str]:
    """A simulator in a process of its own."""
    command = [sys.executable, "-m", "simulator", "--port", "0", "--callback", "http://127.0.0.1:9/x"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            yield line.split("：", 1)[1].strip().rstrip("/")
        finally:
            process.terminate()


def test_sdk_is_fooled(simulator_url: str) -> None:
    environment = {**os.environ, "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}
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
    seen = json.loads(done.stdout.splitlines()[-1])

    assert seen["calls"] == EXPECTED_CALLS
    assert seen["events"] == EXPECTED_EVENTS
    assert seen["clicks"] == {"status": 200, "code": 0, "toast": {"kind": "success", "content": "已同意"}}
    assert seen["verified"] is True


EXPECTED_CALLS: dict[str, Any] = {
    "send": ["text", "oc_", False],
    "send card": 0,
    "send bad card": [230099, True],
    "reply": True,
    "patch": 0,
    "update": [0, True],
    "get": "interactive",
    "list": 4,
    "urgent": ["ou_nobody"],
    "delete": 0,
    "delete again": 230110,
    "image": "img_v3_",
    "image bytes": len(PNG),
    "file": "file_v3_",
    "file bytes": [8, "报价.pdf"],
    "resource": [len(PNG), "凭证.png"],
    "resource of another": 234003,
    "chats": ["总监群", "华东一组群"],
    "chat": ["华东一组群", "4"],
    "members": ["王芳", "李雷", "韩梅梅", "陈宇"],
    "add member": 0,
    "remove member": 0,
    "in chat": True,
    "new chat": "oc_",
    "users": ["李雷", "王芳"],
    "user": "李雷",
    "ids": True,
    "bot info": "销售助手",
    "ephemeral": "om_",
    "ephemeral delete": 0,
    "delayed update": [0, 0, 300040],
    "unknown path": 99991201,
    "user info": "李雷",
    "new token after revoke": [99991663, 0],
}
EXPECTED_EVENTS: list[Any] = [
    ["im.message.receive_v1", "text", "你好", "p2p"],
    ["im.message.receive_v1", "text", "@_user_1 进度", "group"],
    ["im.message.receive_v1", "post", "", "p2p"],
    ["im.message.receive_v1", "image", "", "p2p"],
    ["card.action.trigger", {"a": "agree"}, "button"],
    ["card.action.trigger", {"a": "deal"}, {"customer": "华东医疗"}],
    ["im.chat.access_event.bot_p2p_chat_entered_v1", True],
    ["application.bot.menu_v6", "quick_deal"],
    ["im.chat.member.bot.deleted_v1", "总监群"],
    ["im.chat.member.bot.added_v1", "总监群"],
    ["im.message.recalled_v1", "message_owner"],
]


def _text(content: str) -> dict[str, Any]:
    return {"tag": "plain_text", "content": content}


def _card() -> dict[str, Any]:
    agree = {"tag": "button", "text": _text("同意"), "behaviors": [{"type": "callback", "value": {"a": "agree"}}]}
    submit = {
        "tag": "button",
        "name": "go",
        "text": _text("提交"),
        "form_action_type": "submit",
        "behaviors": [{"type": "callback", "value": {"a": "deal"}}],
    }
    form = {"tag": "form", "name": "f", "elements": [{"tag": "input", "name": "customer"}, submit]}
    return {"schema": "2.0", "header": {"title": _text("标题")}, "body": {"elements": [agree, form]}}


class Program:
    """Everything done in the SDK's process."""

    def __init__(self, base: str) -> None:
        import lark_oapi as lark

        self.lark = lark
        self.base = base
        self.calls: dict[str, Any] = {}
        self.events: list[Any] = []
        self.update_token = ""
        builder = lark.Client.builder().app_id(APP_ID).app_secret(APP_SECRET)
        self.client = builder.domain(base).log_level(lark.LogLevel.ERROR).build()

    def sim(self, path: str, **body: Any) -> dict[str, Any]:
        request = urllib.request.Request(f"{self.base}/sim/{path}", data=json.dumps(body).encode())
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=20) as response:
            found: dict[str, Any] = json.load(response)
        return found

    def raw(self, method: str, uri: str, body: Any = None) -> dict[str, Any]:
        lark = self.lark
        request = lark.BaseRequest.builder().http_method(getattr(lark.HttpMethod, method)).uri(uri)
        request = request.token_types({lark.AccessTokenType.TENANT}).body(body)
        answer: dict[str, Any] = json.loads(self.client.request(request.build()).raw.content)
        return answer

    def run(self) -> dict[str, Any]:
        url = self._receive()
        verified = self.sim("callback", url=url, verify=True)["verified"]["ok"]
        self.state = self.sim_get("state")
        self.people = {p["name"]: p["open_id"] for p in self.state["people"]}
        self.chats = {c["name"]: c["id"] for c in self.state["chats"]}
        self._messages()
        self._uploads()
        self._people_and_chats()
        clicks = self._events()
        self._others()
        return {"calls": self.calls, "events": self.events, "clicks": clicks, "verified": verified}

    def sim_get(self, path: str) -> dict[str, Any]:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.base}/sim/{path}", timeout=20) as response:
            found: dict[str, Any] = json.load(response)
        return found

    def send(self, name: str, msg_type: str, content: Any) -> Any:
        from lark_oapi.api.im.v1 import CreateMessageRequest, CreateMessageRequestBody

        body = CreateMessageRequestBody.builder().receive_id(self.people[name]).msg_type(msg_type)
        body = body.content(json.dumps(content)).uuid(f"{name}-{msg_type}-{len(json.dumps(content))}")
        request = CreateMessageRequest.builder().receive_id_type("open_id").request_body(body.build())
        return self.client.im.v1.message.create(request.build())

    def _messages(self) -> None:
        from lark_oapi.api.im import v1 as im

        message, calls = self.client.im.v1.message, self.calls
        sent = self.send("李雷", "text", {"text": "你好"})
        calls["send"] = [sent.data.msg_type, sent.data.chat_id[:3], sent.data.deleted]
        card = self.send("李雷", "interactive", _card())
        calls["send card"] = card.code
        bad = self.send("王芳", "interactive", {**_card(), "elements": []})
        calls["send bad card"] = [bad.code, "ErrCode: 200621" in bad.msg]
        answer = im.ReplyMessageRequestBody.builder().msg_type("text").content('{"text":"回"}').build()
        request = im.ReplyMessageRequest.builder().message_id(sent.data.message_id).request_body(answer).build()
        calls["reply"] = message.reply(request).data.parent_id == sent.data.message_id
        body = im.PatchMessageRequestBody.builder().content(json.dumps(_card())).build()
        patch = im.PatchMessageRequest.builder().message_id(card.data.message_id).request_body(body).build()
        calls["patch"] = message.patch(patch).code
        text = im.UpdateMessageRequestBody.builder().msg_type("text").content('{"text":"改"}').build()
        edit = im.UpdateMessageRequest.builder().message_id(sent.data.message_id).request_body(text).build()
        edited = message.update(edit)
        calls["update"] = [edited.code, edited.data.updated]
        got = message.get(im.GetMessageRequest.builder().message_id(card.data.message_id).build())
        calls["get"] = got.data.items[0].msg_type
        extra = self.send("李雷", "text", {"text": "再见再见"})
        listed = im.ListMessageRequest.builder().container_id_type("chat").container_id(sent.data.chat_id)
        calls["list"] = len(message.list(listed.build()).data.items)
        urgent = im.UrgentReceivers.builder().user_id_list([self.people["李雷"], "ou_nobody"]).build()
        press = im.UrgentAppMessageRequest.builder().user_id_type("open_id").message_id(sent.data.message_id)
        pressed = message.urgent_app(press.request_body(urgent).build())
        calls["urgent"] = pressed.data.invalid_user_id_list
        recall = im.DeleteMessageRequest.builder().message_id(extra.data.message_id).build
        calls["delete"] = message.delete(recall()).code
        calls["delete again"] = message.delete(recall()).code

    def _uploads(self) -> None:
        from lark_oapi.api.im import v1 as im

        api, calls = self.client.im.v1, self.calls
        body = im.CreateImageRequestBody.builder().image_type("message").image(("a.png", io.BytesIO(PNG), "image/png"))
        image = api.image.create(im.CreateImageRequest.builder().request_body(body.build()).build())
        calls["image"] = image.data.image_key[:7]
        got = api.image.get(im.GetImageRequest.builder().image_key(image.data.image_key).build())
        calls["image bytes"] = len(got.file.read())
        upload = im.CreateFileRequestBody.builder().file_type("pdf").file_name("报价.pdf")
        upload = upload.file(io.BytesIO(b"%PDF-1.4")).build()
        file = api.file.create(im.CreateFileRequest.builder().request_body(upload).build())
        calls["file"] = file.data.file_key[:8]
        read = api.file.get(im.GetFileRequest.builder().file_key(file.data.file_key).build())
        calls["file bytes"] = [len(read.file.read()), read.file_name]

    def _resource(self, message_id: str, other: str) -> None:
        from lark_oapi.api.im import v1 as im

        key = json.loads(self.image_content)["image_key"]

        def get(of: str) -> Any:
            request = im.GetMessageResourceRequest.builder().type("image").message_id(of).file_key(key)
            return self.client.im.v1.message_resource.get(request.build())

        found = get(message_id)
        self.calls["resource"] = [len(found.file.read()), found.file_name]
        self.calls["resource of another"] = get(other).code

    def _people_and_chats(self) -> None:
        from lark_oapi.api.contact import v3 as contact
        from lark_oapi.api.im import v1 as im

        api, calls, team = self.client.im.v1, self.calls, self.chats["华东一组群"]
        calls["chats"] = [c.name for c in api.chat.list(im.ListChatRequest.builder().build()).data.items]
        chat = api.chat.get(im.GetChatRequest.builder().chat_id(team).build())
        calls["chat"] = [chat.data.name, chat.data.user_count]
        listed = api.chat_members.get(im.GetChatMembersRequest.builder().chat_id(team).build())
        calls["members"] = [m.name for m in listed.data.items]
        add = im.CreateChatMembersRequestBody.builder().id_list([self.people["张三"]]).build()
        request = im.CreateChatMembersRequest.builder().member_id_type("open_id").chat_id(team)
        calls["add member"] = api.chat_members.create(request.request_body(add).build()).code
        drop = im.DeleteChatMembersRequestBody.builder().id_list([self.people["张三"]]).build()
        leave = im.DeleteChatMembersRequest.builder().member_id_type("open_id").chat_id(team)
        calls["remove member"] = api.chat_members.delete(leave.request_body(drop).build()).code
        inside = im.IsInChatChatMembersRequest.builder().chat_id(team).build()
        calls["in chat"] = api.chat_members.is_in_chat(inside).data.is_in_chat
        new = im.CreateChatRequestBody.builder().name("新群").user_id_list([self.people["李雷"]]).build()
        made = api.chat.create(im.CreateChatRequest.builder().user_id_type("open_id").request_body(new).build())
        calls["new chat"] = made.data.chat_id[:3]
        user = self.client.contact.v3.user
        wanted = [self.people["李雷"], self.people["王芳"], "ou_nobody"]
        batch = contact.BatchUserRequest.builder().user_ids(wanted).user_id_type("open_id").build()
        calls["users"] = [u.name for u in user.batch(batch).data.items]
        one = contact.GetUserRequest.builder().user_id(wanted[0]).user_id_type("open_id").build()
        calls["user"] = user.get(one).data.user.name
        body = contact.BatchGetIdUserRequestBody.builder().mobiles(["13800010003"]).build()
        ids = contact.BatchGetIdUserRequest.builder().user_id_type("open_id").request_body(body).build()
        calls["ids"] = user.batch_get_id(ids).data.user_list[0].user_id == wanted[0]

    def _events(self) -> dict[str, Any]:
        said = self.sim("say", user="李雷", text="你好")["message_id"]
        self.sim("say", user="李雷", chat="华东一组群", text="@助手 进度")
        self.sim("say", user="李雷", text="一行\n两行", post=True)
        self._resource(self._upload_as_person(), said)
        self.send("韩梅梅", "interactive", _card())
        clicked = self.sim("click", user="韩梅梅", button="同意")
        self.sim("submit", user="韩梅梅", values={"customer": "华东医疗"})
        self.sim("enter", user="李雷")
        self.sim("menu", user="李雷", key="quick_deal")
        self.sim("members", chat="总监群", remove="bot")
        self.sim("members", chat="总监群", add="bot")
        self.sim("recall", user="李雷", message_id=said)
        return {name: clicked[name] for name in ("status", "code", "toast")}

    def _upload_as_person(self) -> str:
        mark = "----part"
        fields = f'--{mark}\r\nContent-Disposition: form-data; name="user"\r\n\r\n李雷\r\n'
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="凭证.png"\r\n'
        head += "Content-Type: image/png\r\n\r\n"
        body = fields.encode() + head.encode() + PNG + f"\r\n--{mark}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={mark}"}
        request = urllib.request.Request(f"{self.base}/sim/upload", data=body, headers=headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=20) as response:
            return str(json.load(response)["message_id"])

    def _others(self) -> None:
        calls = self.calls
        calls["bot info"] = self.raw("GET", "/open-apis/bot/v3/info")["bot"]["app_name"]
        one = {"chat_id": self.chats["华东一组群"], "open_id": self.people["李雷"], "msg_type": "interactive"}
        shown = self.raw("POST", "/open-apis/ephemeral/v1/send", {**one, "card": _card()})["data"]["message_id"]
        calls["ephemeral"] = shown[:3]
        gone = self.raw("POST", "/open-apis/ephemeral/v1/delete", {"message_id": shown})
        calls["ephemeral delete"] = gone["code"]
        update = {"token": self.update_token, "card": _card()}
        path = "/open-apis/interactive/v1/card/update"
        calls["delayed update"] = [self.raw("POST", path, update)["code"] for _ in range(3)]
        calls["unknown path"] = self.raw("GET", "/open-apis/nope/v1")["code"]
        calls["user info"] = self._user_info()
        self.sim("tokens/revoke")
        stale = self.send("陈宇", "text", {"text": "一"}).code
        self.lark.core.token.TokenManager.cache.set(f"self_tenant_token:{APP_ID}", "", 0)
        calls["new token after revoke"] = [stale, self.send("陈宇", "text", {"text": "二二"}).code]

    def _user_info(self) -> str:
        from lark_oapi.api.authen.v1 import GetUserInfoRequest

        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_: Any) -> None:
                return None

        query = f"client_id={APP_ID}&response_type=code&redirect_uri=http://127.0.0.1:1/b&sim_user=m03"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay)
        try:
            opener.open(f"{self.base}/open-apis/authen/v1/authorize?{query}", timeout=20)
            location = ""
        except urllib.error.HTTPError as found:
            with found:
                location = found.headers["Location"]
        code = location.split("code=")[1].split("&")[0]
        app = {"client_id": APP_ID, "client_secret": APP_SECRET}
        body = {"grant_type": "authorization_code", **app, "code": code}
        request = urllib.request.Request(f"{self.base}/oauth/v3/token", data=json.dumps(body).encode())
        with opener.open(request, timeout=20) as response:
            token = json.load(response)["access_token"]
        option = self.lark.RequestOption.builder().user_access_token(token).build()
        builder = self.lark.Client.builder().app_id(APP_ID).app_secret(APP_SECRET).enable_set_token(True)
        client = builder.domain(self.base).log_level(self.lark.LogLevel.ERROR).build()
        return str(client.authen.v1.user_info.get(GetUserInfoRequest.builder().build(), option).data.name)

    def _receive(self) -> str:
        handler = self._dispatcher()
        from lark_oapi.core.model import RawRequest

        class Callback(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = RawRequest()
                raw.uri, raw.headers = self.path, self.headers
                raw.body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = handler.do(raw)
                self.send_response(answer.status_code)
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            def log_message(self, *_: Any) -> None:
                return None

        server = ThreadingHTTPServer(("127.0.0.1", 0), Callback)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}/callback/feishu"

    def _dispatcher(self) -> Any:
        from lark_oapi.event.callback.model.p2_card_action_trigger import P2CardActionTriggerResponse

        builder = self.lark.EventDispatcherHandler.builder(ENCRYPT_KEY, VERIFICATION_TOKEN)
        keep: Callable[[Any], None] = self.events.append

        def message(data: Any) -> None:
            found = data.event.message
            content = json.loads(found.content)
            if found.message_type == "image":
                self.image_content = found.content
            keep([data.header.event_type, found.message_type, content.get("text", ""), found.chat_type])

        def card(data: Any) -> Any:
            action = data.event.action
            if not self.update_token:
                self.update_token = data.event.token
            keep([data.header.event_type, action.value, action.form_value or action.tag])
            return P2CardActionTriggerResponse({"toast": {"type": "success", "content": "已同意"}})

        builder.register_p2_im_message_receive_v1(message)
        builder.register_p2_card_action_trigger(card)
        builder.register_p2_im_chat_access_event_bot_p2p_chat_entered_v1(
            lambda d: keep([d.header.event_type, d.event.chat_id == self.chats["李雷"]])
        )
        builder.register_p2_application_bot_menu_v6(lambda d: keep([d.header.event_type, d.event.event_key]))
        builder.register_p2_im_chat_member_bot_added_v1(lambda d: keep([d.header.event_type, d.event.name]))
        builder.register_p2_im_chat_member_bot_deleted_v1(lambda d: keep([d.header.event_type, d.event.name]))
        builder.register_p2_im_message_recalled_v1(lambda d: keep([d.header.event_type, d.event.recall_type]))
        return builder.build()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(Program(sys.argv[1]).run(), ensure_ascii=False) + "\n")
