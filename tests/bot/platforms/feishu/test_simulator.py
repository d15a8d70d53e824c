"""The adapter against the simulator, by HTTP on both sides: cards it accepts, events it sends, clicks it shows."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.platforms.base import Address, NotAllowed, RetryLater, Shown
from bot.platforms.feishu import Feishu, FeishuKeys
from bot.platforms.feishu.caps import LIMITS
from bot.platforms.pace import Pace
from cards.blocks import Action, Button, Buttons, Card, Fields, Headline, Note, Text, Title, words
from handlers.events import ChatEntered, Clicked, Event, MenuPicked, Said, SentFile
from simulator.app import make_app
from simulator.company import load_company
from simulator.options import COMPANY_FILE, Options
from tests.bot.platforms.feishu.helpers import Answer, Intake, Json

COMPANY = load_company(COMPANY_FILE)
CARD: Card = (
    Title("已录单 #17 <at id=all></at>", "green", "1 线索确认"),
    Headline("120.00 万"),
    Fields((("产品", "CT机 **粗**"), ("客户", ""))),
    Text("没问题不用点。\n[点我](http://evil.cn)"),
    Note("10:32 前可撤销"),
    Buttons(
        (
            Button("补信息", Action("deal.complete", "17", "ab", {"n": "1"}), "primary"),
            Button("撤销", Action("deal.undo", "17"), "danger", confirm="撤掉这一单？"),
        )
    ),
)


@dataclass
class World:
    """An adapter and a simulator that know each other."""

    feishu: Feishu
    intake: Intake
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
        return self.feishu.parse(self.intake.stored[-1])


@pytest.fixture
async def world() -> AsyncIterator[World]:
    intake = Intake()
    routes: list[Any] = []

    async def callback(request: web.Request) -> web.StreamResponse:
        answered: web.StreamResponse = await routes[0][2](request)
        return answered

    bot = web.Application()
    bot.router.add_post("/callback/feishu", callback)
    async with TestServer(bot) as ours:
        options = Options(callback=str(ours.make_url("/callback/feishu")))
        async with TestServer(make_app(options)) as theirs, aiohttp.ClientSession() as http:
            base = f"http://127.0.0.1:{theirs.port}"
            app = COMPANY.app
            keys = FeishuKeys(
                app.app_id, app.app_secret, app.encrypt_key, app.verification_token, f"{base}/feishu", False
            )
            feishu = Feishu(
                keys,
                business_us=lambda: time.time_ns() // 1000,
                machine=time.monotonic,
                pace=Pace(LIMITS, time.monotonic),
            )
            routes.extend(feishu.listen(intake.accept))
            await feishu.start()
            yield World(feishu, intake, base, http)
            await feishu.stop()


def account(name: str) -> str:
    person = COMPANY.find(name)
    assert person is not None
    return person.open_id


async def test_request_url_passes_the_vendors_check(world: World) -> None:
    answer = await world.sim("callback", verify=True)

    assert answer["verified"]["ok"] is True, answer


async def test_words_of_a_person_arrive(world: World) -> None:
    await world.sim("say", user="李雷", text="录单 华东医疗 CT机 120万")

    found = world.parsed()
    assert isinstance(found, Said)
    assert (found.text, found.direct, found.addressed) == ("录单 华东医疗 CT机 120万", True, True)
    assert world.intake.stored[-1].account == account("李雷")


async def test_words_in_a_group_name_the_bot(world: World) -> None:
    await world.sim("say", user="王芳", chat="华东一组群", text="@销售助手 问 @李雷 目标")

    found = world.parsed()
    assert isinstance(found, Said)
    assert (found.text, found.direct, found.addressed) == ("问 @李雷 目标", False, True)


async def test_card_is_accepted_clicked_and_redrawn(world: World) -> None:
    world.intake.answer = Answer(toast="已撤销 #17")
    sent = await world.feishu.send(Address(account=account("李雷")), world.feishu.render(CARD), key="out-1")
    again = await world.feishu.send(Address(account=account("李雷")), world.feishu.render(CARD), key="out-1")

    click = await world.sim("click", user="李雷", message=sent.message_id, button="撤销")
    await world.feishu.update(Shown(sent.message_id, sent.chat), world.feishu.render((Title("已撤销 #17", "grey"),)))

    found = world.parsed()
    assert again == sent
    assert (click["status"], click["toast"]["content"], click["code"]) == (200, "已撤销 #17", 0)
    assert found == Clicked(sent.message_id, "deal.undo", "17")
    assert world.intake.answer.wrote == 1


async def test_largest_card_is_accepted(world: World) -> None:
    card = (Title("全部"), *(Fields((("名", "值"),) * 10) for _ in range(2)), Text("字" * 600), *CARD[-1:] * 6)
    worse = (Title("全部"), *(Text("字" * 600) for _ in range(40)), *CARD[-1:] * 40)

    for number, each in enumerate((card, worse)):
        await world.feishu.send(Address(chat="", account=account("李雷")), world.feishu.render(each), key=f"k{number}")


async def test_text_in_a_group_reply_update_and_recall(world: World) -> None:
    groups = {name: chat for chat, name in await world.feishu.directory.groups()}
    chat = groups["华东一组群"]
    render = world.feishu.render

    first = await world.feishu.send(Address(chat=chat), render(words("<at user_id=all>好")), key="a")
    reply = await world.feishu.send(Address(chat=chat, reply_to=first.message_id), render(words("二")), key="b")
    await world.feishu.update(Shown(first.message_id, first.chat), render(words("改")))
    await world.feishu.recall(reply.message_id)

    shown = await world.shown(chat)
    assert first.chat == reply.chat == chat
    assert "@所有人" not in str(shown)


async def test_picture_of_a_person_is_downloaded(world: World) -> None:
    form = aiohttp.FormData()
    form.add_field("user", "李雷")
    form.add_field("file", b"\x89PNG\r\n\x1a\n" + bytes(64), filename="签字表.png", content_type="image/png")
    async with world.http.post(f"{world.base}/sim/upload", data=form) as response:
        assert response.status == 200

    found = world.parsed()
    assert isinstance(found, Said)
    (file,) = found.files
    got = await world.feishu.download(found.message_id, file.key, kind=file.kind)

    assert isinstance(file, SentFile)
    assert (file.kind, got.content[:4]) == ("image", b"\x89PNG")


async def test_directory_knows_people_groups_and_members(world: World) -> None:
    directory = world.feishu.directory

    person = await directory.person(account("王芳"))
    found = await directory.accounts_of(["13800010003", "13900009999"])
    chats = {name: chat for chat, name in await directory.groups()}
    members = await directory.members(chats["华东一组群"])

    assert person is not None
    assert person.name == "王芳"
    assert found == {"13800010003": account("李雷")}
    assert {member.name for member in members} == {"王芳", "李雷", "韩梅梅", "陈宇"}


async def test_revoked_token_is_replaced(world: World) -> None:
    await world.feishu.directory.groups()
    await world.sim("tokens/revoke")

    assert await world.feishu.directory.groups()


async def test_wrong_secret_is_for_an_admin(world: World) -> None:
    app = COMPANY.app
    keys = FeishuKeys(app.app_id, "wrong", app.encrypt_key, app.verification_token, f"{world.base}/feishu")
    feishu = Feishu(keys, business_us=lambda: 0, machine=time.monotonic, pace=Pace(LIMITS, time.monotonic))
    await feishu.start()
    with pytest.raises(NotAllowed):
        await feishu.directory.groups()
    await feishu.stop()


async def test_opening_the_chat_and_the_menu_arrive(world: World) -> None:
    await world.sim("enter", user="李雷")
    entered = world.parsed()
    await world.sim("menu", user="李雷", key="quick_deal")
    picked = world.parsed()

    assert (entered, picked) == (ChatEntered(), MenuPicked("quick_deal"))
    assert world.intake.stored[-1].chat == ""


@pytest.mark.parametrize(
    ("kind", "unknown", "whole_app"),
    [
        ("drop", True, False),
        ("drop_after", True, False),
        ("5xx", True, False),
        ("html", True, False),
        ("429", False, True),
        ("11232", False, True),
    ],
)
async def test_send_that_failed_is_sent_once_when_tried_again(
    world: World, kind: str, unknown: bool, whole_app: bool
) -> None:
    to, message = Address(account=account("李雷")), world.feishu.render(words("只说一次"))
    await world.sim("faults", path="POST /open-apis/im/v1/messages", kind=kind)

    with pytest.raises(RetryLater) as raised:
        await world.feishu.send(to, message, key="out-7")
    world.feishu._client._pace._calls.clear()  # a minute later
    sent = await world.feishu.send(to, message, key="out-7")

    assert (raised.value.unknown, raised.value.whole_app) == (unknown, whole_app)
    shown = [message for message in await world.shown(sent.chat) if "只说一次" in str(message)]
    assert [message["message_id"] for message in shown] == [sent.message_id]


async def test_message_delivered_twice_has_one_id(world: World) -> None:
    await world.sim("faults", path="event", kind="duplicate")
    await world.sim("say", user="李雷", text="目标")

    assert [row.kind for row in world.intake.stored] == ["message", "message"]
    assert len({row.id for row in world.intake.stored}) == 1
