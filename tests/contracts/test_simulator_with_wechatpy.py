"""The stock wechatpy against the simulated WeCom: its client calls every endpoint it knows, in a thread of its
own, and its crypto and parser read every callback."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from wechatpy import exceptions  # type: ignore[import-untyped]  # wechatpy has no types
from wechatpy.enterprise import WeChatClient, crypto, parse_message, replies  # type: ignore[import-untyped]

from simulator.app import make_app
from simulator.company import load_company
from simulator.options import COMPANY_FILE, Options

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
APP = load_company(COMPANY_FILE, ("wecom",)).wecom
CARD: dict[str, Any] = {
    "card_type": "button_interaction",
    "main_title": {"title": "折扣审批"},
    "task_id": "apr_42_1",
    "button_selection": {
        "question_key": "reason",
        "option_list": [{"id": "none", "text": "请选"}, {"id": "price", "text": "太低"}],
    },
    "button_list": [{"text": "同意", "key": "ok"}, {"text": "驳回", "key": "no"}],
}
NOTICE = {
    "card_type": "text_notice",
    "main_title": {"title": "已同意"},
    "card_action": {"type": 1, "url": "https://h.example"},
}


class Client(WeChatClient):  # type: ignore[misc]
    """The stock client pointed elsewhere: only what is hard-coded in it is replaced."""

    def __init__(self, base: str) -> None:
        self.API_BASE_URL = f"{base}/wecom/cgi-bin/"
        super().__init__(APP.corp_id, APP.secret, timeout=10)
        self._http.trust_env = False

    def fetch_access_token(self) -> Any:
        params = {"corpid": self.corp_id, "corpsecret": self.secret}
        return self._fetch_access_token(url=f"{self.API_BASE_URL}gettoken", params=params)


class Bot:
    """A callback server that leaves all reading and writing to wechatpy."""

    def __init__(self) -> None:
        self.app = crypto.WeChatCrypto(APP.token, APP.aes_key, APP.corp_id)
        self.bot = crypto.WeChatCrypto(APP.bot_token, APP.bot_aes_key, "")
        self.messages: list[Any] = []
        self.bodies: list[str] = []
        self.answer = ""

    async def verify(self, request: web.Request) -> web.Response:
        codec = self.app if request.path.endswith("app") else self.bot
        q = request.query
        return web.Response(text=codec.check_signature(q["msg_signature"], q["timestamp"], q["nonce"], q["echostr"]))

    async def on_app(self, request: web.Request) -> web.Response:
        q = request.query
        plain = self.app.decrypt_message(await request.text(), q["msg_signature"], q["timestamp"], q["nonce"])
        message = parse_message(plain)
        self.messages.append(message)
        if not self.answer:
            return web.Response()
        reply = replies.TextReply(content=self.answer, message=message).render()
        return web.Response(text=self.app.encrypt_message(reply, q["nonce"], q["timestamp"]))

    async def on_bot(self, request: web.Request) -> web.Response:
        q, body = request.query, json.loads(await request.read())
        encrypted = {"Encrypt": body["encrypt"]}
        self.bodies.append(self.bot.decrypt_message(encrypted, q["msg_signature"], q["timestamp"], q["nonce"]))
        return web.Response()


@asynccontextmanager
async def running() -> AsyncIterator[tuple[Bot, str, Callable[..., Any]]]:
    """The callback server, the simulator's address, and the people's control API."""
    bot, callbacks = Bot(), web.Application()
    for name, handler in (("app", bot.on_app), ("bot", bot.on_bot)):
        callbacks.router.add_get(f"/callback/wecom/{name}", bot.verify)
        callbacks.router.add_post(f"/callback/wecom/{name}", handler)
    async with TestServer(callbacks) as server, aiohttp.ClientSession() as http:
        options = Options(vendors=("wecom",), callback_base=str(server.make_url("")).rstrip("/"))
        async with TestServer(make_app(options)) as simulator:
            base = str(simulator.make_url("")).rstrip("/")

            async def act(name: str, /, **body: Any) -> Any:
                async with http.post(f"{base}/sim/{name}", json=body) as response:
                    assert response.status == 200, await response.text()
                    return await response.json()

            yield bot, base, act


async def test_the_client_is_fooled() -> None:
    async with running() as (_, base, act):
        client = Client(base)
        assert await asyncio.to_thread(messages, client) == {
            "text": {"invaliduser": "nobody"},
            "textcard": 0,
            "news": 0,
            "markdown": 0,
            "card": True,
            "update": 0,
            "update again": 40058,
            "recall": 0,
            "media": "image",
            "image": 0,
            "download": PNG,
            "picture url": True,
        }
        assert await asyncio.to_thread(rest, client) == {
            "user": "李雷",
            "departments": ["启明医疗（演示）", "销售部"],
            "names": {"王芳": "m02", "李雷": "m03", "韩梅梅": "m04", "陈宇": "m05"},
            "group": ["deal17", "项目群", "m02"],
            "said": 0,
            "menu": "录单",
            "agent": APP.agent_id,
            "addresses": ["127.0.0.1"],
            "wrong user": 60111,
        }
        await act("tokens/revoke")
        assert await asyncio.to_thread(client.user.get, "m03")
        await act("faults", path="/cgi-bin/user/get", kind="45009")
        assert await asyncio.to_thread(code_of, lambda: client.user.get("m03")) == 45009


async def test_sign_in_by_the_client() -> None:
    async with running() as (_, base, _act), aiohttp.ClientSession() as http:
        client = Client(base)
        stock = client.oauth.authorize_url("http://127.0.0.1:9/in", "s1")
        url = stock.replace("https://open.weixin.qq.com", f"{base}/wecom").split("#")[0]
        async with http.get(f"{url}&sim_user=m03", allow_redirects=False) as response:
            code = parse_qs(urlsplit(response.headers["Location"]).query)["code"][0]
        answer = await asyncio.to_thread(client.user.get_info, APP.agent_id, code)
        assert answer["UserId"] == "m03"


async def test_crypto_and_parser_read_every_callback() -> None:
    async with running() as (bot, base, act):
        for name in ("wecom/app", "wecom/bot"):
            assert (await act("callback", name=name, verify=True))["verified"]["ok"] is True
        await act("say", user="m03", text="录单 ]]> 120万")
        await act("enter", user="m03")
        await act("menu", user="m03", key="menu:quick")
        client = Client(base)
        body = {"msgtype": "template_card", "template_card": CARD}
        await asyncio.to_thread(client.message.send, APP.agent_id, "m03", msg=body)
        await act("click", user="m03", button="驳回", option="太低")
        text, entered, menu, click = bot.messages
        assert (text.type, text.content, text.source, text.agent) == ("text", "录单 ]]> 120万", "m03", APP.agent_id)
        assert text.id > 0
        assert entered.event == "enter_agent"
        assert (menu.event, menu.key) == ("click", "menu:quick")
        selected = click._data["SelectedItems"]["SelectedItem"]
        assert (click._data["EventKey"], click._data["TaskId"]) == ("no", "apr_42_1")
        assert selected == {"QuestionKey": "reason", "OptionIds": {"OptionId": "price"}}
        await act("say", user="m03", text="帮助", platform="wecom", face="bot")
        assert '"content": "帮助"' in bot.bodies[0]


async def test_a_passive_reply_of_wechatpy_is_shown() -> None:
    async with running() as (bot, base, act), aiohttp.ClientSession() as http:
        bot.answer = "收到"
        await act("say", user="m03", text="在吗")
        async with http.get(f"{base}/sim/messages", params={"chat": "wecom-app-m03"}) as response:
            said = (await response.json())["messages"]
        assert [m["text"] for m in said] == ["在吗", "收到"]


def messages(client: Any) -> dict[str, Any]:
    """Everything about messages and media."""
    agent = APP.agent_id
    done: dict[str, Any] = {}
    answer = client.message.send_text(agent, ["m03", "nobody"], "你好")
    done["text"] = {"invaliduser": answer["invaliduser"]}
    done["textcard"] = client.message.send_text_card(agent, "m03", "题", "述", "https://h.example")["errcode"]
    article = {"title": "题", "description": "述", "url": "https://h.example", "image": "https://h.example/p.png"}
    done["news"] = client.message.send_articles(agent, "m03", [article])["errcode"]
    done["markdown"] = client.message.send_markdown(agent, "m03", "# 题")["errcode"]
    card = client.message.send(agent, "m03", msg={"msgtype": "template_card", "template_card": CARD})
    done["card"] = bool(card["response_code"])
    change = {"atall": 1, "agentid": agent, "response_code": card["response_code"], "template_card": NOTICE}
    done["update"] = client.post("message/update_template_card", data=change)["errcode"]
    done["update again"] = code_of(lambda: client.post("message/update_template_card", data=change))
    done["recall"] = client.post("message/recall", data={"msgid": answer["msgid"]})["errcode"]
    media = client.media.upload("image", ("凭证.png", io.BytesIO(PNG)))
    done["media"] = media["type"]
    done["image"] = client.message.send_image(agent, "m03", media["media_id"])["errcode"]
    done["download"] = client.get("media/get", params={"media_id": media["media_id"]}).content
    done["picture url"] = client.media.upload_img(("a.png", io.BytesIO(PNG)))["url"].startswith("http://127.0.0.1")
    return done


def rest(client: Any) -> dict[str, Any]:
    """Directory, groups, menu and what else there is."""
    agent = APP.agent_id
    done: dict[str, Any] = {}
    done["user"] = client.user.get("m03")["name"]
    departments = client.department.get()
    done["departments"] = [row["name"] for row in departments[:2]]
    east = next(row["id"] for row in departments if row["name"] == "华东一组")
    done["names"] = client.department.get_map_users(east)
    client.appchat.create("deal17", "项目群", "m02", ["m02", "m03"])
    group = client.appchat.get("deal17")
    done["group"] = [group["chatid"], group["name"], group["owner"]]
    done["said"] = client.appchat.send_text("deal17", "各位早")["errcode"]
    client.menu.create(agent, {"button": [{"type": "click", "name": "录单", "key": "menu:quick"}]})
    done["menu"] = client.menu.get(agent)["button"][0]["name"]
    client.menu.delete(agent)
    done["agent"] = client.agent.get(agent)["agentid"]
    done["addresses"] = client.misc.get_wechat_ips()
    done["wrong user"] = code_of(lambda: client.user.get("nobody"))
    return done


def code_of(call: Callable[[], Any]) -> int:
    """The error code a call ends with."""
    try:
        call()
    except (exceptions.APILimitedException, exceptions.WeChatClientException) as error:
        return int(error.errcode)
    return 0
