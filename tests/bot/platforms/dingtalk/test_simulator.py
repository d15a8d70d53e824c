"""The adapter against the simulator over its own wire, by webhook and by Stream: one story in both modes."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.platforms.base import Address, Gone, NotAllowed, RetryLater, Shown
from bot.platforms.dingtalk import Dingtalk, DingtalkKeys
from bot.platforms.dingtalk.caps import LIMITS
from bot.platforms.dingtalk.render import SHARED_TEMPLATE
from bot.platforms.pace import Pace
from cards.blocks import (
    Action,
    Button,
    Buttons,
    Card,
    Fields,
    Headline,
    Input,
    Inputs,
    Note,
    Picture,
    Text,
    Title,
    words,
)
from cards.fit import fit
from cards.samples import SAMPLES
from handlers.events import BotRemoved, Clicked, Event, Said
from simulator.app import make_app
from simulator.company import load_company
from simulator.dingtalk.cards.checks import param_map
from simulator.dingtalk.cards.templates import Templates
from simulator.dingtalk.content import read_template
from simulator.options import COMPANY_FILE, Options
from tests.bot.platforms.dingtalk.helpers import KEYS, Answer, Intake, Json, Meter, adapter

COMPANY = load_company(COMPANY_FILE)
APP = COMPANY.dingtalk
CARD: Card = (
    Title("李雷申请 8.8 折", "orange", "折扣 · 等你初审"),
    Headline("¥792,000.00"),
    Fields((("商机", "#9 宁波博仁 **彩超**"), ("理由", "<a atId=all>[点我](http://evil.cn)"))),
    Text("没问题不用点。"),
    Note("11-21 周六 14:05 前"),
    Buttons(
        (
            Button("同意", Action("approval.approve", "request:3", "ab"), "primary", line="同意 ZK-1"),
            Button("驳回", Action("approval.reject", "request:3", "ab"), line="驳回 ZK-1"),
        )
    ),
)
DONE: Card = (Title("已同意：8.8 折", "green", "办结"),)
FORM: Card = (
    Title("补信息", "blue"),
    Inputs(
        "form",
        (Input("reason", "说明"), Input("stage", "阶段", choices=(("s1", "线索"), ("s2", "报价")))),
        (Button("提交", Action("form.submit", "form:1", "cd"), "primary"),),
    ),
)


@dataclass
class World:
    """An adapter and a simulator that know each other."""

    dingtalk: Dingtalk
    intake: Intake
    meter: Meter
    base: str
    http: aiohttp.ClientSession

    async def sim(self, what: str, **body: Any) -> Json:
        async with self.http.post(f"{self.base}/sim/{what}", json=body) as response:
            answer: Json = await response.json()
            assert response.status == 200, answer
            return answer

    async def shown(self, chat: str) -> list[Json]:
        async with self.http.get(f"{self.base}/sim/messages", params={"chat": chat}) as response:
            found: list[Json] = (await response.json())["messages"]
            return found

    def parsed(self) -> Event | None:
        """The last event as the product sees it."""
        return self.dingtalk.parse(self.intake.stored[-1])

    async def send(self, card: Card, to: str = "user:m01", *, key: str = "row-1") -> Shown:
        fitted = fit(card, self.dingtalk.capabilities(to, direct=to.startswith("user:")))
        sent = await self.dingtalk.send(Address(chat=to), self.dingtalk.render(fitted, to), key=key)
        return Shown(sent.message_id, sent.chat)


@pytest.fixture(params=["webhook", "socket"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    intake, meter = Intake(), Meter()
    routes: list[Any] = []

    async def callback(asked: web.Request) -> web.StreamResponse:
        handler = next(handler for _, path, handler in routes if path == asked.path)
        answered: web.StreamResponse = await handler(asked)
        return answered

    bot = web.Application()
    bot.router.add_post("/callback/dingtalk/{name}", callback)
    async with TestServer(bot) as ours:
        here = str(ours.make_url("")).rstrip("/")
        options = Options(callback_base=here, vendors=("dingtalk",), modes={"dingtalk": request.param})
        async with TestServer(make_app(options)) as theirs, aiohttp.ClientSession() as http:
            base = f"http://127.0.0.1:{theirs.port}"
            keys = DingtalkKeys(
                app_key=APP.app_key,
                app_secret=APP.app_secret,
                corp_id=APP.corp_id,
                token=APP.token,
                aes_key=APP.aes_key,
                card_secret="our-own-secret",
                form_template_id=APP.form_template_id,
                api_base=f"{base}/dingtalk",
                oapi_base=f"{base}/dingtalk-oapi",
                public_url=here,
                socket=request.param == "socket",
            )
            pace = Pace(LIMITS, time.monotonic)
            dingtalk = Dingtalk(
                keys, business_us=lambda: time.time_ns() // 1000, machine=time.monotonic, pace=pace, meter=meter
            )
            routes.extend(dingtalk.listen(intake.accept))
            await dingtalk.start()
            sockets = [asyncio.ensure_future(socket.run()) for socket in dingtalk.sockets(intake.accept)]
            found = World(dingtalk, intake, meter, base, http)
            await connected(found)
            meter.counts.clear()
            yield found
            for socket in sockets:
                socket.cancel()
            await asyncio.gather(*sockets, return_exceptions=True)
            await dingtalk.stop()


async def connected(world: World) -> None:
    """Returns once the address for clicks is registered, or the stream takes pushes."""
    if world.dingtalk._registering is not None:
        await asyncio.wait_for(world.dingtalk._registering, 5)
        return
    async with asyncio.timeout(5):
        while (await world.sim("deliver", event={"eventType": "org_change"}))["delivered"][0]["code"]:
            await asyncio.sleep(0.02)


async def group(world: World) -> str:
    async with world.http.get(f"{world.base}/sim/state") as response:
        chats = (await response.json())["chats"]
    return next(str(chat["id"]) for chat in chats if chat["kind"] == "group")


async def test_words_of_a_person_arrive(world: World) -> None:
    answer = await world.sim("say", user="张伟", text="录单 华东医疗 CT机 120万")

    found = world.parsed()
    assert answer["delivered"]["code"] == 0, answer
    assert isinstance(found, Said)
    assert (found.text, found.direct, found.addressed) == ("录单 华东医疗 CT机 120万", True, True)
    assert (world.intake.stored[-1].account, world.intake.stored[-1].chat) == ("m01", "user:m01")
    assert world.meter.counts == {"stream": 1}


@pytest.mark.parametrize("rich", [False, True])
async def test_words_in_a_group_name_the_bot(world: World, rich: bool) -> None:
    chat = await group(world)
    await world.sim("say", user="张伟", chat=chat, text="@销售助手 群 绑定 总监", post=rich)

    found = world.parsed()
    assert isinstance(found, Said)
    assert (found.text, found.direct, found.addressed) == ("群 绑定 总监", False, True)
    assert world.intake.stored[-1].chat == chat


async def test_card_is_accepted_clicked_and_redrawn(world: World) -> None:
    world.intake.answer = Answer(card=DONE)
    sent = await world.send(CARD)
    again = await world.send(CARD)
    click = await world.sim("click", user="张伟", button="同意")

    assert again == sent
    assert (click["code"], click["toast"]) == (0, None)
    assert world.parsed() == Clicked(sent.message_id, "approval.approve", "request:3", "ab")
    assert world.intake.stored[-1].chat == "user:m01"
    assert world.intake.answer.wrote == 1
    (message,) = [each for each in await world.shown("张伟") if each["type"] == "card"]
    params = message["card"]["cardParamMap"]
    assert (params["msgTitle"], params["staticMsgContent"]) == ("已同意：8.8 折", "办结")
    assert "msgButtons" not in params["sys_full_json_obj"]


async def test_card_of_a_group_is_clicked_there(world: World) -> None:
    chat = await group(world)
    sent = await world.send(CARD, chat)
    await world.sim("click", user="林静", chat=chat, button="驳回")

    assert world.parsed() == Clicked(sent.message_id, "approval.reject", "request:3", "ab")
    assert (world.intake.stored[-1].account, world.intake.stored[-1].chat) == ("m12", chat)


async def test_card_is_redrawn_by_a_call(world: World) -> None:
    sent = await world.send(CARD)
    await world.dingtalk.update(sent, world.dingtalk.render(DONE))

    (message,) = [each for each in await world.shown("张伟") if each["type"] == "card"]
    assert message["card"]["cardParamMap"]["msgTitle"] == "已同意：8.8 折"
    assert message["card"]["cardParamMap"]["flowStatus"] == "3"


async def test_form_is_filled_in_and_closed(world: World) -> None:
    world.intake.answer = Answer(card=DONE)
    sent = await world.send(FORM)
    answer = await world.sim("submit", user="张伟", values={"reason": "客户三台一起签", "stage": "报价"})

    assert answer["code"] == 0, answer
    found = world.parsed()
    assert isinstance(found, Clicked)
    assert (found.message_id, found.action, found.subject) == (sent.message_id, "form.submit", "form:1")
    assert found.values == {"reason": "客户三台一起签", "stage": "s2"}
    (message,) = [each for each in await world.shown("张伟") if each["type"] == "card"]
    assert message["card"]["cardParamMap"]["form_status"] == "disabled"


async def test_words_go_to_people_and_groups(world: World) -> None:
    chat = await group(world)
    direct = await world.send(words("还差金额，回个数就行，如 120万。"))
    await world.send(words("细节发你单聊了。"), chat)

    assert (await world.shown("张伟"))[-1]["text"] == "还差金额，回个数就行，如 120万。"
    assert (await world.shown(chat))[-1]["text"] == "细节发你单聊了。"
    assert world.meter.counts == {"api": 2}
    await world.dingtalk.recall(direct.message_id)
    assert (await world.shown("张伟"))[-1]["recalled"] is True
    with pytest.raises(Gone):
        await world.dingtalk.update(direct, world.dingtalk.render(CARD))


async def test_picture_goes_up_and_a_file_comes_down(world: World) -> None:
    media = await world.dingtalk.upload(base64.b64decode(PNG), name="trend.png", kind="image")
    await world.send((*CARD, Picture("trend", "LDR 八周", media=media)))
    assert [each["type"] for each in await world.shown("张伟")][-2:] == ["image", "card"]
    upload = aiohttp.FormData()
    upload.add_field("user", "张伟")
    upload.add_field("file", b"%PDF-1.4 quote", filename="比价表.pdf", content_type="application/pdf")
    async with world.http.post(f"{world.base}/sim/upload", data=upload) as response:
        assert response.status == 200, await response.text()

    found = world.parsed()
    assert isinstance(found, Said)
    (file,) = found.files
    got = await world.dingtalk.download(found.message_id, file.key, kind=file.kind)
    assert (file.name, file.kind, got.content) == ("比价表.pdf", "file", b"%PDF-1.4 quote")
    with pytest.raises(Gone):
        await world.dingtalk.download(found.message_id, "no-such-code", kind="file")


async def test_end_of_a_group_arrives(world: World) -> None:
    chat = await group(world)
    await world.sim("deliver", event={"eventType": "chat_disband", "data": {"openConversationId": chat}})

    assert world.parsed() == BotRemoved()
    assert world.intake.stored[-1].chat == chat


async def test_person_is_known_by_id_and_mobile(world: World) -> None:
    person = await world.dingtalk.directory.person("m01")

    assert person is not None
    assert (person.account, person.name) == ("m01", "张伟")
    assert await world.dingtalk.directory.accounts_of(["13800010001", "13999999999"]) == {"13800010001": "m01"}
    assert await world.dingtalk.directory.person("nobody") is None


async def test_repeated_message_has_the_same_id(world: World) -> None:
    await world.sim("faults", path="event", kind="duplicate", count=1)
    await world.sim("say", user="张伟", text="今天清单")
    async with asyncio.timeout(5):
        while len(world.intake.stored) < 2:
            await asyncio.sleep(0.02)

    first, second = (row.id for row in world.intake.stored[-2:])
    assert first == second


async def test_refusals_have_their_meaning(world: World) -> None:
    with pytest.raises(Gone):
        await world.send(words("好"), "cidNOSUCHGROUP")
    with pytest.raises(Gone):
        await world.send(words("好"), "user:nobody")
    await world.sim("faults", path="*/batchSend", kind="429", count=1)
    with pytest.raises(RetryLater):
        await world.send(words("好"))
    await world.sim("faults", path="*/createAndDeliver", kind="5xx", count=1)
    with pytest.raises(RetryLater):
        await world.send(CARD)
    await world.sim("faults", path="*/batchSend", kind="expired_token", count=1)
    await world.send(words("好"))


def later(world: World) -> None:
    """So much later that no refusal holds anything back."""
    world.dingtalk._client._pace._calls.clear()


async def test_hidden_refusals_have_their_meaning(world: World) -> None:
    await world.sim("faults", path="*/createAndDeliver", kind="undelivered", count=1)
    with pytest.raises(Gone):
        await world.send(CARD)
    await world.sim("faults", path="*/batchSend", kind="flow_control", count=1)
    with pytest.raises(RetryLater):
        await world.send(words("好"))
    await world.sim("faults", path="*/batchSend", kind="blocked", count=1)
    later(world)
    with pytest.raises(RetryLater):
        await world.send(words("好"))
    await world.sim("faults", path="*/batchSend", kind="quota", count=1)
    later(world)
    with pytest.raises(NotAllowed):
        await world.send(words("好"))


async def test_without_the_permission_for_cards_words_are_sent(world: World) -> None:
    await world.sim("faults", path="*/createAndDeliver", kind="permission", count=1)
    await world.send(CARD)

    shown = (await world.shown("张伟"))[-1]
    assert shown["type"] == "markdown"
    assert "回复 「同意 ZK-1」 · 「驳回 ZK-1」" in shown["text"]


@pytest.mark.parametrize("scene", ["outsider", "unpublished", "over_quota"])
async def test_sender_who_cannot_be_answered_is_acknowledged(world: World, scene: str) -> None:
    await world.sim("faults", path="message", kind=scene, count=1)
    answer = await world.sim("say", user="张伟", text="录单")

    assert answer["delivered"]["code"] == 0, answer
    assert world.intake.stored == []


@pytest.mark.parametrize("world", ["socket"], indirect=True)
async def test_stream_survives_its_replacement(world: World) -> None:
    for scene in ("ping", "disconnect", "abort", "ping"):
        await world.sim("faults", path="stream", kind=scene, count=1)
        await world.sim("say", user="张伟", text=f"第 {scene} 次")
    async with asyncio.timeout(10):
        while (await world.sim("say", user="张伟", text="还在吗"))["delivered"]["code"]:
            await asyncio.sleep(0.05)

    found = world.parsed()
    assert isinstance(found, Said)
    assert found.text == "还在吗"


@pytest.mark.parametrize("form", ["", APP.form_template_id])
@pytest.mark.parametrize("chat", ["user:m01", "cidGROUP"])
def test_every_sample_is_within_the_vendors_limits_and_not_blank(form: str, chat: str) -> None:
    dingtalk = adapter(replace(KEYS, form_template_id=form))
    templates = Templates(APP.form_template_id)
    ids = {"shared": SHARED_TEMPLATE, "form": APP.form_template_id}
    for name, card in SAMPLES.items():
        fitted = fit(card, dingtalk.capabilities(chat, direct=chat.startswith("user:")))
        message = dingtalk.render(fitted, chat)
        for template in ("shared", "form") if form else ("shared",):
            params = param_map({"cardParamMap": message[template]}, "cardData", strict=True)
            assert not templates.look(ids[template], params).blank, name
        buttons = [item for block in fitted if isinstance(block, Buttons) for item in block.items]
        look = templates.look(SHARED_TEMPLATE, message["shared"])
        assert [button.label for button in look.buttons] == [button.label for button in buttons], name
        read_template(message["words"]["msgKey"], message["words"]["msgParam"])


PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
