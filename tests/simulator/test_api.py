"""The open API over HTTP: what it accepts, and each refusal with the vendor's code."""

from __future__ import annotations

import json
import struct
from io import BytesIO
from typing import Any

import aiohttp
import pytest

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 8, 8) + b"\x08\x02\x00\x00\x00"
DAY = 24 * 3600
HELLO = {"text": "你好"}


def upload(**fields: Any) -> aiohttp.FormData:
    form = aiohttp.FormData(default_to_multipart=True)
    for name, value in fields.items():
        if isinstance(value, tuple):
            form.add_field(name, BytesIO(value[1]), filename=value[0])
        else:
            form.add_field(name, value)
    return form


async def image_key(sim: Any, data: bytes = PNG) -> Any:
    form = upload(image_type="message", image=("a.png", data))
    return await sim.api("POST", "im/v1/images", data=form)


async def test_message_stands_in_the_p2p_chat(sim: Any) -> None:
    status, answer = await sim.send("李雷", HELLO)

    [shown] = await sim.messages("李雷")
    assert (status, answer["code"]) == (200, 0)
    assert answer["data"]["message_id"] == shown["message_id"]
    assert answer["data"]["chat_id"] == shown["chat"]
    assert answer["data"]["sender"]["sender_type"] == "app"
    assert shown["sender"] == {"kind": "bot", "id": "bot", "name": "销售助手"}
    assert shown["text"] == "你好"


async def test_same_api_is_served_at_the_root(sim: Any) -> None:
    await sim.login()
    headers = {"Authorization": f"Bearer {sim.token}"}
    status, answer = await sim.call("GET", "/open-apis/bot/v3/info", headers=headers)
    assert (status, answer["bot"]["app_name"]) == (200, "销售助手")


async def test_unknown_path_and_method_get_the_vendors_404(sim: Any) -> None:
    for method, path in (("GET", "nope"), ("DELETE", "bot/v3/info")):
        assert await sim.api(method, path) == (404, {"code": 99991201, "msg": "resource not find"})


async def test_same_uuid_makes_one_message(sim: Any) -> None:
    first = await sim.sent("李雷", HELLO, uuid="u1")
    second = await sim.sent("李雷", HELLO, uuid="u1")
    assert first == second
    assert len(await sim.messages("李雷")) == 1


async def test_wrong_secret_and_token(sim: Any) -> None:
    path = "/feishu/open-apis/auth/v3/tenant_access_token/internal"
    app = sim.feishu.company.app
    _, wrong = await sim.call("POST", path, json={"app_id": app.app_id, "app_secret": "x"})
    _, unknown = await sim.call("POST", path, json={"app_id": "cli_x", "app_secret": "x"})
    _, missing = await sim.call("GET", "/feishu/open-apis/bot/v3/info")
    sim.token = "t-stale"
    status, stale = await sim.api("GET", "bot/v3/info")
    assert [a["code"] for a in (wrong, unknown, missing, stale)] == [10015, 10003, 99991661, 99991663]
    assert status == 400
    assert stale["error"]["log_id"]


async def test_every_answer_carries_the_support_id(sim: Any) -> None:
    async with sim.http.get(f"{sim.base}/open-apis/bot/v3/info") as response:
        assert response.headers["X-Tt-Logid"]
        assert response.headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("receiver", "content", "extra", "code"),
    [
        ("oc_unknown", HELLO, {}, 230002),
        ("李雷", HELLO, {"msg_type": "shout"}, 230001),
        ("李雷", {"text": ""}, {}, 230001),
        ("李雷", {"text": "长" * 60000}, {}, 230025),
        ("李雷", {"image_key": "img_x"}, {"msg_type": "image"}, 230001),
        ("李雷", {"content": []}, {"msg_type": "post"}, 230001),
        ("李雷", {"type": "template", "data": {}}, {}, 230099),
        ("李雷", HELLO, {"uuid": "u" * 51}, 99992402),
    ],
)
async def test_send_against_a_rule_is_refused(sim: Any, receiver: str, content: Any, extra: Any, code: int) -> None:
    status, answer = await sim.send(receiver, content, **extra)
    assert (status, answer["code"]) == (400, code)


async def test_unknown_person_is_refused(sim: Any) -> None:
    body = {"receive_id": "ou_x", "msg_type": "text", "content": '{"text":"x"}'}
    params = {"receive_id_type": "open_id"}
    _, answer = await sim.api("POST", "im/v1/messages", params=params, json=body)
    assert answer["code"] == 99992351


async def test_card_above_30_kb_is_refused(sim: Any, make_card: Any) -> None:
    _, answer = await sim.send("李雷", make_card({"tag": "markdown", "content": "长" * 10500}))
    assert answer["code"] == 230025


async def test_bad_card_carries_the_inner_code(sim: Any, make_card: Any) -> None:
    status, answer = await sim.send("李雷", make_card({"tag": "note", "elements": []}))
    assert (status, answer["code"]) == (400, 230099)
    assert "ErrCode: 200861" in answer["msg"]


async def test_bodies_of_a_wrong_shape_are_refused(sim: Any) -> None:
    for path, body in (("im/v1/messages", b"{"), ("im/v1/messages", b"[]"), ("im/v1/chats", b'{"user_id_list":5}')):
        status, answer = await sim.api("POST", path, data=body)
        assert (status, answer["code"]) == (400, 9499)


async def test_sixth_message_in_a_second_is_limited(start: Any, still_clock: Any) -> None:
    sim = await start(clock=still_clock)
    for _ in range(5):
        await sim.sent("李雷", HELLO)
    await sim.sent("王芳", HELLO)

    async with sim.http.post(
        f"{sim.base}/feishu/open-apis/im/v1/messages?receive_id_type=chat_id",
        headers={"Authorization": f"Bearer {sim.token}"},
        json={
            "receive_id": sim.desk.chat(None, sim.desk.person("李雷")).id,
            "msg_type": "text",
            "content": json.dumps(HELLO),
        },
    ) as response:
        assert response.status == 429
        assert response.headers["x-ogw-ratelimit-limit"] == "5"
        assert response.headers["x-ogw-ratelimit-reset"] == "1"
        assert (await response.json())["code"] == 99991400

    still_clock.seconds += 1
    await sim.sent("李雷", HELLO)


async def test_update_shows_the_new_card(sim: Any, deal_card: Any, make_card: Any) -> None:
    message_id = await sim.sent("李雷", deal_card)
    assert await sim.patch(message_id, make_card()) == (200, {"code": 0, "msg": "ok", "data": {}})
    [shown] = await sim.messages("李雷")
    assert (shown["card"], shown["updates"]) == (make_card(), 1)


async def test_update_is_refused_where_the_vendor_refuses(sim: Any, make_card: Any) -> None:
    card = await sim.sent("李雷", make_card())
    words = await sim.sent("李雷", HELLO)
    said = (await sim.sim("say", user="李雷", text="你好"))["message_id"]
    assert (await sim.patch(words, make_card()))[1]["code"] == 230001
    assert (await sim.patch(said, make_card()))[1]["code"] == 230001
    assert (await sim.patch("om_x", make_card()))[1]["code"] == 230001
    old = await sim.patch(card, {"elements": []})
    assert "ErrCode: 200830" in old[1]["msg"]

    await sim.sim("clock", advance="14d")
    assert (await sim.patch(card, make_card()))[0] == 400
    assert (await sim.patch(card, make_card()))[1]["code"] == 230031


async def test_update_just_before_14_days_passes(sim: Any, make_card: Any) -> None:
    card = await sim.sent("李雷", make_card())
    await sim.sim("clock", advance=14 * DAY - 60)
    assert (await sim.patch(card, make_card()))[0] == 200


async def test_update_six_times_a_second_is_limited(start: Any, still_clock: Any, make_card: Any) -> None:
    sim = await start(clock=still_clock)
    card = await sim.sent("李雷", make_card())
    statuses = [(await sim.patch(card, make_card()))[0] for _ in range(6)]
    assert statuses == [200] * 5 + [429]


async def test_recalled_message_is_gone(sim: Any, make_card: Any) -> None:
    card = await sim.sent("李雷", make_card())
    assert (await sim.api("DELETE", f"im/v1/messages/{card}"))[0] == 200
    assert (await sim.patch(card, make_card()))[1]["code"] == 230011
    assert (await sim.api("DELETE", f"im/v1/messages/{card}"))[1]["code"] == 230110
    reply = {"msg_type": "text", "content": json.dumps(HELLO)}
    assert (await sim.api("POST", f"im/v1/messages/{card}/reply", json=reply))[1]["code"] == 230011
    [shown] = await sim.messages("李雷")
    assert shown["recalled"]


async def test_recall_of_others_and_after_a_day_is_refused(sim: Any) -> None:
    said = (await sim.sim("say", user="李雷", text="你好"))["message_id"]
    own = await sim.sent("李雷", HELLO)
    await sim.sim("clock", advance="25h")
    assert (await sim.api("DELETE", f"im/v1/messages/{said}"))[1]["code"] == 230026
    assert (await sim.api("DELETE", f"im/v1/messages/{own}"))[1]["code"] == 230009


async def test_edit_twenty_times_then_no_more(start: Any, still_clock: Any) -> None:
    sim = await start(clock=still_clock)
    own = await sim.sent("李雷", HELLO)
    body = {"msg_type": "text", "content": '{"text":"改"}'}
    codes = []
    for _ in range(21):
        still_clock.seconds += 1
        codes.append((await sim.api("PUT", f"im/v1/messages/{own}", json=body))[1]["code"])
    assert codes == [0] * 20 + [230072]
    [shown] = await sim.messages("李雷")
    assert (shown["text"], shown["edited"]) == ("改", True)


async def test_reply_is_tied_to_its_message(sim: Any) -> None:
    said = (await sim.sim("say", user="李雷", text="你好"))["message_id"]
    body = {"msg_type": "text", "content": json.dumps(HELLO), "uuid": "r1"}
    _, first = await sim.api("POST", f"im/v1/messages/{said}/reply", json=body)
    _, second = await sim.api("POST", f"im/v1/messages/{said}/reply", json=body)
    assert first["data"]["parent_id"] == said
    assert first["data"]["message_id"] == second["data"]["message_id"]


async def test_get_and_history(sim: Any, make_card: Any) -> None:
    card = await sim.sent("李雷", make_card({"tag": "markdown", "content": "正文"}))
    await sim.sent("李雷", HELLO)
    chat = sim.desk.chat(None, sim.desk.person("李雷")).id

    _, flat = await sim.api("GET", f"im/v1/messages/{card}")
    original = {"card_msg_content_type": "user_card_content"}
    _, full = await sim.api("GET", f"im/v1/messages/{card}", params=original)
    query = {"container_id_type": "chat", "container_id": chat, "page_size": "1"}
    _, page = await sim.api("GET", "im/v1/messages", params=query)
    _, rest = await sim.api("GET", "im/v1/messages", params={**query, "page_token": page["data"]["page_token"]})

    assert json.loads(flat["data"]["items"][0]["body"]["content"])["title"] == "标题"
    assert json.loads(full["data"]["items"][0]["body"]["content"])["schema"] == "2.0"
    assert (page["data"]["has_more"], rest["data"]["has_more"]) == (True, False)
    assert rest["data"]["items"][0]["msg_type"] == "text"


async def test_urgent_presses_only_people_of_the_chat(sim: Any) -> None:
    own = await sim.sent("李雷", HELLO)
    people = [sim.desk.person(name).open_id for name in ("李雷", "王芳")]
    query = {"user_id_type": "open_id"}
    path = f"im/v1/messages/{own}/urgent_app"
    _, answer = await sim.api("PATCH", path, params=query, json={"user_id_list": people})
    assert answer["data"]["invalid_user_id_list"] == [people[1]]
    [shown] = await sim.messages("李雷")
    assert shown["urgent"] == ["m03"]
    sim.feishu.world.unread_urgents["m03"] = 200
    _, full = await sim.api("PATCH", path, params=query, json={"user_id_list": people[:1]})
    assert full["code"] == 230023


async def test_group_without_the_bot_is_closed_to_it(sim: Any) -> None:
    await sim.sim("members", chat="华东一组群", remove="bot")
    chat = sim.desk.chat("华东一组群").id
    assert (await sim.send(chat, HELLO))[1]["code"] == 230002
    assert (await sim.api("GET", f"im/v1/chats/{chat}"))[1]["code"] == 232011
    _, inside = await sim.api("GET", f"im/v1/chats/{chat}/members/is_in_chat")
    assert inside["data"] == {"is_in_chat": False}


async def test_person_outside_availability_is_refused(sim: Any) -> None:
    chat = sim.desk.chat(None, sim.desk.person("李雷")).id
    await sim.sim("members", chat=chat, remove="bot")
    assert (await sim.send("李雷", HELLO))[1]["code"] == 230013


async def test_uploads_and_their_limits(sim: Any) -> None:
    _, picture = await image_key(sim)
    _, empty = await image_key(sim, b"")
    _, words = await image_key(sim, b"no picture")
    wide = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 12001, 8)
    _, huge = await image_key(sim, wide)
    _, heavy = await image_key(sim, PNG + b"\0" * (10 * 1024 * 1024))
    form = upload(file_type="pdf", file_name="报价.pdf", duration="", file="%PDF-1.4")
    _, file = await sim.api("POST", "im/v1/files", data=form)
    _, odd = await sim.api("POST", "im/v1/files", data=upload(file_type="exe", file_name="a", file=("a", b"1")))

    codes = [a["code"] for a in (picture, empty, words, huge, heavy, file, odd)]
    assert codes == [0, 234010, 234011, 234039, 234006, 0, 234001]
    key = picture["data"]["image_key"]
    await sim.sent("李雷", {"image_key": key}, msg_type="image")
    mismatch = await sim.send("李雷", {"file_key": key}, msg_type="file")
    assert mismatch[1]["code"] == 230055
    headers = {"Authorization": f"Bearer {sim.token}"}
    async with sim.http.get(f"{sim.base}/open-apis/im/v1/images/{key}", headers=headers) as response:
        assert await response.read() == PNG


async def test_card_image_must_be_uploaded_first(sim: Any, make_card: Any) -> None:
    _, picture = await image_key(sim)

    def card(key: str) -> Any:
        return make_card({"tag": "img", "img_key": key, "alt": {"tag": "plain_text", "content": "图"}})

    assert (await sim.send("李雷", card(picture["data"]["image_key"])))[0] == 200
    assert "ErrCode: 200570" in (await sim.send("李雷", card("img_v3_x")))[1]["msg"]


async def test_resource_comes_only_with_its_message(sim: Any, make_card: Any) -> None:
    form = upload(user="李雷", file=("凭证 1.png", PNG))
    _, sent = await sim.call("POST", "/sim/upload", data=form)
    message_id = sent["message_id"]
    key = sim.desk.message(message_id).blob.key
    card = await sim.sent("李雷", make_card())
    other = await sim.sent("李雷", HELLO)

    async def code(message: str, resource: str, kind: str) -> Any:
        path = f"im/v1/messages/{message}/resources/{resource}"
        return (await sim.api("GET", path, params={"type": kind}))[1]["code"]

    headers = {"Authorization": f"Bearer {sim.token}"}
    url = f"{sim.base}/feishu/open-apis/im/v1/messages/{message_id}/resources/{key}?type=image"
    async with sim.http.get(url, headers=headers) as response:
        assert await response.read() == PNG
        assert "filename*=UTF-8''%E5%87%AD%E8%AF%81%201.png" in response.headers["Content-Disposition"]
    assert await code(other, key, "image") == 234003
    assert await code(message_id, "img_x", "image") == 234003
    assert await code(card, key, "image") == 234043
    assert await code(message_id, key, "file") == 234001
    assert (await sim.api("GET", f"im/v1/images/{key}"))[1]["code"] == 234008
    await sim.sim("recall", user="李雷", message_id=message_id)
    assert await code(message_id, key, "image") == 230110


async def test_chats_and_members(sim: Any) -> None:
    _, listed = await sim.api("GET", "im/v1/chats", params={"page_size": "1"})
    chat = sim.desk.chat("华东一组群").id
    _, one = await sim.api("GET", f"im/v1/chats/{chat}")
    _, members = await sim.api("GET", f"im/v1/chats/{chat}/members")
    stranger = sim.desk.person("张三").open_id
    _, added = await sim.api("POST", f"im/v1/chats/{chat}/members", json={"id_list": [stranger, "ou_x"]})
    _, more = await sim.api("GET", f"im/v1/chats/{chat}/members", params={"page_size": "100"})
    await sim.api("DELETE", f"im/v1/chats/{chat}/members", json={"id_list": [stranger]})
    new = {"name": "新群", "owner_id": stranger, "user_id_list": []}
    _, created = await sim.api("POST", "im/v1/chats", json=new)

    assert (len(listed["data"]["items"]), listed["data"]["has_more"]) == (1, True)
    assert (one["data"]["name"], one["data"]["user_count"]) == ("华东一组群", "4")
    assert [m["name"] for m in members["data"]["items"]] == ["王芳", "李雷", "韩梅梅", "陈宇"]
    assert added["data"]["invalid_id_list"] == ["ou_x"]
    assert more["data"]["member_total"] == 5
    assert (await sim.send(created["data"]["chat_id"], HELLO))[0] == 200


async def test_people_by_id_and_mobile(sim: Any) -> None:
    lei = sim.desk.person("李雷")
    _, batch = await sim.api("GET", "contact/v3/users/batch", params=[("user_ids", lei.open_id), ("user_ids", "ou_x")])
    _, one = await sim.api("GET", f"contact/v3/users/{lei.user_id}", params={"user_id_type": "user_id"})
    wanted = {"mobiles": ["13800010003", "13000000000"], "emails": [lei.email]}
    _, ids = await sim.api("POST", "contact/v3/users/batch_get_id", json=wanted)
    _, nobody = await sim.api("GET", "contact/v3/users/ou_x")

    assert [p["name"] for p in batch["data"]["items"]] == ["李雷"]
    assert one["data"]["user"]["leader_user_id"] == sim.desk.person("王芳").user_id
    found = {u["mobile"]: u.get("user_id") for u in ids["data"]["user_list"] if "mobile" in u}
    assert found == {"13800010003": lei.open_id, "13000000000": None}
    assert nobody["code"] == 99992351


async def test_ephemeral_card_is_for_one_person(sim: Any, deal_card: Any) -> None:
    chat = sim.desk.chat("华东一组群").id
    body = {
        "chat_id": chat,
        "open_id": sim.desk.person("李雷").open_id,
        "msg_type": "interactive",
        "card": deal_card,
    }
    _, sent = await sim.api("POST", "ephemeral/v1/send", json=body)
    message_id = sent["data"]["message_id"]
    stranger = {**body, "open_id": sim.desk.person("张三").open_id}
    assert (await sim.api("POST", "ephemeral/v1/send", json=stranger))[1]["code"] == 10030
    assert (await sim.patch(message_id, deal_card))[1]["code"] == 230001
    assert (await sim.sim("click", user="李雷", message_id=message_id, button="同意"))["code"] == 0
    assert (await sim.refused("click", user="王芳", message_id=message_id, button="同意"))[0] == 403
    assert (await sim.api("POST", "ephemeral/v1/delete", json={"message_id": message_id}))[0] == 200


async def test_web_sign_in(sim: Any) -> None:
    app = sim.feishu.company.app
    query = {
        "client_id": app.app_id,
        "response_type": "code",
        "redirect_uri": "http://127.0.0.1:1/back",
        "state": "s1",
    }
    url = f"{sim.base}/feishu/open-apis/authen/v1/authorize"
    async with sim.http.get(url, params=query) as page:
        assert "李雷" in await page.text()
    async with sim.http.get(url, params={**query, "sim_user": "m03"}, allow_redirects=False) as back:
        location = back.headers["Location"]
    code = location.split("code=")[1].split("&")[0]
    body = {
        "grant_type": "authorization_code",
        "client_id": app.app_id,
        "client_secret": app.app_secret,
        "code": code,
        "redirect_uri": query["redirect_uri"],
    }
    _, wrong = await sim.call("POST", "/open-apis/authen/v2/oauth/token", json={**body, "client_secret": "x"})
    _, token = await sim.call("POST", "/open-apis/authen/v2/oauth/token", json=body)
    _, again = await sim.call("POST", "/oauth/v3/token", json=body)
    sim.token = token["access_token"]
    _, who = await sim.api("GET", "authen/v1/user_info")

    assert "state=s1" in location
    assert (wrong["code"], again["code"]) == (20002, 20065)
    assert who["data"]["open_id"] == sim.desk.person("李雷").open_id
