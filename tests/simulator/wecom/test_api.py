"""Media, directory, sign-in, menu, limits and faults of the API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from simulator.wecom.directory import open_userid
from simulator.words import words
from tests.simulator.wecom.conftest import StillClock
from tests.simulator.wecom.helpers import AMR, APP, COMPANY, MP4, PNG, Json, Sim, buttons

Start = Callable[..., Awaitable[Sim]]
MB = 1024 * 1024


async def get_media(sim: Sim, media_id: str, **headers: str) -> tuple[int, str, bytes]:
    await sim.login()
    params = {"access_token": sim.token, "media_id": media_id}
    async with sim.http.get(sim.base + "/wecom/cgi-bin/media/get", params=params, headers=headers) as response:
        return response.status, response.headers["Content-Type"], await response.read()


@pytest.mark.parametrize(
    ("kind", "name", "data"),
    [("image", "a.png", PNG), ("voice", "a.amr", AMR), ("video", "a.mp4", MP4), ("file", "证据.pdf", b"%PDF-1.7")],
)
async def test_upload_and_download(sim: Sim, kind: str, name: str, data: bytes) -> None:
    media = await sim.put(kind, name, data)
    assert (media["errcode"], media["errmsg"], media["type"]) == (0, "", kind)
    assert media["created_at"].isdecimal()
    assert (await get_media(sim, media["media_id"]))[2] == data


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        ("sticker", PNG, 40004),
        ("image", b"GIF89a....", 40005),
        ("voice", PNG, 40005),
        ("video", PNG, 40005),
        ("file", b"12345", 40006),
        ("file", b"", 44001),
        ("voice", AMR + bytes(2 * MB), 40006),
    ],
)
async def test_refused_uploads(sim: Sim, kind: str, data: bytes, code: int) -> None:
    assert (await sim.put(kind, "a", data))["errcode"] == code


async def test_upload_under_another_field_or_no_form(sim: Sim) -> None:
    form = aiohttp.FormData()
    form.add_field("file", PNG, filename="a.png")
    assert (await sim.api("POST", "media/upload", params={"type": "image"}, data=form))["errcode"] == 44001
    assert (await sim.api("POST", "media/upload", params={"type": "image"}, data=PNG))["errcode"] == 44001


async def test_part_of_a_file(sim: Sim) -> None:
    media = await sim.put("file", "a.bin", b"0123456789")
    assert await get_media(sim, media["media_id"], Range="bytes=2-4") == (206, "application/octet-stream", b"234")
    assert (await get_media(sim, media["media_id"], Range="bytes=8-"))[2] == b"89"
    assert b"40058" in (await get_media(sim, media["media_id"], Range="bytes=20-"))[2]


async def test_media_live_three_days(sim: Sim) -> None:
    media = await sim.put("image", "a.png", PNG)
    sim.wecom.clock.move_to(sim.wecom.clock.now() + timedelta(days=3))
    status, content_type, body = await get_media(sim, media["media_id"])
    assert (status, content_type) == (200, "application/json; charset=UTF-8")
    assert b"40007" in body


async def test_a_very_large_file_only_in_parts(sim: Sim) -> None:
    data = bytes(20 * MB + 1)
    await sim.send_file("a.mp4", data, user="m03", kind="media")
    media_id = next(iter(sim.wecom.world.blobs))
    assert b"830002" in (await get_media(sim, media_id))[2]
    assert (await get_media(sim, media_id, Range="bytes=0-15"))[0] == 206


async def test_lasting_picture_url(sim: Sim) -> None:
    url = (await sim.put("", "a.png", PNG, "media/uploadimg"))["url"]
    async with sim.http.get(url) as response:
        assert await response.read() == PNG
    assert (await sim.put("", "a.gif", b"GIF89a..", "media/uploadimg"))["errcode"] == 40005


async def test_one_member(sim: Sim) -> None:
    user = await sim.api("GET", "user/get", params={"userid": "M03"})
    assert (user["userid"], user["name"], user["direct_leader"], user["status"]) == ("m03", "李雷", ["m02"], 1)
    assert user["department"] == [user["main_department"]]
    assert not {"mobile", "email", "gender", "avatar"} & set(user)
    assert (await sim.api("GET", "user/get", params={"userid": "none"}))["errcode"] == 60111


async def test_departments_are_walked(sim: Sim) -> None:
    rows = (await sim.api("GET", "department/list"))["department"]
    tree = {row["name"]: row for row in rows}
    assert tree["华东一组"]["parentid"] == tree["销售部"]["id"]
    assert (tree["销售部"]["parentid"], tree["华东一组"]["department_leader"]) == (1, ["m02"])
    sales = {"department_id": str(tree["销售部"]["id"]), "fetch_child": "1", "status": "0"}
    assert [u["userid"] for u in (await sim.api("GET", "user/list", params=sales))["userlist"]] == ["m01"]
    people = []
    for row in rows:
        params = {"department_id": str(row["id"])}
        people += (await sim.api("GET", "user/simplelist", params=params))["userlist"]
    assert sorted(p["userid"] for p in people) == sorted(p.userid for p in COMPANY.people)
    assert (await sim.api("GET", "department/list", params={"id": "99"}))["errcode"] == 60123
    below = (await sim.api("GET", "department/list", params={"id": str(tree["销售部"]["id"])}))["department"]
    assert [row["name"] for row in below] == ["销售部", "华东一组", "华南组", "大客户组"]


async def test_member_by_mobile(sim: Sim) -> None:
    found = await sim.api("POST", "user/getuserid", json={"mobile": "13800010003"})
    assert found["userid"] == "m03"
    assert (await sim.api("POST", "user/getuserid", json={"mobile": "1"}))["errcode"] == 46004


async def test_encrypted_ids(sim: Sim) -> None:
    key = open_userid(COMPANY.people[2])
    body = {"open_userid_list": [key, "x"]}
    answer = await sim.api("POST", "batch/openuserid_to_userid", json=body)
    assert answer["userid_list"] == [{"open_userid": key, "userid": "m03"}]
    assert answer["invalid_open_userid_list"] == ["x"]
    refused = await sim.api("POST", "batch/openuserid_to_userid", json={"open_userid_list": []})
    assert refused["errcode"] == 40058


AUTHORIZE = {
    "appid": APP.corp_id,
    "redirect_uri": "http://127.0.0.1:9/in?to=x",
    "response_type": "code",
    "scope": "snsapi_base",
    "state": "abc1",
    "sim_user": "m03",
}


async def authorize(sim: Sim, **changed: str) -> tuple[int, str, str]:
    url = sim.base + "/wecom/connect/oauth2/authorize"
    params = {key: value for key, value in {**AUTHORIZE, **changed}.items() if value}
    async with sim.http.get(url, params=params, allow_redirects=False) as response:
        return response.status, response.headers.get("Location", ""), await response.text()


async def test_sign_in(sim: Sim) -> None:
    status, location, _ = await authorize(sim)
    query = parse_qs(urlsplit(location).query)
    assert (status, query["to"], query["state"]) == (302, ["x"], ["abc1"])
    params = {"code": query["code"][0]}
    assert (await sim.api("GET", "auth/getuserinfo", params=params))["userid"] == "m03"
    assert (await sim.api("GET", "auth/getuserinfo", params=params))["errcode"] == 42022
    assert (await sim.api("GET", "auth/getuserinfo", params={"code": "x"}))["errcode"] == 40029


async def test_sign_in_by_the_old_path(sim: Sim) -> None:
    _, location, _ = await authorize(sim)
    params = {"code": parse_qs(urlsplit(location).query)["code"][0]}
    answer = await sim.api("GET", "user/getuserinfo", params=params)
    assert (answer["UserId"], answer["DeviceId"]) == ("m03", "")


async def test_a_code_lives_five_minutes(start: Start, still_clock: StillClock) -> None:
    sim = await start(clock=still_clock)
    _, location, _ = await authorize(sim)
    still_clock.seconds += 300
    params = {"code": parse_qs(urlsplit(location).query)["code"][0]}
    assert (await sim.api("GET", "auth/getuserinfo", params=params))["errcode"] == 40029


async def test_the_page_asks_who(sim: Sim) -> None:
    status, _, page = await authorize(sim, sim_user="")
    assert (status, "李雷" in page, "sim_user=m03" in page) == (200, True, True)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"appid": "wx"}, "40013"),
        ({"redirect_uri": "https://evil.example/in"}, "50001"),
        ({"redirect_uri": "javascript:alert(1)"}, "50001"),
        ({"scope": "snsapi_login"}, "40058"),
        ({"state": "a b<"}, "40058"),
        ({"sim_user": "nobody"}, "60111"),
    ],
)
async def test_sign_in_is_refused_on_a_page(sim: Sim, changed: Json, code: str) -> None:
    status, location, page = await authorize(sim, **changed)
    assert (status, location, f"（{code}）" in page) == (200, "", True)


async def test_the_trusted_domain_is_one_host(sim: Sim) -> None:
    sim.vendor.point("wecom/app", "https://bot.example/callback/wecom/app")
    assert (await authorize(sim, redirect_uri="https://bot.example/in"))[0] == 302
    sim.wecom.trusted_domain = "h.example"
    assert (await authorize(sim))[0] == 200
    assert (await authorize(sim, redirect_uri="https://h.example/in"))[0] == 302


async def test_menu(sim: Sim) -> None:
    agent = {"agentid": str(APP.agent_id)}
    button = [{"type": "click", "name": "录单", "key": "k"}]
    assert (await sim.api("POST", "menu/create", params=agent, json={"button": button}))["errcode"] == 0
    assert (await sim.api("GET", "menu/get", params=agent))["button"] == button
    assert (await sim.api("GET", "menu/delete", params=agent))["errcode"] == 0
    assert (await sim.api("GET", "menu/get", params=agent))["button"] == []
    assert (await sim.api("GET", "menu/get"))["errcode"] == 41011
    assert (await sim.api("GET", "agent/get", params={"agentid": "1"}))["errcode"] == 301002
    assert (await sim.api("GET", "agent/get", params=agent))["agentid"] == APP.agent_id


@pytest.mark.parametrize(
    "button",
    [
        [],
        [{"type": "click", "name": "录", "key": "k"}] * 4,
        [{"type": "click", "name": "录单录单录单", "key": "k"}],
        [{"type": "click", "name": "录单"}],
        [{"type": "tap", "name": "录单", "key": "k"}],
        [{"name": "更多", "sub_button": [{"type": "view", "name": "看", "url": ""}]}],
        [{"name": "更多", "sub_button": [{"type": "click", "name": "看", "key": "k"}] * 6}],
    ],
)
async def test_refused_menus(sim: Sim, button: list[Json]) -> None:
    answer = await sim.api("POST", "menu/create", params={"agentid": str(APP.agent_id)}, json={"button": button})
    assert answer["errcode"] == 40058


async def test_addresses(sim: Sim) -> None:
    for path in ("getcallbackip", "get_api_domain_ip"):
        assert (await sim.api("GET", path))["ip_list"] == ["127.0.0.1"]


@pytest.mark.parametrize(("kind", "code"), [("429", 45009), ("60020", 60020), ("expired_token", 42001), ("-1", -1)])
async def test_error_codes_on_demand(sim: Sim, kind: str, code: int) -> None:
    await sim.sim("faults", path="/cgi-bin/message/send", kind=kind, count=2)
    assert [(await sim.send_text("a"))["errcode"] for _ in range(3)] == [code, code, 0]


async def test_a_limit_that_lasts(start: Start, still_clock: StillClock) -> None:
    sim = await start(clock=still_clock)
    await sim.sim("faults", path="/cgi-bin/message/send", kind="45009", ms=60000)
    assert [(await sim.send_text("a"))["errcode"] for _ in range(2)] == [45009, 45009]
    assert (await sim.api("GET", "getcallbackip"))["errcode"] == 0
    still_clock.seconds += 60
    assert (await sim.send_text("a"))["errcode"] == 0


async def test_the_base_quota_counts_everything_but_sends(
    start: Start, still_clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.wecom.http.PER_API", ((2, 60.0),))
    sim = await start(clock=still_clock)
    assert [(await sim.api("GET", "getcallbackip"))["errcode"] for _ in range(3)] == [0, 0, 45009]
    assert [(await sim.send_text("a"))["errcode"] for _ in range(3)] == [0, 0, 0]
    still_clock.seconds += 60
    assert (await sim.api("GET", "getcallbackip"))["errcode"] == 0


async def test_a_lost_answer_delivered_all_the_same(sim: Sim) -> None:
    await sim.login()
    await sim.sim("faults", path="/cgi-bin/message/send", kind="drop_after")
    with pytest.raises(aiohttp.ClientError):
        await sim.send_text("a")
    await sim.sim("faults", path="/cgi-bin/message/send", kind="drop")
    with pytest.raises(aiohttp.ClientError):
        await sim.send_text("b")
    assert [m["text"] for m in await sim.messages("wecom-app-m03")] == ["a"]


async def test_a_receiver_without_licence(sim: Sim) -> None:
    await sim.sim("faults", path="/cgi-bin/message/send", kind="unlicensed")
    assert (await sim.send_text("a", "m03|m04"))["unlicenseduser"] == "m03"
    await sim.sim("faults", path="/cgi-bin/message/send", kind="invalid_user")
    assert (await sim.send_text("a", "m03|m04"))["invaliduser"] == "m03"
    assert len(await sim.messages("wecom-app-m03")) == 0


ODD: tuple[object, ...] = (None, "", 0, True, [], {}, ["a"], {"a": [1]}, "x" * 300, 10**18, "\u202e")
FIELDS = words(
    "touser toparty totag agentid msgtype text template_card enable_duplicate_check duplicate_check_interval button"
    " response_code userids partyids atall msgid chatid name owner userlist add_user_list open_userid_list mobile"
)
POSTS = words(
    "message/send message/update_template_card message/recall appchat/create appchat/update appchat/send webhook/send"
    " aibot/response user/getuserid batch/openuserid_to_userid menu/create media/upload"
)


@pytest.mark.parametrize("path", sorted(POSTS))
async def test_odd_fields_are_refused_in_the_usual_form(sim: Sim, path: str) -> None:
    code = (await sim.send_card(buttons()))["response_code"]
    whole: Json = {
        "touser": "m03",
        "agentid": APP.agent_id,
        "msgtype": "text",
        "text": {"content": "a"},
        "response_code": code,
        "userlist": ["m02", "m03"],
    }
    params = {"key": COMPANY.groups[0].hook, "agentid": str(APP.agent_id), "type": "file", "response_code": code}
    for field in FIELDS:
        for odd in ODD:
            answer = await sim.api("POST", path, params=params, json={**whole, field: odd})
            assert isinstance(answer["errcode"], int)


async def test_secrets_stay_out_of_the_log(sim: Sim) -> None:
    await sim.send_text("a")
    shown = str(sim.wecom.calls.view(10, None))
    assert APP.secret not in shown
    assert sim.token not in shown
