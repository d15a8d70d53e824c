"""The rarer refusals: each line is one thing the vendor, or the client, would not do."""

from __future__ import annotations

import json
from typing import Any

HELLO = {"text": "你好"}


async def code(sim: Any, method: str, path: str, **options: Any) -> Any:
    return (await sim.api(method, path, **options))[1]["code"]


async def test_update_bodies(sim: Any, make_card: Any) -> None:
    card = await sim.sent("李雷", make_card())
    words = await sim.sent("李雷", HELLO)
    path = f"im/v1/messages/{card}"
    assert await code(sim, "PATCH", path, json={"content": 5}) == 230001
    assert await code(sim, "PATCH", path, json={"content": "{"}) == 230001
    assert await code(sim, "PATCH", path, json={"content": "x" * 31000}) == 230025
    edit = {"msg_type": "text", "content": '{"text":"x"}'}
    assert await code(sim, "PUT", path, json=edit) == 230001
    said = (await sim.sim("say", user="王芳", text="你好"))["message_id"]
    assert await code(sim, "PUT", f"im/v1/messages/{said}", json=edit) == 230071
    await sim.api("DELETE", f"im/v1/messages/{words}")
    assert await code(sim, "PUT", f"im/v1/messages/{words}", json=edit) == 230011
    urgent = f"im/v1/messages/{words}/urgent_app"
    assert await code(sim, "PATCH", urgent, json={"user_id_list": []}) == 230001
    assert await code(sim, "PATCH", urgent, json={"user_id_list": ["ou_x"]}) == 230011


async def test_ephemeral_bodies(sim: Any, deal_card: Any) -> None:
    p2p, group = sim.desk.chat(None, sim.desk.person("李雷")).id, sim.desk.chat("总监群").id
    one = {"open_id": sim.desk.person("张伟").open_id, "msg_type": "interactive", "card": deal_card}
    path = "ephemeral/v1/send"
    assert await code(sim, "POST", path, json={**one, "chat_id": "oc_x"}) == 10030
    assert await code(sim, "POST", path, json={**one, "chat_id": p2p}) == 10001
    assert await code(sim, "POST", path, json={**one, "chat_id": group, "msg_type": "text"}) == 10002
    own = await sim.sent("李雷", HELLO)
    assert await code(sim, "POST", "ephemeral/v1/delete", json={"message_id": own}) == 10002


async def test_delayed_update_bodies(sim: Any, bot: Any, deal_card: Any) -> None:
    card = await sim.sent("李雷", deal_card)
    await sim.sim("click", user="李雷", button="同意")
    token = bot.events("card.action.trigger")[0]["event"]["token"]
    path = "interactive/v1/card/update"
    assert await code(sim, "POST", path, json={"token": token, "card": "x"}) == 11311
    exclusive = {**deal_card, "open_ids": ["ou_x"]}
    assert await code(sim, "POST", path, json={"token": token, "card": exclusive}) == 11311
    await sim.api("DELETE", f"im/v1/messages/{card}")
    assert await code(sim, "POST", path, json={"token": token, "card": deal_card}) == 200000


async def test_queries(sim: Any) -> None:
    assert await code(sim, "GET", "im/v1/messages", params={"container_id_type": "thread"}) == 230001
    paged = {"container_id_type": "chat", "container_id": sim.desk.chat("总监群").id, "page_size": "x"}
    assert await code(sim, "GET", "im/v1/messages", params=paged) == 99992402
    assert await code(sim, "GET", "contact/v3/users/batch") == 99992402
    assert await code(sim, "POST", "contact/v3/users/batch_get_id", json={}) == 99992402
    params = {"user_id_type": "nickname"}
    assert await code(sim, "GET", "contact/v3/users/x", params=params) == 99992402
    assert await code(sim, "GET", "im/v1/chats/oc_x/members/is_in_chat") == 232001
    team = sim.desk.chat("总监群").id
    assert await code(sim, "POST", f"im/v1/chats/{team}/members", json={}) == 232001
    assert await code(sim, "POST", "im/v1/chats", json={"user_id_list": ["ou_x"]}) == 232001
    assert await code(sim, "POST", "im/v1/chats", json={"user_id_list": ["ou_x"] * 51}) == 232001
    assert await code(sim, "GET", "im/v1/images/img_x") == 234001
    assert await code(sim, "GET", "im/v1/messages/om_x/resources/img_x", params={"type": "image"}) == 234001
    assert await code(sim, "POST", "im/v1/images", json={}) == 234001


async def test_system_messages_only_in_p2p(sim: Any) -> None:
    group = sim.desk.chat("总监群").id
    assert (await sim.send(group, {"type": "divider"}, msg_type="system"))[1]["code"] == 230001
    assert (await sim.send("李雷", {"type": "divider"}, msg_type="system"))[1]["code"] == 0


async def test_sign_in_requests(sim: Any) -> None:
    app = sim.feishu.company.app
    page = "/open-apis/authen/v1/authorize"
    good = {"client_id": app.app_id, "redirect_uri": "http://127.0.0.1:1/b", "response_type": "code"}
    assert (await sim.call("GET", page))[1]["code"] == 10003
    assert (await sim.call("GET", page, params={**good, "redirect_uri": "x"}))[1]["code"] == 99992402
    url = f"{sim.base}{page}"
    async with sim.http.get(url, params={**good, "sim_user": "nobody"}, allow_redirects=False) as back:
        assert "error=access_denied" in back.headers["Location"]
    token = {"client_id": app.app_id, "client_secret": app.app_secret, "grant_type": "password"}
    for body, expected in (({**token, "client_id": "cli_x"}, 20024), (token, 20003)):
        assert (await sim.call("POST", "/oauth/v3/token", json=body))[1]["code"] == expected
    sim.token = "u-unknown"
    assert await code(sim, "GET", "authen/v1/user_info") == 99991668


async def test_app_token_is_the_tenant_token(sim: Any) -> None:
    app = sim.feishu.company.app
    body = {"app_id": app.app_id, "app_secret": app.app_secret}
    _, both = await sim.call("POST", "/open-apis/auth/v3/app_access_token/internal", data=json.dumps(body))
    assert both["app_access_token"] == both["tenant_access_token"]


async def test_what_people_cannot_do(sim: Any, make_card: Any) -> None:
    own = await sim.sent("李雷", HELLO)
    said = (await sim.sim("say", user="李雷", text="你好"))["message_id"]
    disabled = {"tag": "button", "text": {"tag": "plain_text", "content": "按"}, "value": {"a": 1}, "disabled": True}
    await sim.sent("李雷", make_card(disabled))
    p2p = sim.desk.chat(None, sim.desk.person("李雷")).id

    assert (await sim.refused("recall", user="李雷", message_id=own))[0] == 403
    await sim.sim("recall", user="李雷", message_id=said)
    assert (await sim.refused("recall", user="李雷", message_id=said))[0] == 409
    assert (await sim.refused("click", user="李雷", button="按"))[0] == 409
    assert "不是卡片" in (await sim.refused("click", user="李雷", message_id=own, button="按"))[1]
    assert "没有卡片" in (await sim.refused("click", user="王芳", button="按"))[1]
    assert "没有这个提交按钮" in (await sim.refused("submit", user="李雷"))[1]
    assert "单聊" in (await sim.refused("members", chat=p2p, add=["王芳"]))[1]
    assert (await sim.refused("members", chat="总监群"))[0] == 400
    assert "同一个会话" in (await sim.refused("say", user="王芳", text="x", reply_to=own))[1]
    assert (await sim.refused("say", user="王芳", text="长" * 60000))[0] == 400


async def test_people_without_the_bot_talk_among_themselves(sim: Any, bot: Any) -> None:
    await sim.sim("members", chat="总监群", remove="bot")
    said = await sim.sim("say", user="张伟", chat="总监群", text="@助手 在吗")
    gone = await sim.sim("recall", user="张伟", message_id=said["message_id"])
    left = await sim.sim("members", chat="华东一组群", user="王芳", remove="陈宇")
    assert (said["delivered"], gone["delivered"]) == (None, None)
    assert left["chat"]["members"] == ["m02", "m03", "m04"]
    assert bot.bodies[-1]["header"]["event_type"] == "im.chat.member.user.deleted_v1"


async def test_reset_button_and_local_ticks_call_nobody(sim: Any, bot: Any, make_card: Any) -> None:
    def button(label: str, **more: Any) -> Any:
        return {"tag": "button", "name": label, "text": {"tag": "plain_text", "content": label}, **more}

    submit = button("交", form_action_type="submit")
    form = {"tag": "form", "name": "f", "elements": [button("清空", form_action_type="reset"), submit]}
    await sim.sent("李雷", make_card(form, {"tag": "checker", "name": "勾"}))
    assert (await sim.sim("click", user="李雷", button="清空"))["local"] is True
    assert (await sim.sim("click", user="李雷", button="勾"))["local"] is True
    assert (await sim.sim("submit", user="李雷", values={}))["code"] == 200340
    assert (await sim.sim("click", user="李雷", button="交"))["code"] == 200340
    assert bot.bodies == []
