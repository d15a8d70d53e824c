"""Groups the app makes, and the robot of a group."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable

import pytest

from tests.simulator.wecom.conftest import StillClock
from tests.simulator.wecom.helpers import AMR, GROUP, PNG, Bot, Json, Sim, buttons, news, notice

Start = Callable[..., Awaitable[Sim]]


async def create(sim: Sim, **body: object) -> Json:
    body = {"name": "项目群", "owner": "m02", "userlist": ["m02", "M03"], "chatid": "deal17", **body}
    return await sim.api("POST", "appchat/create", json=body)


async def test_a_group_is_made_read_and_changed(sim: Sim) -> None:
    assert (await create(sim))["chatid"] == "deal17"
    info = (await sim.api("GET", "appchat/get", params={"chatid": "deal17"}))["chat_info"]
    assert info == {"chatid": "deal17", "name": "项目群", "owner": "m02", "userlist": ["m02", "m03"], "chat_type": 0}
    change = {"chatid": "deal17", "name": "新名", "add_user_list": ["m04"], "del_user_list": ["m02"], "owner": "m04"}
    assert (await sim.api("POST", "appchat/update", json=change))["errcode"] == 0
    info = (await sim.api("GET", "appchat/get", params={"chatid": "deal17"}))["chat_info"]
    assert (info["name"], info["owner"], info["userlist"]) == ("新名", "m04", ["m03", "m04"])


async def test_a_group_without_an_id_gets_one(sim: Sim) -> None:
    made = await create(sim, chatid="", owner="")
    assert made["chatid"]
    assert (await sim.api("GET", "appchat/get", params={"chatid": made["chatid"]}))["chat_info"]["owner"] == "m02"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"userlist": ["m02"]}, 86006),
        ({"userlist": ["m02", "nobody"]}, 60111),
        ({"userlist": "m02"}, 86216),
        ({"owner": "m09"}, 86005),
        ({"name": "长" * 51}, 86004),
        ({"chatid": "a-b"}, 86001),
    ],
)
async def test_refused_groups(sim: Sim, body: Json, code: int) -> None:
    assert (await create(sim, **body))["errcode"] == code


async def test_ids_are_not_given_twice_and_foreign_groups_not_touched(sim: Sim) -> None:
    await create(sim)
    assert (await create(sim))["errcode"] == 86215
    for chatid, code in ((GROUP.id, 86008), ("none", 86003)):
        body = {"chatid": chatid, "msgtype": "text", "text": {"content": "a"}}
        assert (await sim.api("POST", "appchat/send", json=body))["errcode"] == code


async def test_the_owner_cannot_leave_without_an_heir(sim: Sim) -> None:
    await create(sim, userlist=["m02", "m03", "m04"])
    change = {"chatid": "deal17", "del_user_list": ["m02"]}
    assert (await sim.api("POST", "appchat/update", json=change))["errcode"] == 86005


async def test_words_into_a_group_but_no_template_card(sim: Sim, bot: Bot) -> None:
    await create(sim)
    text = {"chatid": "deal17", "msgtype": "text", "text": {"content": "看", "mentioned_list": ["m03", "@all"]}}
    answer = await sim.api("POST", "appchat/send", json=text)
    assert answer == {"errcode": 0, "errmsg": "ok"}
    card = {"chatid": "deal17", "msgtype": "template_card", "template_card": notice()}
    assert (await sim.api("POST", "appchat/send", json=card))["errcode"] == 40008
    assert [m["text"] for m in await sim.messages("deal17")] == ["@李雷 @所有人 看"]
    assert (await sim.sim("say", user="m03", chat="deal17", text="@销售助手 好"))["delivered"] is None
    assert (bot.plain, bot.bodies) == ([], [])


async def test_a_member_gets_200_group_messages_a_minute(start: Start, still_clock: StillClock) -> None:
    sim = await start(clock=still_clock)
    await create(sim)
    body = {"chatid": "deal17", "msgtype": "text", "text": {"content": "a"}}
    for _ in range(201):
        assert (await sim.api("POST", "appchat/send", json=body))["errcode"] == 0
    assert len(await sim.messages("deal17")) == 200
    assert "not delivered" in sim.wecom.warnings[-1]


async def hook(sim: Sim, key: str = GROUP.hook, **body: object) -> Json:
    status, data = await sim.call("POST", "/wecom/cgi-bin/webhook/send", params={"key": key}, json=body)
    assert status == 200
    return data


async def test_a_group_robot_speaks(sim: Sim) -> None:
    assert (await hook(sim, msgtype="markdown_v2", markdown_v2={"content": "| a |\n|--|\n"}))["errcode"] == 0
    assert (await hook(sim, msgtype="template_card", template_card=news()))["errcode"] == 0
    image = {"base64": base64.b64encode(PNG).decode(), "md5": hashlib.md5(PNG).hexdigest()}
    assert (await hook(sim, msgtype="image", image=image))["errcode"] == 0
    found = await sim.messages(GROUP.id)
    assert [m["type"] for m in found] == ["markdown_v2", "template_card", "image"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"msgtype": "mpnews"}, 40008),
        ({"msgtype": "template_card", "template_card": buttons()}, 40058),
        ({"msgtype": "markdown", "markdown": {"content": "长" * 1366}}, 45002),
        ({"msgtype": "image", "image": {"base64": "!", "md5": "x"}}, 40058),
        ({"msgtype": "image", "image": {"base64": "QUJDREVG", "md5": "x"}}, 40058),
    ],
)
async def test_a_group_robot_is_refused(sim: Sim, body: Json, code: int) -> None:
    assert (await hook(sim, **body))["errcode"] == code


async def test_an_unknown_key_says_nothing_more(sim: Sim) -> None:
    assert (await hook(sim, "none", msgtype="text", text={"content": "a"}))["errcode"] == 93000
    assert (await hook(sim, "", msgtype="text", text={"content": "a"}))["errcode"] == 93000
    assert all(GROUP.hook not in call["path"] for call in sim.wecom.calls.view(10, None))


async def test_a_group_robot_speaks_20_times_a_minute(start: Start, still_clock: StillClock) -> None:
    sim = await start(clock=still_clock)
    text: Json = {"msgtype": "text", "text": {"content": "a"}}
    answers = [(await hook(sim, **text))["errcode"] for _ in range(21)]
    assert answers == [0] * 20 + [45009]
    still_clock.seconds += 60
    assert (await hook(sim, **text))["errcode"] == 0


async def test_files_of_a_group_robot_are_its_own(sim: Sim) -> None:
    media = await sim.put("file", "a.pdf", b"%PDF-1.7", "webhook/upload_media", key=GROUP.hook)
    assert media["errcode"] == 0
    assert (await hook(sim, msgtype="file", file={"media_id": media["media_id"]}))["errcode"] == 0
    assert (await sim.send(msgtype="file", file={"media_id": media["media_id"]}))["errcode"] == 40007
    voice = await sim.put("voice", "a.amr", AMR, "webhook/upload_media", key=GROUP.hook)
    assert (await hook(sim, msgtype="voice", voice={"media_id": voice["media_id"]}))["errcode"] == 0
    assert (await sim.put("image", "a.png", PNG, "webhook/upload_media", key=GROUP.hook))["errcode"] == 40004
