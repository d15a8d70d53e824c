"""What the app is told, how often, and what becomes of its answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from simulator.wecom.crypto import aes_key, decrypt, encrypt
from simulator.wecom.xml import Fields, read, text_of, write
from tests.simulator.wecom.helpers import (
    AMR,
    APP,
    GROUP,
    MP4,
    PNG,
    Bot,
    Json,
    Sim,
    buttons,
    choices,
    notice,
    passive,
    vote,
)

Start = Callable[..., Awaitable[Sim]]
CHAT = "wecom-app-m03"


async def test_verification_of_both_urls(sim: Sim) -> None:
    for name in ("wecom/app", "wecom/bot"):
        answer = await sim.sim("callback", name=name, verify=True)
        assert answer["verified"]["ok"] is True


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("quoted", "多了引号"),
        ("newline", "多了引号、空白"),
        ("wrong", "不是解密后的"),
        ("broken", "HTTP 状态是 500"),
        ("slow", "1 秒内没有回答"),
    ],
)
async def test_verification_says_why_it_failed(sim: Sim, path: str, reason: str) -> None:
    async def answer(request: web.Request) -> web.Response:
        plain = decrypt(request.query["echostr"], aes_key(APP.aes_key), APP.corp_id).decode()
        if path == "slow":
            await asyncio.sleep(1.5)
        texts = {"quoted": f'"{plain}"', "newline": f"{plain}\n", "wrong": "1"}
        return web.Response(status=500 if path == "broken" else 200, text=texts.get(path, plain))

    app = web.Application()
    app.router.add_get("/x", answer)
    async with TestServer(app) as server:
        told = await sim.sim("callback", name="wecom/app", url=str(server.make_url("/x")), verify=True)
    assert told["verified"]["ok"] is False
    assert reason in told["verified"]["reason"]


async def test_verification_at_the_start(start: Start, bot: Bot) -> None:
    sim = await start(verify_on_start=True)
    for _ in range(50):
        if len(sim.wecom.calls.view(10, None)) == 2:
            break
        await asyncio.sleep(0.02)
    assert sorted(c["path"] for c in sim.wecom.calls.view(10, None)) == ["/callback/wecom/app", "/callback/wecom/bot"]
    assert {c["code"] for c in sim.wecom.calls.view(10, None)} == {0}


async def test_text_as_the_vendor_writes_it(sim: Sim, bot: Bot) -> None:
    told = await sim.sim("say", user="m03", platform="wecom", text="录单 ]]> <b>")
    assert (told["delivered"]["status"], told["delivered"]["code"]) == (200, 0)
    root = read(bot.plain[0])
    assert [child.tag for child in root] == [
        "ToUserName",
        "FromUserName",
        "CreateTime",
        "MsgType",
        "Content",
        "MsgId",
        "AgentID",
    ]
    assert text_of(root, "Content") == "录单 ]]> <b>"
    assert (text_of(root, "FromUserName"), text_of(root, "AgentID")) == ("m03", "1000002")
    assert 0 < int(text_of(root, "MsgId")) < 2**63


async def test_message_ids_grow(sim: Sim, bot: Bot) -> None:
    for text in "ab":
        await sim.sim("say", user="m03", text=text)
    assert int(bot.field("MsgId", 1)) == int(bot.field("MsgId", 0)) + 1


async def test_every_failure_is_sent_again_with_the_same_text(sim: Sim, bot: Bot) -> None:
    async def refuse(plain: str) -> web.Response:
        return web.Response(status=500)

    bot.on_app = refuse
    told = await sim.sim("say", user="m03", text="a")
    assert told["delivered"]["status"] == 500
    for _ in range(100):
        if len(bot.plain) == 4:
            break
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.15)
    assert len(bot.plain) == 4
    assert len(set(bot.plain)) == 1
    assert len({q["nonce"] for q in bot.queries}) == 4
    errors = (await sim.messages(CHAT))[0]["errors"]
    assert [e["text"] for e in errors] == ["回调没送到，几秒后再送", "回调没送到，不再送"]


async def test_no_repetition_on_status_when_so_switched(sim: Sim, bot: Bot) -> None:
    async def refuse(plain: str) -> web.Response:
        return web.Response(status=500)

    bot.on_app, sim.wecom.retry_on_status = refuse, False
    await sim.sim("say", user="m03", text="a")
    await asyncio.sleep(0.1)
    assert len(bot.plain) == 1


async def test_repetition_waits_for_the_clock(start: Start, bot: Bot) -> None:
    sim = await start(retry_scale=1.0)
    await sim.sim("faults", path="event", kind="drop")
    await sim.sim("say", user="m03", text="a")
    assert bot.plain == []
    due = sim.vendor.next_due()
    assert due is not None
    assert timedelta(0) < due.at - sim.wecom.clock.now() <= timedelta(seconds=5)
    await sim.sim("clock", advance="10s")
    assert len(bot.plain) == 1


async def test_pictures_recordings_and_films(sim: Sim, bot: Bot) -> None:
    for name, data, kind in (("a.png", PNG, "image"), ("a.amr", AMR, "audio"), ("a.mp4", MP4, "media")):
        await sim.send_file(name, data, user="m03", kind=kind)
    assert bot.events() == ["image", "voice", "video"]
    async with sim.http.get(
        sim.base + "/wecom/cgi-bin/media/get",
        params={"access_token": await token(sim), "media_id": bot.field("MediaId", 0)},
    ) as response:
        assert (response.content_type, await response.read()) == ("image/png", PNG)


async def token(sim: Sim) -> str:
    await sim.login()
    return sim.token


async def test_a_file_to_the_app_never_arrives(sim: Sim, bot: Bot) -> None:
    told = await sim.send_file("报价.pdf", b"%PDF-1.7", user="m03")
    assert told["delivered"] is None
    assert bot.plain == []
    assert "收不到文件" in (await sim.messages(CHAT))[0]["errors"][0]["text"]


async def test_a_person_out_of_range_is_neither_heard_nor_reached(sim: Sim, bot: Bot) -> None:
    await sim.sim("members", chat=CHAT, remove=["bot"])
    assert (await sim.sim("say", user="m03", text="a"))["delivered"] is None
    assert (await sim.send_text("a"))["errcode"] == 81013
    assert (await sim.api("GET", "user/get", params={"userid": "m03"}))["errcode"] == 60011
    await sim.sim("members", chat=CHAT, add=["bot"])
    assert bot.events() == ["unsubscribe", "subscribe"]


async def test_entering_and_menu(sim: Sim, bot: Bot) -> None:
    below = [
        {"type": "view", "name": "看板", "url": "https://h.example/b"},
        {"type": "pic_photo_or_album", "name": "拍凭证", "key": "menu:pic"},
    ]
    menu = {"button": [{"type": "click", "name": "录单", "key": "menu:quick"}, {"name": "更多", "sub_button": below}]}
    made = await sim.api("POST", "menu/create", params={"agentid": str(APP.agent_id)}, json=menu)
    assert made["errcode"] == 0
    _, state = await sim.call("GET", "/sim/state")
    assert [chat["menu"] for chat in state["chats"] if chat["id"] == CHAT] == [menu["button"]]
    await sim.sim("enter", user="m03")
    await sim.sim("menu", user="m03", key="menu:quick")
    assert (await sim.sim("menu", user="m03", key="看板"))["open_url"] == "https://h.example/b"
    assert (await sim.sim("menu", user="m03", key="menu:pic"))["choose"] == "image"
    await sim.send_file("a.png", PNG, user="m03")
    assert bot.events() == ["enter_agent", "click", "view", "pic_photo_or_album", "image"]
    assert [bot.field("EventKey", i) for i in (1, 2, 3)] == ["menu:quick", "https://h.example/b", "menu:pic"]
    assert "<PicMd5Sum>" in bot.plain[3]


async def press(sim: Sim, bot: Bot, card: Json, **how: object) -> Json:
    answer = await sim.send_card(card, "m03|m04")
    assert answer["errcode"] == 0
    return await sim.sim("click", user="m03", **how)


async def test_click_carries_what_was_chosen(sim: Sim, bot: Bot) -> None:
    told = await press(sim, bot, buttons(), button="驳回", values={"reason": "太低"})
    assert (told["status"], told["code"], told["toast"]) == (200, 0, None)
    root = read(bot.plain[0])
    assert text_of(root, "Event") == "template_card_event"
    assert [text_of(root, n) for n in ("EventKey", "TaskId", "CardType")] == ["no", "t1", "button_interaction"]
    item = root.find("SelectedItems/SelectedItem")
    assert item is not None
    assert (item.findtext("QuestionKey"), item.findtext("OptionIds/OptionId")) == ("reason", "price")


async def test_untouched_dropdown_counts_as_its_first_option(sim: Sim, bot: Bot) -> None:
    await press(sim, bot, buttons(), button="同意")
    assert "<![CDATA[none]]>" in bot.plain[0]


async def test_submit_of_a_checklist(sim: Sim, bot: Bot) -> None:
    await sim.send_card(vote())
    await sim.sim("submit", user="m03", values={"ev": ["报价单", "纪要"]})
    assert [e.text for e in read(bot.plain[0]).iter("OptionId")] == ["q", "m"]
    assert bot.field("EventKey") == "ev:submit"


async def test_submit_of_dropdowns_and_an_option_alone(sim: Sim, bot: Bot) -> None:
    await sim.send_card(choices())
    await sim.sim("submit", user="m03", values={"阶段": "方案"})
    await sim.sim("click", user="m03", option="方案")
    for plain in bot.plain:
        assert [e.text for e in read(plain).iter("OptionId")] == ["s2", "p1"]


async def test_an_option_presses_the_button_named_like_its_list(sim: Sim, bot: Bot) -> None:
    card = buttons(button_list=[{"text": "同意", "key": "ok"}, {"text": "原因", "key": "why"}])
    await press(sim, bot, card, option="太低")
    assert (bot.field("EventKey"), [e.text for e in read(bot.plain[0]).iter("OptionId")]) == ("why", ["price"])


async def test_menu_event_carries_no_selection(sim: Sim, bot: Bot) -> None:
    menu = {"action_list": [{"text": "为什么", "key": "why"}]}
    await press(sim, bot, buttons(action_menu=menu), button="为什么")
    assert bot.events() == ["template_card_menu_event"]
    assert "SelectedItems" not in bot.plain[0]


async def test_links_open_and_tell_nobody(sim: Sim, bot: Bot) -> None:
    assert (await press(sim, bot, buttons(), button="详情"))["open_url"] == "https://h.example/42"
    await sim.send_card(notice(), "m03")
    assert (await sim.sim("click", user="m03"))["open_url"] == "https://h.example/d"
    await sim.send(msgtype="textcard", textcard={"title": "t", "description": "d", "url": "https://h.example/t"})
    assert (await sim.sim("click", user="m03"))["open_url"] == "https://h.example/t"
    assert bot.plain == []


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ({"button": "没有"}, "卡片上没有「没有」。有：〔同意〕、〔驳回〕、〔详情〕"),
        ({}, "要说明点哪个"),
        ({"button": "同意", "values": {"x": "y"}}, "卡片上没有「x」"),
        ({"button": "同意", "option": "太贵"}, "没有「太贵」这个选项"),
    ],
)
async def test_what_cannot_be_pressed(sim: Sim, bot: Bot, how: Json, text: str) -> None:
    await sim.send_card(buttons())
    _, error = await sim.refused("click", user="m03", **how)
    assert text in error


async def test_every_click_brings_a_code_for_all_copies(sim: Sim, bot: Bot) -> None:
    sent = await sim.send_card(buttons(), "m03|m04")
    await sim.sim("click", user="m04", button="同意")
    code = bot.field("ResponseCode")
    assert code != sent["response_code"]
    assert (await sim.update(code, atall=1, template_card=notice()))["errcode"] == 0
    for person in ("m03", "m04"):
        assert (await sim.messages(f"wecom-app-{person}"))[0]["card"]["card_type"] == "text_notice"
    assert (await sim.update(sent["response_code"], atall=1, template_card=notice()))["errcode"] == 0


async def test_a_greyed_card_cannot_be_pressed(sim: Sim, bot: Bot) -> None:
    code = (await sim.send_card(buttons()))["response_code"]
    await sim.update(code, atall=1, button={"replace_name": "已同意"})
    status, _ = await sim.refused("click", user="m03", button="同意")
    assert status == 404


async def fault(sim: Sim, kind: str, path: str = "event", **more: object) -> None:
    await sim.sim("faults", path=path, kind=kind, **more)


async def test_duplicate_and_reorder(sim: Sim, bot: Bot) -> None:
    await fault(sim, "duplicate")
    await sim.sim("say", user="m03", text="a")
    assert len(bot.plain) == 2
    assert bot.plain[0] == bot.plain[1]
    await fault(sim, "reorder")
    await asyncio.gather(sim.sim("say", user="m03", text="b"), later(sim, "c"))
    assert [bot.field("Content", i) for i in (2, 3)] == ["c", "b"]


async def later(sim: Sim, text: str) -> None:
    await asyncio.sleep(0.05)
    await sim.sim("say", user="m03", text=text)


@pytest.mark.parametrize("kind", ["bad_signature", "bad_receiver", "truncated", "dtd"])
async def test_a_forged_callback_is_followed_by_the_true_one(sim: Sim, bot: Bot, kind: str) -> None:
    seen = []

    async def note(plain: str) -> web.Response:
        seen.append(plain)
        return web.Response()

    bot.on_app = note
    await fault(sim, kind)
    told = await sim.sim("say", user="m03", text="a")
    assert told["delivered"]["status"] != 200
    for _ in range(50):
        if seen:
            break
        await asyncio.sleep(0.02)
    assert len(seen) == 1
    assert text_of(read(seen[0]), "Content") == "a"


async def test_faults_of_clicks(sim: Sim, bot: Bot) -> None:
    await sim.send_card(buttons())
    await sim.sim("click", user="m03", button="同意")
    sim.wecom.clock.move_to(sim.wecom.clock.now() + timedelta(seconds=10))
    await fault(sim, "same_second", "callback")
    await sim.sim("click", user="m03", button="驳回")
    assert bot.field("CreateTime", 0) == bot.field("CreateTime", 1)
    await fault(sim, "expired_code", "callback")
    await sim.sim("click", user="m03", button="同意")
    assert (await sim.update(bot.field("ResponseCode"), atall=1, template_card=notice()))["errcode"] == 40058
    await fault(sim, "stranger", "callback")
    await sim.sim("click", user="m03", button="同意")
    assert bot.field("FromUserName") == "x01"
    await fault(sim, "duplicate", "callback")
    await sim.sim("click", user="m03", button="同意")
    assert len(bot.plain) == 6


async def test_faults_that_make_no_sense_are_refused(sim: Sim) -> None:
    assert (await sim.refused("faults", path="event", kind="stranger"))[0] == 400
    assert (await sim.refused("faults", path="/cgi-bin", kind="dtd"))[0] == 400
    assert (await sim.refused("faults", path="callback", kind="duplicate", count=0))[0] == 400


async def test_text_in_the_answer_is_shown(sim: Sim, bot: Bot) -> None:
    async def answer(plain: str) -> web.Response:
        return passive(write([("MsgType", "text"), ("Content", "收到")]))

    bot.on_app = answer
    await sim.sim("say", user="m03", text="a")
    assert [m["text"] for m in await sim.messages(CHAT)] == ["a", "收到"]


async def test_pictures_and_articles_in_the_answer_are_shown(sim: Sim, bot: Bot) -> None:
    media_id = (await sim.put("image", "a.png", PNG))["media_id"]
    item: Fields = [("Title", "题"), ("Description", "述"), ("PicUrl", ""), ("Url", "https://h.example")]
    answers = [
        write([("MsgType", "image"), ("Image", [("MediaId", media_id)])]),
        write([("MsgType", "news"), ("ArticleCount", 1), ("Articles", [("item", item)])]),
    ]

    async def answer(plain: str) -> web.Response:
        return passive(answers.pop(0))

    bot.on_app = answer
    for _ in range(2):
        await sim.sim("enter", user="m03")
    found = await sim.messages(CHAT)
    assert [m["type"] for m in found] == ["image", "news"]
    assert found[1]["card"]["articles"][0]["url"] == "https://h.example"
    assert (await sim.sim("click", user="m03"))["open_url"] == "https://h.example"
    assert (await sim.refused("click", user="m03", button="没有"))[0] == 404


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(text="success"),
        passive("<xml><MsgType>sticker</MsgType></xml>"),
        passive("<!DOCTYPE a><xml/>"),
        web.Response(text=write([("Encrypt", encrypt(b"x", aes_key(APP.aes_key), "")), ("MsgSignature", "0")])),
    ],
)
async def test_an_odd_answer_is_told_and_harmless(sim: Sim, bot: Bot, answer: web.Response) -> None:
    async def give(plain: str) -> web.Response:
        return web.Response(body=answer.body)

    bot.on_app = give
    told = await sim.sim("say", user="m03", text="a")
    assert told["delivered"]["code"] == 0
    assert "passive reply" in sim.wecom.warnings[-1]


UPDATE = write(
    [
        ("MsgType", "update_template_card"),
        (
            "TemplateCard",
            [
                ("CardType", "button_interaction"),
                ("MainTitle", [("Title", "新")]),
                ("HorizontalContentList", [("KeyName", "名"), ("Value", "一")]),
                ("HorizontalContentList", [("KeyName", "名"), ("Value", "二"), ("Type", 0)]),
                ("ButtonList", [("Text", "好"), ("Style", 1), ("Key", "k")]),
                ("ReplaceText", "已同意"),
            ],
        ),
    ]
)


async def test_a_card_in_the_answer_to_a_click_is_ignored(sim: Sim, bot: Bot) -> None:
    async def answer(plain: str) -> web.Response:
        return passive(UPDATE)

    bot.on_app = answer
    await press(sim, bot, buttons(), button="同意")
    assert (await sim.messages(CHAT))[0]["card"]["main_title"]["title"] == "折扣审批"
    assert "is ignored" in sim.wecom.warnings[-1]
    sim.wecom.honour_passive_card_update = True
    await sim.sim("click", user="m03", button="同意")
    card = (await sim.messages(CHAT))[0]["card"]
    assert card["main_title"] == {"title": "新"}
    assert [row["value"] for row in card["horizontal_content_list"]] == ["一", "二"]
    assert card["replace_text"] == "已同意"


async def test_a_button_greyed_in_the_answer(sim: Sim, bot: Bot) -> None:
    async def answer(plain: str) -> web.Response:
        return passive(write([("MsgType", "update_button"), ("Button", [("ReplaceName", "已处理")])]))

    bot.on_app, sim.wecom.honour_passive_card_update = answer, True
    await press(sim, bot, buttons(), button="同意")
    assert (await sim.messages(CHAT))[0]["card"]["replace_text"] == "已处理"


async def test_members_of_a_group_come_and_go_in_silence(sim: Sim, bot: Bot) -> None:
    changed = await sim.sim("members", chat=GROUP.id, add=["m09"])
    assert "m09" in changed["chat"]["members"]
    await sim.sim("members", chat=GROUP.id, remove=["m09", "bot"])
    assert await sim.messages(GROUP.id) == []
    assert (bot.plain, bot.bodies) == ([], [])
    assert (await sim.refused("members", chat=CHAT, add=["m09"]))[0] == 400


async def test_raw_callbacks(sim: Sim, bot: Bot) -> None:
    told = await sim.sim("deliver", event={"xml": "<xml><MsgType>odd</MsgType></xml>"}, twice=True)
    assert [d["status"] for d in told["delivered"]] == [200, 200]
    assert bot.events() == ["odd", "odd"]
    await sim.sim("deliver", event={"msgtype": "odd"}, name="wecom/bot")
    assert bot.bodies == [{"msgtype": "odd"}]
    assert (await sim.refused("deliver", event={"json": 1}))[0] == 400


async def test_what_people_say_in_groups_never_reaches_the_app(sim: Sim, bot: Bot) -> None:
    assert (await sim.sim("say", user="m03", chat=GROUP.id, text="各位早"))["delivered"] is None
    await sim.sim("say", user="m03", chat=GROUP.id, text="@销售助手 帮助")
    assert bot.plain == []
    assert len(bot.bodies) == 1


async def test_recall_of_a_person_tells_nobody(sim: Sim, bot: Bot) -> None:
    said = await sim.sim("say", user="m03", text="a")
    assert (await sim.sim("recall", user="m03", message_id=said["message_id"]))["delivered"] is None
    assert len(bot.plain) == 1
