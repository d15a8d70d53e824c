"""The adapter against the simulator, by HTTP and socket on both sides: what it accepts, sends, draws and redraws."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from bot.platforms.base import Address, Gone, Person, Shown
from bot.platforms.pace import Pace
from bot.platforms.wecom import Wecom, WecomKeys
from bot.platforms.wecom.caps import LIMITS
from cards.blocks import Action, Button, Buttons, Card, Menu, Picture, Text, Title, words
from handlers.events import ChatEntered, Clicked, Event, MenuPicked, Said
from simulator.app import make_app
from simulator.company import load_company
from simulator.options import COMPANY_FILE, Options
from tests.bot.platforms.wecom.helpers import Answer, Intake, Json
from tests.bot.platforms.wecom.test_render import DEAL, NOTICE, lists

COMPANY = load_company(COMPANY_FILE)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
APP = Address(chat="app:m03")
DECIDE: Card = (
    Title("李雷申请 8.8 折（让 12%）", "orange", "折扣 · 等你初审"),
    Text("理由：对手报 80 万"),
    Buttons(
        (
            Button("同意", Action("approval.approve", "3", "ab"), "primary"),
            Menu("驳回", Action("approval.reject", "3", "ab"), (("price", "折扣过低"), ("other", "其他"))),
        )
    ),
)


@dataclass
class World:
    """An adapter and a simulator that know each other."""

    wecom: Wecom
    intake: Intake
    base: str
    http: aiohttp.ClientSession
    seen: int = field(default=0)

    async def sim(self, what: str, **body: Any) -> Json:
        async with self.http.post(f"{self.base}/sim/{what}", json=body) as response:
            answer: Json = await response.json()
            assert response.status == 200, answer
            return answer

    async def shown(self, **where: str) -> list[Json]:
        async with self.http.get(f"{self.base}/sim/messages", params=where) as response:
            found: list[Json] = (await response.json())["messages"]
            return found

    async def send(self, to: Address, card: Card, *, key: str = "row-1") -> Shown:
        sent = await self.wecom.send(to, self.wecom.render(card, to.chat), key=key)
        return Shown(sent.message_id, sent.chat, "m03", sent.handle)

    async def event(self) -> Event | None:
        """The newest event as the product sees it, once there is one more than last time."""
        async with asyncio.timeout(5):
            while len(self.intake.stored) <= self.seen:
                await asyncio.sleep(0)
        self.seen = len(self.intake.stored)
        return self.wecom.parse(self.intake.stored[-1])

    async def until(self, true: Callable[[list[Json]], object], **where: str) -> list[Json]:
        """The messages of a chat, once this is so."""
        async with asyncio.timeout(5):
            while not true(found := await self.shown(**where)):
                await asyncio.sleep(0)
        return found


@asynccontextmanager
async def simulated(mode: str, answer: Answer | None = None) -> AsyncIterator[World]:
    """Both sides running; `mode` is how the smart bot is heard."""
    intake = Intake(answer=answer)
    routes: dict[tuple[str, str], Any] = {}

    async def callback(request: web.Request) -> web.StreamResponse:
        handler = routes.get((request.method, request.path))
        if handler is None:
            return web.Response(status=404)
        answered: web.StreamResponse = await handler(request)
        return answered

    bot = web.Application()
    bot.router.add_route("*", "/{rest:.*}", callback)
    async with TestServer(bot) as ours:
        options = Options(callback_base=str(ours.make_url("/")), vendors=("wecom",), modes={"wecom": mode})
        async with TestServer(make_app(options)) as theirs, aiohttp.ClientSession() as http:
            base = f"http://127.0.0.1:{theirs.port}"
            wecom = adapter_of(base, mode)
            routes |= {(method, path): handler for method, path, handler in wecom.listen(intake.accept)}
            await wecom.start()
            running = [asyncio.ensure_future(socket.run()) for socket in wecom.sockets(intake.accept)]
            try:
                while running and not (wecom._line and wecom._line._ready):
                    await asyncio.sleep(0)
                yield World(wecom, intake, base, http)
            finally:
                for task in running:
                    task.cancel()
                await asyncio.gather(*running, return_exceptions=True)
                await wecom.stop()


def adapter_of(base: str, mode: str) -> Wecom:
    """An adapter with the company's keys, calling the simulator."""
    app = COMPANY.wecom
    keys = WecomKeys(
        corp_id=app.corp_id,
        agent_id=app.agent_id,
        secret=app.secret,
        token=app.token,
        aes_key=app.aes_key,
        mode=mode,  # type: ignore[arg-type]  # one of the three
        bot_token=app.bot_token,
        bot_aes_key=app.bot_aes_key,
        bot_id=app.bot_id,
        bot_secret=app.bot_secret,
        api_base=f"{base}/wecom",
        ws_base=f"{base.replace('http', 'ws')}/wecom/ws",
    )

    async def hook_key(name: str) -> str:
        return {"east": HOOK}.get(name, "")

    pace = Pace(LIMITS, time.monotonic)
    return Wecom(keys, business_us=lambda: time.time_ns() // 1000, machine=time.monotonic, pace=pace, hook_key=hook_key)


HOOK = "693a91f6-7cad-4bc4-97a0-0ec2sim00001"
GROUP = "华东一组群（企业微信）"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with simulated("webhook") as opened:
        yield opened


@pytest.fixture
async def wired() -> AsyncIterator[World]:
    """The same with the smart bot's socket."""
    async with simulated("socket") as opened:
        yield opened


async def test_both_addresses_pass_the_vendors_check(world: World) -> None:
    for name in ("wecom/app", "wecom/bot"):
        answer = await world.sim("callback", name=name, verify=True)
        assert answer["verified"]["ok"] is True, answer


async def test_words_to_the_app_arrive_and_are_answered(world: World) -> None:
    told = await world.sim("say", user="李雷", text="录单 华东医疗 CT机 120万")

    said = await world.event()
    assert isinstance(said, Said)
    assert (said.text, said.direct, world.intake.stored[-1].chat) == ("录单 华东医疗 CT机 120万", True, "app:m03")
    assert told["delivered"]["status"] == 200
    await world.send(APP, words("好"))
    assert (await world.shown(chat="李雷"))[-1]["text"] == "好"


async def test_opening_and_menu_arrive(world: World) -> None:
    await world.sim("enter", user="李雷")
    assert await world.event() == ChatEntered()
    await world.sim("menu", user="李雷", key="今天清单")
    assert await world.event() == MenuPicked("今天清单")


@pytest.mark.parametrize("card", [DEAL, DECIDE, NOTICE, (Title("写跟进", "blue", "选"), lists(3)),
                                  (Title("选一个"), lists(1, 15)), words("好 <a href='http://x'>x</a>")])  # fmt: skip
async def test_cards_are_accepted_and_stand_in_the_chat(world: World, card: Card) -> None:
    await world.send(APP, card)

    newest = (await world.shown(chat="李雷"))[-1]
    assert newest["sender"]["id"] != "m03"
    async with world.http.get(f"{world.base}/sim/calls", params={"path": "message/send"}) as response:
        (call,) = (await response.json())["calls"][-1:]
    assert "warning" not in str(call).lower(), call


async def test_click_is_known_by_the_card_and_redraws_it(world: World) -> None:
    shown = await world.send(APP, DEAL)
    await world.sim("click", user="李雷", button="撤销")

    click = await world.event()
    assert isinstance(click, Clicked)
    assert (click.message_id, click.action, click.subject) == (shown.message_id, "deal.undo", "17")
    assert click.handle not in ("", shown.handle)

    await world.wecom.update(Shown(shown.message_id, shown.chat, "m03", click.handle), world.wecom.render(NOTICE))
    newest = (await world.shown(chat="李雷"))[-1]
    assert newest["card"]["replace_text"] == "1 线索确认"
    with pytest.raises(Gone):
        await world.wecom.update(Shown(shown.message_id, shown.chat, "m03", click.handle), world.wecom.render(DEAL))
    await world.wecom.update(shown, world.wecom.render(DECIDE))
    assert (await world.shown(chat="李雷"))[-1]["card"]["main_title"]["title"] == "李雷申请 8.8 折（让 12%）"


async def test_reason_comes_with_its_button_only(world: World) -> None:
    await world.send(APP, DECIDE)
    found = []
    for press in ({"button": "驳回", "option": "折扣过低"}, {"button": "驳回"}, {"button": "同意", "option": "其他"}):
        await world.sim("click", user="李雷", **press)
        click = await world.event()
        assert isinstance(click, Clicked)
        found.append((click.action, dict(click.values)))

    assert found == [("approval.reject", {"option": "price"}), ("approval.reject", {}), ("approval.approve", {})]


async def test_form_of_lists_comes_back_by_name(world: World) -> None:
    await world.send(APP, (Title("写跟进"), lists(3)))
    await world.sim("submit", user="李雷", values={"f0": "选项1", "f2": "选项2"})

    click = await world.event()
    assert isinstance(click, Clicked)
    assert (click.action, click.values) == ("form.sent", {"f0": "v1", "f2": "v2"})


async def test_same_key_makes_one_message(world: World) -> None:
    for _ in range(3):
        await world.send(APP, words("收到"), key="row-1")
        await world.send(APP, DEAL, key="row-2")
    await world.send(APP, words("收到"), key="row-3")

    ours = [item["text"] or "card" for item in await world.shown(chat="李雷") if item["sender"]["id"] != "m03"]
    assert ours == ["收到", "card", "收到"]


async def test_picture_goes_before_its_card(world: World) -> None:
    media = await world.wecom.upload(PNG, name="trend.png", kind="image")
    await world.send(APP, (Title("LDR"), Picture("trend", "LDR 八周", media=media), *DEAL[-1:]))

    assert [item["type"] for item in await world.shown(chat="李雷")][-2:] == ["image", "template_card"]


async def test_picture_of_a_person_is_downloaded(world: World) -> None:
    form = aiohttp.FormData({"user": "李雷"}, quote_fields=False)
    form.add_field("file", PNG, filename="证据.png", content_type="image/png")
    async with world.http.post(f"{world.base}/sim/upload", data=form) as response:
        assert response.status == 200, await response.text()

    said = await world.event()
    assert isinstance(said, Said)
    got = await world.wecom.download(said.message_id, said.files[0].key, kind="image")
    assert got.content == PNG


async def test_card_is_taken_back(world: World) -> None:
    shown = await world.send(APP, DEAL)
    await world.wecom.recall(shown.message_id)

    assert (await world.shown(chat="李雷"))[-1]["recalled"] is True


async def test_directory_knows_people(world: World) -> None:
    found = await world.wecom.directory.person("m03")
    assert found is not None
    assert (found.account, found.name) == ("m03", "李雷")
    assert await world.wecom.directory.person("nobody") is None
    assert await world.wecom.directory.accounts_of(["13800010004", "1"]) == {"13800010004": "m04"}


async def test_token_revoked_by_the_vendor_is_replaced(world: World) -> None:
    await world.send(APP, words("一"))
    await world.sim("tokens/revoke", platform="wecom")
    await world.send(APP, words("二"), key="row-2")

    assert (await world.shown(chat="李雷"))[-1]["text"] == "二"


@pytest.mark.parametrize("card", [NOTICE, words("好")])
async def test_webhook_speaks_in_its_group(world: World, card: Card) -> None:
    await world.send(Address(chat="hook:east"), card)
    with pytest.raises(Gone):
        await world.send(Address(chat="hook:west"), card)

    newest = (await world.shown(chat=GROUP))[-1]
    assert newest["type"] in ("markdown", "text", "template_card")


async def test_smart_bot_hears_its_group_and_answers_once(world: World) -> None:
    await world.sim("say", user="李雷", chat=GROUP, text="@销售助手 LDR 本周")

    said = await world.event()
    row = world.intake.stored[-1]
    assert isinstance(said, Said)
    assert (said.text, said.direct, said.threaded, row.chat[:6]) == ("LDR 本周", False, True, "bot:g:")
    to = Address(chat=row.chat, reply_to=said.message_id)
    await world.send(to, DEAL)
    assert (await world.shown(chat=GROUP))[-1]["card"]["task_id"] == "row-1"
    with pytest.raises(Gone):
        await world.send(to, words("再说一句"))


@pytest.mark.parametrize("mode", ["webhook", "socket"])
async def test_click_in_a_group_is_answered_with_the_next_card(mode: str) -> None:
    answer = Answer(card=NOTICE)
    async with simulated(mode, answer) as world:
        await world.sim("say", user="李雷", chat=GROUP, text="@销售助手 看 17")
        said = await world.event()
        assert isinstance(said, Said)
        await world.send(Address(chat=world.intake.stored[-1].chat, reply_to=said.message_id), DEAL)
        await world.until(lambda shown: shown[-1]["card"], chat=GROUP)
        await world.sim("click", user="李雷", chat=GROUP, button="撤销")
        click = await world.event()
        shown = await world.until(lambda shown: (shown[-1]["card"] or {}).get("replace_text"), chat=GROUP)

    assert isinstance(click, Clicked)
    assert (click.message_id, click.action) == ("row-1", "deal.undo")
    assert shown[-1]["card"]["main_title"]["title"] == "已录单 #17 华东医疗"
    assert answer.wrote == 1


async def test_smart_bot_over_the_socket_hears_answers_and_speaks_up(wired: World) -> None:
    await wired.sim("say", user="李雷", chat=GROUP, text="@销售助手 LDR 本周")
    said = await wired.event()
    row = wired.intake.stored[-1]
    assert isinstance(said, Said)
    assert (said.text, said.threaded) == ("LDR 本周", False)

    await wired.send(Address(chat=row.chat, reply_to=said.message_id), words("好"), key="row-1")
    await wired.send(Address(chat=row.chat), DEAL, key="row-2")
    shown = await wired.shown(chat=GROUP)
    assert [item["type"] for item in shown][-2:] == ["markdown_v2", "template_card"]


@pytest.mark.parametrize("mode", ["webhook", "socket"])
async def test_document_to_the_smart_bot_is_downloaded_and_opened(mode: str) -> None:
    content = b"%PDF-1.7\n" + b"x" * 1000
    async with simulated(mode) as world:
        form = aiohttp.FormData({"user": "李雷", "face": "bot"}, quote_fields=False)
        form.add_field("file", content, filename="比价表.pdf", content_type="application/pdf")
        async with world.http.post(f"{world.base}/sim/upload", data=form) as response:
            assert response.status == 200, await response.text()
        said = await world.event()
        assert isinstance(said, Said)
        assert world.intake.stored[-1].chat == "bot:u:m03"
        got = await world.wecom.download(said.message_id, said.files[0].key, kind="file")

    assert got.content == content


async def test_picture_goes_before_its_card_in_every_chat(wired: World) -> None:
    await wired.sim("say", user="李雷", chat=GROUP, text="@销售助手 LDR")
    await wired.event()
    media = await wired.wecom.upload(PNG, name="trend.png", kind="image")
    card = (Title("LDR"), Picture("trend", "LDR 八周", media=media), *DEAL[-1:])
    for chat in (wired.intake.stored[-1].chat, "hook:east"):
        await wired.send(Address(chat=chat), card, key=f"row-{chat[:4]}")

    kinds = [item["type"] for item in await wired.shown(chat=GROUP)]
    assert kinds[-4:] == ["image", "template_card", "image", "markdown"]


async def test_second_connection_ends_the_first(wired: World) -> None:
    other = adapter_of(wired.base, "socket")
    await other.start()
    (socket,) = other.sockets(Intake().accept)
    running = asyncio.ensure_future(socket.run())
    async with asyncio.timeout(5):
        while wired.wecom._line is not None and wired.wecom._line._ready:
            await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await other.stop()


async def test_somebody_signs_in(world: World) -> None:
    query = {"appid": COMPANY.wecom.corp_id, "redirect_uri": "http://127.0.0.1:1/p/", "response_type": "code",
             "scope": "snsapi_base", "state": "s1", "agentid": str(COMPANY.wecom.agent_id),
             "sim_user": "m03"}  # fmt: skip
    address = f"{world.base}/wecom/connect/oauth2/authorize"
    async with world.http.get(address, params=query, allow_redirects=False) as response:
        assert response.status == 302, await response.text()
        code = URL(response.headers["Location"]).query["code"]

    assert await world.wecom.login(code) == Person("m03", "李雷")
    with pytest.raises(Gone):
        await world.wecom.login(code)
