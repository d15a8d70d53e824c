"""Card instances: creating, delivering, updating, and what people see of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.dingtalk.cards.templates import AI
from tests.simulator.dingtalk.helpers import APP, GROUP, ai_card

INSTANCES = "card/instances"


async def shown(sim: Any, chat: str = "张伟") -> dict[str, Any]:
    return dict((await sim.messages(chat))[-1])


async def update(sim: Any, track_id: str, data: Any = None, **more: Any) -> tuple[int, dict[str, Any]]:
    body = {"outTrackId": track_id, **({"cardData": {"cardParamMap": data}} if data is not None else {}), **more}
    answer: tuple[int, dict[str, Any]] = await sim.new("PUT", INSTANCES, json=body)
    return answer


async def test_create_and_deliver_to_a_person(sim: Any, decision: Any) -> None:
    status, answer = await sim.card("t1", decision)
    [result] = answer["result"]["deliverResults"]
    assert (status, answer["success"], answer["result"]["outTrackId"]) == (200, True, "t1")
    assert (result["spaceType"], result["spaceId"], result["success"], result["errorMsg"]) == (
        "IM_ROBOT",
        "m01",
        True,
        "",
    )
    message = await shown(sim)
    assert message["type"] == "card"
    assert message["card"] == {"cardTemplateId": AI, "cardParamMap": decision}
    assert message["card_for"] == {}


async def test_several_places_show_one_card(sim: Any, decision: Any) -> None:
    group = {"supportForward": False, "lastMessageI18n": {"ZH_CN": "商机 17 等你定"}}
    at = {"robotCode": APP.robot_code, "atUserIds": {"m02": "王芳"}}
    _, answer = await sim.card(
        "t1",
        decision,
        to=f"im_group.{GROUP};IM_ROBOT.m03;IM_ROBOT.m99",
        imGroupOpenSpaceModel=group,
        imGroupOpenDeliverModel=at,
    )
    assert [result["success"] for result in answer["result"]["deliverResults"]] == [True, True, False]
    assert (await shown(sim, GROUP))["text"] == "@王芳 商机 17 等你定"
    await update(sim, "t1", ai_card(title="定了"))
    for chat in (GROUP, "李雷"):
        message = await shown(sim, chat)
        assert (message["card"]["cardParamMap"]["msgTitle"], message["updates"]) == ("定了", 1)


async def test_two_steps(sim: Any, decision: Any) -> None:
    create = {
        "cardTemplateId": AI,
        "outTrackId": "t1",
        "cardData": {"cardParamMap": decision},
        "callbackType": "STREAM",
        "imRobotOpenSpaceModel": {"supportForward": True},
    }
    made = await sim.new("POST", INSTANCES, json=create)
    assert made == (200, {"success": True, "result": "t1"})
    assert await sim.messages("张伟") == []
    robot = {"imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT"}}
    body = {"outTrackId": "t1", "userIdType": 1, "openSpaceId": "dtv1.card//IM_ROBOT.m01", **robot}
    _, delivered = await sim.new("POST", f"{INSTANCES}/deliver", json=body)
    assert [result["success"] for result in delivered["result"]] == [True]
    assert (await shown(sim))["card"]["cardParamMap"] == decision
    unknown = await sim.new("POST", f"{INSTANCES}/deliver", json={**body, "outTrackId": "t2"})
    group = {**body, "openSpaceId": f"dtv1.card//IM_GROUP.{GROUP}"}
    group["imGroupOpenDeliverModel"] = {"robotCode": APP.robot_code}
    _, undeclared = await sim.new("POST", f"{INSTANCES}/deliver", json=group)
    assert unknown[1]["code"] == "param.cardNotExist"
    assert undeclared["result"][0]["success"] is False


async def test_used_track_id_stays_used(sim: Any, decision: Any) -> None:
    await sim.card("t1", decision)
    again = await sim.card("t1", ai_card(title="另一张"))
    assert (again[0], again[1]["code"]) == (400, "param.cardAlreadyExist")
    assert len(await sim.messages("张伟")) == 1


async def test_update_replaces_unless_told_by_key(sim: Any, decision: Any) -> None:
    await sim.card("t1", decision)
    by_key = {"updateCardDataByKey": True}
    assert (await update(sim, "t1", {"msgTitle": "新"}, cardUpdateOptions=by_key))[1] == {
        "success": True,
        "result": True,
    }
    assert (await shown(sim))["card"]["cardParamMap"] == {**decision, "msgTitle": "新"}
    await update(sim, "t1", {"msgTitle": "只剩它"})
    message = await shown(sim)
    assert message["card"]["cardParamMap"] == {"msgTitle": "只剩它"}
    assert message["errors"] == [{"code": "blank", "text": "flowStatus 没有给，卡片是空的"}]


async def test_private_data_is_for_one_person(sim: Any, decision: Any) -> None:
    private = {"m01": {"cardParamMap": {"msgTitle": "张伟的"}}}
    await sim.card("t1", decision, to=f"IM_GROUP.{GROUP}", privateData=private)
    message = await shown(sim, GROUP)
    assert message["card"]["cardParamMap"]["msgTitle"] == "商机 17"
    assert list(message["card_for"]) == ["m01"]
    assert message["card_for"]["m01"]["cardParamMap"] == {**decision, "msgTitle": "张伟的"}

    by_key = {"updatePrivateDataByKey": True}
    more = {"m01": {"cardParamMap": {"extra": "1"}}, "m02": {"cardParamMap": {"extra": "2"}}}
    await update(sim, "t1", privateData=more, cardUpdateOptions=by_key)
    own = (await shown(sim, GROUP))["card_for"]
    assert own["m01"]["cardParamMap"] == {**decision, "msgTitle": "张伟的", "extra": "1"}
    assert own["m02"]["cardParamMap"] == {**decision, "extra": "2"}
    await update(sim, "t1", privateData={"m01": {"cardParamMap": {"extra": "3"}}})
    own = (await shown(sim, GROUP))["card_for"]
    assert own["m01"]["cardParamMap"] == {**decision, "extra": "3"}


async def test_union_ids_when_asked(sim: Any, decision: Any) -> None:
    union = sim.vendor.account(sim.state.directory.person("m01"))["unionid"]
    private = {union: {"cardParamMap": {"msgTitle": "张伟的"}}}
    _, answer = await sim.card("t1", decision, to=f"IM_ROBOT.{union}", userIdType=2, privateData=private)
    assert answer["result"]["deliverResults"][0]["success"] is True
    assert list((await shown(sim))["card_for"]) == ["m01"]


async def test_recipients_alone_see_it(sim: Any, decision: Any) -> None:
    model = {"robotCode": APP.robot_code, "recipients": ["m01", "m03"]}
    await sim.card("t1", decision, to=f"IM_GROUP.{GROUP}", imGroupOpenDeliverModel=model)
    [message] = await sim.messages(GROUP)
    assert message["only_for"] == "m01"
    assert (await sim.refused("click", user="王芳", message_id=message["message_id"], button="同意"))[0] == 403
    nobody = {**model, "recipients": ["m03"]}
    _, answer = await sim.card("t2", decision, to=f"IM_GROUP.{GROUP}", imGroupOpenDeliverModel=nobody)
    assert answer["result"]["deliverResults"][0]["success"] is False


async def test_delivery_can_fail_inside_success(sim: Any, decision: Any) -> None:
    await sim.sim("faults", path="/v1.0/card/instances/createAndDeliver", kind="undelivered")
    _, failed = await sim.card("t1", decision)
    await sim.sim("members", chat=GROUP, remove="bot")
    _, left = await sim.card("t2", decision, to=f"IM_GROUP.{GROUP}")
    for answer in (failed, left):
        assert answer["success"] is True
        assert answer["result"]["deliverResults"][0]["success"] is False
        assert answer["result"]["deliverResults"][0]["errorMsg"]
    assert await sim.messages("张伟") == []


ROBOT_SPACE = {"supportForward": False}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"cardTemplateId": "unknown.schema"}, "param.templateNotExist"),
        ({"cardTemplateId": ["x"]}, "param.templateNotExist"),
        ({"outTrackId": ""}, "miss.param.outTrackId"),
        ({"outTrackId": "x" * 101}, "invalidParameter.outTrackId"),
        ({"callbackType": "stream"}, "invalidParameter.callbackType"),
        ({"callbackType": "HTTP"}, "miss.param.callbackRouteKey"),
        ({"callbackType": "HTTP", "callbackRouteKey": "unknown"}, "invalidParameter.callbackRouteKey"),
        ({"userIdType": 3}, "invalidParameter.userIdType"),
        ({"openSpaceId": "IM_ROBOT.m01"}, "invalidParameter.openSpaceId"),
        ({"openSpaceId": "dtv1.card//ONE_BOX.x"}, "invalidParameter.openSpaceId"),
        ({"openSpaceId": "dtv1.card//IM_ROBOT."}, "invalidParameter.openSpaceId"),
        ({"openSpaceId": 5}, "invalidParameter.openSpaceId"),
        ({"imRobotOpenSpaceModel": {}}, "miss.param.imRobotOpenSpaceModel.supportForward"),
        ({"imRobotOpenDeliverModel": None}, "miss.param.imRobotOpenDeliverModel"),
        ({"imRobotOpenDeliverModel": {"robotCode": "x", "spaceType": "IM_ROBOT"}}, "resource.not.found"),
        ({"imRobotOpenDeliverModel": {}}, "invalidParameter.imRobotOpenDeliverModel.spaceType"),
        ({"cardData": []}, "invalidParameter.cardData"),
        ({"cardData": {"cardParamMap": []}}, "invalidParameter.cardData"),
        ({"cardData": {"cardParamMap": {"amount": 1200}}}, "MissingStringValue"),
        ({"cardData": {"cardParamMap": {"done": True}}}, "MissingStringValue"),
        ({"cardData": {"cardParamMap": {"x": {"a": 1}}}}, "MissingStringValue"),
        ({"cardData": {"cardParamMap": {"钥" * 34: "x"}}}, "invalidParameter.cardData"),
        ({"cardData": {"cardParamMap": {"x": "长" * 342}}}, "invalidParameter.cardData"),
        ({"cardData": {"cardParamMap": {"form": "长" * 3001}}}, "invalidParameter.cardData"),
        ({"privateData": {"m01": {"cardParamMap": {"x": 1}}}}, "MissingStringValue"),
        ({"privateData": []}, "invalidParameter.privateData"),
        ({"privateData": {"m01": {"cardParamMap": {"a": "x" * 600, "b": "x" * 600}}}}, "invalidParameter.privateData"),
    ],
)
async def test_refused_cards(sim: Any, decision: Any, change: Any, code: str) -> None:
    status, answer = await sim.card("t1", decision, **change)
    assert (status, answer.get("code")) == (400, code)
    assert await sim.messages("张伟") == []


async def test_lax_mode_takes_long_values(sim: Any, decision: Any) -> None:
    sim.state.strict = False
    assert (await sim.card("t1", {**decision, "staticMsgContent": "长" * 2000}))[0] == 200
    wrong = await sim.card("t2", {**decision, "n": 1})
    assert wrong[1]["code"] == "MissingStringValue"


async def test_refused_updates(sim: Any, decision: Any) -> None:
    await sim.card("t1", decision)
    assert (await update(sim, "t2", decision))[1]["code"] == "param.cardNotExist"
    assert (await update(sim, "t1"))[1]["code"] == "param.cardDataAndPrivateDataBothEmpty"
    assert (await update(sim, "t1", {}))[1]["code"] == "param.cardDataAndPrivateDataBothEmpty"
    assert (await update(sim, "t1", {"msgTitle": None}))[1]["code"] == "MissingStringValue"
    assert (await shown(sim))["updates"] == 0


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({}, "flowStatus"),
        ({"flowStatus": "9"}, "flowStatus"),
        ({"flowStatus": "3", "sys_full_json_obj": "{"}, "sys_full_json_obj"),
        ({"flowStatus": "3", "sys_full_json_obj": "[]"}, "sys_full_json_obj"),
        ({"flowStatus": "3", "sys_full_json_obj": '{"order":"msgTitle"}'}, "sys_full_json_obj"),
    ],
)
async def test_blank_cards_get_a_red_line(sim: Any, data: Any, why: str) -> None:
    await sim.card("t1", data)
    [error] = (await shown(sim))["errors"]
    assert error["code"] == "blank"
    assert why in error["text"]
    assert (await sim.refused("click", user="张伟", platform="dingtalk", button="同意"))[0] == 409


async def test_streaming_text(sim: Any) -> None:
    await sim.card("t1", {"flowStatus": "1"})
    base = {"outTrackId": "t1", "guid": "g", "key": "msgContent", "isFull": False}
    for content, more in (("一", {}), ("二", {}), ("", {"isFinalize": True})):
        body = {**base, "content": content, **more}
        assert (await sim.new("PUT", "card/streaming", json=body))[1] == {"success": True, "result": True}
    data = (await shown(sim))["card"]["cardParamMap"]
    assert (data["msgContent"], data["flowStatus"]) == ("一二", "3")
    await sim.new("PUT", "card/streaming", json={**base, "content": "坏", "isFull": True, "isError": True})
    data = (await shown(sim))["card"]["cardParamMap"]
    assert (data["msgContent"], data["flowStatus"]) == ("坏", "5")
    for change, code in (
        ({"content": "长" * 342}, "invalidParameter.content"),
        ({"guid": ""}, "invalidParameter.key"),
        ({"outTrackId": "t9"}, "param.cardNotExist"),
    ):
        assert (await sim.new("PUT", "card/streaming", json={**base, "content": "x", **change}))[1]["code"] == code


async def test_callback_registration_wants_force(sim: Any) -> None:
    async def register(url: str, **more: Any) -> Any:
        body = {"callbackRouteKey": "k", "callbackUrl": url, "apiSecret": "s", **more}
        return (await sim.new("POST", "card/callbacks/register", json=body))[1]

    assert (await register("http://a.example/1"))["result"] == {"callbackUrl": "http://a.example/1", "apiSecret": "s"}
    assert (await register("http://a.example/2"))["result"]["callbackUrl"] == "http://a.example/1"
    assert (await register("http://a.example/2", forceUpdate=True))["result"]["callbackUrl"] == "http://a.example/2"
    assert (await register("ftp://a.example"))["code"] == "invalidParameter.callbackUrl"
    assert (await register("http://a.example", callbackRouteKey=""))["code"] == "miss.param.callbackRouteKey"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "im/v1.0/robot/interactiveCards/send"),
        ("PUT", "im/robots/interactiveCards"),
        ("POST", "card/templates/copy"),
    ],
)
async def test_closed_calls(sim: Any, method: str, path: str) -> None:
    status, answer = await sim.new(method, path, json={})
    assert (status, answer["code"]) == (403, "Forbidden.AccessDenied.AccessTokenPermissionDenied")


async def test_form_card_is_kept_as_sent(sim: Any, form: Any) -> None:
    await sim.card("t1", form, cardTemplateId=APP.form_template_id)
    card = (await shown(sim))["card"]
    assert card["cardTemplateId"] == APP.form_template_id
    assert json.loads(card["cardParamMap"]["form"])["fields"][0]["name"] == "deal_id"


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"fields":{"a":1}}',
        '{"fields":[{"name":"a","type":"COLOR"}]}',
        '{"fields":[{"name":"a","type":"SELECT"}]}',
        '{"fields":[{"type":"TEXT"}]}',
        '{"fields":[5]}',
    ],
)
async def test_form_no_client_can_show(sim: Any, form: Any, text: str) -> None:
    await sim.card("t1", {**form, "form": text}, cardTemplateId=APP.form_template_id)
    assert [error["code"] for error in (await shown(sim))["errors"]] == ["blank"]
