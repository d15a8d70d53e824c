"""Messages of the app: who gets them, what is refused, what is swallowed without a word."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.simulator.wecom.conftest import StillClock
from tests.simulator.wecom.helpers import APP, MP4, PNG, Bot, Json, Sim, buttons, choices, notice, vote

Start = Callable[..., Awaitable[Sim]]


async def texts(sim: Sim, person: str = "m03") -> list[str]:
    chat = sim.wecom.app_chat(sim.wecom.directory.person(person))  # type: ignore[arg-type]
    return [item.text for item in chat.messages]


async def test_token_is_the_same_until_it_is_revoked(sim: Sim) -> None:
    await sim.login()
    first = sim.token
    await sim.login()
    assert sim.token == first
    await sim.sim("tokens/revoke")
    assert (await sim.send_text("a"))["errcode"] == 40014
    await sim.login()
    assert (await sim.send_text("a"))["errcode"] == 0


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"corpsecret": APP.secret}, 41002),
        ({"corpid": APP.corp_id}, 41004),
        ({"corpid": "wwx", "corpsecret": APP.secret}, 40013),
        ({"corpid": APP.corp_id, "corpsecret": "x"}, 40001),
    ],
)
async def test_wrong_credentials(sim: Sim, params: Json, code: int) -> None:
    status, data = await sim.call("GET", "/wecom/cgi-bin/gettoken", params=params)
    assert (status, data["errcode"]) == (200, code)
    assert f"from ip: 127.0.0.1, more info at https://open.work.weixin.qq.com/devtool/query?e={code}" in data["errmsg"]


async def test_token_expires_by_machine_time(start: Start, still_clock: StillClock) -> None:
    sim = await start(clock=still_clock)
    await sim.login()
    still_clock.seconds += 7199
    assert (await sim.send_text("a"))["errcode"] == 0
    still_clock.seconds += 1
    assert (await sim.send_text("a"))["errcode"] == 42001
    old = sim.token
    await sim.login()
    assert sim.token != old


async def test_missing_token_and_unknown_path(sim: Sim) -> None:
    _, data = await sim.call("POST", "/wecom/cgi-bin/message/send", json={})
    assert data["errcode"] == 41001
    async with sim.http.get(sim.base + "/wecom/cgi-bin/message/send") as response:
        assert response.status == 404


async def test_text_reaches_every_receiver_once(sim: Sim) -> None:
    answer = await sim.send_text("开会", "M03|m04|nobody|m03")
    assert answer["errcode"] == 0
    assert answer["invaliduser"] == "nobody"
    assert answer["msgid"]
    assert "response_code" not in answer
    assert await texts(sim) == await texts(sim, "m04") == ["开会"]
    assert await texts(sim, "m05") == []


async def test_departments_and_everybody(sim: Sim) -> None:
    departments = (await sim.api("GET", "department/list"))["department"]
    east = next(str(d["id"]) for d in departments if d["name"] == "华东一组")
    answer = await sim.send("", toparty=f"{east}|99", totag="7", msgtype="text", text={"content": "组里"})
    assert (answer["invalidparty"], answer["invalidtag"]) == ("99", "7")
    assert await texts(sim, "m02") == await texts(sim, "m05") == ["组里"]
    await sim.send_text("全体", "@all")
    assert [await texts(sim, p.userid) for p in sim.wecom.company.people if p.id == "m16"] == [["全体"]]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"touser": ""}, 82001),
        ({"touser": "nobody"}, 81013),
        ({"touser": "|".join(f"u{i}" for i in range(1001))}, 40032),
        ({"agentid": None}, 41011),
        ({"agentid": 1000003}, 301002),
        ({"msgtype": "sticker"}, 40008),
        ({"text": {}}, 44004),
        ({"text": "hi"}, 40063),
        ({"touser": ["m03"]}, 40058),
        ({"msgtype": "markdown", "markdown": {"content": "长" * 683}}, 45002),
        ({"msgtype": "image", "image": {"media_id": "none"}}, 40007),
        ({"msgtype": "textcard", "textcard": {"description": "d", "url": "https://h"}}, 41016),
        ({"msgtype": "textcard", "textcard": {"title": "t", "url": "https://h"}}, 41033),
        ({"msgtype": "textcard", "textcard": {"title": "t", "description": "d", "url": "h"}}, 40054),
        ({"msgtype": "news", "news": {"articles": []}}, 45008),
        ({"msgtype": "template_card", "template_card": {"card_type": "text_notice"}}, 40058),
    ],
)
async def test_refusals(sim: Sim, body: Json, code: int) -> None:
    whole = {"touser": "m03", "agentid": APP.agent_id, "msgtype": "text", "text": {"content": "a"}, **body}
    assert (await sim.api("POST", "message/send", json=whole))["errcode"] == code
    assert await texts(sim) == []


async def test_broken_json_is_told(sim: Sim) -> None:
    assert (await sim.api("POST", "message/send", data=b"{"))["errcode"] == 47001
    assert (await sim.api("POST", "message/send", data=b"[]"))["errcode"] == 47001


async def test_number_as_text_is_accepted_with_a_warning(sim: Sim) -> None:
    answer = await sim.send_text("a", agentid=str(APP.agent_id))
    assert (answer["errcode"], answer["errmsg"]) == (0, "Warning: wrong json format. ok")


async def test_long_text_is_cut_on_a_character(sim: Sim) -> None:
    await sim.send_text("长" * 700)
    assert await texts(sim) == ["长" * 682]
    assert "was cut" in sim.wecom.warnings[-1]


async def test_kinds_are_shown(sim: Sim) -> None:
    picture = (await sim.put("image", "a.png", PNG))["media_id"]
    video = (await sim.put("video", "a.mp4", MP4))["media_id"]
    file = (await sim.put("file", "报价.pdf", b"%PDF-1.7"))["media_id"]
    parts: tuple[tuple[str, Json], ...] = (
        ("markdown", {"content": "# 标题"}),
        ("textcard", {"title": "题", "description": "述", "url": "https://h.example"}),
        ("news", {"articles": [{"title": "题", "url": "https://h.example"}]}),
        ("image", {"media_id": picture}),
        ("video", {"media_id": video, "title": "片"}),
        ("file", {"media_id": file}),
    )
    for kind, part in parts:
        body: Json = {"msgtype": kind, kind: part}
        assert (await sim.send(**body))["errcode"] == 0
    found = await sim.messages("wecom-app-m03")
    assert [m["type"] for m in found] == ["markdown", "textcard", "news", "image", "media", "file"]
    assert found[1]["card"]["url"] == "https://h.example"
    assert found[3]["image_url"]
    assert found[5]["file"]["name"] == "报价.pdf"


async def test_media_must_be_of_the_kind(sim: Sim) -> None:
    file = (await sim.put("file", "a.pdf", b"%PDF-1.7"))["media_id"]
    assert (await sim.send(msgtype="image", image={"media_id": file}))["errcode"] == 40004


@pytest.mark.parametrize("card", [buttons(), vote(), choices()])
async def test_interactive_card_brings_a_response_code(sim: Sim, card: Json) -> None:
    answer = await sim.send_card(card)
    assert answer["response_code"]
    assert (await sim.messages("wecom-app-m03"))[0]["card"] == card


async def test_a_plain_notice_brings_none(sim: Sim) -> None:
    assert "response_code" not in await sim.send_card(notice())
    menu = {"action_list": [{"text": "为什么", "key": "why"}]}
    assert (await sim.send_card(notice(task_id="n1", action_menu=menu)))["response_code"]


async def test_repeated_task_is_swallowed(sim: Sim) -> None:
    await sim.send_card(buttons())
    again = await sim.send_card(buttons(main_title={"title": "另一张"}))
    assert again["errcode"] == 0
    assert "response_code" not in again
    assert len(await sim.messages("wecom-app-m03")) == 1
    assert "was used before" in sim.wecom.warnings[-1]


async def test_repeated_task_can_be_an_error(sim: Sim) -> None:
    sim.wecom.duplicate_task_id = "error"
    await sim.send_card(buttons())
    answer = await sim.send_card(buttons())
    assert (answer["errcode"], "task_id" in answer["errmsg"]) == (40058, True)


async def test_duplicate_check(start: Start, still_clock: StillClock) -> None:
    sim = await start(clock=still_clock)
    once: Json = {"enable_duplicate_check": 1, "duplicate_check_interval": 100}
    await sim.send_text("a", **once)
    assert (await sim.send_text("a", **once))["errcode"] == 0
    await sim.send_text("b", **once)
    await sim.send_text("a")
    assert await texts(sim) == ["a", "b", "a"]
    still_clock.seconds += 100
    await sim.send_text("a", **once)
    assert len(await texts(sim)) == 4
    assert (await sim.send_text("a", enable_duplicate_check=1, duplicate_check_interval=14401))["errcode"] == 40058


async def test_thirty_a_minute_and_the_rest_is_dropped_in_silence(start: Start, still_clock: StillClock) -> None:
    sim = await start(clock=still_clock)
    answers = [await sim.send_text(str(i), "m03|m04" if i == 31 else "m03") for i in range(32)]
    assert {a["errcode"] for a in answers} == {0}
    assert await texts(sim) == [str(i) for i in range(30)]
    assert await texts(sim, "m04") == ["31"]
    assert "not delivered" in sim.wecom.warnings[-1]
    still_clock.seconds += 60
    await sim.send_text("later")
    assert (await texts(sim))[-1] == "later"


async def test_a_card_that_calls_back_needs_a_callback_url(sim: Sim, bot: Bot) -> None:
    sim.vendor.point("wecom/app", "")
    answer = await sim.send_card(buttons())
    assert (answer["errcode"], "callback URL" in answer["errmsg"]) == (40058, True)
    assert (await sim.send_card(notice()))["errcode"] == 0


async def card_of(sim: Sim, person: str = "m03") -> Any:
    return (await sim.messages(f"wecom-app-{person}"))[-1]["card"]


async def test_update_replaces_the_card_once(sim: Sim) -> None:
    code = (await sim.send_card(buttons(), "m03|m04"))["response_code"]
    assert (await sim.update(code, atall=1, template_card=notice()))["errcode"] == 0
    assert (await card_of(sim))["card_type"] == (await card_of(sim, "m04"))["card_type"] == "text_notice"
    again = await sim.update(code, atall=1, template_card=notice())
    assert (again["errcode"], "response_code" in again["errmsg"]) == (40058, True)


async def test_update_of_some_receivers(sim: Sim) -> None:
    code = (await sim.send_card(buttons(), "m03|m04"))["response_code"]
    answer = await sim.update(code, userids=["M04", "m09"], button={"replace_name": "已同意"})
    assert answer["invaliduser"] == ["m09"]
    assert "replace_text" not in await card_of(sim)
    assert (await card_of(sim, "m04"))["replace_text"] == "已同意"


async def test_update_keeps_the_task(sim: Sim) -> None:
    code = (await sim.send_card(buttons()))["response_code"]
    card = buttons(main_title={"title": "改过"})
    del card["task_id"]
    assert (await sim.update(code, userids=["m03"], template_card=card))["errcode"] == 0
    shown = await card_of(sim)
    assert (shown["main_title"]["title"], shown["task_id"]) == ("改过", "t1")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"template_card": notice()}, 82001),
        ({"atall": 1}, 40058),
        ({"atall": 1, "template_card": notice(), "button": {"replace_name": "x"}}, 40058),
        ({"atall": 1, "button": {}}, 40058),
        ({"atall": 1, "template_card": {"card_type": "text_notice"}}, 40058),
        ({"atall": 1, "template_card": notice(), "agentid": 1}, 42015),
        ({"userids": "m03", "template_card": notice()}, 40058),
    ],
)
async def test_a_refused_update_keeps_the_code(sim: Sim, body: Json, code: int) -> None:
    response_code = (await sim.send_card(buttons()))["response_code"]
    assert (await sim.update(response_code, **body))["errcode"] == code
    assert (await sim.update(response_code, atall=1, template_card=notice()))["errcode"] == 0


async def test_a_notice_has_no_buttons_to_grey(sim: Sim) -> None:
    menu = {"action_list": [{"text": "为什么", "key": "why"}]}
    code = (await sim.send_card(notice(task_id="n1", action_menu=menu)))["response_code"]
    assert (await sim.update(code, atall=1, button={"replace_name": "x"}))["errcode"] == 40058


async def test_a_code_lives_72_hours(sim: Sim) -> None:
    first = (await sim.send_card(buttons("a")))["response_code"]
    second = (await sim.send_card(buttons("b")))["response_code"]
    clock = sim.wecom.clock
    clock.move_to(clock.now() + timedelta(hours=72) - timedelta(seconds=30))
    assert (await sim.update(first, atall=1, template_card=notice()))["errcode"] == 0
    clock.move_to(clock.now() + timedelta(seconds=30))
    assert (await sim.update(second, atall=1, template_card=notice()))["errcode"] == 40058


async def test_recall_within_a_day(sim: Sim) -> None:
    msgid = (await sim.send_text("a", "m03|m04"))["msgid"]
    late = (await sim.send_text("b"))["msgid"]
    assert (await sim.api("POST", "message/recall", json={"msgid": msgid}))["errcode"] == 0
    assert [m["recalled"] for m in await sim.messages("wecom-app-m03")] == [True, False]
    assert (await sim.messages("wecom-app-m04"))[0]["recalled"] is True
    sim.wecom.clock.move_to(sim.wecom.clock.now() + timedelta(hours=25))
    assert (await sim.api("POST", "message/recall", json={"msgid": late}))["errcode"] == 40058
    assert (await sim.api("POST", "message/recall", json={"msgid": "x"}))["errcode"] == 40058


async def test_reset_forgets_tasks_and_keeps_tokens(sim: Sim) -> None:
    await sim.send_card(buttons())
    await sim.sim("reset")
    assert (await sim.send_card(buttons()))["response_code"]
    assert len(await sim.messages("wecom-app-m03")) == 1


async def test_long_articles_are_warned_about_and_links_need_a_scheme(sim: Sim) -> None:
    article = {"title": "长" * 50, "description": "长" * 200, "url": "https://h.example"}
    assert (await sim.send(msgtype="news", news={"articles": [article]}))["errcode"] == 0
    assert len(sim.wecom.warnings) == 2
    for broken, code in (({"url": "h.example"}, 40054), ({"url": ""}, 40058), ({"title": ""}, 41016)):
        assert (await sim.send(msgtype="news", news={"articles": [{**article, **broken}]}))["errcode"] == code
    program = {"title": "t", "appid": "wx1", "pagepath": "/index"}
    assert (await sim.send(msgtype="news", news={"articles": [program]}))["errcode"] == 0
    long_url = {**article, "url": "https://h.example/" + "x" * 2048}
    assert (await sim.send(msgtype="news", news={"articles": [long_url]}))["errcode"] == 40058


async def test_mpnews_need_a_picture_and_a_text(sim: Sim) -> None:
    thumb = (await sim.put("image", "a.png", PNG))["media_id"]
    article = {"title": "题", "thumb_media_id": thumb, "content": "<p>文</p>", "digest": "摘要"}
    assert (await sim.send(msgtype="mpnews", mpnews={"articles": [article]}))["errcode"] == 0
    shown = (await sim.messages("wecom-app-m03"))[0]
    assert (shown["type"], shown["card"]["articles"][0]["description"]) == ("news", "摘要")
    for broken, code in (({"thumb_media_id": "x"}, 40007), ({"content": ""}, 45002), ({"title": ""}, 41016)):
        assert (await sim.send(msgtype="mpnews", mpnews={"articles": [{**article, **broken}]}))["errcode"] == code


async def test_texts_of_films_and_text_cards(sim: Sim) -> None:
    film = {"media_id": (await sim.put("video", "a.mp4", MP4))["media_id"], "title": "长" * 43}
    assert (await sim.send(msgtype="video", video=film))["errcode"] == 40058
    card = {"title": "题" * 129, "description": "述", "url": "https://h.example", "btntxt": "五个字详情"}
    assert (await sim.send(msgtype="textcard", textcard=card))["errcode"] == 0
    assert [w.split(" ")[1] for w in sim.wecom.warnings] == ["textcard.title", "textcard.btntxt"]


async def test_update_by_department(sim: Sim) -> None:
    code = (await sim.send_card(buttons(), "m03|m09"))["response_code"]
    departments = (await sim.api("GET", "department/list"))["department"]
    east = next(d["id"] for d in departments if d["name"] == "华东一组")
    assert (await sim.update(code, partyids=[east], button={"replace_name": "已同意"}))["errcode"] == 0
    assert (await card_of(sim))["replace_text"] == "已同意"
    assert "replace_text" not in await card_of(sim, "m09")


async def test_update_leaves_a_recalled_copy_alone(sim: Sim) -> None:
    sent = await sim.send_card(buttons())
    await sim.api("POST", "message/recall", json={"msgid": sent["msgid"]})
    assert (await sim.update(sent["response_code"], atall=1, template_card=notice()))["errcode"] == 0
    assert (await card_of(sim))["card_type"] == "button_interaction"
