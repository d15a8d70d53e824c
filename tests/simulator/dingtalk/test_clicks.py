"""Presses of people: what is called back, how the answer is used, and what the client refuses."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web

from simulator.dingtalk.cards.templates import MARKDOWN_BUTTONS
from simulator.dingtalk.crypto import card_sign
from simulator.dingtalk.outcome import BAD_ANSWER, NO_ANSWER, NO_CONNECTION, NO_RECEIVER
from tests.simulator.dingtalk.helpers import APP, GROUP, ai_card

TOAST = {"kind": "error", "content": "操作失败，请稍后重试"}


@pytest.fixture
async def client(sim: Any) -> Any:
    return await sim.stream()


async def press(sim: Any, user: str = "张伟", **body: Any) -> dict[str, Any]:
    answer: dict[str, Any] = await sim.sim("click", **{"user": user, "platform": "dingtalk", **body})
    return answer


async def http_card(sim: Any, bot: Any, data: Any, secret: str = "sim-api-secret") -> None:
    body = {"callbackRouteKey": "desk", "callbackUrl": f"{bot.base}/callback/dingtalk/card", "apiSecret": secret}
    await sim.new("POST", "card/callbacks/register", json={**body, "forceUpdate": True})
    await sim.card("t1", data, callbackType="HTTP", callbackRouteKey="desk")


async def last(sim: Any, chat: str = "张伟") -> dict[str, Any]:
    return dict((await sim.messages(chat))[-1])


async def test_press_over_stream(sim: Any, client: Any, decision: Any) -> None:
    await sim.card("t1", decision)
    answer = await press(sim, button="同意")
    [click] = client.data()
    assert (answer["code"], answer["toast"]) == (0, None)
    assert (click["type"], click["outTrackId"], click["corpId"]) == ("actionCallback", "t1", APP.corp_id)
    assert (click["userId"], click["userIdType"], click["spaceType"], click["extension"]) == ("m01", 1, "im", "{}")
    private = json.loads(click["content"])["cardPrivateData"]
    assert private["params"] == {"id": "sa:ap:42"}
    assert private["actionIds"] != ["sa:ap:42"]
    assert click["value"] == click["content"]


async def test_group_press_names_the_presser(sim: Any, client: Any, decision: Any) -> None:
    await sim.card("t1", decision, to=f"IM_GROUP.{GROUP}", userIdType=2)
    await press(sim, user="王芳", chat=GROUP, button="sa:no:42")
    [click] = client.data()
    wang = sim.state.directory.person("m02")
    assert click["userId"] == sim.vendor.account(wang)["unionid"]
    assert (click["spaceType"], click["spaceId"]) == ("IM_GROUP", GROUP)


async def test_link_button_opens_its_page(sim: Any, client: Any, decision: Any) -> None:
    await sim.card("t1", decision)
    assert (await press(sim, button="打开"))["open_url"] == "https://a.example/x"
    assert (await press(sim, button=2))["open_url"] == "https://a.example/x"
    assert client.frames == []
    assert "〔同意〕" in (await sim.refused("click", user="张伟", platform="dingtalk", button="没有"))[1]


async def test_answer_changes_the_card_by_key(sim: Any, client: Any, decision: Any) -> None:
    await sim.card("t1", decision, to=f"IM_GROUP.{GROUP}")
    client.reply = lambda _: {
        "response": {
            "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
            "cardData": {"cardParamMap": {"msgTitle": "已同意"}},
            "userPrivateData": {"cardParamMap": {"staticMsgContent": "你同意了"}},
        }
    }
    await press(sim, chat=GROUP, button="同意")
    message = await last(sim, GROUP)
    assert message["card"]["cardParamMap"] == {**decision, "msgTitle": "已同意"}
    own = {**decision, "msgTitle": "已同意", "staticMsgContent": "你同意了"}
    assert message["card_for"] == {"m01": {**message["card"], "cardParamMap": own}}
    assert message["updates"] == 1


async def test_answer_without_options_replaces_everything(sim: Any, client: Any, decision: Any) -> None:
    await sim.card("t1", decision)
    client.reply = lambda _: {"response": {"cardData": {"cardParamMap": {"msgTitle": "已同意"}}}}
    await press(sim, button="同意")
    message = await last(sim)
    assert message["card"]["cardParamMap"] == {"msgTitle": "已同意"}
    assert message["errors"][0]["code"] == "blank"


@pytest.mark.parametrize("response", [None, "OK", {}, {"cardData": None}])
async def test_answers_that_change_nothing(sim: Any, client: Any, decision: Any, response: Any) -> None:
    await sim.card("t1", decision)
    client.reply = lambda _: {"response": response}
    assert (await press(sim, button="同意"))["code"] == 0
    message = await last(sim)
    assert (message["updates"], message["errors"]) == (0, [])


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"cardData": {}},
        ["response"],
        {"response": {"cardData": {"cardParamMap": {"n": 1}}}},
        {"response": {"cardData": "x"}},
        {"response": {"userPrivateData": {"cardParamMap": {"x": "长" * 400}}}},
    ],
)
async def test_bad_answers_show_the_error_toast(sim: Any, client: Any, decision: Any, data: Any) -> None:
    await sim.card("t1", decision)
    client.reply = lambda _: data
    answer = await press(sim, button="同意")
    assert (answer["code"], answer["toast"]) == (BAD_ANSWER, TOAST)
    message = await last(sim)
    assert [error["code"] for error in message["errors"]] == [BAD_ANSWER]
    assert message["card"]["cardParamMap"] == decision


async def test_late_answer_shows_the_error_toast(
    sim: Any, client: Any, decision: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.dingtalk.clicks.CALLBACK_SECONDS", 0.05)
    client.silent = True
    await sim.card("t1", decision)
    answer = await press(sim, button="同意")
    late = {"response": {"cardData": {"cardParamMap": ai_card(title="太晚")}}}
    await client.ack(client.frames[0], late)
    assert (answer["code"], answer["toast"]) == (NO_ANSWER, TOAST)
    assert (await last(sim))["card"]["cardParamMap"] == decision
    assert list(sim.vendor.gateway.problems) == []


async def test_http_callback_is_signed_with_the_registered_secret(sim: Any, bot: Any, decision: Any) -> None:
    async def answer(_: Any) -> web.Response:
        options = {"updateCardDataByKey": True}
        card = {"cardUpdateOptions": options, "cardData": {"cardParamMap": {"msgTitle": "已同意"}}}
        return web.json_response(card)

    bot.answer = answer
    await http_card(sim, bot, decision)
    assert (await press(sim, button="同意"))["code"] == 0
    headers = {key.lower(): value for key, value in bot.headers[-1].items()}
    stamp = headers["x-ddpaas-signature-timestamp"]
    assert headers["x-ddpaas-signature"] == card_sign(stamp, "sim-api-secret")
    assert bot.cards[0]["outTrackId"] == "t1"
    assert (await last(sim))["card"]["cardParamMap"]["msgTitle"] == "已同意"


async def test_http_callback_without_a_secret_is_unsigned(sim: Any, bot: Any, decision: Any) -> None:
    await http_card(sim, bot, decision, secret="")
    await press(sim, button="同意")
    assert not [key for key in bot.headers[-1] if key.lower().startswith("x-ddpaas")]


@pytest.mark.parametrize(
    ("status", "text", "code"),
    [(200, "", 0), (200, "{}", 0), (200, "ok", BAD_ANSWER), (200, "[]", BAD_ANSWER), (500, "{}", BAD_ANSWER)],
)
async def test_http_answers(sim: Any, bot: Any, decision: Any, status: int, text: str, code: int) -> None:
    async def answer(_: Any) -> web.Response:
        return web.Response(status=status, text=text)

    bot.answer = answer
    await http_card(sim, bot, decision)
    assert (await press(sim, button="同意"))["code"] == code


async def test_http_answer_after_two_seconds(
    sim: Any, bot: Any, decision: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.dingtalk.clicks.CALLBACK_SECONDS", 0.05)
    never = asyncio.Event()

    async def hang(_: Any) -> web.Response:
        await never.wait()
        return web.json_response({"cardData": {"cardParamMap": ai_card(title="太晚")}})

    bot.answer = hang
    await http_card(sim, bot, decision)
    answer = await press(sim, button="同意")
    never.set()
    assert (answer["code"], answer["toast"]) == (NO_ANSWER, TOAST)
    assert (await last(sim))["card"]["cardParamMap"] == decision


async def test_card_of_the_other_markdown_template(sim: Any, client: Any) -> None:
    buttons = {"msgButtons": [{"text": "去", "id": "go", "request": True}]}
    data = {"title": "t", "markdown": "x", "sys_full_json_obj": json.dumps(buttons)}
    await sim.card("t1", data, cardTemplateId=MARKDOWN_BUTTONS)
    assert (await press(sim, button="去"))["code"] == 0
    await sim.card("t2", {**data, "sys_full_json_obj": "{"}, cardTemplateId=MARKDOWN_BUTTONS)
    assert (await last(sim))["errors"][0]["code"] == "blank"


async def test_links_of_other_messages(sim: Any, bot: Any) -> None:
    await sim.sim("say", user="张伟", text="早")
    session = bot.robot[0]["sessionWebhook"].removeprefix(sim.base)
    link = {"title": "链接", "text": "x", "messageUrl": "https://a.example/l"}
    feed = {"links": [{"title": "新闻", "messageURL": "https://a.example/f"}]}
    await sim.call("POST", session, json={"msgtype": "link", "link": link})
    assert (await press(sim, button="链接"))["open_url"] == "https://a.example/l"
    await sim.call("POST", session, json={"msgtype": "feedCard", "feedCard": feed})
    assert (await press(sim, button="新闻"))["open_url"] == "https://a.example/f"
    silent = {"title": "空", "text": "[说](dtmd://dingtalkclient/sendMessage?content=)"}
    await sim.call("POST", session, json={"msgtype": "markdown", "markdown": silent})
    assert (await sim.refused("click", user="张伟", platform="dingtalk", button="说"))[0] == 400


async def test_moved_callback(sim: Any, bot: Any, decision: Any) -> None:
    await http_card(sim, bot, decision)
    await sim.sim("callback", name="dingtalk/card", url="http://127.0.0.1:9/x")
    assert (await press(sim, button="同意"))["code"] == NO_CONNECTION


async def test_press_without_a_receiver(socket_sim: Any, decision: Any) -> None:
    await socket_sim.card("t1", decision)
    stream = await press(socket_sim, button="同意")
    await socket_sim.card("t2", decision, callbackType="")
    neither = await press(socket_sim, button="同意")
    assert [stream["code"], neither["code"]] == [NO_RECEIVER, NO_RECEIVER]


@pytest.mark.parametrize(("kind", "code"), [("drop", NO_CONNECTION), ("drop_after", NO_ANSWER), ("delay", 0)])
async def test_faults_on_a_press(sim: Any, client: Any, decision: Any, kind: str, code: int) -> None:
    await sim.card("t1", decision)
    await sim.sim("faults", path="callback", kind=kind, ms=1)
    assert (await press(sim, button="同意"))["code"] == code
    assert len(client.frames) == (0 if kind == "drop" else 1)


async def test_skewed_press(sim: Any, bot: Any, decision: Any) -> None:
    await http_card(sim, bot, decision)
    await sim.sim("faults", path="callback", kind="skew", ms=7_200_000)
    await press(sim, button="同意")
    headers = {key.lower(): value for key, value in bot.headers[-1].items()}
    assert int(headers["x-ddpaas-signature-timestamp"]) - sim.state.parts.clock.now_ms() > 7_000_000


async def test_update_call_inside_a_callback_is_refused(sim: Any, client: Any, decision: Any) -> None:
    client.silent = True
    await sim.card("t1", decision)
    pressing = asyncio.create_task(press(sim, button="同意"))
    async with asyncio.timeout(5):
        while not client.frames:
            await asyncio.sleep(0)
    body = {"outTrackId": "t1", "cardData": {"cardParamMap": ai_card(title="新")}}
    inside = await sim.new("PUT", "card/instances", json=body)
    await client.ack(client.frames[0], {"response": None})
    await pressing
    after = await sim.new("PUT", "card/instances", json=body)
    assert (inside[0], inside[1]["code"]) == (500, "system.busy")
    assert after[0] == 200


async def test_submit_a_form(sim: Any, client: Any, form: Any) -> None:
    await sim.card("t1", form, cardTemplateId=APP.form_template_id)
    values = {"客户": "华东医疗", "amount": "1200", "stage": "报价"}
    await sim.sim("submit", user="张伟", platform="dingtalk", values=values)
    private = json.loads(client.data()[0]["content"])["cardPrivateData"]
    assert private["actionIds"] == ["form"]
    assert private["params"]["form"] == {
        "deal_id": "42",
        "customer": "华东医疗",
        "amount": 1200,
        "stage": {"index": 1, "value": "s2"},
    }
    assert private["params"]["current_form"] == json.loads(form["form"])


async def test_form_buttons(sim: Any, client: Any, form: Any) -> None:
    await sim.card("t1", form, cardTemplateId=APP.form_template_id)
    await press(sim, button="保存", values={"customer": "a", "amount": "1"})
    await press(sim, button="算了")
    submitted, cancelled = (json.loads(click["content"])["cardPrivateData"] for click in client.data())
    assert submitted["params"]["form"]["amount"] == 1
    assert cancelled["params"] == {"action": "cancel"}


async def test_form_is_closed_by_the_answer(sim: Any, client: Any, form: Any) -> None:
    private = {"cardParamMap": {"form_status": "disabled"}}
    client.reply = lambda _: {"response": {"userPrivateData": private}}
    await sim.card("t1", form, to=f"IM_GROUP.{GROUP}", cardTemplateId=APP.form_template_id)
    values = {"customer": "a", "amount": "1"}
    await sim.sim("submit", user="张伟", chat=GROUP, values=values)
    status, why = await sim.refused("submit", user="张伟", chat=GROUP, values=values)
    assert (status, why) == (409, "这张表单已经不能填了")
    assert (await sim.sim("submit", user="王芳", chat=GROUP, values=values))["code"] == 0


async def test_hidden_button_row(sim: Any, form: Any) -> None:
    await sim.card("t1", {**form, "buttons_visible": "false"}, cardTemplateId=APP.form_template_id)
    assert (await sim.refused("click", user="张伟", platform="dingtalk", button="算了"))[0] == 404


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({}, "请填写：客户"),
        ({"customer": "a", "amount": "很多"}, "金额 要填数字"),
        ({"customer": "a", "amount": "1", "stage": "S9"}, "阶段 没有这个选项"),
        ({"customer": "a", "amount": "1", "price": "1"}, "表单里没有：price"),
        ({"customer": "a", "amount": "1", "deal_id": "43"}, "deal_id 不能填"),
    ],
)
async def test_form_the_client_would_not_send(sim: Any, client: Any, form: Any, values: Any, why: str) -> None:
    await sim.card("t1", form, cardTemplateId=APP.form_template_id)
    status, error = await sim.refused("submit", user="张伟", platform="dingtalk", values=values)
    assert (status, error) == (400, why)
    assert client.frames == []


async def test_card_without_a_form(sim: Any, decision: Any) -> None:
    await sim.card("t1", decision)
    assert (await sim.refused("submit", user="张伟", platform="dingtalk", values={"a": "b"}))[0] == 404


async def test_links_of_plain_messages(sim: Any, bot: Any) -> None:
    says = "dtmd://dingtalkclient/sendMessage?content=%E9%80%9A%E8%BF%87%2012"
    text = f"看 [页面](https://a.example) 或 [通过]({says})，![图](https://a.example/a.png)"
    body = {"robotCode": APP.robot_code, "userIds": ["m01"], "msgKey": "sampleMarkdown"}
    param = json.dumps({"title": "选一个", "text": text}, ensure_ascii=False)
    await sim.new("POST", "robot/oToMessages/batchSend", json={**body, "msgParam": param})
    opened = await press(sim, button="页面")
    said = await press(sim, button="通过")
    assert opened["open_url"] == "https://a.example"
    assert (said["local"], said["code"]) == (True, 0)
    assert bot.robot[0]["text"]["content"] == "通过 12"
    assert (await last(sim))["text"] == "通过 12"
    button = {"user": "张伟", "message_id": (await sim.messages("张伟"))[0]["message_id"], "button": "图"}
    assert (await sim.refused("click", **button))[0] == 404


async def test_said_link_in_a_group_does_not_call_the_bot(sim: Any, bot: Any) -> None:
    card = {
        "title": "选",
        "text": "x",
        "singleTitle": "通过",
        "singleURL": "dtmd://dingtalkclient/sendMessage?content=ok",
    }
    body = {"robotCode": APP.robot_code, "openConversationId": GROUP, "msgKey": "sampleActionCard"}
    await sim.new("POST", "robot/groupMessages/send", json={**body, "msgParam": json.dumps(card)})
    answer = await press(sim, chat=GROUP, button="通过")
    assert (answer["code"], bot.robot) == (0, [])
    assert (await last(sim, GROUP))["text"] == "ok"


async def test_said_link_in_a_card_does_nothing(sim: Any) -> None:
    await sim.card("t1", ai_card({"text": "说", "url": "dtmd://dingtalkclient/sendMessage?content=x"}))
    assert (await sim.refused("click", user="张伟", platform="dingtalk", button="说"))[0] == 409


async def test_reset_forgets_cards(sim: Any, client: Any, decision: Any) -> None:
    await sim.card("t1", decision)
    await sim.sim("reset")
    assert (await sim.card("t1", decision))[0] == 200
    assert (await press(sim, button="同意"))["code"] == 0


async def test_raw_click(sim: Any, client: Any, bot: Any) -> None:
    event = {"outTrackId": "unknown", "userId": "m01", "content": "{}"}
    over_stream = await sim.sim("deliver", event=event, twice=True)
    await http_card(sim, bot, ai_card())
    await sim.sim("deliver", event=event)
    assert [one["code"] for one in over_stream["delivered"]] == [0, 0]
    assert client.data() == [event, event]
    assert bot.cards == [event]
